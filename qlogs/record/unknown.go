package record

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Unknown is a record that has none of the known request keys: it is of a new log
// type, or its request half is missing.
type Unknown struct {
	// Raw is the record as it stands in the log, a JSON object, in memory of its
	// own. To change the record, set another Raw: Time, UserID and RequestID do
	// not follow changes of its bytes.
	Raw json.RawMessage

	// found is what a decoder has found in Raw, nil if nothing. It holds as long as
	// Raw begins at read and has that length.
	read   *byte
	length int
	found  *unknownIDs
}

// Time returns the time of the request, in UTC, if the record has one where the known
// kinds have it: the string timeStamp of its request half, the object whose key ends in
// "EventRequest". Otherwise it is that of the response half, whose key ends in
// "EventResponse", or else of the record itself. If there is none at all, it is the zero
// time. A value that is not a time counts as absent. Of duplicates the last one counts.
func (u *Unknown) Time() time.Time { return u.ids().time }

// UserID returns the string userId, from the same places as Time, or "". A string of
// more than 1,022 bytes in JSON counts as absent.
func (u *Unknown) UserID() UserID { return u.ids().userID }

// RequestID returns the string requestId, from the same places as UserID but first from
// the response half, or "".
func (u *Unknown) RequestID() string { return u.ids().requestID }

// LogType guesses the log type by the way AWS has named the known ones. If exactly one
// key ends in "EventRequest", it is what stands before that, with its first letter in
// upper case. Otherwise it is "", and also if that is not a name: only letters and
// digits, a letter first, and up to 64 bytes.
func (u *Unknown) LogType() string {
	var stem string
	stems := 0
	err := u.each(func(key string, _ []byte) {
		if s, ok := strings.CutSuffix(key, "EventRequest"); ok && (stems == 0 || s != stem) {
			stem = s
			stems++
		}
	})
	if err != nil || stems != 1 || !looksLikeName(stem) {
		return ""
	}
	first, size := utf8.DecodeRuneInString(stem)
	return string(unicode.ToUpper(first)) + stem[size:]
}

// State returns how the key with the given name stands in Raw. It is [Absent] for
// all names if Raw is not a JSON object.
func (u *Unknown) State(name string) State {
	state := Absent
	err := u.each(func(key string, raw []byte) {
		switch {
		case key != name:
		case string(raw) == "null":
			state = Null
		default:
			state = Present
		}
	})
	if err != nil {
		return Absent
	}
	return state
}

// each calls f for each key of the record.
func (u *Unknown) each(f func(key string, raw []byte)) error {
	if u == nil {
		return nil
	}
	s := newScanner(u.Raw, maxDepth)
	return s.eachMember(s.key, func(key []byte) error {
		name := s.name(key)
		raw, err := s.skip()
		if err == nil {
			f(name, raw)
		}
		return err
	})
}

// MarshalJSON returns a copy of Raw, or {} if Raw is empty. It fails if Raw is
// not valid JSON.
func (u Unknown) MarshalJSON() ([]byte, error) {
	if len(u.Raw) == 0 {
		return []byte("{}"), nil
	}
	if !json.Valid(u.Raw) {
		return nil, &Error{Err: ErrSyntax}
	}
	return clone(u.Raw), nil
}

// attrs describes u by its ids, its time and its size, and leaves out what u does not have.
func (u *Unknown) attrs() []slog.Attr {
	found := u.ids()
	user, request := idCodec(found.userID), idCodec(found.requestID)
	list := []slog.Attr{slog.Int("bytes", len(u.Raw))}
	if !user.isZero() {
		list = append(list, user.attr(idNames[idUser]))
	}
	if !found.time.IsZero() {
		list = append(list, slog.Time(idNames[idTime], found.time))
	}
	if !request.isZero() {
		list = append(list, request.attr(idNames[idRequest]))
	}
	return list
}

// Format writes the ids, the time and the size of u, whatever the verb.
func (u Unknown) Format(f fmt.State, _ rune) { format(f, "Unknown", u.attrs()) }

// LogValue returns the type, the ids, the time and the size of u.
func (u Unknown) LogValue() slog.Value {
	return slog.GroupValue(append([]slog.Attr{slog.String("type", "Unknown")}, u.attrs()...)...)
}

func (u *Unknown) sealed() {}

// ids returns what Raw says. It need not look if a decoder has done so.
func (u *Unknown) ids() unknownIDs {
	if u == nil || len(u.Raw) == 0 {
		return unknownIDs{}
	}
	if u.read == &u.Raw[0] && u.length == len(u.Raw) {
		if u.found == nil {
			return unknownIDs{}
		}
		return *u.found
	}
	ids, err := newScanner(u.Raw, maxDepth).ids()
	if err != nil {
		return unknownIDs{}
	}
	return ids
}

// unknownRecord decodes the record that starts here as one of an unknown kind.
func (s *scanner) unknownRecord() (*Unknown, error) {
	start := s.pos
	raw, err := s.value()
	if err != nil {
		return nil, err
	}
	if raw, err = s.copied(raw); err != nil {
		return nil, err
	}
	if err := s.spend(sizeOf[Unknown]()); err != nil {
		return nil, err
	}
	u := &Unknown{Raw: raw, read: &raw[0], length: len(raw)}
	end, spent, members := s.pos, s.spent, s.members
	s.pos = start
	ids, err := s.ids()
	s.pos, s.spent, s.members = end, spent, members
	if err == errStopped {
		return nil, err
	}
	if err == nil && ids != (unknownIDs{}) {
		if err := s.spend(sizeOf[unknownIDs]() + allocated(len(ids.userID)) + allocated(len(ids.requestID))); err != nil {
			return nil, err
		}
		u.found = &ids
	}
	return u, nil
}
