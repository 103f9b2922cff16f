package record

import "log/slog"

// embedded is a struct within a struct. All codecs of this file are one pointer wide, so
// that an interface holds them without an allocation.
type embedded[T any, P objectPointer[T]] struct{ v P }

func embed[T any, P objectPointer[T]](v P) codec { return embedded[T, P]{v} }

func (c embedded[T, P]) decode(s *scanner) (bool, error) {
	c.reset()
	return false, s.object(c.v)
}

func (c embedded[T, P]) reset() {
	var zero T
	*c.v = zero
}

func (c embedded[T, P]) isZero() bool { return isZeroObject(c.v) }

func (c embedded[T, P]) append(dst []byte) ([]byte, error) { return appendObject(dst, c.v) }

func (c embedded[T, P]) parts(f func(int, object) bool) bool { return f(-1, c.v) }

func (c embedded[T, P]) attr(name string) slog.Attr {
	return slog.Attr{Key: name, Value: slog.GroupValue(attrs(c.v)...)}
}

// optional is a pointer to a struct, nil if there is none.
type optional[T any, P objectPointer[T]] struct{ v *P }

func option[T any, P objectPointer[T]](v *P) codec { return optional[T, P]{v} }

func (c optional[T, P]) decode(s *scanner) (bool, error) {
	if err := s.spend(sizeOf[T]()); err != nil {
		return false, err
	}
	*c.v = new(T)
	return false, s.object(*c.v)
}

func (c optional[T, P]) reset() { *c.v = nil }

func (c optional[T, P]) isZero() bool { return *c.v == nil }

func (c optional[T, P]) append(dst []byte) ([]byte, error) {
	if *c.v == nil {
		return dst, nil
	}
	return appendObject(dst, *c.v)
}

func (c optional[T, P]) parts(f func(int, object) bool) bool { return *c.v != nil && f(-1, *c.v) }

func (c optional[T, P]) attr(name string) slog.Attr {
	if *c.v == nil {
		return slog.Any(name, nil)
	}
	return slog.Attr{Key: name, Value: slog.GroupValue(attrs(*c.v)...)}
}

// objects is an array of structs. An element that is null in the log is a zero struct, with
// a bit that says so.
type objects[T any, P objectPointer[T]] struct{ v *[]T }

func objectList[T any, P objectPointer[T]](v *[]T) codec { return objects[T, P]{v} }

func (c objects[T, P]) decode(s *scanner) (bool, error) {
	if err := s.enter('['); err != nil {
		return false, err
	}
	list := []T{}
	for first := true; ; first = false {
		more, err := s.more(']', first)
		if err != nil {
			return false, err
		}
		if !more {
			*c.v = list
			return false, nil
		}
		if list, err = reserve(s, list); err != nil {
			return false, err
		}
		var zero T
		list = append(list, zero)
		element := P(&list[len(list)-1])
		if s.null() {
			_, m := element.table()
			m.states = nullBit
			continue
		}
		if err := s.object(element); err != nil {
			return false, err
		}
	}
}

func (c objects[T, P]) reset() { *c.v = nil }

func (c objects[T, P]) isZero() bool { return len(*c.v) == 0 }

func (c objects[T, P]) append(dst []byte) ([]byte, error) {
	dst = append(dst, '[')
	for i := range *c.v {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		dst, err = appendElement(dst, P(&(*c.v)[i]))
		if err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// appendElement encodes an element of an array. It is null if it was null and still has no
// values.
func appendElement(dst []byte, o object) ([]byte, error) {
	mark := len(dst)
	dst, err := appendObject(dst, o)
	if err != nil {
		return nil, err
	}
	if _, m := o.table(); m.states&nullBit != 0 && len(dst) == mark+len("{}") {
		return append(dst[:mark], "null"...), nil
	}
	return dst, nil
}

func (c objects[T, P]) parts(f func(int, object) bool) bool {
	for i := range *c.v {
		if f(i, P(&(*c.v)[i])) {
			return true
		}
	}
	return false
}

func (c objects[T, P]) attr(name string) slog.Attr {
	drifted := 0
	c.parts(func(_ int, o object) bool {
		if hasDrifted(o) {
			drifted++
		}
		return false
	})
	if drifted > 0 {
		return slog.Group(name, slog.Int("count", len(*c.v)), slog.Int("drifted", drifted))
	}
	return slog.Group(name, slog.Int("count", len(*c.v)))
}
