package s3mem

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// Server is an S3 server whose requests can meet faults. Make one with [New].
type Server struct {
	*s3test.Server

	mu        sync.Mutex
	intercept func(Request) *Fault
}

// New returns a server without buckets.
func New() *Server {
	s := &Server{Server: s3test.New()}
	s.Wrap(s.fail)
	return s
}

// Intercept sets the function that is called before each request is answered.
// Nil for its result, or for f, answers normally. The function is called from
// many goroutines at once, may block, and may call every method of the server,
// such as Put and Delete. A later call of Intercept replaces f.
func (s *Server) Intercept(f func(Request) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

// fail lets a request meet its fault.
func (s *Server) fail(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		intercept := s.intercept
		s.mu.Unlock()
		var fault *Fault
		if intercept != nil {
			fault = intercept(newRequest(r))
		}
		if fault == nil {
			next.ServeHTTP(w, r)
			return
		}
		w = fault.begin(w, r)
		if fault.Lose {
			fault.lose(r, next)
		}
		if fault.Change != nil {
			held := rewrite.NewWriter(w)
			defer func() { held.Send(fault.Change) }()
			w = held
		}
		if fault.Status != 0 {
			fault.answer(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Request is what [Server.Intercept] shows of a request.
type Request struct {
	// Op is the operation as [s3test.Operation] names it.
	Op string

	// Bucket and Key are decoded. Key is empty for operations on buckets.
	Bucket, Key string

	// Prefix, Delimiter, StartAfter and Token are those of ListObjectsV2.
	Prefix, Delimiter, StartAfter, Token string

	// Range, IfMatch and IfNoneMatch are headers.
	Range, IfMatch, IfNoneMatch string

	// Header holds all headers. It must not be changed.
	Header http.Header

	query url.Values
}

// Query holds the parameters of the URL. It must not be changed.
func (r Request) Query() url.Values { return r.query }

func newRequest(r *http.Request) Request {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	return Request{
		Op:          s3test.Operation(r),
		Bucket:      bucket,
		Key:         key,
		Prefix:      q.Get("prefix"),
		Delimiter:   q.Get("delimiter"),
		StartAfter:  q.Get("start-after"),
		Token:       q.Get("continuation-token"),
		Range:       r.Header.Get("Range"),
		IfMatch:     r.Header.Get("If-Match"),
		IfNoneMatch: r.Header.Get("If-None-Match"),
		Header:      r.Header,
		query:       q,
	}
}
