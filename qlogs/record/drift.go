package record

import "strconv"

// DriftedFields returns the paths of the fields of r that have drifted: whose value in
// the log was of a JSON type that the field cannot have, or a timeStamp that is no
// time as RFC 3339 writes it. Such a field is zero, its State is [Drifted], and
// MarshalJSON writes the value back. The result is nil if no field has drifted, and
// for an [*Unknown], whose fields nobody knows.
//
// A path is JSON names joined by dots, with the index of an element in brackets,
// such as "generateAssistantResponseEventRequest.modelId" or
// "generateAssistantResponseEventResponse.supplementaryWebLinksEvent[2].uri". It has
// only names that this package knows, never keys of the log. In a list of strings
// one wrong element makes the whole list drift. Like State, DriftedFields does not
// follow changes of the fields.
func DriftedFields(r Record) []string {
	if o := driftable(r); o != nil {
		return appendDrifted(nil, "", o)
	}
	return nil
}

// isDrifted reports whether DriftedFields has anything to return.
func isDrifted(r Record) bool {
	o := driftable(r)
	return o != nil && hasDrifted(o)
}

// driftable returns the record if it has fields, else nil.
func driftable(r Record) object {
	switch r := r.(type) {
	case *GenerateAssistantResponse:
		return objectOrNil(r)
	case *GenerateCompletions:
		return objectOrNil(r)
	case *StartTaskAssistCodeGeneration:
		return objectOrNil(r)
	}
	return nil
}

func objectOrNil[T any, P objectPointer[T]](p P) object {
	if p == nil {
		return nil
	}
	return p
}

// drift keeps the value that starts here, which field i cannot have.
func (s *scanner) drift(i int, m *members) error {
	raw, err := s.value()
	if err != nil {
		return err
	}
	if err := s.member(); err != nil {
		return err
	}
	s.drifted = true
	m.setState(i, Drifted)
	return s.keepOdd(m, i, raw)
}

// nested is a codec of objects.
type nested interface {
	// parts calls f for each of them, with its index in a list or -1, until f
	// reports true, and reports whether it did.
	parts(f func(index int, o object) bool) bool
}

// hasDrifted reports whether a field of o has drifted, or one within it.
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

func appendDrifted(list []string, path string, o object) []string {
	t, m := o.table()
	for i := range t {
		if t[i].codec == nil {
			break
		}
		name := t[i].name
		if path != "" {
			name = path + "." + name
		}
		if m.state(i) == Drifted {
			list = append(list, name)
		}
		if n, ok := t[i].codec.(nested); ok {
			n.parts(func(index int, o object) bool {
				switch {
				case index < 0:
					list = appendDrifted(list, name, o)
				case hasDrifted(o):
					list = appendDrifted(list, name+"["+strconv.Itoa(index)+"]", o)
				}
				return false
			})
		}
	}
	return list
}
