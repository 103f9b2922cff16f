package event

import (
	"fmt"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// An Event is what one event, or one batch of messages, tells of the objects of
// S3. The zero value tells of none.
type Event struct {
	// Objects are the logs to read, in the order of the event. One that is told
	// of twice is in it twice.
	Objects []Object

	// Skipped counts the objects that were created or restored and are not logs,
	// by what they are. [path.KindOf] decides that, as it does in a scan.
	Skipped path.Skips

	// Ignored counts what tells of something other than an object to read:
	// deletions, changes of tags and storage class, S3's test event, and the
	// confirmations of SNS.
	Ignored int
}

// An Object is one log that was created or restored. Its embedded [source.Object]
// is what qlogs.Client.Read takes:
//
//   - Key is decoded.
//   - Size is -1 if the event has none, none that is a number of bytes, or a 0 that may
//     stand for one that is not known. Read looks it up then.
//   - ETag has quotes, as S3's listings and answers have it and events do not.
//     A mirror on disk has ETags of its own: clear it there.
//   - VersionID is empty for an object without versions, which S3 also calls "null".
//     Reading a version needs s3:GetObjectVersion beside s3:GetObject. Who has no
//     such permission clears it; the ETag still tells whether the object is the same.
//
// The other fields are not in events, and are zero.
type Object struct {
	source.Object

	// Bucket is the bucket's name. It is never empty.
	Bucket string

	// Region is the bucket's AWS Region, or what another store has in its place; empty
	// if the event does not name it.
	Region string

	// Name is what happened, as the event has it: "ObjectCreated:Put" or
	// "ObjectRestore:Completed" in a notification of S3, "Object Created" or
	// "Object Restore Completed" in an event of EventBridge. Other stores have other
	// spellings, such as "s3:ObjectCreated:Put". In an event of R2, and where only the
	// detail of an event of EventBridge came or its type is one's own, it is a request,
	// such as "PutObject".
	Name string

	// Sequencer is a hexadecimal number that orders the events of one key, as S3's
	// guide describes. It is empty in events of restored objects. Other stores may have
	// any text here.
	Sequencer string

	// Time is when it happened, in UTC; zero if the event does not tell. It is
	// not the time of any record.
	Time time.Time

	// MessageID is the ID of the SQS message that told of the object, so that the
	// message can be deleted, or reported as failed, after the object was read. It
	// is empty if the event did not come with its SQS message. If messages lie
	// within each other it is the outermost one's.
	MessageID string
}

// Decode returns what an event tells of the objects of S3, in any of the forms that
// the package documentation lists.
//
// The error, if there is one, is an [Errors] that names each part of the event that
// could not be decoded. All other parts are in the Event beside it, so that an
// event and an error at the same time are usual for a batch of messages. An event
// with more than 1,000 bad parts is none at all: one error, without a MessageID,
// and the zero Event.
//
// The memory that Decode takes grows with len(data) alone, and what it returns does
// not refer to data. It may be called by many goroutines at once.
func Decode(data []byte) (Event, error) {
	var d decoder
	d.document(data, place{})
	switch {
	case d.full():
		return Event{}, Errors{{Err: fmt.Errorf("%w: more than %d parts of it are bad", ErrUnknown, maxBad)}}
	case len(d.bad) > 0:
		return d.event, d.bad
	}
	return d.event, nil
}

// In returns the objects that lie in the bucket of that name, in their order, for
// a qlogs.Client of that bucket. Objects of other buckets are left out: a program
// that reads one bucket may well ignore them, one that reads several calls In for
// each bucket that it finds in Objects.
func (e Event) In(bucket string) []source.Object {
	var objects []source.Object
	for _, o := range e.Objects {
		if o.Bucket == bucket {
			objects = append(objects, o.Object)
		}
	}
	return objects
}
