package reading

import (
	"errors"
	"io"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// ErrTooLarge means that an object is larger than [Config].MaxObjectBytes.
var ErrTooLarge = errors.New("object is larger than MaxObjectBytes")

// taskBytes is charged for what an object costs beside its bytes.
const taskBytes int64 = 2 << 10

// A Task is one step in the order: an object to read, or something that only keeps its
// place there. Whoever makes it may embed it in a struct of their own.
//
// Between [Feed.Put] and [Pipeline.Next] it belongs to this package, which shows it to
// Keep and Restart.
type Task struct {
	// Object is the object to read. If it is found replaced, it becomes the one that
	// is there now.
	Object source.Object

	// Pinned means this object or none: if it was replaced, the task fails.
	Pinned bool

	// Skip means that nothing is read. The task comes out of Next in its turn, and has
	// no records.
	Skip bool

	// Ref is the caller's. This package does not look at it.
	Ref any

	// Failure is why the object could not be read, or not to its end. It is known when
	// the loop over Records has ended, as are the fields below. If the pipeline's
	// context was done before that, the failure is its cause.
	Failure Failure

	// Empty means that the object was read and has no byte once it is decompressed.
	Empty bool

	// Stored is how many bytes of bodies were read for the object, all tries included.
	Stored int64

	// Decompressed is how many bytes these were after decompression.
	Decompressed int64

	ticket ticket
	ready  chan struct{} // closed when the loop may have the task

	large   bool // not read ahead but streamed by the loop
	renewed bool // was looked up again
	same    bool // and was found to be what it was before

	records []Record // that were kept and not delivered

	// data, if not nil, is the whole object, checked, whose records the loop decodes one
	// by one. If the file is cut off or bad behind data, cut says so.
	data []byte
	cut  error
}

// A Failure says at which step an object failed, and why. The zero Failure is none.
type Failure struct {
	Op     string // "open", "read", "gunzip" or "decode"
	Offset int64  // of the damage in the decompressed object; -1 if it has no place there
	Err    error
}

// A Record is one record of an object, or why there is none.
type Record struct {
	Record    record.Record
	Err       error // a *record.Error, if Keep has not replaced it
	Index     int   // in the object, from 0
	Offset    int64 // where it begins in the decompressed object
	Tentative bool  // the gzip checksum over it was not verified
	Drifted   bool  // see record.Decoder.Drifted
	Last      bool  // nothing of the object follows, no failure either
}

// next makes r the next record of d. An error is the end of the file, or what ended it.
func (r *Record) next(d *record.Decoder) error {
	rec, err := d.Next()
	if err != nil && !isRecordError(err) {
		return err
	}
	*r = Record{Record: rec, Err: err, Index: d.Index(), Offset: d.Offset(), Drifted: d.Drifted()}
	return nil
}

func isRecordError(err error) bool {
	if err == io.EOF { // which most objects end with
		return false
	}
	var bad *record.Error
	return errors.As(err, &bad)
}

// restart forgets what was read of t.
func (t *Task) restart() {
	t.records, t.Failure, t.Empty, t.Decompressed = nil, Failure{}, false, 0
}

// renewable reports whether err means that t's object was replaced, so that what is there
// now may be read in its place.
func (t *Task) renewable(err error) bool {
	return errors.Is(err, source.ErrChanged) && !t.renewed && !t.Pinned
}

// end ends t after its last record: with nothing if that was the end of the file, and
// otherwise with one failure. A file that is cut off or damaged ends in the middle of its
// JSON as well; the failure is the cut then.
func (t *Task) end(end, cut error) {
	if end == io.EOF && cut == nil {
		return
	}
	var doc *record.DocumentError
	switch {
	case cut != nil && (end == io.EOF || errors.Is(end, io.ErrUnexpectedEOF)):
		t.fail("gunzip", -1, cut)
	case errors.As(end, &doc):
		t.fail("decode", doc.Offset, doc.Err)
	case errors.Is(end, gunzip.ErrCorrupt):
		t.fail("gunzip", -1, end)
	default:
		t.fail("read", -1, end)
	}
}

// fail ends t with an error at byte offset, or -1 if it concerns no byte.
func (t *Task) fail(op string, offset int64, err error) {
	if t.same && errors.Is(err, source.ErrChanged) {
		err = &inconsistency{listed: t.Object, err: err, once: !t.renewed}
	}
	t.Failure = Failure{Op: op, Offset: offset, Err: err}
}

// unverified reports whether data that ends with the error cut may be other than what was
// written. Only of a file that is cut off is more read than its checksums confirm.
func unverified(cut error) bool { return errors.Is(cut, io.ErrUnexpectedEOF) }
