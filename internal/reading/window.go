package reading

import "sync"

// A window bounds how far reading runs ahead of the loop, in objects and in bytes.
//
// Objects are numbered in delivery order. The head is the one that the loop waits for or is
// at; it is always let through, beyond the budget if need be. So whoever else waits here,
// the head can be finished, and then gives back what it holds.
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

// A ticket is one object's place in a window, and what the object holds there.
type ticket struct {
	number int64
	held   int64 // bytes
}

func newWindow(maxAhead, maxUsed int64) *window {
	w := &window{maxAhead: maxAhead, maxUsed: maxUsed}
	w.changed.L = &w.mu
	return w
}

// share is what the objects behind the head may hold: half of the budget, or 1 MiB of it if
// that is more. The rest is for the head, which is never held up.
func (w *window) share() int64 { return max(w.maxUsed/2, min(w.maxUsed, 1<<20)) }

// admit waits until the next object may be fetched, makes t its ticket and charges n bytes
// for it. It reports false if the window was closed instead.
func (w *window) admit(t *ticket, n int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.closed && w.next != w.head && (w.next-w.head >= w.maxAhead || w.used+n > w.share()) {
		w.changed.Wait()
	}
	if w.closed {
		return false
	}
	*t = ticket{number: w.next, held: n}
	w.next++
	w.used += n
	return true
}

// ahead is how many objects are admitted and not delivered.
func (w *window) ahead() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next - w.head
}

// charge waits until t may hold n bytes more, and reports false if the window was closed
// instead.
func (w *window) charge(t *ticket, n int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.closed && t.number != w.head && w.used+n > w.share() {
		w.changed.Wait()
	}
	if w.closed {
		return false
	}
	w.used += n
	t.held += n
	return true
}

// release gives back n of the bytes that t holds.
func (w *window) release(t *ticket, n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.used -= n
	t.held -= n
	w.changed.Broadcast()
}

// advance makes the object behind t, which is the head's ticket, the head, and gives back
// all that t holds.
func (w *window) advance(t *ticket) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.used -= t.held
	t.held = 0
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
