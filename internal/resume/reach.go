package resume

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A Reach is how far one partition is finished: everything in the hours before
// floor, and from there on the objects that it names. It never changes; to finish
// an object makes another, which shares memory with the one before. So an entry
// can keep the Reach of its time for nothing.
//
// Objects that arrive late are those from floor on that it does not name.
type Reach struct {
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
	Portion
	ETag string `json:"e,omitempty"`
}

const (
	noFloor = hour(math.MinInt64)
	noHold  = hour(math.MaxInt64)
)

// newReach is the Reach of a partition of which nothing is finished.
func newReach() *Reach { return &Reach{floor: noFloor, hold: noHold} }

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

// below reports whether all objects of an hour are finished.
func (r *Reach) below(h hour) bool { return h < r.floor }

// finish returns the Reach after the object at p, of that key, is finished. If it was
// before, again says so.
func (r *Reach) finish(p place, key string, v version, again bool, back lookback) *Reach {
	if r.below(p.hour) {
		return r
	}
	next := &Reach{floor: r.floor, hold: r.hold, open: without(r.open, key)}
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

func (r *Reach) find(h hour) (i int, found bool) {
	return slices.BinarySearchFunc(r.seen, h, func(s seenHour, h hour) int { return cmp.Compare(s.hour, h) })
}

// amended returns the Reach with another version of an object that is finished.
func (r *Reach) amended(p place, v version) *Reach {
	i, found := r.find(p.hour)
	if !found || r.below(p.hour) {
		return r
	}
	next := *r
	next.seen = slices.Clone(r.seen)
	next.seen[i] = r.seen[i].with(seenObject{print: p.print, version: v}, true)
	return &next
}

// raised returns the Reach after all that can be listed was finished or left.
func (r *Reach) raised(back lookback) *Reach {
	next := *r
	next.seen = slices.Clone(r.seen)
	next.raise(back)
	return &next
}

// newest is the newest hour, up to now, in which something is finished; noFloor
// if there is none.
func (r *Reach) newest(now hour) hour {
	newest := noFloor
	for _, s := range r.seen {
		if s.hour <= now {
			newest = s.hour
		}
	}
	return newest
}

// raise moves the floor behind the newest object, as far as nothing holds it.
func (r *Reach) raise(back lookback) {
	newest := r.newest(back.now)
	if newest == noFloor {
		return
	}
	r.floor = max(r.floor, min(back.behind(newest), back.limit, r.hold))
	r.seen = slices.DeleteFunc(r.seen, func(s seenHour) bool { return s.hour < r.floor })
	r.open = keepOpen(r.open, func(o openObject) bool { return o.Hour >= r.floor })
}

// opened returns the Reach with the first done records of an object finished.
func (r *Reach) opened(o openObject) *Reach {
	next := *r
	next.open = append(without(r.open, o.Key), o)
	return &next
}

// leave returns the Reach whose floor stays at h or below.
func (r *Reach) leave(h hour) *Reach {
	if r.hold <= h {
		return r
	}
	next := *r
	next.hold = h
	return &next
}

// done tells how much of an object is finished already.
func (r *Reach) done(key, etag string) Portion {
	for _, o := range r.open {
		if o.Key == key && o.ETag == etag {
			return o.Portion
		}
	}
	return Portion{}
}

// own returns the same Reach with memory of its own to append to.
func (r *Reach) own() *Reach {
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
