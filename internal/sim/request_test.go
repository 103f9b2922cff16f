package sim_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// calls are requests that a store had to answer, and those of them that met a fault.
type calls struct {
	listings, finds     int // of whichever number of LISTs
	lists, gets         int
	lameLists, lameGets int
	open                map[string]bool // objects
	listing             map[string]int  // LISTs of a prefix that are under way
	pieces              int             // LISTs of a partition beside others of it
	denied              map[string]bool // objects, since openedBut was called last
}

// A swept is a listing of a partition by a sweep that came to its end.
type swept struct {
	began time.Time
	after string
}

// counted counts the listings of a source, and notes which have shown a partition to its end.
type counted struct {
	qlogs.Source
	w *world
}

func (c counted) Unwrap() qlogs.Source { return c.Source }

func (c counted) List(ctx context.Context, in qlogs.ListInput) iter.Seq2[qlogs.Object, error] {
	c.w.countListing(in.Prefix)
	return func(yield func(qlogs.Object, error) bool) {
		began := time.Now()
		for o, err := range c.Source.List(ctx, in) {
			var one *source.KeyError
			if !yield(o, err) || err != nil && !errors.As(err, &one) {
				return
			}
		}
		if in.After == "" || strings.HasSuffix(in.After, "/") { // a poll begins within an hour
			c.w.mu.Lock()
			defer c.w.mu.Unlock()
			c.w.swept[in.Prefix] = append(c.w.swept[in.Prefix], swept{began, in.After})
		}
	}
}

func (w *world) countListing(prefix string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.objects[prefix] != nil {
		w.asked.finds++
	} else {
		w.asked.listings++
	}
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

// countDenied counts a request that is denied, once for each object and process.
func (w *world) countDenied(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	what := "denied"
	if w.asked.denied[key] {
		what = again + "denied"
	}
	w.asked.denied[key] = true
	w.faults[what]++
}

// again begins the name of what is no fault of its own.
const again = "again "

func (w *world) count(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[what]++
}

// mislead notes a wrong answer about an object. After two in a row it may be given up. Between
// two about an object that is streamed there is an answer that shows that it has to be.
func (w *world) mislead(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked.lameGets++
	if w.wrong[key]++; w.wrong[key] > 1 {
		w.misled[key] = true
	}
}

// honest notes an answer about an object that is right.
func (w *world) honest(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.large {
		w.wrong[key] = 0
	}
}

// mayEnd reports whether an object may be given up, since its store has contradicted itself.
func (w *world) mayEnd(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.misled[key]
}

// list counts a LIST that begins. It returns a func for its answer.
func (w *world) list(prefix string) (end func(lame bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked.lists++
	if w.asked.listing[prefix]++; w.asked.listing[prefix] > 1 {
		w.asked.pieces++
	}
	return func(lame bool) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.asked.listing[prefix]--
		if lame {
			w.asked.lameLists++
		}
	}
}

// opened counts a GET that is answered, by a failure or not.
func (w *world) opened(key string, lame bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked.gets++
	w.asked.open[key] = true
	if lame {
		w.asked.lameGets++
	}
}

// lame counts an answer that goes wrong later on.
func (w *world) lame(n *int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*n++
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
	clear(w.asked.denied)
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
