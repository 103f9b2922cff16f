package s3mem

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
)

const (
	// Region is the region that every bucket is in.
	Region = "us-east-1"

	// Owner is the account that owns every bucket. A request that expects
	// another owner gets 403 AccessDenied, as on S3.
	Owner = "111122223333"
)

// Server is an S3 server. It is an [http.Handler], and all of its methods are
// safe for concurrent use. Make one with [New].
type Server struct {
	mu        sync.Mutex
	buckets   map[string]*bucket
	counts    map[string]int
	intercept func(Request) *Fault
	requests  int64
}

// New returns a server without buckets.
func New() *Server {
	return &Server{
		buckets: make(map[string]*bucket),
		counts:  make(map[string]int),
	}
}

// CreateBucket makes an empty bucket. A bucket that exists keeps its objects.
func (s *Server) CreateBucket(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] == nil {
		s.buckets[name] = newBucket()
	}
}

// Put stores body under key, in place of what was there, and makes the bucket
// if there is none. The ETag is the quoted MD5 of body, and the object's last
// change is now. The server keeps body: the caller must not change it.
func (s *Server) Put(bucket, key string, body []byte) {
	s.put(bucket, key, newMemObject(body))
}

// PutFile stores the content of a file under key without holding it in memory.
// The file is read once for the ETag and again for each GET, so it has to stay
// in place unchanged.
func (s *Server) PutFile(bucket, key, filename string) error {
	o, err := newFileObject(filename)
	if err != nil {
		return fmt.Errorf("s3mem: put file: %w", err)
	}
	s.put(bucket, key, o)
	return nil
}

func (s *Server) put(name, key string, o *object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		b = newBucket()
		s.buckets[name] = b
	}
	b.put(key, o)
}

// SetStorageClass changes the storage class of an object; the empty class is
// STANDARD. In GLACIER and DEEP_ARCHIVE a GET fails with 403
// InvalidObjectState unless restored is true. A listing that asks for the
// optional attribute RestoreStatus shows the status of restored objects.
// It does nothing if there is no such object.
func (s *Server) SetStorageClass(bucket, key, class string, restored bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil || b.objects[key] == nil {
		return
	}
	o := *b.objects[key]
	o.class, o.restored = class, restored
	b.objects[key] = &o
}

// Delete removes an object. It does nothing if there is no such object.
func (s *Server) Delete(bucket, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[bucket]; b != nil {
		b.delete(key)
	}
}

// Len returns the number of objects in a bucket.
func (s *Server) Len(bucket string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[bucket]; b != nil {
		return len(b.objects)
	}
	return 0
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

// Requests returns how many requests came in so far, by [Request].Op, the
// failed ones included.
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// admit counts a request and returns its number and the fault it shall meet.
// The function that was set with Intercept runs without the lock.
func (s *Server) admit(req Request) (int64, *Fault) {
	s.mu.Lock()
	s.counts[req.Op]++
	s.requests++
	n, f := s.requests, s.intercept
	s.mu.Unlock()
	if f == nil {
		return n, nil
	}
	return n, f(req)
}

// object returns what is stored under key. Objects are never changed once
// stored, so that the caller can serve one without the lock.
func (s *Server) object(bucket, key string) (*object, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil {
		return nil, noSuchBucket(bucket)
	}
	o := b.objects[key]
	if o == nil {
		return nil, &apiError{Status: http.StatusNotFound, Code: "NoSuchKey", Message: "The specified key does not exist.", Key: key}
	}
	return o, nil
}

func (s *Server) exists(bucket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buckets[bucket] != nil
}
