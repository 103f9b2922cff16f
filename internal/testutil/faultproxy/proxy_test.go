package faultproxy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/faultproxy"
	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// A fixture is a proxy before a server with one object.
type fixture struct {
	*faultproxy.Proxy
	body   []byte
	client *http.Client
}

const (
	bucket = "logs"
	key    = "a b/ü+1"
)

func newFixture(t *testing.T) *fixture {
	t.Helper()
	testutil.NoLeaks(t)
	mem := s3test.New()
	f := &fixture{body: bytes.Repeat([]byte("0123456789"), 30_000)}
	mem.Put(bucket, key, f.body)
	srv := httptest.NewServer(mem)
	t.Cleanup(srv.Close)
	proxy, err := faultproxy.Start(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	f.Proxy = proxy
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	f.client = &http.Client{Transport: transport}
	return f
}

// always has each request meet a fault.
func (f *fixture) always(fault faultproxy.Fault) {
	f.SetFault(func(faultproxy.Request) faultproxy.Fault { return fault })
}

// get returns an answer with its body, as far as that came, and the error of
// either.
func (f *fixture) get(t *testing.T, header http.Header) (*http.Response, []byte, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL+"/logs/a%20b/%C3%BC%2B1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

func TestPassesOn(t *testing.T) {
	f := newFixture(t)
	resp, body, err := f.get(t, nil)
	if err != nil || resp.StatusCode != 200 || !bytes.Equal(body, f.body) || resp.Header.Get("Etag") == "" {
		t.Fatalf("GET = %v, %d bytes, %v, want the object", resp, len(body), err)
	}
	resp, body, err = f.get(t, http.Header{"Range": {"bytes=7-"}, "If-Match": {resp.Header.Get("Etag")}})
	if err != nil || resp.StatusCode != 206 || !bytes.Equal(body, f.body[7:]) {
		t.Errorf("GET from 7 on = %v, %d bytes, %v, want the rest", resp, len(body), err)
	}
	gets := f.Requests("GetObject")
	if len(gets) != 2 {
		t.Fatalf("requests = %+v, want 2", gets)
	}
	for i, r := range gets {
		if r.Bucket != bucket || r.Key != key || r.N != i+1 || r.Offset != int64(7*i) || (r.IfMatch != "") != (i == 1) {
			t.Errorf("request %d = %+v", i, r)
		}
	}
	f.Reset()
	if n := len(f.Requests("GetObject")); n != 0 {
		t.Errorf("%d requests after Reset, want 0", n)
	}
}

func TestOperations(t *testing.T) {
	f := newFixture(t)
	for path, want := range map[string]string{"GET /logs?list-type=2&prefix=a%20b%2F&start-after=a": "ListObjectsV2", "GET /logs?location": "Other", "GET /": "Other", "HEAD /logs": "HeadBucket", "HEAD /logs/a": "Other"} {
		f.Reset()
		method, path, _ := strings.Cut(path, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, f.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := f.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := f.Requests(want); len(got) != 1 || want == "ListObjectsV2" && (got[0].Prefix != "a b/" || got[0].StartAfter != "a" || got[0].Bucket != bucket) {
			t.Errorf("%s %s: requests of %s = %+v, want one", method, path, want, got)
		}
	}
}

// TestHost: a signature covers the host that the client asked for.
func TestHost(t *testing.T) {
	testutil.NoLeaks(t)
	var host string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { host = r.Host }))
	defer srv.Close()
	p, err := faultproxy.Start(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Get(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if want := strings.TrimPrefix(p.URL, "http://"); host != want {
		t.Errorf("the server sees the host %q, want %q", host, want)
	}
}

func TestStatus(t *testing.T) {
	f := newFixture(t)
	f.always(faultproxy.Fault{Status: 301, Code: "PermanentRedirect", Message: "a < b", Header: http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}})
	resp, body, err := f.get(t, nil)
	if err != nil || resp.StatusCode != 301 || resp.Header.Get("x-amz-bucket-region") != "eu-west-1" {
		t.Fatalf("GET = %v, %v, want 301 with a Region", resp, err)
	}
	for _, want := range []string{"<Code>PermanentRedirect</Code>", "<Message>a &lt; b</Message>"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("body = %s, want %s in it", body, want)
		}
	}
}

func TestBefore(t *testing.T) {
	f := newFixture(t)
	for how, want := range map[faultproxy.End]error{faultproxy.FIN: io.EOF, faultproxy.RST: syscall.ECONNRESET} {
		f.always(faultproxy.Fault{Before: how})
		if _, _, err := f.get(t, nil); !errors.Is(err, want) {
			t.Errorf("end %d: GET error = %v, want %v", how, err, want)
		}
	}
}

func TestWithin(t *testing.T) {
	f := newFixture(t)
	for _, after := range []int{0, 1, 4096, 100_000, len(f.body) - 1} {
		f.always(faultproxy.Fault{Within: faultproxy.FIN, After: int64(after)})
		resp, body, err := f.get(t, nil)
		if resp == nil || resp.StatusCode != 200 || resp.ContentLength != int64(len(f.body)) {
			t.Fatalf("FIN after %d: GET = %v, %v, want an answer that promises all", after, resp, err)
		}
		if err != io.ErrUnexpectedEOF || !bytes.Equal(body, f.body[:after]) {
			t.Errorf("FIN after %d: %d bytes, %v, want that many, %v", after, len(body), err, io.ErrUnexpectedEOF)
		}
		f.always(faultproxy.Fault{Within: faultproxy.RST, After: int64(after)})
		_, body, err = f.get(t, nil)
		if !errors.Is(err, syscall.ECONNRESET) || len(body) > after || !bytes.HasPrefix(f.body, body) {
			t.Errorf("RST after %d: %d bytes, %v, want at most that many, %v", after, len(body), err, syscall.ECONNRESET)
		}
	}
	f.always(faultproxy.Fault{Within: faultproxy.FIN, After: int64(len(f.body))})
	if _, body, err := f.get(t, nil); err != nil || len(body) != len(f.body) {
		t.Errorf("FIN after all: %d bytes, %v, want all", len(body), err)
	}
}

func TestLonger(t *testing.T) {
	f := newFixture(t)
	for longer, want := range map[int64]error{1: io.ErrUnexpectedEOF, 5000: io.ErrUnexpectedEOF, -1: nil, -5000: nil} {
		f.always(faultproxy.Fault{Longer: longer})
		resp, body, err := f.get(t, nil)
		if resp == nil || resp.ContentLength != int64(len(f.body))+longer {
			t.Fatalf("longer by %d: GET = %v, %v", longer, resp, err)
		}
		if n := len(f.body) + int(min(longer, 0)); err != want || !bytes.Equal(body, f.body[:n]) {
			t.Errorf("longer by %d: %d bytes, %v, want %d, %v", longer, len(body), err, n, want)
		}
	}
}

func TestChange(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		change func(*rewrite.Answer)
		status int
		body   string
		length int64
		err    error
	}{
		"the body":        {func(a *rewrite.Answer) { a.Body = append(a.Body[:3], 'x') }, 200, "012x", 4, nil},
		"the status":      {func(a *rewrite.Answer) { a.Status, a.Body = 203, a.Body[:3] }, 203, "012", 3, nil},
		"to chunks":       {func(a *rewrite.Answer) { a.Body = a.Body[:3]; a.Header.Del("Content-Length") }, 200, "012", -1, nil},
		"to nothing":      {func(a *rewrite.Answer) { a.Body = nil }, 200, "", 0, nil},
		"the length said": {func(a *rewrite.Answer) { a.Body = a.Body[:3]; a.Header.Set("Content-Length", "20") }, 200, "012", 20, io.ErrUnexpectedEOF},
	} {
		f.always(faultproxy.Fault{Change: c.change})
		resp, body, err := f.get(t, nil)
		if resp == nil || resp.StatusCode != c.status || string(body) != c.body || resp.ContentLength != c.length || !errors.Is(err, c.err) {
			t.Errorf("%s: GET = %v, %.20q, %v, want status %d, %q of length %d, %v", name, resp, body, err, c.status, c.body, c.length, c.err)
		}
	}
	// A change and an end together.
	f.always(faultproxy.Fault{Change: func(a *rewrite.Answer) { a.Body = bytes.ToUpper([]byte("abcdef")) }, Within: faultproxy.FIN, After: 4})
	if _, body, err := f.get(t, nil); string(body) != "ABCD" || err != io.ErrUnexpectedEOF {
		t.Errorf("GET = %q, %v, want ABCD, %v", body, err, io.ErrUnexpectedEOF)
	}
}

