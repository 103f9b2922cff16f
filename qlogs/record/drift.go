package record

import "strconv"

// DriftedFields returns the paths of the fields of r that have drifted: the value in
// the log had a JSON type that the field cannot have, or a timeStamp was not a time as
// RFC 3339 writes it. Such a field is zero, its State is [Drifted], and MarshalJSON
// writes the value back. The result is nil if no field has drifted, and for an
// [*Unknown], whose fields are not known.
//
// A path is JSON names joined by dots, with the index of an element in brackets,
// such as "generateAssistantResponseEventRequest.modelId" or
// "generateAssistantResponseEventResponse.supplementaryWebLinksEvent[2].uri". It has
// only names that this package knows, never keys of the log. In a list of strings
// one wrong element makes the whole list drift. Like State, DriftedFields ignores later
// changes of the fields.
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
