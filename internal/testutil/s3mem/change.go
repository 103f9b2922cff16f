package s3mem

import (
	"net/http"
	"strconv"
)

// An Answer is an answer to a request that a [Fault] changes. Its Content-Length becomes
// that of the changed body, unless the change sets it, or deletes it: the body then goes
// out in chunks.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// A change holds an answer back until it is changed.
type change struct {
	Answer
	w http.ResponseWriter
}

func newChange(w http.ResponseWriter) *change {
	return &change{Answer{Status: http.StatusOK, Header: w.Header()}, w}
}

func (c *change) Header() http.Header { return c.Answer.Header }

func (c *change) WriteHeader(status int) { c.Status = status }

func (c *change) Write(p []byte) (int, error) {
	c.Body = append(c.Body, p...)
	return len(p), nil
}

func (c *change) send(f func(*Answer)) {
	h := c.Answer.Header
	length := strconv.Itoa(len(c.Body))
	h.Set("Content-Length", length)
	f(&c.Answer)
	if h.Get("Content-Length") == length {
		h.Set("Content-Length", strconv.Itoa(len(c.Body)))
	}
	c.w.WriteHeader(c.Status)
	if _, err := c.w.Write(c.Body); err != nil {
		panic(http.ErrAbortHandler) // more or less than the header says
	}
	if len(h["Content-Length"]) == 0 {
		_ = http.NewResponseController(c.w).Flush() // so that net/http sets none
	}
}