func TestHeader(t *testing.T) {
	f := newFixture(t)
	f.always(faultproxy.Fault{Header: http.Header{"Etag": {`"other"`}, "Content-Length": nil, "Last-Modified": nil}})
	resp, body, err := f.get(t, nil)
	if err != nil || resp.Header.Get("Etag") != `"other"` || resp.Header.Get("Last-Modified") != "" || resp.ContentLength != -1 || !bytes.Equal(body, f.body) {
		t.Errorf("GET = %v, %d bytes, %v, want another ETag, no length and the object", resp, len(body), err)
	}
}

func TestLatency(t *testing.T) {
	f := newFixture(t)
	f.always(faultproxy.Fault{Latency: 20 * time.Millisecond})
	begin := time.Now()
	if _, body, err := f.get(t, nil); err != nil || len(body) != len(f.body) {
		t.Errorf("GET = %d bytes, %v, want the object", len(body), err)
	}
	if took := time.Since(begin); took < 20*time.Millisecond {
		t.Errorf("GET took %v, want the latency at least", took)
	}
}

// TestStall: a request that stalls ends with its client, or with the proxy.
func TestStall(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault faultproxy.Fault
	}{
		{"before", faultproxy.Fault{Before: faultproxy.Stall}},
		{"latency", faultproxy.Fault{Latency: time.Hour}},
		{"within", faultproxy.Fault{Within: faultproxy.Stall, After: 1000}},
	} {
		for _, by := range []string{"client", "proxy"} {
			t.Run(tt.name+", ended by "+by, func(t *testing.T) {
				f := newFixture(t)
				asked := make(chan bool)
				f.SetFault(func(faultproxy.Request) faultproxy.Fault {
					close(asked)
					return tt.fault
				})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ended := make(chan error)
				go func() { ended <- f.read(ctx) }()
				<-asked
				if by == "client" {
					cancel()
				} else {
					f.Close()
				}
				if err := <-ended; err == nil {
					t.Error("the request succeeded, want an error")
				}
			})
		}
	}
}

// read reads the object to its end or an error.
func (f *fixture) read(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL+"/logs/a%20b/%C3%BC%2B1", nil)
	if err != nil {
		return err
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func TestStartRefusesABadEndpoint(t *testing.T) {
	if _, err := faultproxy.Start("http://a b"); err == nil || !strings.HasPrefix(err.Error(), "faultproxy: ") {
		t.Errorf("Start error = %v, want one of the endpoint", err)
	}
}
