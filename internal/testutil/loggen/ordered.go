package loggen

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object with its keys in order.
type object []member

type member struct {
	name  string
	value any // string, nil, int, raw, []any or object
}

// raw is written as it is and need not be JSON.
type raw string

// get returns the object under name, or nil.
func (o object) get(name string) object {
	for _, m := range o {
		if m.name == name {
			v, _ := m.value.(object)
			return v
		}
	}
	return nil
}

// set replaces the value of a member that exists.
func (o object) set(name string, value any) {
	for i := range o {
		if o[i].name == name {
			o[i].value = value
		}
	}
}

// appendValue encodes v with encoding/json, as AWS does: "<", ">" and "&" are
// not escaped.
func appendValue(b *bytes.Buffer, v any, indent bool) {
	if !indent {
		appendCompact(b, v)
		return
	}
	var c bytes.Buffer
	appendCompact(&c, v)
	if json.Indent(b, c.Bytes(), "  ", "  ") != nil { // raw text that is not JSON
		b.Write(c.Bytes())
	}
}

func appendCompact(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case raw:
		b.WriteString(string(v))
	case object:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			appendScalar(b, m.name)
			b.WriteByte(':')
			appendCompact(b, m.value)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			appendCompact(b, e)
		}
		b.WriteByte(']')
	default:
		appendScalar(b, v)
	}
}

// appendScalar cannot fail for the strings, numbers and nil that it is given.
func appendScalar(b *bytes.Buffer, v any) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	b.Truncate(b.Len() - len("\n"))
}
