package resume

// Fail says that an item is to be tried again, from the record reached on. It reports whether
// there was room for it among the pending objects. If not, the item stays unfinished from there
// on, and the partition's floor stays at its hour or below, so that the next sweep, or another
// scan, meets it again.
func (t *Tracker) Fail(item *Item, out *Outcome, reached int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := item.Before.upTo(reached, out.Left, t.cfg.To)
	if t.pend(item, out, left, item.Attempt) {
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
func (t *Tracker) pend(item *Item, out *Outcome, done Portion, tries int) bool {
	if !item.retry && !t.room(item, 1) {
		return false
	}
	t.enter(item)
	t.inside = nil
	o := pendingObject{Object: item.Object, Portion: done, Tries: tries, Contradictions: item.Contradictions}
	if out.Contradicted {
		o.Contradictions++
	}
	if item.retry {
		t.state = t.state.pend(item.number, o)
		if item.anew {
			t.state = t.state.amended(item, true)
		}
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

// giveUp ends an item that is not tried again, but by a scan with a later To. It reports false if
// there is no room.
func (t *Tracker) giveUp(item *Item, out *Outcome) bool {
	return (item.retry || t.room(item, 2)) && t.pend(item, out, t.left(item, out, true), 0)
}

// leave ends an item before its first record at or after the query's To. The object stays
// unfinished, or finished up to there, for a scan with a later To. If the record is far from
// the key's hour, holding the floor for it would hold the whole partition, so that the
// object becomes pending instead.
func (t *Tracker) leave(item *Item, out *Outcome) {
	// Half of the room is for what fails.
	alone := item.retry || out.Astray && t.room(item, 2)
	done := t.left(item, out, alone)
	if alone && t.pend(item, out, done, item.Attempt-1) {
		return
	}
	t.state = t.state.with(item.at.part, t.state.reachOr(item.at.part).holdScan(item.at.hour))
	if done != (Portion{}) {
		t.open(item, done)
	}
}

// left returns what is finished of an item whose first record at or after the query's To is left.
// It is finished up to To if over is set, or if there is anything behind that record.
func (t *Tracker) left(item *Item, out *Outcome, over bool) Portion {
	done := item.Before.upTo(max(out.Left, item.Before.Done), -1, t.cfg.To)
	if (over || out.Behind || done.Reached > 0 || !done.Until.IsZero()) && done.Until.Before(t.cfg.To) {
		done.Until = t.cfg.To
	}
	return done.normal()
}
