package record

import (
	"encoding/json"
	"hash/maphash"
	"math/bits"
	"slices"
)

// State tells how a key stood in the log.
type State uint8

const (
	// Absent means that the object did not have the key. It is the zero value.
	Absent State = iota
	// Null means that the key was there with the value null.
	Null
	// Present means that the key was there with a value, if only "", [] or {}.
	Present
)

// String returns "absent", "null" or "present".
func (s State) String() string {
	switch s {
	case Absent:
		return "absent"
	case Null:
		return "null"
	case Present:
		return "present"
	}
	return "invalid"
}

// members is what a struct keeps beside its Go fields of the JSON object that
// it was decoded from. What extra points to is not changed after decoding, so
// copies of the struct may share it.
type members struct {
	states uint32 // two bits for each field of the table, nullBit on top
	extra  *extra
}

// nullBit marks an element of an array that was null itself.
const nullBit = 1 << 31

type extra struct {
	odd     []oddValue
	unknown []unknownMember
}

// oddValue is the raw form of a known field whose Go value would be encoded
// as another JSON value.
type oddValue struct {
	field int
	raw   json.RawMessage
}

type unknownMember struct {
	name string
	raw  json.RawMessage
}

func (m *members) state(field int) State {
	return State(m.states >> (2 * field) & 3)
}

func (m *members) setState(field int, s State) {
	m.states = m.states&^(3<<(2*field)) | uint32(s)<<(2*field)
}

// setOdd keeps raw, or forgets what an earlier duplicate of the key left if
// raw is nil.
func (m *members) setOdd(field int, raw json.RawMessage) {
	if m.extra != nil {
		for i := range m.extra.odd {
			if m.extra.odd[i].field == field {
				m.extra.odd[i].raw = raw
				return
			}
		}
	}
	if raw == nil {
		return
	}
	m.more().odd = append(m.more().odd, oddValue{field, raw})
}

func (m *members) odd(field int) json.RawMessage {
	if m.extra == nil {
		return nil
	}
	for _, o := range m.extra.odd {
		if o.field == field {
			return o.raw
		}
	}
	return nil
}

func (m *members) unknown() []unknownMember {
	if m.extra == nil {
		return nil
	}
	return m.extra.unknown
}

func (m *members) more() *extra {
	if m.extra == nil {
		m.extra = new(extra)
	}
	return m.extra
}

var nameSeed = maphash.MakeSeed()

// dropDuplicates keeps the last of unknown members with the same name. It runs
// once for an object, so that many members do not cost a search each, with a table of
// its own, since a map of so many names takes as much memory as the members.
func (s *scanner) dropDuplicates(m *members) error {
	u := m.unknown()
	if len(u) < 2 {
		return nil
	}
	last := make([]int32, 2<<bits.Len(uint(len(u)))) // by hash: 1 + the index of a member; at most half full
	mask := uint64(len(last) - 1)
	dropped := false
	for i := range u {
		if !s.pass(memberCost + len(u[i].name)) {
			return errStopped
		}
		at := maphash.String(nameSeed, u[i].name) & mask
		for last[at] != 0 && u[last[at]-1].name != u[i].name {
			at = (at + 1) & mask
		}
		if n := last[at]; n != 0 {
			u[n-1].raw, dropped = nil, true
		}
		last[at] = int32(i + 1)
	}
	if dropped {
		m.extra.unknown = slices.DeleteFunc(u, func(m unknownMember) bool { return m.raw == nil })
	}
	return nil
}

// stateOf finds the state of a key by name, known or not.
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
