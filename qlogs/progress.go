package qlogs

import (
	"maps"
	"sync"
	"time"
)

// progress is what a scan's loop has finished. The lister reads it between rounds;
// only the loop's own goroutine moves it on, in the order of the jobs' turns. What is
// given to Client.Read has none, nil.
type progress struct {
	scope    scope
	start    cursorState // never changes
	lookback time.Duration
	to       time.Time // the query's

	mu     sync.Mutex
	round  *round
	inside inside
}

// An inside is an object of which some records are finished. It has no job between
// objects.
type inside struct {
	job  *job
	done int
}

func (in inside) portion() portion { return portion{Done: in.done, Until: in.job.before.Until} }

func newProgress(s scope, c Cursor, back time.Duration, to time.Time) (*progress, error) {
	p := &progress{scope: s, start: cursorState{Scope: s}, lookback: back, to: to}
	if c.state != nil {
		if err := s.check(c.state.Scope); err != nil {
			return nil, err
		}
		p.start = *c.state
	}
	at := make(map[string]*reach, len(p.start.At))
	for part, r := range p.start.At {
		at[part] = r.own()
		at[part].hold = noHold
	}
	pending := make([]pendingEntry, len(p.start.Pending))
	for i, o := range p.start.Pending {
		pending[i].pendingObject = o
	}
	p.round = newRound(p, at, pending, true)
	p.round.first = true
	return p, nil
}

// next begins another round.
func (p *progress) next(sweep bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := p.round.held
	p.round = newRound(p, maps.Clone(p.round.at), p.round.unresolved(), sweep)
	if !sweep { // which finds for itself what cannot be listed
		p.round.held = held
	}
}

// reach returns how far a partition is finished.
func (p *progress) reach(part string) *reach {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.round.reach(part)
}

// listed tells that all of a partition before that hour was listed, and delivered.
func (p *progress) listed(part string, to hour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.round.at[part]; r != nil {
		back := p.round.lookback(part)
		back.limit = min(back.limit, to)
		p.round.at[part] = r.raised(back)
	}
}

// hold keeps the floor of a partition at an hour, or below, until the next sweep.
func (p *progress) hold(part string, h hour) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.round.hold(part, h)
}

// spot is where the cursor stands for the entries of j.
func (p *progress) spot(j *job) *spot {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return &spot{round: p.round, before: p.round.reach(j.part), place: j.place, until: j.before.Until, turn: j.turn, retry: j.retry, again: j.again, damaged: j.damaged}
}

// finishRecord tells that all of j's records up to index are finished.
func (p *progress) finishRecord(j *job, index int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.passed(index) {
		return
	}
	p.inside = inside{job: j, done: index + 1}
}

// finishObject tells that nothing of j is left to do.
func (p *progress) finishObject(j *job) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inside = inside{}
	switch {
	case j.later >= 0 && !j.givenUp:
		p.leave(j)
	case j.retry:
		p.round.resolve(j)
	default:
		p.round.at[j.part] = p.round.finished(p.round.reach(j.part), j.place, j.object, j.again, j.bad())
	}
}

// failObject tells that j is to be tried again, from record done on. It reports
// false, and changes nothing, if there is no room for it.
func (p *progress) failObject(j *job, done int) bool {
	if p == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.later >= 0 { // what is behind that record comes again, for not all of it was met
		done = max(j.later, j.before.Done)
	}
	return p.pend(j, portion{Done: done, Until: j.before.Until}, j.attempt)
}

// pend notes that what is left of j is to be read again, and finishes it for its
// partition. It reports false if there is no room.
func (p *progress) pend(j *job, done portion, tries int) bool {
	if !p.round.pend(j, pendingObject{Object: j.object, portion: done, Tries: tries}) {
		return false
	}
	p.inside = inside{}
	if !j.retry {
		p.round.at[j.part] = p.round.finished(p.round.reach(j.part), j.place, j.object, j.again, true)
	}
	return true
}

// leave ends j before its first record beyond the query's To, which is for a scan
// with a later To: as an object that is not finished, or finished in part. As a
// rule everything that follows is beyond To as well. An object far from To would
// hold its partition's floor for long: it is tried again alone.
func (p *progress) leave(j *job) {
	done := portion{Done: max(j.later, j.before.Done), Until: j.before.Until}
	// Half of the room is for what fails.
	alone := j.retry || j.astray && p.round.waiting < maxPending/2
	if (alone || j.behind || !done.Until.IsZero()) && done.Until.Before(p.to) {
		done.Until = p.to
	}
	if alone && p.pend(j, done, j.attempt-1) {
		return
	}
	r := p.round.reach(j.part).leave(j.place.hour)
	if done != (portion{}) {
		r = r.opened(newOpenObject(j.object, j.place, done))
	}
	p.round.at[j.part] = r
}

func newOpenObject(o Object, at place, done portion) openObject {
	return openObject{Key: o.Key[len(at.part):], Hour: at.hour, ETag: o.ETag, portion: done}
}

// cursor covers all that is finished.
func (p *progress) cursor() Cursor {
	p.mu.Lock()
	defer p.mu.Unlock()
	state := &cursorState{Scope: p.scope, At: maps.Clone(p.round.at)}
	in := p.inside
	for _, e := range p.round.pending {
		switch {
		case e.resolved:
		case in.job != nil && in.job.retry && e.turn == in.job.turn:
			state.Pending = append(state.Pending, pendingObject{Object: in.job.object, portion: in.portion(), Tries: e.Tries})
		default:
			state.Pending = append(state.Pending, e.pendingObject)
		}
	}
	if in.job != nil && !in.job.retry {
		j := in.job
		state.At[j.part] = p.round.reach(j.part).opened(newOpenObject(j.object, j.place, in.portion()))
	}
	return Cursor{state: state}
}

// cursorAfter covers all pairs up to and including e, whether the loop has
// finished them or more.
func (p *progress) cursorAfter(e Entry) Cursor {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := e.at.spot
	if at == nil || at.round.progress != p {
		return Cursor{state: &p.start}
	}
	state := &cursorState{Scope: p.scope, At: at.round.reachesAt(at), Pending: at.round.pendingAfter(e)}
	if at.retry {
		if r := state.At[at.part]; e.at.last && r != nil {
			state.At[at.part] = r.own().amended(at.place, newVersion(e.Object, at.damaged))
		}
		return Cursor{state: state}
	}
	r := at.before
	switch {
	case e.at.last:
		r = at.round.finished(r.own(), at.place, e.Object, at.again, at.damaged)
	case !e.at.passed:
		r = r.opened(newOpenObject(e.Object, at.place, portion{Done: e.Index + 1, Until: at.until}))
	case e.at.later > 0:
		r = r.opened(newOpenObject(e.Object, at.place, portion{Done: e.at.later, Until: at.until}))
	}
	state.At[at.part] = r
	return Cursor{state: state}
}
