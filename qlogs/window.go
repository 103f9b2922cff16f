package qlogs

import "sync"

// A window bounds how far reading runs ahead of the loop, in objects and in bytes.
//
// Objects are numbered in delivery order. The head is the one that the loop waits for or is
// at; it is always let through, beyond the budget if need be. So whoever else waits here,
// the head can be finished, and with it gives back what it holds.
type window struct {
	mu       sync.Mutex
	changed  sync.Cond
	head     int64 // 0 ≤ head ≤ next
	next     int64
	maxAhead int64
	used     int64 // bytes
	maxUsed  int64
	closed   bool
}

func newWindow(maxAhead, maxUsed int64) *window {
	w := &window{maxAhead: maxAhead, maxUsed: maxUsed}
	w.changed.L = &w.mu
	return w
}

// share is what the objects behind the head may hold: half of the budget, or 1 MiB of it if
// that is more. The rest is for the head, which is never held up.
func (w *window) share() int64 { return max(w.maxUsed/2, min(w.maxUsed, 1<<20)) }

// admit waits until the next object may be fetched and charges n bytes for it.
// It returns the object's number, and false if the window was closed.
func (w *window) admit(n int64) (int64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.closed && w.next != w.head && (w.next-w.head >= w.maxAhead || w.used+n > w.share()) {
		w.changed.Wait()
	}
	if w.closed {
		return 0, false
	}
	seq := w.next
	w.next++
	w.used += n
	return seq, true
}

// ahead is how many objects are admitted and not delivered.
func (w *window) ahead() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next - w.head
}

// charge waits until n more bytes may be held for an object, and reports false
// if the window was closed instead.
func (w *window) charge(seq, n int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.closed && seq != w.head && w.used+n > w.share() {
		w.changed.Wait()
	}
	if w.closed {
		return false
	}
	w.used += n
	return true
}

// release gives back n bytes.
func (w *window) release(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.used -= n
	w.changed.Broadcast()
}

// advance makes the next object the head.
func (w *window) advance() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.head++
	w.changed.Broadcast()
}

// close ends all waiting.
func (w *window) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.changed.Broadcast()
}
