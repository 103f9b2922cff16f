package sim_test

import (
	"context"
	"time"
)

// calls are requests that a store had to answer, and those of them that met a fault.
type calls struct {
	lists, gets, lame int
	open              map[string]bool // objects
}

// wait takes the time of a request. No two take the same, since the order of what happens at
// the same time would be another one in each run.
func (w *world) wait(ctx context.Context, id string) {
	timer := time.NewTimer(latency + time.Duration(hash(w.seed, "latency", id, time.Now().UnixNano())%uint64(latency)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// chance reports whether what happens one time in n happens to a request now.
func (w *world) chance(n uint64, what, key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := [2]string{what, key}
	w.drawn[id]++
	if w.healthy || hash(w.seed, what, key, w.drawn[id])%n != 0 {
		return false
	}
	w.faults[what]++
	return true
}

func (w *world) count(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[what]++
}

// mislead notes a wrong answer about an object. After two in a row it may be given up.
func (w *world) mislead(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong[key]++
}

// misled reports whether an object was lied about at least twice.
func (w *world) misled(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wrong[key] > 1
}

// listed counts a LIST, and whether it met a fault.
func (w *world) listed(lame bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked.lists++
	if lame {
		w.asked.lame++
	}
}

// opened counts a GET, and whether it met a fault.
func (w *world) opened(key string, lame bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked.gets++
	w.asked.open[key] = true
	if lame {
		w.asked.lame++
	}
}

// lame counts a fault of a request that is counted already.
func (w *world) lame() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked.lame++
}

// openedBut returns how many objects were opened since it was called last, but for those of
// which something was got.
func (w *world) openedBut(got map[string]bool) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for key := range w.asked.open {
		if !got[key] {
			n++
		}
	}
	clear(w.asked.open)
	return n
}

// hash is a number that what is hashed decides.
func hash(seed uint64, what, id string, n int64) uint64 {
	const prime = 1099511628211 // of FNV-1a
	h := uint64(14695981039346656037)
	for _, of := range []string{what, "\n", id} {
		for i := range len(of) {
			h = (h ^ uint64(of[i])) * prime
		}
	}
	for _, of := range []uint64{seed, uint64(n)} {
		for ; of > 0; of >>= 8 {
			h = (h ^ of&0xff) * prime
		}
	}
	return h ^ h>>32
}
