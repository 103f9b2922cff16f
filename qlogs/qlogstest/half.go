package qlogstest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
)

// Fields are keys that the known types do not have, with their values. They are written
// behind the known keys, in the order of their names. A Value that is "" is the empty string.
type Fields map[string]Value

// A half is the request or the response of a record.
type half struct {
	key   string
	whole Value // in the place of the members, if it is not ""
	known []member
	more  Fields
}

// A member is a key, its value, and its default.
type member struct {
	name         string
	value, usual Value
}

// appendRecord writes a record. If it has no request id, it gets one that is made of the
// rest, so that records which differ have different ones.
func appendRecord(request, response half, id Value, more Fields) []byte {
	if id == "" {
		sum := sha256.Sum256(appendRecord(request, response, Absent, more))
		id = Value(fmt.Sprintf("%x-%x-4%03x-%04x-%x", sum[:4], sum[4:6], uint16(sum[6])<<4|uint16(sum[7])>>4, 0x8000|uint16(sum[8])<<6, sum[10:16]))
	}
	response.known = append(slices.Clip(response.known), member{"requestId", id, ""})
	b := append(make([]byte, 0, request.size()+response.size()), '{')
	for _, h := range []half{request, response} {
		if h.whole == Absent {
			continue
		}
		b = appendName(b, h.key)
		if h.whole != "" {
			b = h.whole.append(b)
		} else {
			b = append(appendMembers(append(b, '{'), h.known, h.more), '}')
		}
	}
	return append(appendMembers(b, nil, more), '}')
}

func appendMembers(b []byte, known []member, more Fields) []byte {
	for _, m := range known {
		b = appendMember(b, m.name, cmp.Or(m.value, m.usual))
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		b = appendMember(b, name, cmp.Or(more[name], Empty))
	}
	return b
}

func appendMember(b []byte, name string, v Value) []byte {
	if v == Absent {
		return b
	}
	return v.append(appendName(b, name))
}

func appendName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendQuoted(b, name), ':')
}

// size is a guess at how many bytes h takes.
func (h half) size() int {
	n := 100 + len(h.whole)
	for _, m := range h.known {
		n += 20 + len(m.name) + len(m.value) + len(m.value)/16
	}
	return n
}
