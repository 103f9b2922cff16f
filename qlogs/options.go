package qlogs

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Options sets the bounds of a [Client]'s scans. The zero value of each field
// stands for the default named here.
type Options struct {
	// InFlight is how many objects are requested at the same time; 64, and at
	// most 10,000. Listing has requests of its own, see Lists. An HTTP client that keeps
	// fewer idle connections for each host than InFlight and Lists dials more than it
	// needs to.
	InFlight int

	// Lists is how many LIST requests are made at the same time; 12, and at most 100.
	// With 1 they come one after the other. A scan lists folders and partitions before it
	// comes to them, and a large partition in pieces, as long as fewer objects than
	// InFlight are under way. That makes no more requests, but for one for each piece and
	// for what a scan has listed that is left early. A source that gives a listing whole,
	// wherever it is to begin, lists a few pieces in vain. Directories are listed one after the
	// other.
	//
	// Listings ahead of the scan take memory: up to 4 × Lists of them have up to 1,000
	// names each, and the pieces of the partition that the scan is in up to 20,000 × Lists
	// together. A name takes about 300 bytes.
	Lists int

	// BytesInFlight bounds the memory for objects that are read ahead of the
	// loop; 64 MiB. It is charged with the stored bytes, the decompressed bytes
	// and the decoded records that are held, as large as they are in memory. The
	// object that the loop waits for is always let through. The others share half of
	// the budget, or 1 MiB of it if that is more.
	//
	// Objects that take more than 32 MiB are streamed. If BytesInFlight is less, it takes
	// the place of the 32 MiB, down to 1 MiB. So a small budget streams more objects, and
	// the entries of streamed objects are [Entry].Tentative.
	BytesInFlight int64

	// ListPad is how far a listing reaches beyond [Query].From and To, because an
	// object may lie in another hour folder than that of its records' hour; 1 hour.
	// A negative ListPad means none.
	ListPad time.Duration

	// Lookback is how late an object may be stored to be found by a scan that goes on
	// from a cursor: how many hours its key may lie before the newest object that its
	// partition has finished; 1 hour. A cursor grows with the number of objects within
	// Lookback, not with history. A negative Lookback means none: late objects are found
	// only in the newest hour.
	//
	// Objects in these hours that are listed again under another ETag are read again, with
	// all of their records, if their size has changed or if they had ended cut off, damaged
	// or failed. [Stats].Rewritten counts the others.
	Lookback time.Duration

	// PollInterval is how often [Scan.Follow] asks for the newest objects of each
	// partition; 1 minute.
	PollInterval time.Duration

	// SweepInterval is how often [Scan.Follow] looks for new partitions, looks for
	// objects within Lookback and retries what failed; 15 minutes.
	SweepInterval time.Duration

	// MaxResumes is how often the body of one object is continued after it broke
	// off; 5. A break does not count if at least 1 MiB came since the last one.
	// A negative number means never.
	MaxResumes int

	// MaxAttempts is how often an object with a retryable failure is tried, counted
	// over all scans that go on from each other's cursors. After that the object is
	// finished, and its [ObjectError] is not Retryable. 0 means no limit. Attempts are not
	// counted of an object that a cursor has no room for; see [UnkeptError].
	MaxAttempts int

	// StallTimeout is how long the store may send nothing while a scan waits
	// for it; 60 seconds. The time that the loop takes does not count. Each attempt of
	// the SDK has this time, and the pauses between its attempts do not count.
	StallTimeout time.Duration

	// SearchDepth is how many folders may lie above AWSLogs/, below the query's
	// prefix, when a scan searches for log roots; 8. If an AWSLogs/ lies inside
	// another one, all folders above the inner one count.
	SearchDepth int

	// MaxObjectBytes is how many bytes an object may have, as stored and decompressed;
	// 16 GiB. Beyond it the object ends with [ErrTooLarge].
	MaxObjectBytes int64

	// MaxRecordBytes is how many bytes of JSON one record may have; 16 MiB. A larger
	// record is a record error that wraps [record.ErrTooLarge].
	MaxRecordBytes int64

	// MaxRecords is how many records one object may have; 10 million. Beyond it
	// the object ends with [record.ErrTooMany].
	MaxRecords int

	// MaxDepth is how deep a record's JSON may nest; 1,000. A deeper record is a
	// record error that wraps [record.ErrTooDeep].
	MaxDepth int

	// StrictFields makes a field that has drifted an error of its record, which
	// wraps [record.ErrType] or [record.ErrTime]. By default the record is
	// delivered, and [Entry.Drifted] names the field.
	StrictFields bool
}

const (
	maxInFlight = 10_000
	maxLists    = 100
)

func (o Options) withDefaults() Options {
	o.InFlight = cmp.Or(o.InFlight, 64)
	o.Lists = cmp.Or(o.Lists, 12)
	o.BytesInFlight = cmp.Or(o.BytesInFlight, 64<<20)
	o.ListPad = max(cmp.Or(o.ListPad, time.Hour), 0)
	o.Lookback = max(cmp.Or(o.Lookback, time.Hour), 0)
	o.PollInterval = cmp.Or(o.PollInterval, time.Minute)
	o.SweepInterval = cmp.Or(o.SweepInterval, 15*time.Minute)
	o.MaxResumes = max(cmp.Or(o.MaxResumes, 5), 0)
	o.StallTimeout = cmp.Or(o.StallTimeout, time.Minute)
	o.SearchDepth = cmp.Or(o.SearchDepth, 8)
	o.MaxObjectBytes = cmp.Or(o.MaxObjectBytes, 16<<30)
	o.MaxRecordBytes = cmp.Or(o.MaxRecordBytes, 16<<20)
	o.MaxRecords = cmp.Or(o.MaxRecords, 10_000_000)
	o.MaxDepth = cmp.Or(o.MaxDepth, 1000)
	return o
}

// validate lists all that is wrong with options that have their defaults.
func (o Options) validate() error {
	var errs []error
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"InFlight", int64(o.InFlight)},
		{"Lists", int64(o.Lists)},
		{"BytesInFlight", o.BytesInFlight},
		{"PollInterval", int64(o.PollInterval)},
		{"SweepInterval", int64(o.SweepInterval)},
		{"MaxAttempts", int64(o.MaxAttempts)},
		{"StallTimeout", int64(o.StallTimeout)},
		{"SearchDepth", int64(o.SearchDepth)},
		{"MaxObjectBytes", o.MaxObjectBytes},
		{"MaxRecordBytes", o.MaxRecordBytes},
		{"MaxRecords", int64(o.MaxRecords)},
		{"MaxDepth", int64(o.MaxDepth)},
	} {
		if f.value < 0 {
			errs = append(errs, fmt.Errorf("qlogs: Options.%s is negative (%d): give a positive value, or 0 for the default", f.name, f.value))
		}
	}
	if o.InFlight > maxInFlight {
		errs = append(errs, fmt.Errorf("qlogs: Options.InFlight is %d: give at most %d", o.InFlight, maxInFlight))
	}
	if o.Lists > maxLists {
		errs = append(errs, fmt.Errorf("qlogs: Options.Lists is %d: give at most %d", o.Lists, maxLists))
	}
	return errors.Join(errs...)
}
