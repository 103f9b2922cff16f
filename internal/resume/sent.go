package resume

import (
	"slices"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Sent knows what of one partition need not be sent to the loop: what other scans have
// finished, and what this one has sent. One goroutine uses it, that of the listing.
type Sent struct {
	tracker  *Tracker
	part     string
	remember bool // what is sent
	began    bool
	sweep    bool

	reach *Reach // when the listing began
	floor hour
	last  hour // of the object that was sent last
	known map[hour]map[fingerprint]version
	hours []hour // of known, in order
}

// Sent returns what is known of the partition with that listing prefix. Whoever lists it more
// than once has it remember what was sent.
func (t *Tracker) Sent(part string, remember bool) *Sent {
	if remember {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.sent = true
	}
	return &Sent{tracker: t, part: part, remember: remember, known: map[hour]map[fingerprint]version{}}
}

// Floor returns what Begin would return for a partition now, and begins nothing.
func (t *Tracker) Floor(part string) time.Time { return t.reach(part).start() }

// Begin is called when a listing of the partition begins. It returns the floor: all objects
// in the hours before it are finished. It is zero if nothing is.
func (s *Sent) Begin(sweep bool) (floor time.Time) {
	s.reach, s.sweep = s.tracker.reach(s.part), sweep
	s.raise(s.reach.floor)
	if s.remember && sweep {
		for _, at := range s.tracker.missed(s.part) {
			delete(s.known[at.hour], at.print)
		}
	}
	if !s.began || sweep {
		s.learn()
	}
	s.began = true
	return s.reach.start()
}

// A Verdict says what is to be done with an object that was listed.
type Verdict int

const (
	// Wanted is an object to read.
	Wanted Verdict = iota

	// Finished is one that was finished or sent before.
	Finished

	// Rewritten is one that was finished and is good, and has another ETag now. It is
	// not read again.
	Rewritten

	// Unlisted is one that was finished or sent before, and may have become another one
	// since: the listing does not say. [Tracker.Hold] has the next sweep compare it.
	Unlisted
)

// Take returns the item of an object that was listed, if it is wanted.
func (s *Sent) Take(o source.Object, key path.Key) (*Item, Verdict) {
	at := placeOf(s.part, key, o.Key)
	now := newVersion(o, false)
	was, again := s.known[at.hour][at.print]
	if at.hour < s.floor {
		return nil, Finished
	}
	if again {
		v, number := s.compare(at, was, now)
		if v != Wanted {
			return nil, v
		}
		if number != noNumber {
			s.send(at, now)
			return &Item{Object: o, Attempt: 1, at: at, retry: true, anew: true, number: number}, Wanted
		}
	}
	s.send(at, now)
	return &Item{Object: o, Before: s.reach.done(o.Key[len(s.part):], o.ETag), Attempt: 1, at: at, again: again}, Wanted
}

// Wants reports whether Take would return an item, and remembers nothing. It costs less
// where nothing of the partition is known.
func (s *Sent) Wants(o source.Object, key path.Key) Verdict {
	if h := hourOf(key.Hour); h < s.floor {
		return Finished
	}
	if len(s.known) == 0 {
		return Wanted
	}
	at := placeOf(s.part, key, o.Key)
	if was, again := s.known[at.hour][at.print]; again {
		v, _ := s.compare(at, was, newVersion(o, false))
		return v
	}
	return Wanted
}

// TakeUnlisted returns the item of an object that a listing names and cannot look at, unless
// it was finished or sent before. If a part of it is finished, the item is of that version.
// What is pending is looked at when it is tried again.
func (s *Sent) TakeUnlisted(whole string, key path.Key) (*Item, Verdict) {
	at := placeOf(s.part, key, whole)
	if at.hour < s.floor {
		return nil, Finished
	}
	if _, again := s.known[at.hour][at.print]; again {
		if _, waits := s.tracker.waiter(at); waits || !s.sweep {
			return nil, Finished
		}
		return nil, Unlisted
	}
	s.send(at, newVersion(source.Object{}, true))
	item := &Item{Object: source.Object{Key: whole}, Attempt: 1, at: at}
	if o, begun := s.reach.open.get(item.within()); begun {
		item.Object.ETag, item.Before = o.ETag, o.Portion
	}
	return item, Wanted
}

// noNumber stands for the number of an object that is not pending.
const noNumber = -1

// compare says what to do with an object that is finished, or was sent, and the number that it
// has if it is wanted and pending; noNumber otherwise. The newest keys are listed too often to compare:
// the next sweep does.
func (s *Sent) compare(at place, was, now version) (v Verdict, number int) {
	if !s.sweep {
		return Finished, noNumber
	}
	switch was.change(now) {
	case replaced:
		w, waits := s.tracker.waiter(at)
		switch {
		case !waits:
			return Wanted, noNumber
		case w.over && w.version.change(now) == replaced:
			return Wanted, w.number
		}
	case rewritten:
		now.tag |= countedMark
		s.add(at.hour, at.print, now)
		return Rewritten, noNumber
	}
	return Finished, noNumber
}

func (s *Sent) send(at place, v version) {
	if !s.remember {
		return
	}
	if at.hour != s.last { // a first pass may take long
		s.last = at.hour
		s.raise(s.tracker.reach(s.part).floor)
	}
	s.add(at.hour, at.print, v)
}

// learn takes how the objects have ended that are finished. One that was rewritten since
// stays as it was counted.
func (s *Sent) learn() {
	for h, seen := range s.reach.hours() {
		for o := range seen.all() {
			if s.known[h][o.print].tag&countedMark == 0 {
				s.add(h, o.print, o.version)
			}
		}
	}
}

func (s *Sent) add(h hour, print fingerprint, v version) {
	if s.known[h] == nil {
		s.known[h] = map[fingerprint]version{}
		i, _ := slices.BinarySearch(s.hours, h)
		s.hours = slices.Insert(s.hours, i, h)
	}
	s.known[h][print] = v
}

// raise forgets the hours that are finished.
func (s *Sent) raise(floor hour) {
	s.floor = floor
	for len(s.hours) > 0 && s.hours[0] < floor {
		delete(s.known, s.hours[0])
		s.hours = s.hours[1:]
	}
}
