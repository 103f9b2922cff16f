package s3source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
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
	mem, client := stores.MemS3(t)
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

// all returns all objects of the bucket. It lists folder by folder, as a scan does.
func all(t *testing.T, src source.Source) ([]source.Object, error) {
	t.Helper()
	var objs []source.Object
	for folders := []string{""}; len(folders) > 0; folders = folders[1:] {
		found, err := list(t, src, source.ListInput{Prefix: folders[0], Folders: true})
		if err != nil {
			return objs, err
		}
		for _, o := range found {
			if o.Folder {
				folders = append(folders, o.Key)
			} else {
				objs = append(objs, o)
			}
		}
	}
	return objs, nil
}

// readAll reads all objects of the bucket, one after the other, and returns their keys.
func readAll(t *testing.T, src source.Source) []string {
	t.Helper()
	objs, err := all(t, src)
	if err != nil {
		t.Errorf("List error = %v", err)
	}
	for _, o := range objs {
		if body, err := read(t.Context(), src, o, 0); err != nil || string(body) != o.Key {
			t.Errorf("Open(%q) = %q, %v, want the object", o.Key, body, err)
		}
	}
	return keysOf(objs)
}

// listKeys returns the keys of a listing, which must not fail.
func listKeys(t *testing.T, src source.Source, in source.ListInput) []string {
	t.Helper()
	objs, err := list(t, src, in)
	if err != nil {
		t.Errorf("List(%+v) error = %v", in, err)
	}
	for _, o := range objs {
		if o.Folder != strings.HasSuffix(o.Key, "/") || o.Folder && o != (source.Object{Key: o.Key, Folder: true}) {
			t.Errorf("List(%+v) yields %+v, want a folder with nothing but its key, or an object", in, o)
		}
	}
	return keysOf(objs)
}

func keysOf(objs []source.Object) []string {
	var keys []string
	for _, o := range objs {
		keys = append(keys, o.Key)
	}
	return keys
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %.500q, want %.500q", what, got, want)
	}
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

// A stub answers as no server in process does.
type stub struct {
	pages []*s3.ListObjectsV2Output
	get   func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error)

	lists []s3.ListObjectsV2Input
	gets  []s3.GetObjectInput
}

func (s *stub) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	s.lists = append(s.lists, *in)
	if len(s.pages) < len(s.lists) {
		return nil, errors.New("no such page")
	}
	return s.pages[len(s.lists)-1], nil
}

func (s *stub) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	s.gets = append(s.gets, *in)
	return s.get(in)
}

// A countedBody counts how often it is closed.
type countedBody struct {
	io.Reader
	closed *int
}

func (b countedBody) Close() error {
	*b.closed++
	return nil
}

// A shownStub shows options, as the SDK's client does.
type shownStub struct {
	s3source.API
	options s3.Options
}

func (s shownStub) Options() s3.Options { return s.options }

// A wrapped is a client with something before it.
type wrapped struct{ *s3.Client }

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }
