package qlogs_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

const interruptedBucket = "interrupted"

// An interruptedS3 is a client of S3 that counts what is open, fails now and
// then for reasons that pass, and cancels at a request.
type interruptedS3 struct {
	plain     *s3.Client // neither fails nor cancels
	transport *http.Transport
	open      func() int64 // connections that the server knows of

	connections atomic.Int64 // that the client knows of
	bodies      atomic.Int64
	failures    atomic.Int64
	failing     atomic.Bool

	mu     sync.Mutex
	failed map[string]bool
	lists  int
	until  int // requests before cancel
	cancel context.CancelFunc
}

func newInterruptedS3(t *testing.T, endpoint, access, secret string) *interruptedS3 {
	t.Helper()
	c := &interruptedS3{failed: map[string]bool{}}
	c.failing.Store(true)
	c.transport = &http.Transport{MaxIdleConnsPerHost: 100, DialContext: c.dial}
	t.Cleanup(c.transport.CloseIdleConnections)
	c.plain = s3.New(s3.Options{
		BaseEndpoint: aws.String(endpoint),
		Region:       s3test.Region,
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(access, secret, ""),
		HTTPClient:   &http.Client{Transport: c.transport},
	})
	if _, err := c.plain.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(interruptedBucket)}); err != nil {
		t.Fatal(err)
	}
	return c
}

// newInterruptedMem has a server in process, which knows its connections.
func newInterruptedMem(t *testing.T) *interruptedS3 {
	t.Helper()
	var open atomic.Int64
	srv := httptest.NewUnstartedServer(s3test.New())
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c := newInterruptedS3(t, srv.URL, "key", "secret")
	c.open = open.Load
	return c
}

func newInterruptedReal(t *testing.T) *interruptedS3 {
	t.Helper()
	srv := stores.RealS3(t)
	return newInterruptedS3(t, srv.Endpoint, srv.Access, srv.Secret)
}

func (c *interruptedS3) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	c.connections.Add(1)
	return &interruptedConn{Conn: conn, close: sync.OnceFunc(func() { c.connections.Add(-1) })}, nil
}

type interruptedConn struct {
	net.Conn
	close func()
}

func (c *interruptedConn) Close() error {
	c.close()
	return c.Conn.Close()
}

// cancelAt has cancel called at the n-th request from now on, or never if n is 0.
func (c *interruptedS3) cancelAt(n int, cancel context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until, c.cancel = n, cancel
}

// request counts one, and tells whether it is to fail: one in 30 objects does
// once, and every 300th listing.
func (c *interruptedS3) request(key string) (fails bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.until--; c.until == 0 {
		c.cancel()
	}
	switch {
	case !c.failing.Load():
	case key == "":
		c.lists++
		fails = c.lists%300 == 0
	case !c.failed[key]:
		fails = hash(key)%30 == 0
		c.failed[key] = fails
	}
	if fails {
		c.failures.Add(1)
	}
	return fails
}

func (c *interruptedS3) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	if c.request("") {
		return nil, errCursorNetwork
	}
	return c.plain.ListObjectsV2(ctx, in, opts...)
}

func (c *interruptedS3) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	fails := c.request(*in.Key)
	if fails && hash(*in.Key)%60 == 0 {
		return nil, errCursorNetwork
	}
	out, err := c.plain.GetObject(ctx, in, opts...)
	if err != nil {
		return nil, err
	}
	c.bodies.Add(1)
	body := &interruptedBody{ReadCloser: out.Body, in: out.Body, close: sync.OnceFunc(func() { c.bodies.Add(-1) })}
	if fails {
		body.in = cursorBroken(out.Body, 10)
	}
	out.Body = body
	return out, nil
}

type interruptedBody struct {
	io.ReadCloser
	in    io.Reader
	close func()
}

func (b *interruptedBody) Read(p []byte) (int, error) { return b.in.Read(p) }

func (b *interruptedBody) Close() error {
	b.close()
	return b.ReadCloser.Close()
}

// checkLeg checks that a scan that was left has left nothing: no body, and no
// goroutine of its own.
func (c *interruptedS3) checkLeg(t *testing.T) {
	t.Helper()
	if n := c.bodies.Load(); n != 0 {
		t.Errorf("%d bodies open after a scan, want 0", n)
	}
	// A goroutine that is waited for has told so just before its end.
	var left string
	if !interruptedPoll(func() bool { left = interruptedGoroutines(); return left == "" }) {
		t.Errorf("goroutines left after a scan:\n%s", left)
	}
}

// interruptedGoroutines returns the stacks of goroutines that scans started.
func interruptedGoroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var left []string
	for i, stack := range strings.Split(string(buf), "\n\n") {
		if i > 0 && (strings.Contains(stack, "/qlogs.") || strings.Contains(stack, "pgzip")) {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}

// checkConnections closes the idle connections, which are to be all there are.
func (c *interruptedS3) checkConnections(t *testing.T) {
	t.Helper()
	c.transport.CloseIdleConnections()
	if !interruptedPoll(func() bool { return c.connections.Load() == 0 && (c.open == nil || c.open() == 0) }) {
		t.Errorf("%d connections open at the client after its idle ones were closed, want 0", c.connections.Load())
		if c.open != nil {
			t.Errorf("%d connections open at the server, want 0", c.open())
		}
	}
}

// interruptedPoll waits for what others are about to do. It gives up late, for
// the machine may be busy.
func interruptedPoll(done func() bool) bool {
	for deadline := time.Now().Add(10 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
