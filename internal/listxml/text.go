package listxml

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// isPlain reports whether all bytes of a document are such that what is between two
// tags is text as it stands, references aside. A carriage return is not: it would
// have to become a line feed.
func isPlain(doc []byte) bool {
	if bytes.Contains(doc, []byte("]]>")) {
		return false
	}
	const eachByte = 0x0101010101010101
	var all uint64 // which bits are set anywhere
	rest := doc
	for ; len(rest) >= 8; rest = rest[8:] {
		x := binary.LittleEndian.Uint64(rest)
		all |= x
		// Not zero if any byte is less than a space.
		if (x-eachByte*' ')&^x&(eachByte*0x80) != 0 && hasControl(rest[:8]) {
			return false
		}
	}
	for _, c := range rest {
		all |= uint64(c)
	}
	if hasControl(rest) {
		return false
	}
	if all&(eachByte*0x80) == 0 {
		return true
	}
	return utf8.Valid(doc) && !bytes.Contains(doc, []byte("\ufffe")) && !bytes.Contains(doc, []byte("\uffff"))
}

func hasControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' {
			return true
		}
	}
	return false
}

// maxReference is the length of the longest reference that is decoded, without its
// ampersand: a few zeros may lead its number.
const maxReference = len("#x0010FFFF;")

// decode returns text with its references replaced.
func (s *scanner) decode(text []byte) []byte {
	from := len(s.decoded)
	for {
		before, after, found := bytes.Cut(text, []byte("&"))
		s.decoded = append(s.decoded, before...)
		if !found {
			return s.decoded[from:]
		}
		end := bytes.IndexByte(after[:min(len(after), maxReference)], ';')
		if end < 0 {
			s.refuse()
			return s.decoded[from:]
		}
		r := character(after[:end])
		if r == 0 {
			s.refuse()
		}
		s.decoded = utf8.AppendRune(s.decoded, r)
		text = after[end+1:]
	}
}

// character returns the character that a reference stands for, or 0.
func character(name []byte) rune {
	switch string(name) {
	case "quot":
		return '"'
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "apos":
		return '\''
	}
	if len(name) < 2 || name[0] != '#' {
		return 0
	}
	digits, base := name[1:], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if len(digits) == 0 {
		return 0
	}
	var r rune // which so few digits cannot overflow
	for _, c := range digits {
		d := digit(c)
		if d >= base {
			return 0
		}
		r = r*base + d
	}
	if !isCharacter(r) {
		return 0
	}
	return r
}

func digit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return 16
}

// isCharacter reports whether XML can have a character.
func isCharacter(r rune) bool {
	switch {
	case r < ' ':
		return r == '\t' || r == '\n' || r == '\r'
	case r == 0xfffe, r == 0xffff:
		return false
	}
	return utf8.ValidRune(r)
}
