package qlogs

// A version stands for what an object held when it was listed, and for how it ended. A
// cursor has one for each finished object of the lookback.
type version struct {
	// size is the lower half of the object's size.
	size uint32

	// tag is a hash of the ETag or, without one, of the size. Its lowest bits are marks.
	tag uint32
}

// Marks of a version.
const (
	damagedMark = 1 << iota // the object was cut off, damaged or failed
	countedMark             // it is good and was rewritten; in a tail only
	marks       = damagedMark | countedMark
)

func newVersion(o Object, damaged bool) version {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for i := range len(o.ETag) {
		h = (h ^ uint64(o.ETag[i])) * prime
	}
	if o.ETag == "" {
		h = (h ^ uint64(o.Size)) * prime
	}
	v := version{size: uint32(o.Size), tag: uint32(h>>32^h) &^ marks}
	if damaged {
		v.tag |= damagedMark
	}
	return v
}

// A change is what a later listing shows of a finished object.
type change int

const (
	unchanged change = iota
	rewritten        // good, and as long as before: most often the same under another ETag
	replaced         // what was read of it may not be what it holds now
)

// change compares v, which is finished, with what is listed now.
func (v version) change(now version) change {
	switch {
	case v.tag&^marks == now.tag&^marks && v.size == now.size:
		return unchanged
	case v.size == now.size && v.tag&damagedMark == 0:
		return rewritten
	}
	return replaced
}

// A seenObject is a finished object.
type seenObject struct {
	print fingerprint
	version
}

// A seenHour has the finished objects of one hour folder, in the order in which they were
// finished. Of one that was finished more than once the last counts.
type seenHour struct {
	hour    hour
	objects []seenObject
	again   int // objects that were there already
}

// with returns s with one more object. Only the newest reach of a scan is built on, so
// appending to the memory that it shares with older ones writes where none of them looks.
func (s seenHour) with(o seenObject, again bool) seenHour {
	s.objects = append(s.objects, o)
	if again {
		s.again++
	}
	if s.again > len(s.objects)/2 { // so that what is read again and again takes no memory
		s.objects, s.again = s.latest(), 0
	}
	return s
}

// latest has each object once.
func (s seenHour) latest() []seenObject {
	if s.again == 0 {
		return s.objects
	}
	at := make(map[fingerprint]int, len(s.objects))
	list := make([]seenObject, 0, len(s.objects)-s.again)
	for _, o := range s.objects {
		i, found := at[o.print]
		if !found {
			at[o.print] = len(list)
			list = append(list, o)
			continue
		}
		list[i] = o
	}
	return list
}

// comesAgain reports whether an object that is finished, or was sent, has changed so that
// it is read again, and counts what was rewritten. The newest keys are listed too often to
// compare: the next sweep does.
func (l *lister) comesAgain(o Object, at place, t *tail, was version) bool {
	if !l.sweep {
		return false
	}
	now := newVersion(o, false)
	switch was.change(now) {
	case replaced:
		_, waits := l.waiting[at] // which is read in any case
		return !waits
	case rewritten:
		l.scan.counters.update(func(s *Stats) { s.Rewritten++ })
		now.tag |= countedMark
		t.add(at.hour, at.print, now)
	}
	return false
}
