package qlogs

import (
	"errors"
	"io"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A job is one step of a scan in delivery order: an object to read, or an error
// to yield in its place.
//
// The lister makes it, a worker fills it and closes ready, the loop delivers it.
// Each touches it only in its turn.
type job struct {
	seq    int64 // in the window
	object Object
	key    path.Key
	item   *resume.Item // nil if nothing of the object is remembered
	out    resume.Outcome
	limit  int // of attempts; 0 is none

	pinned  bool // is this object or none, though another may be in its place
	renewed bool // was replaced, and is the other one now
	same    bool // and that one is what it was before

	// large objects are not fetched ahead but streamed by the loop.
	large     bool
	streaming bool

	// mark, if not nil, makes the job a mark in the order: it is called when the
	// loop gets there.
	mark func()

	// hold, if not nil, is called when the loop has got the error.
	hold func()

	ready   chan struct{}
	charged int64 // bytes charged to the window

	// data, if not nil, is the whole object, checked, whose records the loop decodes
	// one by one. If it is cut off, or bad behind data, cut says so.
	data []byte
	cut  error

	empty   bool // the object is read, and has no byte
	results []result
	tally   tally
	reached int   // the first record that was not met, counted from the object's start
	err     error // after the results: *ObjectError, *PartitionError, or else what ends the scan
	passing bool  // err is an *ObjectError that may pass
}

// A result is one record of an object, or why there is none.
type result struct {
	record    record.Record
	err       error
	index     int
	offset    int64
	tentative bool
	drifted   bool
}

// next returns the next record of a file, or its end.
func next(d *record.Decoder) (r result, end error) {
	rec, err := d.Next()
	if err != nil && !isRecordError(err) {
		return result{}, err
	}
	return result{record: rec, err: err, index: d.Index(), offset: d.Offset(), drifted: d.Drifted()}, nil
}

func isRecordError(err error) bool {
	var bad *record.Error
	return errors.As(err, &bad)
}

// A tally counts what became of one object.
type tally struct {
	stored, decompressed            int64
	seen, filtered, failed, drifted int64
}

func (t tally) addTo(s *Stats) {
	s.BytesStored += t.stored
	s.BytesDecompressed += t.decompressed
	s.RecordsSeen += t.seen
	s.RecordsFiltered += t.filtered
	s.RecordsFailed += t.failed
	s.RecordsDrifted += t.drifted
}

// restart forgets all records of j, so that it can be read again.
func (j *job) restart() {
	j.results, j.reached, j.out = nil, 0, resume.Outcome{Left: -1}
	j.empty = false
	j.tally = tally{stored: j.tally.stored}
}

// noWork reports whether no worker decodes data: there is none, or there is more than most,
// which j takes for the loop. If the file is bad behind data, cut says so.
func (j *job) noWork(data []byte, cut error, most int64) bool {
	j.empty = len(data) == 0 && cut == nil
	if int64(len(data)) <= most {
		return j.empty
	}
	j.data, j.cut, j.tally.decompressed = data, cut, int64(len(data))
	return true
}

// attempt is how often the object is tried, this time included.
func (j *job) attempt() int {
	if j.item == nil {
		return 1
	}
	return j.item.Attempt
}

// before is what of the object other scans have finished.
func (j *job) before() resume.Portion {
	if j.item == nil {
		return resume.Portion{}
	}
	return j.item.Before
}

// unverified reports whether data that ends with the error cut may be other than what was
// written: only of a file that is cut off is more read than what checksums confirm.
func unverified(cut error) bool { return errors.Is(cut, io.ErrUnexpectedEOF) }

// finalFailure makes j's error one that no other try can mend.
func (j *job) finalFailure() {
	var object *ObjectError
	if errors.As(j.err, &object) {
		j.passing, j.out.GivenUp, object.Pending = false, false, false
	}
}

// fail ends the object with an error at byte offset, or -1 if it concerns no byte.
func (j *job) fail(op string, offset int64, err error) {
	if j.same && errors.Is(err, ErrChanged) {
		err = &inconsistency{j.object, err}
	}
	j.passing = (op == "open" || op == "read") && mayPass(err)
	if errors.Is(err, ErrInconsistent) {
		j.passing = j.item != nil && j.attempt() < anonymousTries && errors.Is(err, source.ErrAnonymous)
	}
	if j.pinned && errors.Is(err, ErrChanged) { // it will not come back
		j.passing = false
	}
	if j.passing && j.limit > 0 && j.attempt() >= j.limit {
		j.passing, j.out.GivenUp = false, true
	}
	j.err = &ObjectError{Op: op, Key: j.object.Key, Object: j.object, Attempt: j.attempt(), Pending: j.passing, Index: -1, Offset: offset, Err: err}
}
