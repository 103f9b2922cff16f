package resume

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"unicode/utf8"
)

// The text form of a State is "qlogs2:" and base64 of
//
//	scope | number of partitions | partitions | number of pending objects | pending objects | CRC-32
//
// The scope is JSON behind its length. A partition and what is in it is, in this order:
//
//	prefix            a string, shared with the partition before
//	floor             an hour, or 0 if there is none
//	number of hours   and, for each of them: the hour, as the distance from the one before,
//	                  the number of its objects, and 20 bytes for each object: the
//	                  fingerprint and the version
//	number of opens   objects that are finished in part, and for each of them: its key in
//	                  the partition, shared with the one before, the ETag, and the portion
//
// A pending object is its key, shared with the one before, size, ETag, version id, storage
// class, time of change, portion, number of tries and of contradictions. A portion is how many
// records are finished and how many were reached, the time for those between if there are any,
// and the time for all others. Numbers are varints. A string is its length and bytes. One that is shared with another begins with the number of bytes that the
// two have in common, which is 0 if it is longer than 1,024 bytes; all behind them follows.

// The text form starts with its name and its version.
const (
	textName    = "qlogs"
	textVersion = "2"
	textPrefix  = textName + textVersion + ":"
)

var errDamaged = errors.New("qlogs: read cursor: the text is damaged")

// MarshalText returns the text form, which [Parse] of this version reads. It is printable
// ASCII without spaces. A source without an ID has no text.
func (s *State) MarshalText() ([]byte, error) {
	if s.scope.Source == "" {
		return nil, errors.New("qlogs: write cursor: the source has no ID, so another source could not refuse the cursor: give the source an ID, such as the id of source.FS")
	}
	scope, err := json.Marshal(newScopeForm(*s.scope))
	if err != nil {
		return nil, fmt.Errorf("qlogs: write cursor: %w", err)
	}
	var w writer
	w.string(string(scope))
	w.state(s)
	w.data = binary.BigEndian.AppendUint32(w.data, crc32.ChecksumIEEE(w.data))
	text := make([]byte, 0, len(textPrefix)+base64.RawURLEncoding.EncodedLen(len(w.data)))
	return base64.RawURLEncoding.AppendEncode(append(text, textPrefix...), w.data), nil
}

// Parse returns the State that a text stands for. A text that is damaged or of another
// version is an error: it has a checksum, since a wrong position would lose records silently.
func Parse(text []byte) (*State, error) {
	body, ok := strings.CutPrefix(string(text), textPrefix)
	if !ok {
		return nil, fmt.Errorf("qlogs: read cursor: the text does not start with %q: %s", textPrefix, otherText(string(text)))
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	n := len(data) - crc32.Size
	if n < 0 || binary.BigEndian.Uint32(data[n:]) != crc32.ChecksumIEEE(data[:n]) {
		return nil, fmt.Errorf("%w: the checksum does not match", errDamaged)
	}
	r := reader{data: data[:n]}
	var scope scopeForm
	if err := json.Unmarshal([]byte(r.string()), &scope); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	state := r.state(scope.scope())
	if r.bad || len(r.data) > 0 {
		return nil, fmt.Errorf("%w: a value is out of range", errDamaged)
	}
	return state, nil
}

// A scopeForm is a Scope as the text has it. JSON has no place for bytes that are not UTF-8, such
// as a directory may have in its name.
type scopeForm struct {
	Scope
	SourceBytes []byte `json:"source_bytes,omitempty"`
}

func newScopeForm(s Scope) scopeForm {
	if utf8.ValidString(s.Source) {
		return scopeForm{Scope: s}
	}
	f := scopeForm{Scope: s, SourceBytes: []byte(s.Source)}
	f.Source = ""
	return f
}

func (f scopeForm) scope() Scope {
	s := f.Scope
	s.Source += string(f.SourceBytes)
	return s
}

// otherText says what a text is that is no cursor of this version.
func otherText(text string) string {
	version, _, found := strings.Cut(text, ":")
	if number, is := strings.CutPrefix(version, textName); found && is && len(number) < 4 && strings.Trim(number, "0123456789") == "" {
		return fmt.Sprintf("it is of version %s of cursors, this is version %s: use the module's version that wrote it, or start anew", number, textVersion)
	}
	return "it is not a cursor"
}
