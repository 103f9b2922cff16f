package resume

import "time"

// A Mark is the place of one record in the state of its scan. It keeps the state of its
// time alive, and nothing that comes after it. The zero Mark is of no scan.
type Mark struct {
	spot  *spot
	index int
	left  int  // as in the Outcome
	last  bool // nothing of the object follows

	// damaged is as in the Outcome. The last record is met when all are decoded.
	damaged bool
}

// A spot is what the marks of one object share.
type spot struct {
	round *round
	state *State // without what is finished of the object
	item  *Item
	to    time.Time
}

// State returns the state in which all that came before the record is finished, and the
// record too. It is nil for the zero Mark.
func (m Mark) State() *State {
	if m.spot == nil {
		return nil
	}
	s, item := m.spot.state, m.spot.item
	done, some := m.portion()
	switch {
	case item.retry && m.last:
		return s.own(item).resolved(item, m.damaged)
	case item.retry && some:
		return s.retried(item, done)
	case item.retry:
		return s
	}
	r := s.reachOr(item.at.part)
	switch {
	case m.last:
		r = m.spot.round.finished(r.own(item.at.hour), item, m.damaged)
	case some:
		r = r.opened(item.within(), openObject{done, item.Object.ETag})
	}
	return s.with(item.at.part, r)
}

// portion returns what of the object is finished with the record, and whether that is more
// than before.
func (m Mark) portion() (p Portion, some bool) {
	p = m.spot.item.Before.upTo(m.index+1, m.left, m.spot.to)
	return p, p != Portion{}
}
