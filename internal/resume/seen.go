package resume

import (
	"iter"
	"slices"
)

// A seenObject is a finished object.
type seenObject struct {
	print fingerprint
	version
}

// A seenHour has the finished objects of one hour folder, in the order in which they were
// finished. Of one that was finished more than once the last counts.
type seenHour struct {
	hour   hour
	full   *seenBlock   // all but the newest
	newest []seenObject // up to blockSize
	count  int          // of all
	again  int          // objects that were there already
}

// A seenBlock has objects that many reaches share. It never changes.
type seenBlock struct {
	before  *seenBlock
	objects []seenObject
}

// blockSize bounds what own copies. With less, blocks take much memory beside their objects.
const blockSize = 32

// newSeenHour returns the hour with these objects, which are its own.
func newSeenHour(h hour, objects []seenObject) seenHour {
	s := seenHour{hour: h, count: len(objects)}
	if len(objects) > 0 {
		s.full = &seenBlock{objects: objects}
	}
	return s
}

func (s *seenHour) empty() bool { return s.count == 0 }

// with returns s with one more object. It appends to memory that older reaches share, where
// none of them looks. That is safe because only the newest reach of a tracker is built on.
func (s seenHour) with(o seenObject, again bool) seenHour {
	if len(s.newest) == blockSize {
		s.full = &seenBlock{s.full, s.newest}
		s.newest = make([]seenObject, 0, blockSize)
	}
	s.newest = append(s.newest, o)
	s.count++
	if again {
		s.again++
	}
	if s.again > s.count/2 { // so that what is read again and again takes no memory
		return newSeenHour(s.hour, s.latest())
	}
	return s
}

// own returns s, which shares no room to append to.
func (s seenHour) own() seenHour {
	s.newest = slices.Clip(s.newest)
	return s
}

// all yields the objects in order, also those that come again.
func (s *seenHour) all() iter.Seq[seenObject] {
	return func(yield func(seenObject) bool) {
		var blocks [][]seenObject
		for b := s.full; b != nil; b = b.before {
			blocks = append(blocks, b.objects)
		}
		for _, block := range slices.Backward(blocks) {
			for _, o := range block {
				if !yield(o) {
					return
				}
			}
		}
		for _, o := range s.newest {
			if !yield(o) {
				return
			}
		}
	}
}

// latest has each object once.
func (s *seenHour) latest() []seenObject {
	list := make([]seenObject, 0, s.count-s.again)
	if s.again == 0 {
		return slices.AppendSeq(list, s.all())
	}
	at := make(map[fingerprint]int, s.count)
	for o := range s.all() {
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
