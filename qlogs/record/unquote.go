package record

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	gojson "github.com/goccy/go-json"
)

// unquote decodes a JSON string as encoding/json does: what is not UTF-8, and half of
// a surrogate pair, becomes U+FFFD. A long string is decoded piece by piece, so that it
// can be stopped in the middle, and so that nothing in a library takes longer than for
// a piece.
func (s *scanner) unquote(raw []byte) (string, error) {
	inner := raw[1 : len(raw)-1]
	if len(inner) > stride {
		return s.unquoteLong(inner)
	}
	text, err := decodeString(raw)
	if err != nil {
		return "", err
	}
	s.left -= len(raw)
	return text, s.spend(allocated(len(text)))
}

// unquoteLong decodes the inside of a string.
func (s *scanner) unquoteLong(inner []byte) (string, error) {
	bound := s.decodedBound(inner)
	if err := s.spend(bound); err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(bound)
	for quoted := []byte(nil); len(inner) > 0; {
		n := pieceOf(inner)
		quoted = append(append(append(quoted[:0], '"'), inner[:n]...), '"')
		text, err := decodeString(quoted)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		inner = inner[n:]
		if !s.pass(n) {
			return "", errStopped
		}
	}
	if b.Len() >= bound-bound/16 { // as good as all of its memory is used
		return b.String(), nil
	}
	s.spent -= int64(bound - b.Len())
	return strings.Clone(b.String()), nil
}

// decodedBound is how many bytes the inside of a string has at most when it is decoded:
// no more than before, but for bytes that are not UTF-8, of which each becomes three.
func (s *scanner) decodedBound(inner []byte) int {
	bound := len(inner)
	for len(inner) > 0 {
		piece := inner[:min(stride, len(inner))]
		inner = inner[len(piece):]
		if utf8.Valid(piece) {
			continue
		}
		for len(piece) > 0 {
			r, size := utf8.DecodeRune(piece)
			if r == utf8.RuneError && size == 1 {
				bound += len(replacement) - 1
			}
			piece = piece[size:]
		}
		if !s.pass(stride) {
			break
		}
	}
	return bound
}

// maxUnit is the length of the longest escape, that of a surrogate pair.
const maxUnit = len(`\ud83d\ude00`)

// pieceOf returns the length of the first piece of the inside of a string. It ends
// neither within an escape or a pair of them nor within a character.
func pieceOf(inner []byte) int {
	if len(inner) <= stride {
		return len(inner)
	}
	end := stride
	// Most often there is a place near by that has no escape right before it.
	for at, clear := stride, 0; clear < maxUnit; {
		if at--; at < stride-1024 {
			end = escapesEnd(inner)
			break
		}
		if clear++; inner[at] == '\\' {
			end, clear = at, 0
		}
	}
	for range utf8.UTFMax - 1 {
		if utf8.RuneStart(inner[end]) {
			break
		}
		end--
	}
	return end
}

// escapesEnd is where the last escape begins that does not end within a piece.
func escapesEnd(inner []byte) int {
	for i := 0; ; {
		n := bytes.IndexByte(inner[i:stride], '\\')
		if n < 0 {
			return stride
		}
		i += n
		size := escapeLen(inner[i:])
		if i+size >= stride {
			return i
		}
		i += size
	}
}

// escapeLen is the length of the escape that s begins with.
func escapeLen(s []byte) int {
	switch {
	case len(s) < 2 || s[1] != 'u':
		return 2
	case len(s) < maxUnit:
		return maxUnit / 2
	}
	high := s[2]|0x20 == 'd' && strings.IndexByte("89aAbB", s[3]) >= 0
	low := s[6] == '\\' && s[7] == 'u' && s[8]|0x20 == 'd' && strings.IndexByte("cCdDeEfF", s[9]) >= 0
	if high && low {
		return maxUnit
	}
	return maxUnit / 2
}

// decodeString decodes a string of no more than a piece.
//
// go-json is several times as fast as encoding/json. But it has had bugs that broke
// valid input, so that its refusal is not believed; and in some of its functions the
// time grows with the square of the bytes that are not UTF-8, so that it gets none.
func decodeString(raw []byte) (string, error) {
	if !utf8.Valid(raw) {
		raw = appendValid(make([]byte, 0, 2*len(raw)), raw)
	}
	if text, ok := decodeFast(raw); ok {
		return text, nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", ErrSyntax
	}
	return text, nil
}

func decodeFast(raw []byte) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	err := gojson.Unmarshal(raw, &text)
	return text, err == nil
}

const replacement = "\ufffd"

// appendValid appends s with each byte that is not UTF-8 replaced.
func appendValid(dst, s []byte) []byte {
	start := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(append(dst, s[start:i]...), replacement...)
			start = i + 1
		}
		i += size
	}
	return append(dst, s[start:]...)
}
