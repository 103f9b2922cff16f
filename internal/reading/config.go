package reading

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Config says where the objects lie, within which bounds they are read, and what the
// caller decides. All fields but Decoder have to be set; MaxResumes may be 0.
type Config struct {
	// Source is where the objects lie.
	Source source.Source

	// InFlight is how many objects are requested at the same time.
	InFlight int

	// BytesInFlight bounds the memory for objects that are read ahead of the loop.
	BytesInFlight int64

	// MaxResumes is how often the body of one object is continued after it broke off. A
	// break that brought at least 1 MiB since the last one does not count.
	MaxResumes int

	// StallTimeout is how long the source may send nothing while a read waits for it.
	StallTimeout time.Duration

	// MaxObjectBytes is how large an object may be, decompressed, and after it was found
	// replaced also as stored. Beyond it the object fails with [ErrTooLarge].
	MaxObjectBytes int64

	// Decoder has the limits for records. Stop and Grow are not used.
	Decoder record.DecoderOptions

	// Counts is where requests are counted. It may be nil.
	Counts *Counts

	// Find looks up one object that was replaced, by its key. It is called on workers and
	// on the loop's goroutine.
	Find func(ctx context.Context, key string) (o source.Object, found bool, err error)

	// Keep decides about each record of a task, in the order in which they stand in the
	// object, whether it is damaged or not. It may change r, which is valid until Keep
	// returns. It runs on a worker, or, for an object that is decoded record by record,
	// on the loop's goroutine: for several tasks at the same time, but not for one.
	Keep func(t *Task, r *Record) Verdict

	// Restart is called before an object is read once more from its first record, so
	// that what Keep made of its records no longer counts. None of them was delivered.
	// If the object was replaced, t.Object is what is there now, and was is what was
	// there before; else the two are the same. It is called where Keep is.
	Restart func(t *Task, was source.Object)
}

// Counts counts what a Pipeline asks its source. It is safe for use by many goroutines.
type Counts struct {
	stall.Calls

	// Resumes is how often a body was continued after it broke off.
	Resumes atomic.Int64
}

// A Verdict is what becomes of a record.
type Verdict int

const (
	Drop Verdict = iota // the record is not delivered
	Keep                // the record is delivered
)

const (
	// An object that is listed with this size or more is streamed when its turn comes.
	largeListed = 8 << 20

	// So is an object that takes more than this, decompressed or as records. With a
	// small budget it is less.
	largeInflated    = 32 << 20
	minLargeInflated = 1 << 20
)

// wholeMost is how many bytes an object may have, decompressed and as records, that is
// read whole.
func (c *Config) wholeMost() int64 {
	return max(min(largeInflated, c.BytesInFlight), minLargeInflated)
}

// isLarge reports whether an object that is listed with that size is streamed.
func (c *Config) isLarge(size int64) bool {
	return size >= min(largeListed, c.wholeMost())
}

// decoder returns a decoder with the limits of c. An error of stop or grow ends the file.
func (c *Config) decoder(stop func() error, grow func(int64) error) *record.Decoder {
	o := c.Decoder
	o.Stop, o.Grow = stop, grow
	return record.NewDecoder(nil, &o)
}
