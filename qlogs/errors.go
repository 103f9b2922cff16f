package qlogs

import (
	"errors"
	"fmt"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Errors that [errors.Is] finds in what a scan yields. Others are fs.ErrNotExist,
// fs.ErrPermission and the errors of package record.
var (
	// ErrArchived means that an object is in an archive storage class. Restore it
	// before you read it.
	ErrArchived = source.ErrArchived

	// ErrChanged means that an object was replaced after it had been listed.
	ErrChanged = source.ErrChanged

	// ErrInconsistent means that a store contradicts itself: an object has another
	// ETag or size when it is read than in the listing, and a second listing says the
	// same as the first. It is not [ErrChanged], and it is not retryable, with two
	// exceptions. If the answer had no ETag, something else than the store may have sent
	// it, and two more scans or sweeps try the object. If records of the object had been
	// delivered, only one answer was another one, and one more scan or sweep tries it. An
	// object that a cursor has no room for ([UnkeptError]) is tried by all of them.
	ErrInconsistent = reading.ErrInconsistent

	// ErrStalled means that the store sent nothing for [Options].StallTimeout.
	ErrStalled = stall.Err

	// ErrTooLarge means that an object is larger than [Options].MaxObjectBytes.
	ErrTooLarge = reading.ErrTooLarge

	// ErrCorruptGzip means that an object is not valid gzip. If the object is cut off,
	// the error wraps io.ErrUnexpectedEOF too.
	ErrCorruptGzip = gunzip.ErrCorrupt

	// ErrCorruptJSON means that an object or a record is not valid JSON.
	ErrCorruptJSON = record.ErrSyntax

	// ErrNotLog means that an object is JSON, but has no records array.
	ErrNotLog = record.ErrNotLog

	// ErrNoLogs means that no folder of logs lies below a query's prefix, or none that the
	// query selects. Its text says what lies there instead. See [Query].MayBeEmpty.
	ErrNoLogs = errors.New("no logs")

	// ErrScanUsed means that a [Scan] was ranged over a second time.
	ErrScanUsed = errors.New("qlogs: scan is used up: make a new one with Client.Scan")

	// ErrCursorScope means that a cursor was made by a scan of another source,
	// prefix or selection.
	ErrCursorScope = resume.ErrScope
)

// An ObjectError means that one object, or one record of it, could not be read.
// The loop may continue: everything else is still delivered.
//
// Its text names the object and the reason, and never shows what is in the object.
type ObjectError struct {
	// Op is the step that failed: "open", "read", "gunzip" or "decode".
	Op string

	// Key is the object's key.
	Key string

	// Object is the object as it was listed, or given to [Client.ScanOf] or [Client.Read].
	Object Object

	// Attempt is how often the object was tried, this time included. It is 0 for the
	// error of one record.
	Attempt int

	// Retryable means that another try may succeed. The scan's cursor keeps the object
	// to be retried, or the place before it ([UnkeptError]). If you gave the object to
	// [Client.ScanOf] or [Client.Read], give it again. An object whose error is not
	// Retryable is finished, with two exceptions. It is read again if it comes under
	// another ETag within [Options].Lookback. And if it has records at or after
	// [Query].To, a scan with a later To reads these.
	Retryable bool

	// Index is the position of the record in the object, from 0. It is -1 if the
	// error concerns the object as a whole.
	Index int

	// Offset is the byte of the decompressed object where the record, or the
	// damage, begins. It is -1 if that is not known.
	Offset int64

	// Err is the reason. It is never nil.
	Err error
}

func (e *ObjectError) Error() string {
	switch {
	case e.Index >= 0:
		return fmt.Sprintf("qlogs: %s %q: record %d at byte %d: %s", e.Op, e.Key, e.Index, e.Offset, e.reason())
	case e.Offset >= 0:
		return fmt.Sprintf("qlogs: %s %q: byte %d: %v", e.Op, e.Key, e.Offset, e.Err)
	}
	return fmt.Sprintf("qlogs: %s %q: %v", e.Op, e.Key, e.Err)
}

// reason leaves out what the error of package record says of the record's place.
func (e *ObjectError) reason() string {
	var bad *record.Error
	switch {
	case !errors.As(e.Err, &bad):
		return e.Err.Error()
	case bad.Field == "":
		return bad.Err.Error()
	}
	return bad.Field + ": " + bad.Err.Error()
}

// Unwrap returns the reason.
func (e *ObjectError) Unwrap() error { return e.Err }

// A PartitionError means that a listing failed, for example because it was denied, that
// it could not look at one folder, that there are no logs ([ErrNoLogs]), or that more objects
// failed than a cursor keeps ([UnkeptError]). What lies below the prefix is not delivered, or
// not all of it. The loop may continue with the rest. A scan that goes on from the cursor
// lists the prefix again.
type PartitionError struct {
	// Partition is the partition whose keys were listed. If a folder above partitions
	// was listed, only the fields that are known are set.
	Partition path.Partition

	// Prefix is the prefix that was listed, or the name that could not be looked at.
	// Such a name has no final "/" if it is not known to be a folder.
	Prefix string

	// Err is the reason. It is never nil.
	Err error
}

func (e *PartitionError) Error() string {
	if _, listed := e.Err.(*UnkeptError); listed {
		return fmt.Sprintf("qlogs: partition %q: %v", e.Prefix, e.Err)
	}
	return fmt.Sprintf("qlogs: list %q: %v", e.Prefix, e.Err)
}

// Unwrap returns the reason.
func (e *PartitionError) Unwrap() error { return e.Err }
