package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"time"
)

// Record is one record of a prompt log: a [*GenerateAssistantResponse], a
// [*GenerateCompletions], a [*StartTaskAssistCodeGeneration] or an [*Unknown].
// No other types implement it.
//
// Records own their memory. Like other plain values they may be read by several
// goroutines at once, but not while one changes them. Formatted or logged, they
// show ids, times and sizes, never text; the methods for that come with the
// structs themselves, so a copied struct is as safe as a pointer.
type Record interface {
	// Time returns the time of the request, in UTC, or the zero time if the
	// log has none.
	Time() time.Time
	// UserID returns who made the request, or "" if the log does not say.
	UserID() UserID
	// RequestID returns the id of the request, which stands in the response
	// half, or "" if the log has none. It is the only id that real logs always
	// have, and tells records apart.
	RequestID() string
	// LogType returns the name of the log type as AWS spells it in folder
	// names, such as "GenerateAssistantResponse".
	LogType() string

	json.Marshaler
	slog.LogValuer
	fmt.Formatter

	sealed()
}

// The names of the two halves of each known kind of record.
const (
	assistantRequestKey    = "generateAssistantResponseEventRequest"
	assistantResponseKey   = "generateAssistantResponseEventResponse"
	completionsRequestKey  = "generateCompletionsEventRequest"
	completionsResponseKey = "generateCompletionsEventResponse"
	taskRequestKey         = "startTaskAssistCodeGenerationEventRequest"
	taskResponseKey        = "startTaskAssistCodeGenerationEventResponse"
)

// kind orders the known kinds by precedence, for records with several request
// keys.
type kind uint8

const (
	assistantKind kind = iota
	completionsKind
	taskKind
	unknownKind
)

func kindOf(key []byte) kind {
	switch string(key) {
	case assistantRequestKey:
		return assistantKind
	case completionsRequestKey:
		return completionsKind
	case taskRequestKey:
		return taskKind
	}
	return unknownKind
}

func newScanner(data []byte, limit int) *scanner {
	return &scanner{account: account{most: math.MaxInt64, told: math.MaxInt64}, data: data, limit: limit}
}

// asError gives an error of the scanner its place.
func asError(err error, index int, offset int64) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Err: err}
	}
	e.Index, e.Offset = index, offset
	return e
}

// record decodes data, which is one record with nothing but space around it.
func (s *scanner) record(data []byte) (Record, error) {
	s.data = data
	s.back(0)
	r, err := s.typed()
	if err == nil {
		err = s.end()
	}
	return r, s.checked(err)
}

// first decodes the record that data begins with and returns its length. It
// reports false if there is anything wrong with it.
func (s *scanner) first(data []byte) (r Record, n int, ok bool) {
	s.data = data
	s.back(0)
	r, err := s.typed()
	return r, s.pos, err == nil
}

// checked makes sure that malformed JSON is reported as such, even if a wrong
// type came first.
func (s *scanner) checked(err error) error {
	if err != nil && err != ErrSyntax && err != ErrTooDeep && err != errStopped && !s.valid(s.data) {
		return ErrSyntax
	}
	return err
}

// A typedRecord is a record of a known kind.
type typedRecord interface {
	Record
	object
}

// typed decodes the record that starts here. As a rule its first key tells its kind.
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
	r, size := k.record()
	if err := s.spend(size); err != nil {
		return nil, err
	}
	return r, s.object(r)
}

// back goes back to where a record starts.
func (s *scanner) back(start int) {
	s.pos, s.depth, s.members, s.spent, s.drifted = start, 0, 0, 0, false
}

// record returns a new record and its size in memory.
func (k kind) record() (r typedRecord, size int) {
	switch k {
	case assistantKind:
		return new(GenerateAssistantResponse), sizeOf[GenerateAssistantResponse]()
	case completionsKind:
		return new(GenerateCompletions), sizeOf[GenerateCompletions]()
	}
	return new(StartTaskAssistCodeGeneration), sizeOf[StartTaskAssistCodeGeneration]()
}

func sizeOf[T any]() int { return int(reflect.TypeFor[T]().Size()) }

// outranked tells whether r, decoded as one of kind k, is of another kind.
func outranked(r typedRecord, k kind) bool {
	_, m := r.table()
	for _, u := range m.unknown() {
		if kindOf([]byte(u.name)) < k {
			return true
		}
	}
	return false
}

// kind tells the kind of the record by its keys, as many as it takes, or by the first.
func (s *scanner) kind(first bool) (kind, error) {
	if err := s.enter('{'); err != nil {
		return unknownKind, err
	}
	best := unknownKind
	for start := true; ; start = false {
		more, err := s.more('}', start)
		if err != nil || !more {
			return best, err
		}
		key, err := s.key()
		if err != nil {
			return best, err
		}
		if best = min(best, kindOf(key)); first || best == assistantKind { // none goes before it
			return best, nil
		}
		if _, err := s.skip(); err != nil {
			return best, err
		}
	}
}

// end checks that nothing follows the record.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return ErrSyntax
	}
	return nil
}
