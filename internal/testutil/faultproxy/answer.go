package faultproxy

import (
	"net"
	"net/http"
	"strconv"
)

// An answer is the server's answer on its way to the client. It meets the fault.
type answer struct {
	http.ResponseWriter
	proxy   *Proxy
	request *http.Request
	fault   Fault
	begun   bool
	sent    int64
	limit   int64 // of the body if it is shortened, or else -1
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if !a.begun && status >= http.StatusOK {
		a.begun = true
		a.begin()
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) begin() {
	h := a.Header()
	a.fault.setHeader(h)
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil && a.fault.Longer != 0 {
		n = max(n+a.fault.Longer, 0)
		h.Set("Content-Length", strconv.FormatInt(n, 10))
		if a.fault.Longer < 0 {
			a.limit = n
		}
	}
}

func (a *answer) Write(p []byte) (int, error) {
	if !a.begun {
		a.WriteHeader(http.StatusOK)
	}
	if a.limit >= 0 {
		if err := a.pass(p[:min(int64(len(p)), a.limit-a.sent)]); err != nil {
			return 0, err
		}
		return len(p), nil // net/http takes a rest for an error
	}
	if a.fault.Within == Lasts || a.sent+int64(len(p)) <= a.fault.After {
		return len(p), a.pass(p)
	}
	if err := a.pass(p[:a.fault.After-a.sent]); err != nil {
		return 0, err
	}
	if err := http.NewResponseController(a.ResponseWriter).Flush(); err != nil {
		return 0, err
	}
	a.proxy.end(a.ResponseWriter, a.request, a.fault.Within)
	return len(p), nil
}

func (a *answer) pass(p []byte) error {
	n, err := a.ResponseWriter.Write(p)
	a.sent += int64(n)
	return err
}

// end ends a connection. It does not return.
func (p *Proxy) end(w http.ResponseWriter, r *http.Request, how End) {
	switch how {
	case RST:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // without it the end is FIN, which tests notice
			}
			conn.Close()
		}
	case Stall:
		select {
		case <-r.Context().Done():
		case <-p.closing:
		}
	}
	panic(http.ErrAbortHandler)
}
