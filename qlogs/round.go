package qlogs

import (
	"maps"
	"time"
)

// A round is one pass over the partitions, in the bytewise order of their
// prefixes, after the pending objects if it retries them. A scan has one, a follow
// one for each poll. Its progress guards it.
//
// What an earlier entry's cursor holds follows from that order: partitions before
// the entry's are as the round left them, those after it as it found them.
type round struct {
	progress *progress
	start    map[string]*reach // changes only by what is retried
	at       map[string]*reach
	pending  []pendingEntry
	waiting  int // pending entries that are not resolved
	began    hour
	first    bool            // of its scan
	held     map[string]hour // by partition: of the first folder that could not be listed
	sweep    bool            // lists all within the lookback and retries, not the newest keys only
}

// A pendingEntry is an object to be tried again, with its history in this round.
type pendingEntry struct {
	pendingObject
	before   pendingObject // as the round found it; zero unless retry
	turn     int           // of the job that failed, or is the new try; -1 for neither
	retry    bool
	resolved bool
}

// A spot is where the cursor stood for the entries of one object.
type spot struct {
	round  *round
	before *reach // of the object's partition
	place
	until time.Time // of the object's part that is finished
	turn  int
	retry bool

	// Of the object. A record that is its last one is met when all are decoded.
	again   bool
	damaged bool
}

func newRound(p *progress, at map[string]*reach, pending []pendingEntry, sweep bool) *round {
	r := &round{progress: p, start: maps.Clone(at), at: at, waiting: len(pending), sweep: sweep, began: hourOf(time.Now())}
	for i, e := range pending {
		next := pendingEntry{pendingObject: e.pendingObject, turn: -1}
		if sweep && !e.portion.over(p.to) { // the lister sends them first, and in this order
			next.before, next.turn, next.retry = e.pendingObject, i, true
		}
		r.pending = append(r.pending, next)
	}
	return r
}

// finished returns how far a partition is finished after the object o at p.
func (r *round) finished(from *reach, p place, o Object, again, damaged bool) *reach {
	return from.finish(p, o.Key[len(p.part):], newVersion(o, damaged), again, r.lookback(p.part))
}

// lookback is for a partition's floor. It stays where objects that arrive until the
// next sweep, or scan, are still found by it: behind what was the newest one when
// this began. A poll does not look that far, and leaves the floor where it is.
func (r *round) lookback(part string) lookback {
	back := lookback{time: r.progress.lookback, now: hourOf(time.Now()), limit: noFloor}
	newest := r.began
	if start := r.start[part]; !r.first && start != nil {
		newest = start.newest(r.began)
	}
	if r.sweep && newest != noFloor {
		back.limit = back.behind(newest)
	}
	if h, ok := r.held[part]; ok {
		back.limit = min(back.limit, h)
	}
	return back
}

func (r *round) hold(part string, h hour) {
	if held, ok := r.held[part]; ok && held <= h {
		return
	}
	if r.held == nil {
		r.held = map[string]hour{}
	}
	r.held[part] = h
}

func (r *round) reach(part string) *reach {
	if at := r.at[part]; at != nil {
		return at
	}
	return newReach()
}

func (r *round) unresolved() []pendingEntry {
	var list []pendingEntry
	for _, e := range r.pending {
		if !e.resolved {
			list = append(list, e)
		}
	}
	return list
}

// pend holds what is left of j, and reports false if there is no room.
func (r *round) pend(j *job, o pendingObject) bool {
	if j.retry {
		r.pending[j.turn].pendingObject = o
		return true
	}
	if r.waiting >= maxPending {
		return false
	}
	r.pending = append(r.pending, pendingEntry{pendingObject: o, turn: j.turn})
	r.waiting++
	return true
}

// resolve ends the trying of j, which may have become another version. Retries come before
// all else in a round, so the partition has to begin with that one.
func (r *round) resolve(j *job) {
	r.pending[j.turn].resolved = true
	r.waiting--
	if at := r.at[j.part]; at != nil {
		r.at[j.part] = at.amended(j.place, newVersion(j.object, j.bad()))
		r.start[j.part] = r.at[j.part]
	}
}

// reachesAt is how far partitions other than the spot's own were finished.
func (r *round) reachesAt(at *spot) map[string]*reach {
	state := maps.Clone(r.start)
	if state == nil {
		state = map[string]*reach{}
	}
	if at.retry {
		return state
	}
	for part, reach := range r.at {
		if part < at.part {
			state[part] = reach
		}
	}
	return state
}

// pendingAfter is what was pending once e was finished.
func (r *round) pendingAfter(e Entry) []pendingObject {
	var list []pendingObject
	for _, item := range r.pending {
		switch at := e.at.spot; {
		case item.turn > at.turn:
			if item.retry {
				list = append(list, item.before)
			}
		case item.turn == at.turn && item.retry:
			if !e.at.last {
				list = append(list, item.before.through(e))
			}
		case item.turn < at.turn && !item.resolved:
			list = append(list, item.pendingObject)
		}
	}
	return list
}

// through is what is left of a pending object after its entry e.
func (o pendingObject) through(e Entry) pendingObject {
	switch {
	case !e.at.passed:
		o.Object, o.portion = e.Object, portion{Done: e.Index + 1, Until: e.at.spot.until}
	case e.at.later > 0:
		o.Object, o.portion = e.Object, portion{Done: e.at.later, Until: e.at.spot.until}
	}
	return o
}
