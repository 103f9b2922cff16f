package sim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// A unit is one record of one version of an object.
type unit struct {
	key, etag string
	index     int
}

func (u unit) String() string { return fmt.Sprintf("record %d of %s as %s", u.index, u.key, u.etag) }

// A ledger is what a consumer has got. It is safe for use by two goroutines.
type ledger struct {
	t       *testing.T
	count   map[unit]int
	again   map[unit]bool   // may come once more: a save that covers it may have failed
	givenUp map[string]bool // objects whose last error says so

	unsaved []taken // since the last save
	lost    int     // units that may come again, in all
	owed    int     // objects
	order   uint64  // hash of all that came, in order
}

// A taken is a unit, and when it came.
type taken struct {
	unit
	at time.Time
}

func newLedger(t *testing.T) *ledger {
	return &ledger{t: t, count: map[unit]int{}, again: map[unit]bool{}, givenUp: map[string]bool{}}
}

// take notes a record. It may have come before only if it was not saved since.
func (l *ledger) take(u unit) {
	l.order = hash(l.order, u.key, u.etag, int64(u.index))
	l.count[u]++
	if l.count[u] > 1 && !l.again[u] {
		l.t.Errorf("%v comes %d times", u, l.count[u])
	}
	delete(l.again, u)
}

// note is take for what no save covers yet.
func (l *ledger) note(u unit) {
	l.take(u)
	l.unsaved = append(l.unsaved, taken{u, time.Now()})
}

// saved says that all is saved, or all that the loop had finished at a time: what came before
// another unit did.
func (l *ledger) saved(before time.Time) {
	if before.IsZero() {
		l.unsaved = nil
		return
	}
	n := 0
	for n+1 < len(l.unsaved) && l.unsaved[n+1].at.Before(before) {
		n++
	}
	l.unsaved = l.unsaved[n:]
}

// lose says that what is not saved may come again.
func (l *ledger) lose() {
	for _, u := range l.unsaved {
		l.again[u.unit] = true
	}
	l.lost += len(l.unsaved)
	l.unsaved = nil
}

// check checks what a world that was healthy long enough must have brought.
func (l *ledger) check(w *world) {
	for key, o := range w.objects {
		if l.givenUp[key] && w.mayEnd(key) || !w.promised(key, o) {
			continue
		}
		l.owed++
		last := o.versions[len(o.versions)-1]
		for i := range last.records {
			if !l.some(o, key, i) {
				l.t.Errorf("record %d of %s is lost: named %v, stored %v, %d versions, the last one %s since %v",
					i, key, o.at.Format(time.DateTime), o.arrived.Format(time.DateTime), len(o.versions), last.etag, last.since.Format(time.DateTime))
			}
		}
	}
}

// some reports whether the record was got of the last version, or of a whole one of the same
// size before, which is the same to a reader.
func (l *ledger) some(o *object, key string, index int) bool {
	last := o.versions[len(o.versions)-1]
	return slices.ContainsFunc(o.versions, func(v version) bool {
		return v.size == last.size && v.whole && l.count[unit{key, v.etag, index}] > 0
	})
}
