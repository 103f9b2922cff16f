package s3test_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

func TestServerListens(t *testing.T) {
	testutil.NoLeaks(t)
	server := s3test.New()
	server.Put(bucket, "k", []byte("x"))
	if client := server.Client(); client != server.Client() || !strings.HasPrefix(server.URL(), "http://127.0.0.1:") {
		t.Errorf("another client each time, or the address %q", server.URL())
	}
	if got, err := get(t, server.Client(), &s3.GetObjectInput{Key: aws.String("k")}); err != nil || got != "x" {
		t.Errorf("get = %q, %v, want %q", got, err, "x")
	}
	resp, err := http.Get(server.URL() + "/" + bucket + "/k")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if err != nil || string(body) != "x" {
		t.Errorf("GET without a client = %q, %v, want %q", body, err, "x")
	}
	server.Close()
	server.Close()
	if resp, err := http.Get(server.URL()); err == nil {
		resp.Body.Close()
		t.Error("a closed server answers")
	}
}

// A server that only answers a test's own requests listens nowhere.
func TestServerAsHandler(t *testing.T) {
	testutil.NoLeaks(t)
	server := s3test.New()
	server.Put(bucket, "k", []byte("x"))
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/logs/k", nil))
	if w.Code != http.StatusOK || w.Body.String() != "x" {
		t.Errorf("GET = %d, %q, want 200, %q", w.Code, w.Body, "x")
	}
	server.Close()
}

// Close does not wait for answers that stall.
func TestCloseEndsRequests(t *testing.T) {
	testutil.NoLeaks(t)
	server := s3test.New()
	stalled := make(chan struct{})
	server.Wrap(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(stalled)
			<-r.Context().Done()
		})
	})
	client := s3.New(server.Client().Options(), func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
	ended := make(chan error, 1)
	go func() {
		_, err := client.ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
		ended <- err
	}()
	<-stalled
	server.Close()
	if err := <-ended; err == nil {
		t.Error("a request that stalled succeeded")
	}
}

// The handler that was put before the server last sees a request first.
func TestWrap(t *testing.T) {
	server, client := start(t)
	var order []string
	for _, name := range []string{"inner", "outer"} {
		server.Wrap(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name)
				if name == "inner" && strings.HasSuffix(r.URL.Path, "/denied") {
					s3test.Error(w, http.StatusForbidden, "AccessDenied", "Access Denied")
					return
				}
				next.ServeHTTP(w, r)
			})
		})
	}
	server.Put(bucket, "k", []byte("x"))
	if got, err := get(t, client, &s3.GetObjectInput{Key: aws.String("k")}); err != nil || got != "x" {
		t.Errorf("get = %q, %v, want %q", got, err, "x")
	}
	_, err := get(t, client, &s3.GetObjectInput{Key: aws.String("denied")})
	wantCode(t, "get", err, "AccessDenied")
	if want := []string{"outer", "inner", "outer", "inner"}; !slices.Equal(order, want) {
		t.Errorf("handlers = %q, want %q", order, want)
	}
	if got := server.Requests(); got["GetObject"] != 2 || len(got) != 1 {
		t.Errorf("Requests = %v, want 2 of GetObject", got)
	}
}

func TestOperation(t *testing.T) {
	for _, tt := range []struct{ method, target, want string }{
		{"HEAD", "/b", "HeadBucket"},
		{"PUT", "/b", "CreateBucket"},
		{"PUT", "/b/", "CreateBucket"},
		{"GET", "/b?location", "GetBucketLocation"},
		{"GET", "/b?list-type=2&prefix=x", "ListObjectsV2"},
		{"GET", "/b?prefix=x", "Other"},
		{"GET", "/b/k", "GetObject"},
		{"HEAD", "/b/k/l", "HeadObject"},
		{"PUT", "/b/k", "PutObject"},
		{"DELETE", "/b/k", "DeleteObject"},
		{"POST", "/b/k?uploads", "Other"},
		{"PUT", "/b/k?uploadId=1&partNumber=1", "Other"},
		{"POST", "/b/k", "Other"},
		{"GET", "/b?versions", "Other"},
		{"GET", "/", "Other"},
		{"DELETE", "/b", "Other"},
	} {
		if got := s3test.Operation(httptest.NewRequest(tt.method, tt.target, nil)); got != tt.want {
			t.Errorf("Operation(%s %s) = %q, want %q", tt.method, tt.target, got, tt.want)
		}
	}
}

func TestKeys(t *testing.T) {
	server, _ := start(t)
	if got := server.Keys(bucket); len(got) != 0 {
		t.Errorf("Keys of an empty bucket = %q, want none", got)
	}
	putAll(server, "b", "a", "c")
	server.Delete(bucket, "c")
	got := server.Keys(bucket)
	if want := []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("Keys = %q, want %q", got, want)
	}
	got[0] = "changed"
	if again := server.Keys(bucket); again[0] != "a" {
		t.Errorf("Keys = %q, after the caller changed them", again)
	}
	if got := server.Keys("none"); got != nil {
		t.Errorf("Keys of no bucket = %q, want none", got)
	}
}
