package resume

import "slices"

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

// with returns s with one more object. It appends to memory that older reaches share, where
// none of them looks. That is safe because only the newest reach of a tracker is built on.
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

// own returns s in memory of its own.
func (s seenHour) own() seenHour {
	s.objects = slices.Clip(s.objects)
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
