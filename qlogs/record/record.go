package record

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Record is one record of a prompt log: a [*GenerateAssistantResponse], a
// [*GenerateCompletions], a [*StartTaskAssistCodeGeneration] or an [*Unknown].
// No other types implement it.
//
// Records own their memory. Like other plain values, several goroutines may read
// them at the same time, but not while one changes them. A record that is formatted
// or logged shows ids, times and sizes, never text. The structs themselves have the
// methods for that, so a copied struct is as safe as a pointer.
type Record interface {
	// Time returns the time of the request, in UTC, or the zero time if the
	// log has none.
	Time() time.Time
	// UserID returns who made the request, or "" if the log does not say.
	UserID() UserID
	// RequestID returns the id of the request, which stands in the response
	// half, or "" if the log has none. It is the only id that real logs always
	// have, and it identifies the record.
	RequestID() string
	// LogType returns the name of the log type as AWS spells it in folder
	// names, such as "GenerateAssistantResponse".
	LogType() string

	json.Marshaler
	slog.LogValuer
	fmt.Formatter

	sealed()
}

// A typedRecord is a record of a known kind.
type typedRecord interface {
	Record
	object
}

// record decodes data: one record, with only space around it.
func (s *scanner) record(data []byte) (Record, error) {
	s.data = data
	s.back(0)
	r, err := s.typed()
	if err == nil {
		err = s.end()
	}
	return r, s.checked(err)
}

// first decodes the record that data begins with, and returns its length. It reports false
// if anything is wrong with the record.
func (s *scanner) first(data []byte) (r Record, n int, ok bool) {
	s.data = data
	s.back(0)
	r, err := s.typed()
	return r, s.pos, err == nil
}

// typed decodes the record that starts here. It guesses the kind by the first key, which is
// mostly right.
func (s *scanner) typed() (Record, error) {
	s.peek()
	start := s.pos
	guess, err := s.kind(true)
	if err == nil && guess != unknownKind {
		var r typedRecord
		s.back(start)
		if r, err = s.known(guess); err == errStopped || guess == assistantKind || err == nil && !outranked(r, guess) {
			return r, err
		}
	}
	s.back(start)
	k, kindErr := s.kind(false)
	switch {
	case kindErr != nil:
		return nil, kindErr
	case k == guess && err != nil:
		return nil, err
	}
	s.back(start)
	if k != unknownKind {
		return s.known(k)
	}
	u, err := s.unknownRecord()
	if err != nil {
		return nil, err
	}
	return u, nil
}

// known decodes the record that starts here as one of kind k.
func (s *scanner) known(k kind) (typedRecord, error) {
	r, size := newRecord(k)
	if err := s.spend(size); err != nil {
		return nil, err
	}
	return r, s.object(r)
}

// back goes back to the start of a record.
func (s *scanner) back(start int) {
	s.pos, s.depth, s.members, s.spent, s.drifted = start, 0, 0, 0, false
}

// newRecord returns a new record of kind k and its size in memory.
func newRecord(k kind) (r typedRecord, size int) {
	switch k {
	case assistantKind:
		return new(GenerateAssistantResponse), sizeOf[GenerateAssistantResponse]()
	case completionsKind:
		return new(GenerateCompletions), sizeOf[GenerateCompletions]()
	}
	return new(StartTaskAssistCodeGeneration), sizeOf[StartTaskAssistCodeGeneration]()
}

// outranked reports whether r, which was decoded as one of kind k, is of a lower kind.
func outranked(r typedRecord, k kind) bool {
	_, m := r.table()
	for _, u := range m.unknown() {
		if kindOf([]byte(u.name)) < k {
			return true
		}
	}
	return false
}
