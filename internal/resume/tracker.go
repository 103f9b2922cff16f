package resume

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A Tracker knows what a scan's loop has finished. Its methods may be called from any
// goroutine.
type Tracker struct {
	cfg Config

	mu     sync.Mutex
	round  *round
	state  *State
	number int // of the next pending object

	// Of this item the first done records are finished, which the state does not have yet.
	inside *Item
	done   int

	spot *spot // of the last mark

	asked  moment // when State was called last
	answer *State

	// waiting are the places of the objects that were pending when the sweep began.
	waiting map[place]struct{}

	pendingOf map[string]int // partition: pending objects

	// unread are the places, by partition, of objects that failed and found no room, which
	// the next sweep sends again. Only what remembers what was sent asks for them.
	unread map[string][]place
	sent   bool // something remembers
}

// Config says what a [Tracker] goes by.
type Config struct {
	// Scope is what the States are good for.
	Scope Scope

	// Lookback is how far a partition's floor stays behind its newest object.
	Lookback time.Duration

	// To is the query's; zero if it has none.
	To time.Time

	// Room is how many objects to be tried again the States hold, and RoomOf how many of
	// one partition. 0 stands for MaxPending and MaxPendingOf, which are the most.
	Room, RoomOf int
}

// New returns the tracker of a scan that goes on from a state, which is nil for the start.
// The error wraps [ErrScope] if the state is of another scope.
func New(c Config, from *State) (*Tracker, error) {
	c.Room, c.RoomOf = cmp.Or(c.Room, MaxPending), cmp.Or(c.RoomOf, MaxPendingOf)
	t := &Tracker{cfg: c, state: newState(c.Scope), pendingOf: map[string]int{}, unread: map[string][]place{}}
	if from != nil {
		if err := c.Scope.check(*from.scope); err != nil {
			return nil, err
		}
		if err := t.take(from); err != nil {
			return nil, err
		}
	}
	t.round = &round{start: t.state, began: hourOf(time.Now()), first: true, sweep: true, lookback: c.Lookback}
	return t, nil
}

// take makes from the state that t builds on, which another tracker may build on as well.
func (t *Tracker) take(from *State) error {
	for part, r := range from.all().all() {
		t.state = t.state.with(part, r.fresh())
	}
	for _, o := range from.pending.all() {
		key, err := path.Parse(o.Key)
		if err != nil {
			return fmt.Errorf("qlogs: the cursor's pending object is not a log: %w", err)
		}
		t.pendingOf[key.Partition.String()]++
		t.state = t.state.pend(t.number, o)
		t.number++
	}
	return nil
}

// Next begins another round. A sweep lists all within the lookback and tries again what is
// pending; any other round lists the newest keys alone.
func (t *Tracker) Next(sweep bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.round = t.round.next(t.state, sweep)
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
		if !o.Portion.over(t.cfg.To) {
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
// with it. A zero to is the end of all hours. Listed returns the partition's floor, which is
// zero if it has none.
func (t *Tracker) Listed(part string, to time.Time) (floor time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.state.reachOf(part)
	if r == nil {
		return time.Time{}
	}
	back := t.round.limits(part)
	if !to.IsZero() {
		back.limit = min(back.limit, hourOf(to))
	}
	r = r.raised(back)
	t.state = t.state.with(part, r)
	return r.start()
}

// Hold keeps the floor of a partition at an hour, or below, until the next sweep: a folder
// there could not be listed.
func (t *Tracker) Hold(part string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hold(part, hourOf(at))
}

func (t *Tracker) hold(part string, h hour) {
	t.state = t.state.with(part, t.state.reachOr(part).holdSweep(h, t.round.number))
}

// missed returns the places of unread objects of a partition, once.
func (t *Tracker) missed(part string) []place {
	t.mu.Lock()
	defer t.mu.Unlock()
	places := t.unread[part]
	delete(t.unread, part)
	return places
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
	return t.state.with(item.at.part, t.state.reachOr(item.at.part).opened(item.within(), openObject{done, item.Object.ETag}))
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
		t.pendingOf[item.at.part]--
		t.state = t.state.resolved(item, out.Damaged)
	default:
		t.finish(item, out.Damaged)
	}
}

func (t *Tracker) finish(item *Item, damaged bool) {
	part := item.at.part
	t.state = t.state.with(part, t.round.finished(t.state.reachOr(part), item, damaged))
}

// Fail says that an item is to be tried again, from record done on. It reports whether there
// was room for it among the pending objects. If not, the item stays unfinished from there on,
// and the partition's floor stays at its hour or below, so that the next sweep, or another
// scan, meets it again.
func (t *Tracker) Fail(item *Item, out *Outcome, done int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if out.Left >= 0 { // what is behind that record comes again, for not all of it was met
		done = max(out.Left, item.Before.Done)
	}
	left := Portion{Done: done, Until: item.Before.Until}
	if t.pend(item, left, item.Attempt) {
		return true
	}
	t.enter(item)
	t.inside = nil
	t.hold(item.at.part, item.at.hour)
	if left != (Portion{}) {
		t.open(item, left)
	}
	if t.sent {
		t.unread[item.at.part] = append(t.unread[item.at.part], item.at)
	}
	return false
}

// open says that much of an item is finished.
func (t *Tracker) open(item *Item, done Portion) {
	r := t.state.reachOr(item.at.part).opened(item.within(), openObject{done, item.Object.ETag})
	t.state = t.state.with(item.at.part, r)
}

// pend makes what is left of an item pending, and the rest finished. It reports false if
// there is no room.
func (t *Tracker) pend(item *Item, done Portion, tries int) bool {
	if !item.retry && !t.room(item, 1) {
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
	t.pendingOf[item.at.part]++
	t.finish(item, true)
	return true
}

// room reports whether another object may become pending in a share of the room: half of it
// if share is 2.
func (t *Tracker) room(item *Item, share int) bool {
	return t.state.waiting < t.cfg.Room/share && t.pendingOf[item.at.part] < t.cfg.RoomOf/share
}

// leave ends an item before its first record at or after the query's To. The object stays
// unfinished, or finished up to there, for a scan with a later To. If the record is far from
// the key's hour, holding the floor for it would hold the whole partition, so that the
// object becomes pending instead.
func (t *Tracker) leave(item *Item, out *Outcome) {
	done := Portion{Done: max(out.Left, item.Before.Done), Until: item.Before.Until}
	// Half of the room is for what fails.
	alone := item.retry || out.Astray && t.room(item, 2)
	if (alone || out.Behind || !done.Until.IsZero()) && done.Until.Before(t.cfg.To) {
		done.Until = t.cfg.To
	}
	if alone && t.pend(item, done, item.Attempt-1) {
		return
	}
	t.state = t.state.with(item.at.part, t.state.reachOr(item.at.part).holdScan(item.at.hour))
	if done != (Portion{}) {
		t.open(item, done)
	}
}

// State returns what is finished now: the same State as long as nothing more is finished.
func (t *Tracker) State() *State {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := (moment{t.state, t.inside, t.done}); t.asked != now || t.answer == nil {
		t.asked, t.answer = now, t.settled()
	}
	return t.answer
}

// A moment is what a tracker's answer depends on.
type moment struct {
	state  *State
	inside *Item
	done   int
}
