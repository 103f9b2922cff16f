package qlogs

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A reach is how far one partition is finished: everything in the hours before
// floor, and from there on the objects that it names. It never changes; to finish
// an object makes another, which shares memory with the one before. So an entry
// can keep the reach of its time for nothing.
//
// Objects that arrive late are those from floor on that it does not name.
type reach struct {
	floor hour
	seen  []seenHour   // floor <= hour, ascending
	open  []openObject // partly finished, from floor on

	// hold is the first hour in which this scan has left something to another.
	// The floor does not pass it.
	hold hour
}

// An openObject is one that is finished in part.
type openObject struct {
	Key  string `json:"k"` // without the partition
	Hour hour   `json:"h"`
	portion
	ETag string `json:"e,omitempty"`
}

// A portion is how much of an object is finished: its first Done records and, of the
// others, those before Until, the To of the scan that left the rest.
type portion struct {
	Done  int       `json:"n,omitempty"`
	Until time.Time `json:"u,omitzero"`
}

// over tells whether a scan with that To has nothing to deliver of the rest.
func (p portion) over(to time.Time) bool {
	return !p.Until.IsZero() && !to.IsZero() && !p.Until.Before(to)
}

const (
	noFloor = hour(math.MinInt64)
	noHold  = hour(math.MaxInt64)
)

// newReach is the reach of a partition of which nothing is finished.
func newReach() *reach { return &reach{floor: noFloor, hold: noHold} }

// A lookback says how far a reach's floor stays behind its newest object.
type lookback struct {
	time time.Duration
	// now bounds what counts as the newest: one key with a year to come must not
	// end a partition.
	now hour
	// limit is what the floor does not pass, whatever is finished.
	limit hour
}

func (l lookback) behind(h hour) hour { return hourOf(h.time().Add(-l.time)) }

// below tells whether all objects of an hour are finished.
func (r *reach) below(h hour) bool { return h < r.floor }

// finish returns the reach after the object at p, of that key, is finished. If it was
// before, again says so.
func (r *reach) finish(p place, key string, v version, again bool, back lookback) *reach {
	if r.below(p.hour) {
		return r
	}
	next := &reach{floor: r.floor, hold: r.hold, open: without(r.open, key)}
	next.seen = make([]seenHour, 0, len(r.seen)+1)
	o := seenObject{print: p.print, version: v}
	i, found := r.find(p.hour)
	next.seen = append(next.seen, r.seen[:i]...)
	if found {
		next.seen = append(next.seen, r.seen[i].with(o, again))
		i++
	} else {
		next.seen = append(next.seen, seenHour{hour: p.hour, objects: []seenObject{o}})
	}
	next.seen = append(next.seen, r.seen[i:]...)
	// A late object tells nothing of what lies between it and the newest one.
	back.limit = min(back.limit, p.hour)
	next.raise(back)
	return next
}

func (r *reach) find(h hour) (i int, found bool) {
	return slices.BinarySearchFunc(r.seen, h, func(s seenHour, h hour) int { return cmp.Compare(s.hour, h) })
}

// amended returns the reach with another version of an object that is finished.
func (r *reach) amended(p place, v version) *reach {
	i, found := r.find(p.hour)
	if !found || r.below(p.hour) {
		return r
	}
	next := *r
	next.seen = slices.Clone(r.seen)
	next.seen[i] = r.seen[i].with(seenObject{print: p.print, version: v}, true)
	return &next
}

// raised returns the reach after all that can be listed was finished or left.
func (r *reach) raised(back lookback) *reach {
	next := *r
	next.seen = slices.Clone(r.seen)
	next.raise(back)
	return &next
}

// newest is the newest hour, up to now, in which something is finished; noFloor
// if there is none.
func (r *reach) newest(now hour) hour {
	newest := noFloor
	for _, s := range r.seen {
		if s.hour <= now {
			newest = s.hour
		}
	}
	return newest
}

// raise moves the floor behind the newest object, as far as nothing holds it.
func (r *reach) raise(back lookback) {
	newest := r.newest(back.now)
	if newest == noFloor {
		return
	}
	r.floor = max(r.floor, min(back.behind(newest), back.limit, r.hold))
	r.seen = slices.DeleteFunc(r.seen, func(s seenHour) bool { return s.hour < r.floor })
	r.open = keepOpen(r.open, func(o openObject) bool { return o.Hour >= r.floor })
}

// opened returns the reach with the first done records of an object finished.
func (r *reach) opened(o openObject) *reach {
	next := *r
	next.open = append(without(r.open, o.Key), o)
	return &next
}

// leave returns the reach whose floor stays at h or below.
func (r *reach) leave(h hour) *reach {
	if r.hold <= h {
		return r
	}
	next := *r
	next.hold = h
	return &next
}

// done tells how much of an object is finished already.
func (r *reach) done(key, etag string) portion {
	for _, o := range r.open {
		if o.Key == key && o.ETag == etag {
			return o.portion
		}
	}
	return portion{}
}

// own returns the same reach with memory of its own to append to.
func (r *reach) own() *reach {
	next := *r
	next.seen = slices.Clone(r.seen)
	for i := range next.seen {
		next.seen[i].objects = slices.Clip(next.seen[i].objects)
	}
	return &next
}

// without returns a list that has no room to append to.
func without(list []openObject, key string) []openObject {
	return keepOpen(list, func(o openObject) bool { return o.Key != key })
}

// keepOpen leaves list as it is, for other reaches have it too.
func keepOpen(list []openObject, keep func(openObject) bool) []openObject {
	var kept []openObject
	for _, o := range list {
		if keep(o) {
			kept = append(kept, o)
		}
	}
	return slices.Clip(kept)
}
