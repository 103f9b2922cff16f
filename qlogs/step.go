package qlogs

import (
	"errors"
	"io/fs"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A step is one thing that a scan has for its loop, in the order of delivery: an object to
// read, or an error in the place of one.
type step struct {
	reading.Task
	key  path.Key
	item *resume.Item // nil if nothing of the object is remembered
	out  resume.Outcome

	// Of the object's records.
	tally   tally
	reached int // the first record that was not met, counted from the object's start

	err       error // after the records: *ObjectError, *PartitionError, or else what ends the scan
	retryable bool  // err is an *ObjectError, and another try may succeed

	// partition, if not nil, is one whose end this is.
	partition *partitionEnd

	ends bool // a round of a follow

	// then, if not nil, is called when the loop is finished with the step.
	then func()
}

// A tally counts what became of the records of one object.
type tally struct{ seen, filtered, failed, drifted int64 }

// steps makes steps, by the options that it has.
type steps struct {
	maxObjectBytes int64
	maxAttempts    int
}

// of returns the step of an object to read.
func (s steps) of(o Object, key path.Key, item *resume.Item) *step {
	st := &step{Task: reading.Task{Object: o}, key: key, item: item, out: resume.Outcome{Left: -1}}
	if err := s.refusal(o); err != nil {
		s.fail(st, "open", -1, err)
	}
	return st
}

// refusal returns why an object is not opened, or nil.
func (s steps) refusal(o Object) error {
	switch {
	case o.Archived:
		return ErrArchived
	case o.Size > s.maxObjectBytes:
		return ErrTooLarge
	}
	return nil
}

// fail ends an object with an error at byte offset, or -1 if it concerns no byte.
func (s steps) fail(st *step, op string, offset int64, err error) {
	attempt := 1
	if st.item != nil {
		attempt = st.item.Attempt
	}
	st.retryable = (op == "open" || op == "read") && mayPass(err)
	if tries := triesOf(err); tries > 0 {
		st.out.Contradicted = true
		st.retryable = st.item != nil && st.item.Contradictions+1 < tries || st.item == nil && !errors.Is(err, ErrInconsistent)
	}
	if st.Pinned && errors.Is(err, ErrChanged) { // it will not come back
		st.retryable = false
	}
	if st.retryable && s.maxAttempts > 0 && attempt >= s.maxAttempts {
		st.retryable, st.out.GivenUp = false, true
	}
	st.err = &ObjectError{Op: op, Key: st.Object.Key, Object: st.Object, Attempt: attempt, Retryable: st.retryable, Index: -1, Offset: offset, Err: err}
}

// triesOf returns after how many answers of the kind of err an object is given up; 0 for an err
// of no such kind.
func triesOf(err error) int {
	inconsistent := errors.Is(err, ErrInconsistent)
	switch {
	case errors.Is(err, source.ErrAnonymous) && (inconsistent || errors.Is(err, fs.ErrNotExist)):
		return 3
	case errors.Is(err, reading.ErrOnce):
		return 2
	case inconsistent:
		return 1
	}
	return 0
}

// failForGood is fail for what no other try can mend.
func (s steps) failForGood(st *step, op string, err error) {
	s.fail(st, op, -1, err)
	st.retryable, st.out.GivenUp = false, false
	st.err.(*ObjectError).Retryable = false
}

// mayPass reports whether another try may succeed where a store failed with err.
func mayPass(err error) bool {
	if errors.Is(err, source.ErrNoStore) { // which says nothing of the object
		return true
	}
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrArchived) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, errors.ErrUnsupported)
}
