package record

import (
	"encoding/json"
	"hash/maphash"
	"math/bits"
	"slices"
)

// State is how a key was in the log.
type State uint8

const (
	// Absent means that the object did not have the key. It is the zero value.
	Absent State = iota
	// Null means that the key was there with the value null.
	Null
	// Present means that the key was there with a value, which may be "", [] or {}.
	Present
	// Drifted means that the key was there with a value that its Go field cannot
	// hold: one of another JSON type, or a timeStamp that is no time. The Go field
	// is zero. MarshalJSON writes the value back as long as the field is zero.
	Drifted
)

// String returns "absent", "null", "present" or "drifted".
func (s State) String() string {
	switch s {
	case Absent:
		return "absent"
	case Null:
		return "null"
	case Present:
		return "present"
	case Drifted:
		return "drifted"
	}
	return "invalid"
}

// members is what a struct keeps of its JSON object beside the Go fields. What extra points
// to does not change after decoding, so copies of the struct may share it.
type members struct {
	states uint32 // stateBits for each field of the table, nullBit on top
	extra  *extra
}

// stateBits leaves room for more states than there are.
const stateBits = 3

// nullBit marks an element of an array that was null itself.
const nullBit = 1 << 31

type extra struct {
	odd     []oddValue
	unknown []unknownMember
}

// oddValue is the raw form of a known field that has drifted, or whose Go value would be
// encoded as another JSON value.
type oddValue struct {
	field int
	raw   json.RawMessage
}

type unknownMember struct {
	name string
	raw  json.RawMessage
}

func (m *members) state(field int) State {
	return State(m.states >> (stateBits * field) & (1<<stateBits - 1))
}

func (m *members) setState(field int, s State) {
	at := stateBits * field
	m.states = m.states&^((1<<stateBits-1)<<at) | uint32(s)<<at
}

// dropOdd forgets what an earlier duplicate of the key left behind.
func (m *members) dropOdd(field int) {
	if m.extra == nil {
		return
	}
	for i := range m.extra.odd {
		if m.extra.odd[i].field == field {
			m.extra.odd[i].raw = nil
		}
	}
}

// keepOdd keeps a copy of raw. It replaces what an earlier duplicate of the key left.
func (s *scanner) keepOdd(m *members, field int, raw []byte) error {
	raw, err := s.copied(raw)
	if err != nil {
		return err
	}
	if err := s.extra(m); err != nil {
		return err
	}
	odd := m.extra.odd
	for i := range odd {
		if odd[i].field == field {
			odd[i].raw = raw
			return nil
		}
	}
	if len(odd) == cap(odd) {
		more := max(len(odd), 1)
		if err := s.spend(more * sizeOf[oddValue]()); err != nil {
			return err
		}
		odd = append(make([]oddValue, 0, len(odd)+more), odd...)
	}
	m.extra.odd = append(odd, oddValue{field, raw})
	return nil
}

// extra makes sure that m has its extra.
func (s *scanner) extra(m *members) error {
	if m.extra != nil {
		return nil
	}
	if err := s.spend(sizeOf[extra]()); err != nil {
		return err
	}
	m.extra = new(extra)
	return nil
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

var nameSeed = maphash.MakeSeed()

// dropDuplicates keeps the last of unknown members with the same name. It runs once for
// each object, because a search for each member would take too long. It has a hash table of
// its own, because a map of many names takes as much memory as the members.
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
