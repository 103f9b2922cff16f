package s3mem

import (
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// Fault says how a request fails. The zero value is no fault.
type Fault struct {
	// Status, if not 0, is the HTTP status to answer with, and Code and
	// Message the content of the S3 error. The empty Code is the one that
	// S3 mostly gives with that status, such as SlowDown with 503.
	Status        int
	Code, Message string

	// Header is added to the answer, whether it is an error or not.
	Header http.Header

	// Change, if not nil, changes the answer before it is sent.
	Change func(*rewrite.Answer)

	// CutAfter, if not 0, closes the connection after that many bytes of
	// the answer's body; if negative, before its first byte, but after
	// the headers, which promise the whole body. A body that is not longer
	// is not cut.
	CutAfter int64

	// Stall holds the answer back until the client goes away. With
	// CutAfter it stalls at that point of the body instead of closing the
	// connection.
	Stall bool

	// Drop closes the connection without an answer, before anything is done.
	Drop bool

	// Lose does what is asked, such as to store an object, and closes the connection
	// without an answer. With Stall it holds the answer back instead, until the client
	// goes away.
	Lose bool
}

// begin lets the request meet the fault, as far as it can be met before there
// is an answer. It panics with [http.ErrAbortHandler] to close the connection.
func (f *Fault) begin(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	if f.Stall && f.CutAfter == 0 && !f.Lose {
		// Only when the body was read, net/http notices that the client goes away.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	for k, v := range f.Header {
		w.Header()[http.CanonicalHeaderKey(k)] = v
	}
	if f.CutAfter != 0 {
		return &cutWriter{ResponseWriter: w, r: r, left: max(f.CutAfter, 0), stall: f.Stall}
	}
	return w
}

// lose gives the answer to nobody.
func (f *Fault) lose(r *http.Request, next http.Handler) {
	next.ServeHTTP(httptest.NewRecorder(), r)
	if f.Stall {
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

func (f *Fault) answer(w http.ResponseWriter) {
	s3test.Error(w, f.Status, cmp.Or(f.Code, usualCode(f.Status)), cmp.Or(f.Message, http.StatusText(f.Status)))
}

func usualCode(status int) string {
	switch status {
	case http.StatusForbidden:
		return "AccessDenied"
	case http.StatusNotFound:
		return "NoSuchKey"
	case http.StatusInternalServerError:
		return "InternalError"
	case http.StatusServiceUnavailable:
		return "SlowDown"
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// cutWriter ends the answer inside its body.
type cutWriter struct {
	http.ResponseWriter
	r     *http.Request
	left  int64
	stall bool
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if int64(len(p)) <= w.left {
		w.left -= int64(len(p))
		return w.ResponseWriter.Write(p)
	}
	if _, err := w.ResponseWriter.Write(p[:w.left]); err != nil {
		return 0, err
	}
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return 0, err
	}
	if w.stall {
		<-w.r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}
