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

	// Of this item so much is finished, which the state does not have yet.
	inside *Item
	done   Portion

	spot *spot // of the last mark

	asked  moment // when State was called last
	answer *State

	// waiting are the objects that were pending when the sweep began.
	waiting map[place]waiter

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
		t.state = t.state.pend(t.number, *o)
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
	t.waiting = make(map[place]waiter, t.state.waiting)
	for number, o := range t.state.pending.all() {
		key, err := path.Parse(o.Key)
		if err != nil {
			return nil, fmt.Errorf("qlogs: the cursor's pending object is not a log: %w", err)
		}
		at := placeOf(key.Partition.String(), key, o.Key)
		over := o.Portion.over(t.cfg.To)
		t.waiting[at] = waiter{number: number, version: newVersion(o.Object, false), over: over}
		if !over {
			items = append(items, &Item{Object: o.Object, Before: o.Portion, Attempt: o.Tries + 1, Contradictions: o.Contradictions, at: at, retry: true, number: number})
		}
	}
	return items, nil
}

// A waiter is an object that was pending when a sweep began.
type waiter struct {
	number  int
	version version
	over    bool // it has nothing for this scan, and is read only as another version
}

// waiter returns what was pending at a place when the sweep began, and whether anything was.
func (t *Tracker) waiter(at place) (w waiter, waits bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w, waits = t.waiting[at]
	return w, waits
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
		t.spot = &spot{round: t.round, state: t.state, item: item, to: t.cfg.To}
	}
	return Mark{spot: t.spot, index: index, last: last, left: out.Left, damaged: out.Damaged}
}

// FinishRecord says that the loop is finished with the record at index, and with all of the
// item's before it but for those that are left.
func (t *Tracker) FinishRecord(item *Item, out *Outcome, index int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enter(item)
	t.inside, t.done = item, item.Before.upTo(index+1, out.Left, t.cfg.To)
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
	if item.retry {
		return t.state.retried(item, t.done)
	}
	return t.state.with(item.at.part, t.state.reachOr(item.at.part).opened(item.within(), openObject{t.done, item.Object.ETag}))
}

// Finish says that nothing of an item is left to do for this scan.
func (t *Tracker) Finish(item *Item, out *Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enter(item)
	t.inside = nil
	switch {
	case out.Left >= 0 && out.GivenUp && t.giveUp(item, out):
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
	done   Portion
}
