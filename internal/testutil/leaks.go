package testutil

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	module = "github.com/promptlogs/qlogs/"

	// leakGrace is how long goroutines may take to end after a test.
	leakGrace = 5 * time.Second
)

// NoLeaks fails the test if it leaves goroutines that run or were started by
// code of this module, connections of an HTTP client or, on Linux, open files,
// sockets or pipes. What is there when it is called does not count. It has to be
// called first in a test, so that its check comes after everything else that the
// test cleans up, and not in tests that run in parallel with others.
//
// Calls between the first one and the end of its test, also those of subtests, do
// nothing: a server of the outer test may get a connection at any time, since a client
// goes on to dial when it does not need the connection any more.
func NoLeaks(t testing.TB) {
	t.Helper()
	noLeaks(t, leakGrace)
}

// watching is set while a test is watched.
var watching atomic.Bool

func noLeaks(t testing.TB, grace time.Duration) {
	t.Helper()
	if watching.Swap(true) {
		return
	}
	before := make(map[string]bool)
	for _, g := range goroutines() {
		before[goroutineID(g)] = true
	}
	opened := handles()
	t.Cleanup(func() {
		defer watching.Store(false)
		deadline := time.Now().Add(grace)
		left, open := leaked(before), handles().since(opened)
		for len(left)+len(open) > 0 && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
			left, open = leaked(before), handles().since(opened)
		}
		if len(left) > 0 {
			t.Errorf("%d goroutines left:\n\n%s", len(left), strings.Join(left, "\n\n"))
		}
		if len(open) > 0 {
			t.Errorf("%d handles left open: %q", len(open), open)
		}
	})
}

// leaked returns the stacks of goroutines that count and were not there before.
func leaked(before map[string]bool) []string {
	var out []string
	for _, g := range goroutines()[1:] { // the first one is the caller's
		if !before[goroutineID(g)] && (strings.Contains(g, module) || strings.Contains(g, "net/http.(*persistConn)")) {
			out = append(out, g)
		}
	}
	return out
}

// goroutines returns the stacks of all goroutines, the caller's first.
func goroutines() []string {
	buf := stacks.Get().(*[]byte)
	defer stacks.Put(buf)
	for {
		n := runtime.Stack(*buf, true)
		if n < len(*buf) {
			return strings.Split(string(bytes.TrimSpace((*buf)[:n])), "\n\n")
		}
		*buf = make([]byte, 2*len(*buf))
	}
}

// A buffer for stacks is far larger than what most tests make besides.
var stacks = sync.Pool{New: func() any { b := make([]byte, 1<<20); return &b }}

// goroutineID cuts "goroutine 7 [running]:…" before the state.
func goroutineID(stack string) string {
	id, _, _ := strings.Cut(stack, " [")
	return id
}
