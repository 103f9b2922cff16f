package qlogstest

import (
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// An Object is one object of a made-up bucket, and what a reader has to report of it.
type Object struct {
	// Key is the full key in the bucket.
	Key string

	// Body is the content. It belongs to the caller.
	Body []byte

	// Kind is [path.Log], [path.Probe] or [path.Empty]. A reader passes over the last two
	// without an error, and counts them.
	Kind path.Kind

	// Damage is what is wrong with the object.
	Damage Damage

	// Records are the records that a reader delivers, in their order.
	Records []Record

	// BadRecords are the places in the file, from 0, of records that a reader reports an
	// error of, one for each.
	BadRecords []int

	// Failed is set if a reader reports one error of the whole object, after its Records.
	Failed bool
}

// A Record is what a reader reports of one record that it delivers.
type Record struct {
	// Index is the record's place in the file, from 0.
	Index int

	// LogType is the type that the record's keys name.
	LogType string

	// RequestID, UserID, Time and ModelID are those in the record, zero if it has none.
	RequestID string
	UserID    record.UserID
	Time      time.Time
	ModelID   string

	// PromptBytes is the length of the prompt of a chat or a /dev command, and
	// ContextBytes that of the code around the cursor of a completion. They are 0 for
	// records that have none.
	PromptBytes, ContextBytes int

	// Odd is what is odd about the record.
	Odd Odd

	// Drifted is the path of the fields that have drifted, as record.DriftedFields
	// returns them.
	Drifted []string
}

// Damage is what is wrong with an object.
type Damage int

// The kinds of damage.
const (
	// NoDamage is the damage of a sound object.
	NoDamage Damage = iota

	// NotGzip is plain text under the key of a log: one error.
	NotGzip

	// Cut is a gzip file that ends early: the records before that, then one error. It is
	// cut far enough from the ends of records that it is certain which of them are
	// complete.
	Cut

	// BadChecksum is a gzip file whose CRC-32 is wrong: no records, one error.
	BadChecksum

	// BadJSON is a sound gzip file whose JSON ends inside the last record: the records
	// before it, then one error.
	BadJSON

	// BadRecord is a file of two or more records, one of which is no object, has a half
	// that is none, or has a word that is not JSON: one error for that record. All quotes
	// and brackets balance.
	BadRecord

	damages
)

// String returns the name of the damage, such as "bad checksum", or "none".
func (d Damage) String() string {
	return name([]string{"none", "not gzip", "cut", "bad checksum", "bad JSON", "bad record"}, int(d))
}

// Odd is what is odd about a record that is sound. Programs meet such records when a service
// changes.
type Odd int

// The kinds of odd records.
const (
	// NotOdd is a record as usual.
	NotOdd Odd = iota

	// NullRequest is a record whose request is null: it has no user and no time.
	NullRequest

	// NullResponse is a record whose response is null: it has no request id.
	NullResponse

	// NoResponse is a record without a response: it has no request id.
	NoResponse

	// UnknownKind is a record of a type that is not known, in the folder of another type.
	UnknownKind

	// UnknownFields is a record with keys that are not known.
	UnknownFields

	// DriftedField is a record with a value of another JSON type than its field has, or a
	// time that is none. The field reads as zero. Drifted has its path.
	DriftedField

	odds
)

// String returns the name of the oddity, such as "null request", or "none".
func (o Odd) String() string {
	return name([]string{"none", "null request", "null response", "no response", "unknown kind", "unknown fields", "drifted field"}, int(o))
}

func name(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return "unknown"
	}
	return names[i]
}
