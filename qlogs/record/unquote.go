package record

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"unicode/utf8"

	gojson "github.com/goccy/go-json"
	"github.com/goccy/go-json/jsontext"
)

// unquote decodes a JSON string as encoding/json does: bytes that are not UTF-8, and halves
// of surrogate pairs, become U+FFFD. A long string is decoded piece by piece, so that it can
// be stopped in the middle, and so that no call of a library takes long.
func (a *account) unquote(raw []byte) (text string, err error) {
	if len(raw) > plainUnmarshal {
		return a.unquoteLong(raw)
	}
	if text, err = decodeShort(raw); err != nil {
		return "", err
	}
	a.left -= len(raw)
	return text, a.spend(allocated(len(text)))
}

const (
	// plainUnmarshal is the greatest length of strings that go to go-json's Unmarshal. Its
	// result keeps the memory that the string took with its escapes, which is too much for
	// a long one.
	plainUnmarshal = 4 << 10

	// longPiece is the length of a piece, and of strings that are not cut.
	longPiece = 128 << 10
)

func (a *account) unquoteLong(raw []byte) (string, error) {
	inner := raw[1 : len(raw)-1]
	bound, err := a.decodedBound(inner)
	if err != nil {
		return "", err
	}
	if err := a.spend(bound); err != nil { // it may wait, so no room is taken before
		return "", err
	}
	r := rooms.Get().(*room)
	defer rooms.Put(r)
	if len(inner) <= longPiece {
		err := r.decode(raw, bound == len(inner))
		a.left -= len(raw)
		a.spent -= int64(bound - len(r.text))
		return string(r.text), err
	}
	var b strings.Builder
	b.Grow(bound)
	for len(inner) > 0 {
		n := pieceOf(inner)
		piece := raw
		if n < len(raw)-2 {
			r.quoted = append(append(append(r.quoted[:0], '"'), inner[:n]...), '"')
			piece = r.quoted
		}
		if err := r.decode(piece, bound == len(raw)-2); err != nil {
			return "", err
		}
		b.Write(r.text)
		inner = inner[n:]
		if !a.pass(n) {
			return "", errStopped
		}
	}
	if b.Len() >= bound-bound/16 { // nearly all of its memory is used
		return b.String(), nil
	}
	a.spent -= int64(bound - b.Len())
	return strings.Clone(b.String()), nil
}

// decodedBound is how many bytes the inside of a string has at most when it is decoded. It
// does not get longer, except that each byte that is not UTF-8 becomes three. The bytes that
// are added count as elements of lists do.
func (a *account) decodedBound(inner []byte) (bound int, err error) {
	bound = len(inner)
	for len(inner) > 0 {
		piece := inner[:min(longPiece, len(inner))]
		inner = inner[len(piece):]
		if utf8.Valid(piece) {
			continue
		}
		for len(piece) > 0 {
			r, size := utf8.DecodeRune(piece)
			if r == utf8.RuneError && size == 1 {
				bound += len(replacement) - 1
				a.members += int64(len(replacement) - 1)
			}
			piece = piece[size:]
		}
		if !a.pass(longPiece) {
			return 0, errStopped
		}
	}
	if a.members > a.most {
		return 0, ErrTooLarge
	}
	return bound, nil
}

// maxUnit is the length of the longest escape, that of a surrogate pair.
const maxUnit = len(`\ud83d\ude00`)

// pieceOf returns the length of the first piece of the inside of a string. It ends
// neither within an escape or a pair of them nor within a character.
func pieceOf(inner []byte) int {
	if len(inner) <= longPiece {
		return len(inner)
	}
	end := longPiece
	// Mostly there is a place near by without an escape right before it.
	for at, clear := longPiece, 0; clear < maxUnit; {
		if at--; at < longPiece-1024 {
			end = escapesEnd(inner)
			break
		}
		if clear++; inner[at] == '\\' {
			end, clear = at, 0
		}
	}
	for at := end - 1; at >= end-(utf8.UTFMax-1); at-- {
		if utf8.RuneStart(inner[at]) {
			if _, size := utf8.DecodeRune(inner[at:]); at+size > end {
				return at
			}
			break
		}
	}
	return end
}

// escapesEnd is the start of the last escape that does not end within a piece.
func escapesEnd(inner []byte) int {
	for i := 0; ; {
		n := bytes.IndexByte(inner[i:longPiece], '\\')
		if n < 0 {
			return longPiece
		}
		i += n
		size := escapeLen(inner[i:])
		if i+size >= longPiece {
			return i
		}
		i += size
	}
}

// escapeLen is the length of the escape at the start of s.
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

// decodeShort decodes a short string.
//
// go-json is several times as fast as encoding/json. But it has had bugs that broke valid
// input, so encoding/json decides what go-json refuses. And in some of its functions the
// time grows with the square of the bytes that are not UTF-8, so it gets only UTF-8.
func decodeShort(raw []byte) (string, error) {
	if !utf8.Valid(raw) {
		raw = appendValid(make([]byte, 0, 2*len(raw)), raw)
	}
	if text, ok := fast(raw, unmarshal); ok {
		return text, nil
	}
	return decodeStandard(raw)
}

func unmarshal(raw []byte) (text string, err error) {
	err = gojson.Unmarshal(raw, &text)
	return text, err
}

func decodeStandard(raw []byte) (text string, err error) {
	if json.Unmarshal(raw, &text) != nil {
		return "", ErrSyntax
	}
	return text, nil
}

// A room is memory in which pieces are decoded, before they are copied from there.
type room struct{ quoted, valid, text []byte }

var rooms = sync.Pool{New: func() any { return new(room) }}

// decode decodes a piece into r.text, as decodeShort does. valid says that the piece is
// known to be UTF-8.
func (r *room) decode(raw []byte, valid bool) error {
	if !valid && !utf8.Valid(raw) {
		r.valid = appendValid(r.valid[:0], raw)
		raw = r.valid
	}
	if !seemsToHaveSurrogates(raw) {
		text, ok := fast(raw, func(raw []byte) ([]byte, error) { return jsontext.AppendUnquote(r.text[:0], raw) })
		if ok {
			r.text = text
			return nil
		}
	}
	text, ok := fast(raw, unmarshal)
	var err error
	if !ok {
		text, err = decodeStandard(raw)
	}
	r.text = append(r.text[:0], text...)
	return err
}

// seemsToHaveSurrogates reports whether a string has escapes of surrogates near its start.
// For surrogates that are no pairs AppendUnquote takes eight times as long as Unmarshal, and
// then refuses them. A search through all of every string would take too long.
func seemsToHaveSurrogates(raw []byte) bool {
	start := raw[:min(512, len(raw))]
	return bytes.Contains(start, []byte(`\ud`)) || bytes.Contains(start, []byte(`\uD`))
}

// fast calls a function of go-json. A panic counts as a refusal.
func fast[T any](raw []byte, decode func([]byte) (T, error)) (v T, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	v, err := decode(raw)
	return v, err == nil
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
