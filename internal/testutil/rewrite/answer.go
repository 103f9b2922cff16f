package rewrite

import (
	"net/http"
	"strconv"
)

// An Answer is an answer to a request that is changed before it is sent. Its Content-Length
// becomes that of the changed body, unless the change sets it, or deletes it: the body then
// goes out in chunks.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// A Writer holds an answer back until it is changed.
type Writer struct {
	answer Answer
	w      http.ResponseWriter
}

// NewWriter returns a writer of an answer that goes to w.
func NewWriter(w http.ResponseWriter) *Writer {
	return &Writer{Answer{Status: http.StatusOK, Header: w.Header()}, w}
}

// Header returns the header of the answer.
func (c *Writer) Header() http.Header { return c.answer.Header }

// WriteHeader keeps the status.
func (c *Writer) WriteHeader(status int) { c.answer.Status = status }

// Write keeps a part of the body.
func (c *Writer) Write(p []byte) (int, error) {
	c.answer.Body = append(c.answer.Body, p...)
	return len(p), nil
}

// Send sends the answer as f has changed it. It panics with [http.ErrAbortHandler] if the
// body is not as long as the header says.
func (c *Writer) Send(f func(*Answer)) {
	h := c.answer.Header
	length := strconv.Itoa(len(c.answer.Body))
	h.Set("Content-Length", length)
	f(&c.answer)
	if h.Get("Content-Length") == length {
		h.Set("Content-Length", strconv.Itoa(len(c.answer.Body)))
	}
	c.w.WriteHeader(c.answer.Status)
	if _, err := c.w.Write(c.answer.Body); err != nil {
		panic(http.ErrAbortHandler) // more or less than the header says
	}
	if len(h["Content-Length"]) == 0 {
		_ = http.NewResponseController(c.w).Flush() // so that net/http sets none
	}
}
