package loggen

import "time"

// Object is one object to upload, and what a reader must make of it.
type Object struct {
	// Key is the full key in the bucket.
	Key string

	// Body is the content of the object. It is not used again by the
	// generator.
	Body []byte

	// Damage is what is wrong with the object.
	Damage Damage

	// Records are the records that a reader must deliver, in their order.
	Records []Want

	// BadIndexes are the positions of records of which exactly one error
	// each must be reported.
	BadIndexes []int

	// ObjectError is set if exactly one error of the whole object must be
	// reported, after Records.
	ObjectError bool

	// Skip says why a reader must pass the object over without an error:
	// "probe" or "empty". It is "" for a log.
	Skip string
}

// Want is a record that a reader must deliver.
type Want struct {
	// Index is the position in the file's records array, from 0.
	Index int

	// LogType is the log type that the record's keys tell.
	LogType string

	// RequestID, UserID and Time are those in the record.
	RequestID, UserID string
	Time              time.Time

	// PromptBytes is the length in bytes of the prompt or, for a completion,
	// of the left and right context together. It is 0 for a record of an
	// unknown kind.
	PromptBytes int
}

// Damage is a kind of damage.
type Damage int

// The kinds of damage, in the order in which [Objects] deals them out.
const (
	// None is an object without damage.
	None Damage = iota

	// NotGzip is an object under the key of a log that holds plain text,
	// which is not JSON: one error.
	NotGzip

	// Cut is a gzip file that ends early. It is cut far enough from the ends
	// of records that it is certain which of them are complete: those have
	// to be delivered, then one error.
	Cut

	// BadChecksum is a gzip file whose CRC-32 is wrong: no records, one
	// error.
	BadChecksum

	// BadJSON is a sound gzip file whose JSON ends inside the last record:
	// the records before it, then one error.
	BadJSON

	// BadRecord is a file of two or more records, one of which is no object,
	// has a half that is none, or has a word that is not JSON, while all quotes
	// and brackets balance: one error for that record.
	BadRecord

	// Probe is the text that AWS writes to find out whether it may write,
	// under a UUID in the product's folder: not a log.
	Probe

	// Empty is an object of no bytes under the key of a log: not a log.
	Empty

	damages
)

// String returns the name of the kind, such as "bad checksum".
func (d Damage) String() string {
	switch d {
	case None:
		return "none"
	case NotGzip:
		return "not gzip"
	case Cut:
		return "cut"
	case BadChecksum:
		return "bad checksum"
	case BadJSON:
		return "bad JSON"
	case BadRecord:
		return "bad record"
	case Probe:
		return "probe"
	case Empty:
		return "empty"
	}
	return "unknown"
}
