package qlogs

import (
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/selection"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// An Entry is one record with the place where it was found. Printed with package fmt, logged
// or marshaled as JSON, an entry shows ids, times and sizes, never a user's text. Encoders
// other than encoding/json write the record whole; see the package documentation.
type Entry struct {
	// Record is the record. It owns its memory and may be kept.
	Record record.Record

	// Key is the object's key, parsed.
	Key path.Key

	// Object is the object as it was listed.
	Object Object

	// Index is the record's position in the object, from 0. Damaged records are counted.
	Index int

	// Offset is the byte of the decompressed object where the record begins.
	Offset int64

	// Tentative means that the gzip checksum over the record was not verified when
	// the entry was yielded, because its object is streamed or cut off. A mismatch
	// in a streamed object follows as an [ObjectError].
	Tentative bool

	at resume.Mark
}

// Cursor returns a cursor that covers every pair of the entry's scan up to and including the
// entry, however far the loop has come. It is for programs that finish entries in batches.
// A scan that goes on from it yields none of these pairs again, as long as no To is earlier than
// the one before.
// For an entry of [Client.ScanOf] or [Client.Read] it is the zero Cursor.
//
// An entry that you keep holds what its cursor needs: about 1 KB, and what it shares with
// the entries that the scan yielded around the same time. The cursor takes up to 2 KB more.
// Neither the time nor the memory grows with what the scan has finished. The text form of a
// cursor does.
func (e Entry) Cursor() Cursor { return Cursor{e.at.State()} }

// Time returns when the record was made, in UTC. That is the record's own time. If the record
// has none, it is the minute in the object's key. If the key has none, it is the key's hour.
// A query's From and To, keep.Dedup and [Entry.Identity] use this time.
func (e Entry) Time() time.Time {
	t, _ := selection.Time(e.Record, e.Key)
	return t
}

// Drifted returns the paths of the record's fields whose value in the log has a type that
// the field cannot have, or nil if there are none. See [record.DriftedFields].
func (e Entry) Drifted() []string {
	return record.DriftedFields(e.Record)
}

// Format writes the entry's place and what its record's Format writes, for every verb.
func (e Entry) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, "{key:%q index:%d offset:%d tentative:%t record:%v}", e.Object.Key, e.Index, e.Offset, e.Tentative, e.Record)
}

// LogValue returns the entry's place and its record's own log value.
func (e Entry) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("key", e.Object.Key),
		slog.Int("index", e.Index),
		slog.Int64("offset", e.Offset),
		slog.Bool("tentative", e.Tentative),
	}
	if e.Record != nil {
		attrs = append(attrs, slog.Any("record", e.Record))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes what LogValue returns, so that a list of entries in a JSON log
// shows no text either. To export the record, marshal Record.
func (e Entry) MarshalJSON() ([]byte, error) {
	return json.Marshal(attrValue(e.LogValue()))
}

// attrValue turns groups into maps.
func attrValue(v slog.Value) any {
	v = v.Resolve()
	if v.Kind() != slog.KindGroup {
		return v.Any()
	}
	m := map[string]any{}
	for _, a := range v.Group() {
		m[a.Key] = attrValue(a.Value)
	}
	return m
}

// Typed is an [Entry] whose record has the type T. Its Record hides that of the Entry.
type Typed[T record.Record] struct {
	Entry

	// Record is the record.
	Record T
}

// Only yields the entries whose records have the type T, such as
// *[record.GenerateAssistantResponse], and drops the other entries. It passes all
// errors on.
func Only[T record.Record](seq iter.Seq2[Entry, error]) iter.Seq2[Typed[T], error] {
	return func(yield func(Typed[T], error) bool) {
		for e, err := range seq {
			if err != nil {
				if !yield(Typed[T]{}, err) {
					return
				}
				continue
			}
			if r, ok := e.Record.(T); ok && !yield(Typed[T]{Entry: e, Record: r}, nil) {
				return
			}
		}
	}
}
