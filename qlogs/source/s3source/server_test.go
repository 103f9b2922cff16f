package s3source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// A server has the bucket "logs", and keeps what it was asked.
type server struct {
	*s3mem.Server
	client *s3.Client
	keys   []string // of the objects in the bucket, in order

	mu    sync.Mutex
	asked []s3mem.Request
	fault func(s3mem.Request) *s3mem.Fault
}

// newServer has n objects, each of which holds its own key.
func newServer(t *testing.T, n int) *server {
	t.Helper()
	testutil.NoLeaks(t)
	mem, client := testutil.MemS3(t)
	s := &server{Server: mem, client: client}
	mem.CreateBucket("logs")
	for i := range n {
		key := fmt.Sprintf("p/logs/%04d.json.gz", i)
		s.Put("logs", key, []byte(key))
		s.keys = append(s.keys, key)
	}
	mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, r)
		if s.fault == nil {
			return nil
		}
		return s.fault(r)
	})
	return s
}

// answer sets what happens to requests from now on.
func (s *server) answer(fault func(s3mem.Request) *s3mem.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// fail has all requests of an operation fail.
func (s *server) fail(op string, f s3mem.Fault) {
	s.answer(func(r s3mem.Request) *s3mem.Fault {
		if r.Op != op {
			return nil
		}
		return &f
	})
}

// requests returns the requests of an operation.
func (s *server) requests(op string) []s3mem.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.asked), func(r s3mem.Request) bool { return r.Op != op })
}

func (s *server) source(opts *s3source.Options) source.Source {
	return s3source.New(s.client, "logs", opts)
}

// list returns the objects of a listing, and its error.
func list(t *testing.T, src source.Source, in source.ListInput) ([]source.Object, error) {
	t.Helper()
	var objs []source.Object
	var failed error
	for o, err := range src.List(t.Context(), in) {
		if failed != nil {
			t.Errorf("List(%+v) yields %q after the error %v", in, o.Key, failed)
		}
		if failed = err; err == nil {
			objs = append(objs, o)
		}
	}
	return objs, failed
}

// find returns the listed object of a key.
func find(t *testing.T, src source.Source, key string) source.Object {
	t.Helper()
	objs, err := list(t, src, source.ListInput{Prefix: key})
	if err != nil || len(objs) != 1 || objs[0].Key != key {
		t.Fatalf("List(%q) = %+v, %v, want that object", key, objs, err)
	}
	return objs[0]
}

// read returns the bytes of an object from offset on.
func read(ctx context.Context, src source.Source, o source.Object, offset int64) ([]byte, error) {
	r, err := src.Open(ctx, o, offset)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r)
	return body, errors.Join(err, r.Close())
}
