package resume

import (
	"iter"
	"math"
	"time"
)

// A Reach is how far one partition is finished: everything in the hours before floor, and
// from there on the objects that it names. It never changes. To finish an object makes
// another, which shares memory with the one before. So an entry can keep the Reach of its
// time for little.
//
// Objects that arrive late are those from floor on that it does not name.
type Reach struct {
	floor hour
	seen  tree[hour, *seenHour]     // from floor on, but for last
	open  tree[string, *openObject] // finished in part, by their keys without the partition

	// What was finished last is of one hour for long, so that one stands beside the tree
	// and hides what the tree has of it. It is empty if it has no objects.
	last seenHour

	// scanHold is the first hour in which this scan has left something to another one.
	scanHold hour

	// sweepHold is the first hour in which the sweep of that number has left something to the
	// next one.
	sweepHold hour
	sweep     int
}

// An openObject is one that is finished in part.
type openObject struct {
	Portion
	ETag string
}

const (
	noFloor = hour(math.MinInt64)
	noHold  = hour(math.MaxInt64)
)

// newReach is the Reach of a partition of which nothing is finished.
func newReach() *Reach { return &Reach{floor: noFloor, scanHold: noHold, sweepHold: noHold} }

// A lookback says how far a reach's floor stays behind its newest object.
type lookback struct {
	time time.Duration
	// now bounds what counts as the newest: one key with a year to come must not
	// end a partition.
	now hour
	// limit is what the floor does not pass, whatever is finished.
	limit hour
	// sweep is the number of the sweep that is under way, or was the last one.
	sweep int
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
	next := *r
	next.open = r.open.remove(key)
	next.turn(p.hour)
	next.last = next.last.with(seenObject{print: p.print, version: v}, again)
	// A late object tells nothing of what lies between it and the newest one.
	back.limit = min(back.limit, p.hour)
	next.raise(back)
	return &next
}

// turn makes that hour the last one. It is for a Reach that nobody has yet.
func (r *Reach) turn(h hour) {
	if !r.last.empty() {
		if r.last.hour == h {
			return
		}
		last := r.last
		r.seen = r.seen.put(last.hour, &last)
	}
	if seen, found := r.seen.get(h); found {
		r.last = *seen
	} else {
		r.last = seenHour{hour: h}
	}
}

// hours yields the hours in which objects are finished, in order.
func (r *Reach) hours() iter.Seq2[hour, *seenHour] {
	return func(yield func(hour, *seenHour) bool) {
		waits := !r.last.empty()
		for h, seen := range r.seen.all() {
			if waits && h >= r.last.hour {
				waits = false
				if !yield(r.last.hour, &r.last) {
					return
				}
				if h == r.last.hour {
					continue
				}
			}
			if !yield(h, seen) {
				return
			}
		}
		if waits {
			yield(r.last.hour, &r.last)
		}
	}
}

// amended returns the Reach with another version of an object that is finished.
func (r *Reach) amended(p place, v version) *Reach {
	if r.below(p.hour) {
		return r
	}
	next := *r
	next.turn(p.hour)
	if next.last.empty() {
		return r
	}
	next.last = next.last.with(seenObject{print: p.print, version: v}, true)
	return &next
}

// raised returns the Reach after all that can be listed was finished or left.
func (r *Reach) raised(back lookback) *Reach {
	next := *r
	next.raise(back)
	if next.floor == r.floor {
		return r
	}
	return &next
}

// newest is the newest hour, up to now, in which something is finished; noFloor
// if there is none.
func (r *Reach) newest(now hour) hour {
	newest, found := r.seen.latest(now)
	if !found {
		newest = noFloor
	}
	if !r.last.empty() && r.last.hour <= now {
		newest = max(newest, r.last.hour)
	}
	return newest
}

// raise moves the floor behind the newest object, as far as nothing holds it.
func (r *Reach) raise(back lookback) {
	newest := r.newest(back.now)
	if newest == noFloor {
		return
	}
	floor := min(back.behind(newest), back.limit, r.scanHold)
	if r.sweep == back.sweep {
		floor = min(floor, r.sweepHold)
	}
	if floor <= r.floor {
		return
	}
	r.floor = floor
	r.seen = r.seen.from(floor)
	if r.last.hour < floor {
		r.last = seenHour{}
	}
	r.open = r.open.from(floor.folder())
}

// opened returns the Reach with that much of an object finished.
func (r *Reach) opened(key string, o openObject) *Reach {
	next := *r
	next.open = r.open.put(key, &o)
	return &next
}

// holdScan returns the Reach whose floor stays at h or below as long as the scan lasts.
func (r *Reach) holdScan(h hour) *Reach {
	if r.scanHold <= h {
		return r
	}
	next := *r
	next.scanHold = h
	return &next
}

// holdSweep returns the Reach whose floor stays at h or below until another sweep begins than
// the one of that number.
func (r *Reach) holdSweep(h hour, sweep int) *Reach {
	if r.sweep == sweep && r.sweepHold <= h {
		return r
	}
	next := *r
	next.sweepHold, next.sweep = h, sweep
	return &next
}

// start returns when the floor's hour begins; zero if there is no floor.
func (r *Reach) start() time.Time {
	if r.floor == noFloor {
		return time.Time{}
	}
	return r.floor.time()
}

// done returns how much of an object is finished already.
func (r *Reach) done(key, etag string) Portion {
	if o, ok := r.open.get(key); ok && o.ETag == etag {
		return o.Portion
	}
	return Portion{}
}

// fresh returns the Reach that another scan goes on from, with nothing left or held. It
// shares no room to append to.
func (r *Reach) fresh() *Reach {
	next := newReach()
	next.floor, next.open = r.floor, r.open
	for h, seen := range r.hours() {
		own := seen.own()
		next.seen = next.seen.put(h, &own)
	}
	return next
}

// own returns the same Reach, in whose hour h no other one appends.
func (r *Reach) own(h hour) *Reach {
	next := *r
	next.turn(h)
	next.last = next.last.own()
	return &next
}
