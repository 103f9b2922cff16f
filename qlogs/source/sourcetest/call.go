package sourcetest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A Call is one request that a source had to answer: a GET, which is one Open, or a LIST.
// A listing of a [Memory] makes one LIST for each page, and one of a [Wrapped] source
// makes one in all.
type Call struct {
	// Get tells a GET from a LIST.
	Get bool

	// In is what a LIST asks for. From the second page of a listing on, After is the last
	// key of the page before.
	In source.ListInput

	// Object and Offset are what a GET asks for.
	Object source.Object
	Offset int64

	// Began is when the request was made, and Ended when it was answered; zero if it was
	// not. A GET is answered when Open returns, and a LIST when the page is there or, of a
	// Wrapped source, when the listing has ended.
	Began, Ended time.Time

	// N is how many objects and folders a LIST brought, or how many bytes a GET promised.
	N int64

	// Err is why it failed.
	Err error
}

// String returns the call in one line, without its times:
//
//	LIST logs/ folders after - → 3
//	LIST logs/2026/ after logs/2026/01 → 1000
//	GET logs/2026/02 from 0 → 812 bytes
//	GET logs/2026/03 from 0 → permission denied
func (c Call) String() string {
	var b strings.Builder
	if c.Get {
		fmt.Fprintf(&b, "GET %s from %d → ", word(c.Object.Key), c.Offset)
	} else {
		fmt.Fprintf(&b, "LIST %s ", word(c.In.Prefix))
		if c.In.Folders {
			b.WriteString("folders ")
		}
		fmt.Fprintf(&b, "after %s → ", word(c.In.After))
	}
	switch {
	case c.Ended.IsZero():
		b.WriteString("no answer")
	case c.Err != nil:
		b.WriteString(c.Err.Error())
	case c.Get:
		fmt.Fprintf(&b, "%d bytes", c.N)
	default:
		fmt.Fprint(&b, c.N)
	}
	return b.String()
}

// word is what a line has for a key.
func word(key string) string {
	switch {
	case key == "":
		return "-"
	case strings.ContainsAny(key, " \t\r\n"):
		return fmt.Sprintf("%q", key)
	}
	return key
}

// calls notes what a source is asked.
type calls struct {
	mu   sync.Mutex
	made []*Call
}

// Calls returns the requests so far, in the order in which they began.
func (c *calls) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Call, len(c.made))
	for i, call := range c.made {
		list[i] = *call
	}
	return list
}

// ResetCalls forgets the requests so far.
func (c *calls) ResetCalls() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made = nil
}

// begin notes a call. It returns a func for its answer.
func (c *calls) begin(call Call) (end func(n int64, err error)) {
	call.Began = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made = append(c.made, &call)
	return func(n int64, err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		call.N, call.Err, call.Ended = n, err, time.Now()
	}
}
