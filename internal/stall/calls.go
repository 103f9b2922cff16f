package stall

import "sync/atomic"

// Calls counts requests. It is safe for use by many goroutines.
type Calls struct {
	Requests atomic.Int64
	Retries  atomic.Int64 // attempts of a request beyond the first
}

// Request says that the source begins a request. A source that does not say so makes one
// request each time that it is asked, which is what [Timer.Answered] counts.
func (t *Timer) Request() {
	t.told.Store(true)
	t.tried.Store(false)
	t.calls.Requests.Add(1)
}

// Attempt says that the source begins an attempt of a request, and begins a wait.
func (t *Timer) Attempt() {
	if t.tried.Swap(true) {
		t.calls.Retries.Add(1)
	}
	t.Start()
}

// Answered says that what the source was asked is answered, or has failed.
func (t *Timer) Answered() {
	if !t.told.Swap(false) {
		t.calls.Requests.Add(1)
	}
	t.tried.Store(false)
}
