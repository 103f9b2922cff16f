package qlogstest

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A Value is the value of one key of a record that is made by hand. A constant stands for
// the JSON string of its text:
//
//	Prompt: "why?"
//
// The zero Value, "", stands for the default of its field. [Absent], [Null] and [Empty] are
// values of their own. For a text that is not a constant use [Text], for a time [Time], and
// for all other JSON values [JSON].
type Value string

const (
	// Absent leaves the key out.
	Absent Value = "\x00absent"

	// Null is null.
	Null Value = "\x00null"

	// Empty is the empty string.
	Empty Value = "\x00empty"
)

// rawMark stands before the text of a value that is JSON already.
const rawMark = "\x00json:"

// Text returns the Value of any text: of "" it is [Empty].
func Text(s string) Value {
	switch {
	case s == "":
		return Empty
	case s[0] == 0: // as the marks begin
		return JSON(string(appendQuoted(nil, s)))
	}
	return Value(s)
}

// Time returns the Value of a time, in UTC and with 6 or 9 digits of fraction, as in real logs.
func Time(t time.Time) Value {
	s := t.UTC().Format("2006-01-02T15:04:05.000000000")
	return Value(strings.TrimSuffix(s, "000") + "Z")
}

// JSON returns the Value of a JSON text, such as 17, ["a"] or {"id":7}. It is written as it
// is and not checked, so it can damage a record.
func JSON(text string) Value { return rawMark + Value(text) }

// append writes v, which is neither absent nor a default.
func (v Value) append(b []byte) []byte {
	switch v {
	case Null:
		return append(b, "null"...)
	case Empty:
		return append(b, `""`...)
	}
	if text, ok := strings.CutPrefix(string(v), rawMark); ok {
		return append(b, text...)
	}
	return appendQuoted(b, string(v))
}

// appendQuoted writes a JSON string as encoding/json does, but like AWS without escapes for
// "<", ">" and "&".
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0 // of what is written as it is
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && r != '\u2028' && r != '\u2029' && (r != utf8.RuneError || size > 1) {
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		if short := strings.IndexRune("\"\\\b\f\n\r\t", r); short >= 0 {
			b = append(b, '\\', `"\bfnrt`[short])
		} else {
			b = fmt.Appendf(b, `\u%04x`, r)
		}
		i += size
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
