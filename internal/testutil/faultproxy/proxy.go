package faultproxy

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
)

// Proxy is a running proxy. Its methods are safe for concurrent use.
type Proxy struct {
	// URL is where clients find it, on the loopback interface.
	URL string

	server    *httptest.Server
	transport *http.Transport
	reverse   *httputil.ReverseProxy
	closing   chan struct{}
	close     sync.Once

	mu       sync.Mutex
	fault    func(Request) Fault
	requests []Request
	seen     map[[3]string]int
}

// Start starts a proxy in front of the server at a URL such as
// "http://127.0.0.1:40123". It has to be closed, before the server is.
func Start(endpoint string) (*Proxy, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("faultproxy: endpoint: %w", err)
	}
	p := &Proxy{
		// What the client sees is what the server sent.
		transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100},
		closing:   make(chan struct{}),
		seen:      make(map[[3]string]int),
	}
	p.reverse = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // signatures cover it
		},
		Transport: p.transport,
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.server.Start()
	p.URL = p.server.URL
	return p, nil
}

// Close ends the proxy, and with it all requests that stall. A second Close does
// nothing.
func (p *Proxy) Close() { p.close.Do(p.stop) }

func (p *Proxy) stop() {
	close(p.closing)
	p.server.CloseClientConnections()
	p.server.Close()
	p.transport.CloseIdleConnections()
}

// SetFault sets the function that is asked for each request's fault. Nil is no
// fault. It is called from many goroutines at once.
func (p *Proxy) SetFault(f func(Request) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// Reset forgets the requests so far and counts anew, without any fault. It closes
// the idle connections to the server.
func (p *Proxy) Reset() {
	p.transport.CloseIdleConnections()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.requests = nil, nil
	clear(p.seen)
}

// Requests returns the requests so far of an operation, in the order of their
// coming, those that failed included. Each try of a client counts.
func (p *Proxy) Requests(op string) []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.requests), func(r Request) bool { return r.Op != op })
}

// admit notes a request and returns its fault.
func (p *Proxy) admit(r *http.Request) Fault {
	req := newRequest(r)
	p.mu.Lock()
	same := [3]string{req.Op, req.Bucket + "/" + req.Key, req.Prefix}
	p.seen[same]++
	req.N = p.seen[same]
	p.requests = append(p.requests, req)
	fault := p.fault
	p.mu.Unlock()
	if fault == nil {
		return Fault{}
	}
	return fault(req)
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	f := p.admit(r)
	if f.Latency > 0 && !p.wait(r, f.Latency) {
		panic(http.ErrAbortHandler)
	}
	switch {
	case f.Before != Lasts:
		p.end(w, r, f.Before)
	case f.Status != 0:
		f.refuse(w)
	case f.Change != nil:
		held := rewrite.NewWriter(&answer{ResponseWriter: w, proxy: p, request: r, fault: f, limit: -1})
		p.reverse.ServeHTTP(held, r)
		held.Send(f.Change)
	default:
		p.reverse.ServeHTTP(&answer{ResponseWriter: w, proxy: p, request: r, fault: f, limit: -1}, r)
	}
}

// wait reports false if the client went away or the proxy was closed.
func (p *Proxy) wait(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-p.closing:
	}
	return false
}
