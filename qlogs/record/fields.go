package record

import "log/slog"

// table lists the known fields of a struct, once for decoding, encoding, State
// and formatting. It is an array so that it needs no allocation; what follows
// the last field is zero.
type table [6]field

type field struct {
	name   string // in JSON
	codec  codec
	always bool // encoded even if it was absent
	half   bool // a half of a record, which does not drift
}

// codec decodes and encodes the Go value of one field.
type codec interface {
	// decode reads the value that starts at s, which is not null, and replaces
	// the Go value. odd means that append would write another JSON value.
	decode(s *scanner) (odd bool, err error)
	reset()
	isZero() bool
	// append writes the Go value, and nothing for a zero value that has no
	// empty form in JSON.
	append(dst []byte) ([]byte, error)
	// attr describes the Go value by ids, times and sizes.
	attr(name string) slog.Attr
}

// oddCodec is a codec whose decode may report odd values.
type oddCodec interface {
	// matches reports whether raw decodes to the Go value.
	matches(raw []byte) bool
}

// object is a struct that stands for a JSON object.
type object interface {
	table() (table, *members)
}

// objectPointer is a pointer to a struct that is an object.
type objectPointer[T any] interface {
	*T
	object
}

// index finds a field by its name, or returns -1.
func (t *table) index(name []byte) int {
	for i := range t {
		if t[i].codec != nil && string(name) == t[i].name {
			return i
		}
	}
	return -1
}

// object decodes the JSON object that starts here into o, which is zero.
func (s *scanner) object(o object) error {
	t, m := o.table()
	if err := s.enter('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		key, err := s.key()
		if err != nil {
			return err
		}
		i := t.index(key)
		if i < 0 {
			if err := s.unknown(m, s.name(key)); err != nil {
				return err
			}
			continue
		}
		if err := s.field(&t[i], i, m); err != nil {
			return within(t[i].name, err)
		}
	}
	return s.dropDuplicates(m)
}

// unknown keeps the value that starts here.
func (s *scanner) unknown(m *members, name string) error {
	if err := s.extra(m); err != nil {
		return err
	}
	list, err := reserve(s, m.extra.unknown)
	if err != nil {
		return err
	}
	if s.long == "" { // or it was counted when it was decoded
		if err := s.spend(allocated(len(name))); err != nil {
			return err
		}
	}
	raw, err := s.value()
	if err != nil {
		return err
	}
	if raw, err = s.copied(raw); err != nil {
		return err
	}
	m.extra.unknown = append(list, unknownMember{name, raw})
	return nil
}

func (s *scanner) field(f *field, i int, m *members) error {
	if s.null() {
		f.codec.reset()
		m.setState(i, Null)
		m.dropOdd(i)
		return nil
	}
	start, depth, spent := s.pos, s.depth, s.spent
	odd, err := f.codec.decode(s)
	switch {
	case (err == ErrType || err == ErrTime) && !f.half && !s.strict:
		f.codec.reset()
		s.pos, s.depth, s.spent = start, depth, spent
		return s.drift(i, m)
	case err != nil:
		return err
	}
	m.setState(i, Present)
	if odd {
		return s.keepOdd(m, i, s.data[start:s.pos])
	}
	m.dropOdd(i)
	return nil
}

// isZeroObject reports whether o is as good as not there: no field has a value,
// and no key was in the log.
func isZeroObject(o object) bool {
	t, m := o.table()
	if *m != (members{}) {
		return false
	}
	for i := range t {
		if t[i].codec != nil && !t[i].codec.isZero() {
			return false
		}
	}
	return true
}

// appendObject encodes o: known fields in the order of the table, then the
// unknown ones in the order of the log.
func appendObject(dst []byte, o object) ([]byte, error) {
	t, m := o.table()
	dst = append(dst, '{')
	start := len(dst)
	for i := range t {
		if t[i].codec == nil {
			break
		}
		mark := len(dst)
		dst = appendName(dst, start, t[i].name)
		value := len(dst)
		var err error
		dst, err = appendField(dst, &t[i], m.state(i), m.odd(i))
		if err != nil {
			return nil, within(t[i].name, err)
		}
		if len(dst) == value {
			dst = dst[:mark]
		}
	}
	for _, u := range m.unknown() {
		dst = appendName(dst, start, u.name)
		dst = append(dst, u.raw...)
	}
	return append(dst, '}'), nil
}

func appendName(dst []byte, start int, name string) []byte {
	if len(dst) > start {
		dst = append(dst, ',')
	}
	return append(appendQuoted(dst, name), ':')
}

// appendField encodes a field that has a value, and a zero one as it stood in
// the log. odd is not nil for a field that has drifted.
func appendField(dst []byte, f *field, stood State, odd []byte) ([]byte, error) {
	switch {
	case odd == nil:
	case stood == Drifted && f.codec.isZero(), stood != Drifted && f.codec.(oddCodec).matches(odd):
		return append(dst, odd...), nil
	}
	if !f.codec.isZero() || stood == Present {
		return f.codec.append(dst)
	}
	if stood == Null {
		return append(dst, "null"...), nil
	}
	if f.always {
		return append(dst, "{}"...), nil
	}
	return dst, nil
}

func clone(b []byte) []byte {
	return append(make([]byte, 0, len(b)), b...)
}
