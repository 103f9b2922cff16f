package event

import (
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// An Event is what one event, or one batch of messages, says about the objects of
// S3. The zero value says nothing.
type Event struct {
	// Objects are the logs to read, in the order of the event. An object that the
	// event names twice is in it twice.
	Objects []Object

	// Skipped counts the objects that were created or restored and are not logs,
	// by kind. [path.KindOf] decides that, as it does in a scan.
	Skipped path.Skips

	// Ignored counts the events that are not about an object to read: deletions,
	// changes of tags and storage class, S3's test event, and the confirmations of
	// SNS.
	Ignored int
}

// An Object is one log that was created or restored. Its embedded [source.Object]
// is what qlogs.Client.Read takes:
//
//   - Key is decoded.
//   - Size is -1 if the event has no size, one that is no number of bytes, or a 0 that may
//     mean that the size is not known. Read then looks it up.
//   - ETag has quotes, as S3's listings and answers have it and events do not.
//     A mirror on disk has ETags of its own: clear it there.
//   - VersionID is empty for an object without versions, which S3 also calls "null".
//     Reading a version needs s3:GetObjectVersion beside s3:GetObject. If you have no
//     such permission, clear it; the ETag still shows whether the object is the same.
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
	// spellings, such as "s3:ObjectCreated:Put". In an event of R2 it is a request, such
	// as "PutObject". So it is if only the detail of an event of EventBridge arrived, or
	// if a rule has replaced the event's type.
	Name string

	// Sequencer is a hexadecimal number that orders the events of one key, as S3's
	// guide describes. It is empty in events of restored objects. Other stores may have
	// any text here.
	Sequencer string

	// Time is when it happened, in UTC; zero if the event does not say. It is
	// not the time of any record.
	Time time.Time

	// MessageID is the ID of the SQS message that the event came in. With it the
	// message can be deleted, or reported as failed, after the object was read. It
	// is empty if the event did not come with its SQS message. If messages are
	// nested, it is the ID of the outermost one.
	MessageID string
}

// In returns the objects in the bucket of that name, in their order, for a qlogs.Client of
// that bucket. It leaves out the objects of other buckets. A program that reads several
// buckets calls In for each bucket that it finds in Objects.
func (e Event) In(bucket string) []source.Object {
	var objects []source.Object
	for _, o := range e.Objects {
		if o.Bucket == bucket {
			objects = append(objects, o.Object)
		}
	}
	return objects
}
