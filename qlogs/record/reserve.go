package record

import "reflect"

// shortList is the length from which on the rest of a list is counted before the list grows.
const shortList = 64

// reserve returns list with room for the element, or the unknown key, that starts here. A
// long list gets all the memory that it needs at once: if it grew step by step, it would
// leave four times as much behind as garbage.
func reserve[T any](s *scanner, list []T) ([]T, error) {
	if err := s.member(); err != nil || len(list) < cap(list) {
		return list, err
	}
	more := max(len(list), 1)
	if len(list) >= shortList {
		more = s.elements()
	}
	if err := s.spend(more * sizeOf[T]()); err != nil {
		return list, err
	}
	return append(make([]T, 0, len(list)+more), list...), nil
}

// elements counts the elements of a list, from the one that starts here on, up to as many as
// a record may have. At the value of a key, elements counts the keys of the object.
func (s *scanner) elements() (n int) {
	defer func(start int) { s.pos = start }(s.pos)
	for most := (s.most-s.members)/memberCost + 1; int64(n) < most; {
		if _, err := s.skip(); err != nil {
			break
		}
		switch s.peek() {
		case ',':
			n++
		case ':':
		default:
			return n + 1
		}
		s.pos++
	}
	return max(n, 1)
}

func sizeOf[T any]() int { return int(reflect.TypeFor[T]().Size()) }
