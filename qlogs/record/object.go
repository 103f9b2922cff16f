package record

import "log/slog"

// table lists the known fields of a struct, for decoding, encoding, State and formatting
// alike. It is an array, so that it needs no allocation. Elements after the last field are
// zero.
type table [6]field

type field struct {
	name   string // in JSON
	codec  codec
	always bool // encoded even if it was absent
	half   bool // it is a half of a record, which does not drift
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

// isZeroObject reports whether no field of o has a value and no key was in the log.
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

// nested is a codec of objects.
type nested interface {
	// parts calls f for each object, with its index in a list or -1, until f
	// returns true. It reports whether f did.
	parts(f func(index int, o object) bool) bool
}

// hasDrifted reports whether a field of o has drifted, or a field within it.
func hasDrifted(o object) bool {
	t, m := o.table()
	for i := range t {
		if t[i].codec == nil {
			break
		}
		if m.state(i) == Drifted {
			return true
		}
		if n, ok := t[i].codec.(nested); ok && n.parts(func(_ int, o object) bool { return hasDrifted(o) }) {
			return true
		}
	}
	return false
}

// stateOf returns the state of the key of that name, known or not.
func stateOf[T any, P objectPointer[T]](p P, name string) State {
	if p == nil {
		return Absent
	}
	t, m := p.table()
	for i := range t {
		if t[i].codec != nil && t[i].name == name {
			return m.state(i)
		}
	}
	for _, u := range m.unknown() {
		if u.name != name {
			continue
		}
		if string(u.raw) == "null" {
			return Null
		}
		return Present
	}
	return Absent
}
