package listing

import (
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A Kind says what an [Event] is about.
type Kind int

const (
	// Found is a log.
	Found Kind = iota

	// Skipped is an object, or another name, that is not a log.
	Skipped

	// Repeated is a key that a listing gave twice in a row. It was passed over.
	Repeated

	// FileFailed is a name in an hour folder that the source could not look at.
	FileFailed

	// Failed is a listing that failed, or a name, as a rule a folder's, that the source
	// could not look at. The keys that lie there are not known.
	Failed

	// Done is the end of a sweep's listing of a partition. There is none if that listing
	// failed. Names in it may have failed.
	Done
)

// An Event is what a [Walk] meets. It is valid until the function that got it returns.
type Event struct {
	Kind Kind

	// Partition is what the walk lists at the time. It is nil in a folder above partitions.
	Partition *Partition

	// Object is what was Found or Skipped. Only its Key is known if the source could not
	// look at it: if it FileFailed, or if it was Skipped because it can never be read.
	Object source.Object

	// Key is the key of Object, taken apart, if that was Found or FileFailed.
	Key path.Key

	// What says what a Skipped object is.
	What path.Kind

	// Again means that the walk has met it before, as far as it knows:
	//   - Skipped: the walk has listed the partition before, or above partitions, a sweep
	//     has come to its end.
	//   - Repeated: a sweep has come to its end.
	//   - Failed: this sweep or the one before, or a poll behind them, has told of this
	//     folder of the partition.
	Again bool

	// Failure is why something Failed or FileFailed, and nil for all other kinds.
	Failure *Failure
}

// A Failure says what could not be listed.
type Failure struct {
	// Partition is the partition that is concerned, or as much of it as is known.
	Partition path.Partition

	// Prefix is the prefix that was listed, or else the name that the source could not
	// look at. A name has no final "/" if it is not known to be a folder.
	Prefix string

	// Err is the reason. It is never nil.
	Err error

	// Root means that the listing is the first one of [Config].Prefix, above partitions:
	// nothing at all can be found.
	Root bool

	// Final means that no later listing can succeed. It is set for FileFailed only.
	Final bool

	// Timed means that Prefix is a folder in a year, a month, a day or an hour of the
	// partition, which begins at From. Nothing is missing of the time before.
	Timed bool
	From  time.Time
}
