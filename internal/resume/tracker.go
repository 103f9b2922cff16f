package resume

import (
	"fmt"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A Tracker knows what a scan's loop has finished. Its methods may be called from any
// goroutine.
type Tracker struct {
	to time.Time // the query's

	mu     sync.Mutex
	round  *round
	state  *State
	number int // of the next pending object

	// Of this item the first done records are finished, which the state does not have yet.
	inside *Item
	done   int

	spot *spot // of the last mark

	// waiting are the places of the objects that were pending when the sweep began.
	waiting map[place]struct{}
}

// New returns the tracker of a scan that goes on from a state, which is nil for the start.
// Lookback is how far a partition's floor stays behind its newest object, to is the query's
// To. The error wraps [ErrScope] if the state is of another scope.
func New(scope Scope, from *State, lookback time.Duration, to time.Time) (*Tracker, error) {
	t := &Tracker{to: to, state: newState(scope)}
	if from != nil {
		if err := scope.check(*from.scope); err != nil {
			return nil, err
		}
		t.take(from)
	}
	t.round = &round{start: t.state, began: hourOf(time.Now()), first: true, sweep: true, lookback: lookback}
	return t, nil
}

// take makes from the state that t builds on, which another tracker may build on as well.
func (t *Tracker) take(from *State) {
	for part, r := range from.all().all() {
		r = r.own()
		r.hold = noHold
		t.state = t.state.with(part, r)
	}
	for _, o := range from.pending.all() {
		t.state = t.state.pend(t.number, o)
		t.number++
	}
}

// Next begins another round. A sweep lists all within the lookback and tries again what is
// pending; any other round lists the newest keys alone.
func (t *Tracker) Next(sweep bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := &round{start: t.state, began: hourOf(time.Now()), sweep: sweep, lookback: t.round.lookback}
	if !sweep { // which finds for itself what cannot be listed
		next.held = t.round.held
	}
	t.round = next
}

// Retries returns the pending objects that this round tries again, in the order in which
// they became pending. They come before all others of the round.
func (t *Tracker) Retries() ([]*Item, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var items []*Item
	t.waiting = make(map[place]struct{}, t.state.waiting)
	for number, o := range t.state.pending.all() {
		key, err := path.Parse(o.Key)
		if err != nil {
			return nil, fmt.Errorf("qlogs: the cursor's pending object is not a log: %w", err)
		}
		at := placeOf(key.Partition.String(), key, o.Key)
		t.waiting[at] = struct{}{}
		if !o.Portion.over(t.to) {
			items = append(items, &Item{Object: o.Object, Before: o.Portion, Attempt: o.Tries + 1, at: at, retry: true, number: number})
		}
	}
	return items, nil
}

// isWaiting reports whether the object at a place was pending when the sweep began.
func (t *Tracker) isWaiting(at place) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, waits := t.waiting[at]
	return waits
}

// reach returns how far a partition is finished.
func (t *Tracker) reach(part string) *Reach {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state.reachOr(part)
}

// Listed says that all of a partition before to was listed, and that the loop is finished
// with it. A zero to is the end of all hours.
func (t *Tracker) Listed(part string, to time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.state.reachOf(part)
	if r == nil {
		return
	}
	back := t.round.limits(part)
	if !to.IsZero() {
		back.limit = min(back.limit, hourOf(to))
	}
	t.state = t.state.with(part, r.raised(back))
}

// Hold keeps the floor of a partition at an hour, or below, until the next sweep: a folder
// there could not be listed.
func (t *Tracker) Hold(part string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.round.hold(part, hourOf(at))
}

// Mark returns the place of a record of item that the loop gets now. If it is the last one,
// nothing else follows of the object, no error either.
func (t *Tracker) Mark(item *Item, out *Outcome, index int, last bool) Mark {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enter(item)
	if t.spot == nil || t.spot.item != item || t.spot.state != t.state {
		t.spot = &spot{round: t.round, state: t.state, item: item}
	}
	return Mark{spot: t.spot, index: index, last: last, left: out.Left, damaged: out.Damaged}
}

// FinishRecord says that the loop is finished with the record at index, and with all of the
// item's before it.
func (t *Tracker) FinishRecord(item *Item, out *Outcome, index int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if out.covers(index) {
		t.enter(item)
		t.inside, t.done = item, index+1
	}
}

// enter writes into the state what is finished of another item.
func (t *Tracker) enter(item *Item) {
	if t.inside != item {
		t.state = t.settled()
		t.inside = nil
	}
}

// settled returns the state with what is finished of the item that the loop is inside.
func (t *Tracker) settled() *State {
	item := t.inside
	if item == nil {
		return t.state
	}
	done := Portion{Done: t.done, Until: item.Before.Until}
	if item.retry {
		return t.state.retried(item, done)
	}
	return t.state.with(item.at.part, t.state.reachOr(item.at.part).opened(newOpenObject(item, done)))
}

// Finish says that nothing of an item is left to do for this scan.
func (t *Tracker) Finish(item *Item, out *Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enter(item)
	t.inside = nil
	switch {
	case out.Left >= 0 && !out.GivenUp:
		t.leave(item, out)
	case item.retry:
		t.state = t.state.resolved(item, out.Damaged)
	default:
		t.finish(item, out.Damaged)
	}
}

func (t *Tracker) finish(item *Item, damaged bool) {
	part := item.at.part
	t.state = t.state.with(part, t.round.finished(t.state.reachOr(part), item, damaged))
}

// Fail says that an item is to be tried again, from record done on. It reports false, and
// changes nothing, if there is no room for it.
func (t *Tracker) Fail(item *Item, out *Outcome, done int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if out.Left >= 0 { // what is behind that record comes again, for not all of it was met
		done = max(out.Left, item.Before.Done)
	}
	return t.pend(item, Portion{Done: done, Until: item.Before.Until}, item.Attempt)
}

// pend makes what is left of an item pending, and the rest finished. It reports false if
// there is no room.
func (t *Tracker) pend(item *Item, done Portion, tries int) bool {
	if !item.retry && t.state.waiting >= MaxPending {
		return false
	}
	t.enter(item)
	t.inside = nil
	o := pendingObject{Object: item.Object, Portion: done, Tries: tries}
	if item.retry {
		t.state = t.state.pend(item.number, o)
		return true
	}
	t.state = t.state.pend(t.number, o)
	t.number++
	t.finish(item, true)
	return true
}

// leave ends an item before its first record at or after the query's To. The object stays
// unfinished, or finished up to there, for a scan with a later To. If the record is far from
// the key's hour, holding the floor for it would hold the whole partition, so that the
// object becomes pending instead.
func (t *Tracker) leave(item *Item, out *Outcome) {
	done := Portion{Done: max(out.Left, item.Before.Done), Until: item.Before.Until}
	// Half of the room is for what fails.
	alone := item.retry || out.Astray && t.state.waiting < MaxPending/2
	if (alone || out.Behind || !done.Until.IsZero()) && done.Until.Before(t.to) {
		done.Until = t.to
	}
	if alone && t.pend(item, done, item.Attempt-1) {
		return
	}
	r := t.state.reachOr(item.at.part).leave(item.at.hour)
	if done != (Portion{}) {
		r = r.opened(newOpenObject(item, done))
	}
	t.state = t.state.with(item.at.part, r)
}

// State returns what is finished now.
func (t *Tracker) State() *State {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.settled()
}
