package main

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// proxySpec is a proxy that makes an S3 server on the loopback interface as slow
// to answer as one across a network, and as cheap as that can be.
type proxySpec struct {
	Target  string        `json:"target"`
	Latency time.Duration `json:"latency"` // before the first byte of a GET of an object
	List    bool          `json:"list"`    // and of a listing

	// Slow is of how many objects one is Factor times slower; 0 is none. They
	// are chosen by a hash of the key, and are the same each time.
	Slow   int `json:"slow"`
	Factor int `json:"factor"`
}

func (p proxySpec) handler() (http.Handler, error) {
	target, err := url.Parse(p.Target)
	if err != nil {
		return nil, fmt.Errorf("the proxy's target: %w", err)
	}
	reverse := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the signature covers it
		},
		Transport:  &http.Transport{DisableCompression: true, MaxIdleConns: 2 * idle, MaxIdleConnsPerHost: 2 * idle},
		BufferPool: new(bufferPool),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d := p.delay(r); d > 0 {
			t := time.NewTimer(d)
			defer t.Stop()
			select {
			case <-t.C:
			case <-r.Context().Done():
				return
			}
		}
		reverse.ServeHTTP(w, r)
	}), nil
}

func (p proxySpec) delay(r *http.Request) time.Duration {
	switch {
	case r.Method != http.MethodGet:
		return 0
	case r.URL.Query().Has("list-type"):
		if p.List {
			return p.Latency
		}
		return 0
	case p.slow(r.URL.Path):
		return p.Latency * time.Duration(p.Factor)
	}
	return p.Latency
}

func (p proxySpec) slow(key string) bool {
	if p.Slow == 0 {
		return false
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // cannot fail
	return mix(h.Sum64())%uint64(p.Slow) == 0
}

// bufferPool lends the proxy the buffers that it copies bodies with.
type bufferPool struct{ pool sync.Pool }

func (b *bufferPool) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 32<<10)
}

func (b *bufferPool) Put(buffer []byte) { b.pool.Put(&buffer) }
