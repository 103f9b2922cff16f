package qlogs

import (
	"maps"
	"sync"
)

// progress is what a scan's loop has finished. The scan's goroutines read its
// start; only the loop's own goroutine moves it on, in order of the objects'
// sequence numbers, which is what lets after look back.
type progress struct {
	scope scope
	start cursorState // never changes

	mu      sync.Mutex
	at      map[string]position
	held    map[string]int64 // partitions that do not move on, by the job that held them
	pending []pendingEntry
	waiting int // pending entries that are not resolved
}

// A pendingEntry is an object to be tried again, with its history in this scan.
type pendingEntry struct {
	pendingObject
	before   pendingObject // as the scan's own cursor had it; zero unless retry
	seq      int64         // of the job that failed, or is the new try
	retry    bool
	resolved bool
}

func newProgress(s scope, c Cursor) (*progress, error) {
	p := &progress{scope: s, start: cursorState{Scope: s}, at: map[string]position{}, held: map[string]int64{}}
	if c.state == nil {
		return p, nil
	}
	if err := s.check(c.state.Scope); err != nil {
		return nil, err
	}
	p.start = *c.state
	maps.Copy(p.at, p.start.At)
	// The scan tries them first and in this order, so their numbers are known.
	for i, o := range p.start.Pending {
		p.pending = append(p.pending, pendingEntry{pendingObject: o, before: o, seq: int64(i), retry: true})
	}
	p.waiting = len(p.pending)
	return p, nil
}

// finishRecord tells that all of j's records up to index are finished.
func (p *progress) finishRecord(j *job, index int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !j.passed(index) {
		p.move(j, index+1)
	}
}

// finishObject tells that nothing of j is left to do.
func (p *progress) finishObject(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case j.later >= 0:
		p.leave(j)
	case j.retry:
		p.pending[j.seq].resolved = true
		p.waiting--
	default:
		p.move(j, 0)
	}
}

// failObject tells that j is to be tried again, from record done on. It reports
// false, and changes nothing, if there is no room for it.
func (p *progress) failObject(j *job, done int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.later >= 0 {
		p.leave(j)
		return true
	}
	return j.retry || p.pend(j, done)
}

// move sets the position to after the first done records of j, or, if done is 0,
// after j.
func (p *progress) move(j *job, done int) {
	etag := ""
	if done > 0 {
		etag = j.object.ETag
	}
	if j.retry {
		e := &p.pending[j.seq]
		e.Done, e.ETag = done, etag
		return
	}
	if _, held := p.held[j.part]; !held {
		p.at[j.part] = position{Key: j.object.Key[len(j.part):], Done: done, ETag: etag}
	}
}

// pend notes that j is to be read again from record done on, and moves past it.
// It reports false if there is no room.
func (p *progress) pend(j *job, done int) bool {
	if _, held := p.held[j.part]; held { // it is read again in any case
		return true
	}
	if p.waiting >= maxPending {
		return false
	}
	o := pendingObject{Key: j.object.Key, Done: done}
	if done > 0 {
		o.ETag = j.object.ETag
	}
	p.pending = append(p.pending, pendingEntry{pendingObject: o, seq: j.seq})
	p.waiting++
	p.move(j, 0)
	return true
}

// leave ends j before its first record beyond the query's To, which is for a scan
// with a later To. As a rule everything that follows is beyond To as well, and
// the position stays here; a position covers all that is before it, so what is
// delivered from here on comes again. An object far from To is read again alone.
func (p *progress) leave(j *job) {
	if j.astray && !j.retry && p.pend(j, j.later) {
		return
	}
	if j.later > 0 {
		p.move(j, j.later)
	}
	if _, held := p.held[j.part]; !held && !j.retry {
		p.held[j.part] = j.seq
	}
}

// position is where a partition stands, zero at its start.
func (p *progress) position(part string) position {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at[part]
}

// cursor covers all that is finished.
func (p *progress) cursor() Cursor {
	p.mu.Lock()
	defer p.mu.Unlock()
	state := &cursorState{Scope: p.scope, At: maps.Clone(p.at)}
	for _, e := range p.pending {
		if !e.resolved {
			state.Pending = append(state.Pending, e.pendingObject)
		}
	}
	return Cursor{state: state}
}

// cursorAfter covers all pairs up to and including e, whether the loop has
// finished them or more.
func (p *progress) cursorAfter(e Entry) Cursor {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.at.progress != p {
		return Cursor{state: &p.start}
	}
	return Cursor{state: &cursorState{Scope: p.scope, At: p.positionsAfter(e), Pending: p.pendingAfter(e)}}
}

func (p *progress) positionsAfter(e Entry) map[string]position {
	at := make(map[string]position, len(p.at))
	maps.Copy(at, p.start.At)
	if e.at.retry {
		return at
	}
	// Partitions are read in bytewise order: those before e's were finished
	// before e, those after it were not begun.
	for part, pos := range p.at {
		if part < e.at.part {
			at[part] = pos
		}
	}
	pos := position{Key: e.Object.Key[len(e.at.part):]}
	if !e.at.last {
		pos.Done, pos.ETag = e.Index+1, e.Object.ETag
	}
	if seq, held := p.held[e.at.part]; held && e.at.seq > seq {
		pos = p.at[e.at.part]
	}
	if e.at.stop != nil {
		pos = *e.at.stop
	}
	if pos != (position{}) {
		at[e.at.part] = pos
	}
	return at
}

func (p *progress) pendingAfter(e Entry) []pendingObject {
	var list []pendingObject
	for _, item := range p.pending {
		switch {
		case item.seq > e.at.seq:
			if item.retry {
				list = append(list, item.before)
			}
		case item.seq == e.at.seq && item.retry && e.at.stop != nil:
			list = append(list, item.pendingObject)
		case item.seq == e.at.seq && item.retry:
			if !e.at.last {
				list = append(list, pendingObject{Key: item.Key, Done: e.Index + 1, ETag: e.Object.ETag})
			}
		case item.seq < e.at.seq && !item.resolved:
			list = append(list, item.pendingObject)
		}
	}
	return list
}
