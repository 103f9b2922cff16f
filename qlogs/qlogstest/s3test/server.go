package s3test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A Server is an S3 server that keeps its buckets in memory. It listens on a port of this
// machine from the first call of [Server.Client] or [Server.URL] on, until [Server.Close].
// It is an [http.Handler] too, for tests that serve it themselves. All of its methods are
// safe for concurrent use. Make one with [New].
type Server struct {
	store

	mu       sync.Mutex
	handler  http.Handler
	counts   map[string]int
	requests int64

	start     sync.Once
	web       *httptest.Server
	transport *http.Transport
	client    *s3.Client
}

// New returns a server without buckets.
func New() *Server {
	s := &Server{counts: map[string]int{}}
	s.byName = map[string]*bucket{}
	s.handler = http.HandlerFunc(s.answer)
	return s
}

// URL returns the address of the server, such as "http://127.0.0.1:40123". Buckets are
// addressed by path: the objects of the bucket "logs" lie below URL() + "/logs/".
func (s *Server) URL() string {
	s.listen()
	return s.web.URL
}

// Client returns a client of the server, the same one each time. It has the SDK's default
// retries, and credentials that mean nothing. Make clients with other options from its own:
//
//	s3.New(server.Client().Options(), func(o *s3.Options) { o.RetryMaxAttempts = 1 })
func (s *Server) Client() *s3.Client {
	s.listen()
	return s.client
}

func (s *Server) listen() {
	s.start.Do(func() {
		s.web = httptest.NewServer(s)
		s.transport = &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}
		s.client = s3.New(s3.Options{
			BaseEndpoint: aws.String(s.web.URL),
			Region:       Region,
			UsePathStyle: true,
			Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
			HTTPClient:   &http.Client{Transport: s.transport},
		})
	})
}

// Close ends all requests and connections of the server, and those of its client. The
// server must not be used after that.
func (s *Server) Close() {
	s.start.Do(func() {}) // it does not listen any more
	if s.web == nil {
		return
	}
	s.transport.CloseIdleConnections()
	s.web.CloseClientConnections() // which ends answers that Close would wait for
	s.web.Close()
}

// Wrap puts a handler before the server, such as one by which requests fail:
//
//	server.Wrap(func(next http.Handler) http.Handler {
//		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//			if s3test.Operation(r) == "GetObject" {
//				s3test.Error(w, http.StatusForbidden, "AccessDenied", "Access Denied")
//				return
//			}
//			next.ServeHTTP(w, r)
//		})
//	})
//
// Wrap calls f once, with what has answered so far. The handler that f returns sees all
// requests from then on, many at once.
func (s *Server) Wrap(f func(next http.Handler) http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = f(s.handler)
}

// Requests returns how many requests came in so far, by [Operation], the failed ones
// included.
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.counts[Operation(r)]++
	s.requests++
	n, handler := s.requests, s.handler
	s.mu.Unlock()
	w.Header().Set("Server", "AmazonS3")
	w.Header().Set("X-Amz-Request-Id", strconv.FormatInt(n, 10))
	handler.ServeHTTP(w, r)
}
