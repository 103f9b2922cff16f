package sim_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/wrong"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

const bucket = "logs"

// A wire is a bucket that keeps a world's objects, behind HTTP: a server and a client that
// are connected by pipes.
type wire struct {
	*s3mem.Server
	qlogs.Source
	w      *world
	client *s3.Client
}

func newWire(t *testing.T, w *world) *wire {
	x := &wire{Server: s3mem.New(), w: w}
	x.CreateBucket(bucket)
	x.Intercept(x.meet)
	lines := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: x.Server}
	served := make(chan error)
	go func() { served <- server.Serve(lines) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 100, DialContext: lines.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		time.Sleep(time.Minute) // all requests are answered
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-served
	})
	x.client = s3.New(s3.Options{
		BaseEndpoint: aws.String("http://store"),
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.RateLimiter = 2, ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Second, nil })
		}),
	})
	x.Source = s3source.New(x.client, bucket, &s3source.Options{PlainSDK: w.rng.IntN(2) == 0})
	w.store = x
	return x
}

func (x *wire) put(key, _ string, body []byte) { x.Server.Put(bucket, key, body) }
func (x *wire) remove(key string)              { x.Server.Delete(bucket, key) }

// meet decides what a request meets.
func (x *wire) meet(r s3mem.Request) *s3mem.Fault {
	if r.Op == "ListObjectsV2" {
		end := x.w.list(r.Prefix)
		x.w.wait(context.Background(), r.Prefix+r.StartAfter+r.Token)
		f := x.list(r.Prefix, r.StartAfter+r.Token)
		end(f != nil)
		if f == nil {
			f = &s3mem.Fault{Change: x.hide}
		}
		return f
	}
	x.w.wait(context.Background(), r.Key+r.Range)
	if r.Op != "GetObject" || !strings.HasPrefix(r.Key, root) {
		return x.state(r.Op)
	}
	f := x.get(r.Key, r.Range != "")
	if f != nil && f.Change != nil {
		defer x.w.mislead(r.Key)
	}
	x.w.opened(r.Key, f != nil)
	if f == nil {
		x.w.honest(r.Key)
	}
	return f
}

func (x *wire) list(prefix, after string) *s3mem.Fault {
	id := prefix + "\n" + after
	switch {
	case x.w.ailsListed && x.w.ails(prefix), x.w.isDenied(prefix) && x.w.chance(2, "listing denied", id):
		return &s3mem.Fault{Status: http.StatusForbidden}
	case x.w.chance(25, "listing throttled", id):
		return &s3mem.Fault{Status: http.StatusServiceUnavailable}
	case x.w.chance(200, "listing stalled", id):
		return &s3mem.Fault{Stall: true}
	case x.w.chance(200, "listing stalled inside", id):
		return &s3mem.Fault{Stall: true, CutAfter: 100}
	case x.w.chance(100, "listing cut", id):
		return &s3mem.Fault{CutAfter: 300}
	case x.w.chance(100, "no answer to a listing", id):
		return &s3mem.Fault{Drop: true}
	case x.w.chance(30, "wrong listing", id):
		return &s3mem.Fault{Change: wrong.Lists[x.pick(len(wrong.Lists), id)].Change}
	}
	return nil
}

func (x *wire) get(key string, ranged bool) *s3mem.Fault {
	switch {
	case x.w.isDenied(key):
		x.w.countDenied(key)
		return &s3mem.Fault{Status: http.StatusForbidden}
	case x.w.chance(12, "throttled", key):
		return &s3mem.Fault{Status: http.StatusServiceUnavailable}
	case x.w.chance(60, "stalled", key):
		return &s3mem.Fault{Stall: true}
	case x.w.chance(60, "stalled inside", key):
		return &s3mem.Fault{Stall: true, CutAfter: 50}
	case x.w.chance(12, "body cut", key):
		return &s3mem.Fault{CutAfter: 100}
	case x.w.chance(60, "no answer", key):
		return &s3mem.Fault{Drop: true}
	}
	row := wrong.Gets[x.pick(len(wrong.Gets), key)]
	// Nobody can tell one that is not JSON from a damaged object.
	if row.Ranged == ranged && !errors.Is(row.Want, qlogs.ErrCorruptJSON) && x.w.chance(10, "wrong answer", key) {
		return &s3mem.Fault{Change: row.Change}
	}
	return nil
}

// state is what a request for the cursor meets.
func (x *wire) state(op string) *s3mem.Fault {
	switch {
	case x.w.chance(40, "cursor throttled", op):
		return &s3mem.Fault{Status: http.StatusServiceUnavailable}
	case x.w.chance(40, "no answer for the cursor", op):
		return &s3mem.Fault{Drop: true}
	case op == "PutObject" && x.w.chance(20, "answer for the cursor lost", op):
		return &s3mem.Fault{Lose: true}
	case x.w.chance(100, "cursor stalled", op):
		return &s3mem.Fault{Stall: true}
	}
	return nil
}

// pick chooses one of n by what is asked for, and how often that was asked for.
func (x *wire) pick(n int, id string) int {
	x.w.mu.Lock()
	defer x.w.mu.Unlock()
	x.w.drawn[[2]string{"pick", id}]++
	return int(hash(x.w.seed, "pick", id, x.w.drawn[[2]string{"pick", id}]) % uint64(n))
}

// hide takes young objects out of a listing.
func (x *wire) hide(a *rewrite.Answer) {
	const begin, end = "<Contents>", "</Contents>"
	var doc strings.Builder
	hidden, rest := 0, string(a.Body)
	for {
		before, entry, found := strings.Cut(rest, begin)
		doc.WriteString(before)
		if !found {
			break
		}
		entry, rest, _ = strings.Cut(entry, end)
		_, key, _ := strings.Cut(entry, "<Key>")
		key, _, _ = strings.Cut(key, "</Key>")
		if plain, err := url.QueryUnescape(key); err == nil && x.w.young(plain) && x.w.chance(20, "hidden", plain) {
			hidden++
			continue
		}
		doc.WriteString(begin + entry + end)
	}
	if hidden > 0 {
		_, count, _ := strings.Cut(doc.String(), "<KeyCount>")
		count, _, _ = strings.Cut(count, "</KeyCount>")
		n, err := strconv.Atoi(count)
		if err != nil {
			return
		}
		a.Body = []byte(strings.Replace(doc.String(), "<KeyCount>"+count, "<KeyCount>"+strconv.Itoa(n-hidden), 1))
	}
}

// pipes is a listener for connections in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }
