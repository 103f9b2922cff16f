package qlogs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/selection"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A fetcher reads objects whole, one after another.
type fetcher struct {
	*pipeline
	decoder *record.Decoder
	meter   meter
	stop    func() error
	local   bool
	watch   *stall.Timer // of the file before, for the next one
}

func newFetcher(p *pipeline) *fetcher {
	f := &fetcher{pipeline: p, meter: meter{pipeline: p, most: p.scan.opts.inflatedMost()}, stop: p.ctx.Err, local: source.IsLocal(p.scan.src)}
	f.decoder = record.NewDecoder(nil, p.scan.opts.decoder(f.stop, f.meter.grow))
	return f
}

func (f *fetcher) close() {
	if f.watch != nil {
		f.watch.Release()
	}
}

// open opens o, with the timer of the file before if there is one.
func (f *fetcher) open(o Object) (*body, error) {
	watch := f.watch
	if f.watch = nil; watch == nil {
		watch = stall.New(f.ctx, f.scan.opts.StallTimeout)
	}
	b, err := f.scan.open(watch, o)
	if err != nil {
		watch.Release()
	}
	return b, err
}

// finish closes b. The timer may be the next object's as well if the source is local: to
// make one costs as much as two system calls. Any other source may keep work alive with
// the context of an object.
func (f *fetcher) finish(b *body) {
	_ = b.Close() // all of it was read, or is not wanted
	if f.local && !b.late && b.watch.Err() == nil {
		f.watch = b.watch
	} else {
		b.watch.Release()
	}
}

// Buffers above this size are not kept for reuse.
const maxPooled = 256 << 10

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func keep(b *[]byte) {
	if cap(*b) <= maxPooled {
		buffers.Put(b)
	}
}

// fetch fills j with its records, or makes it a large one.
func (f *fetcher) fetch(j *job) {
	defer f.settle(j)
	stored := buffers.Get().(*[]byte)
	defer keep(stored)
	op, err := f.get(j, stored)
	if j.renewable(err) {
		if err = f.lookAgain(j); err == nil && !j.large {
			op, err = f.get(j, stored)
		} else {
			op = "open"
		}
	}
	switch {
	case err != nil:
		j.fail(op, -1, err)
	case j.large:
	case !gunzip.Is(*stored):
		f.decode(j, *stored, nil)
	default:
		f.inflate(j, *stored)
	}
}

// get reads the body of j's object into buf when there is a request slot.
func (f *fetcher) get(j *job, buf *[]byte) (op string, err error) {
	*buf = (*buf)[:0]
	if !f.request() {
		return "open", context.Cause(f.ctx)
	}
	defer f.requested()
	op, err = f.read(j.object, buf)
	j.tally.stored += int64(len(*buf))
	return op, err
}

// read reads the body of o into buf.
func (f *fetcher) read(o Object, buf *[]byte) (op string, err error) {
	b, err := f.open(o)
	if err != nil {
		return "open", err
	}
	defer f.finish(b)
	size := int(o.Size)
	if cap(*buf) <= size {
		*buf = make([]byte, 0, size+1)
	}
	// Asking for one byte more meets the end, which is what lets an HTTP
	// connection be used again.
	n, err := io.ReadFull(b, (*buf)[:size+1])
	*buf = (*buf)[:n]
	if b.ended() {
		return "", nil
	}
	return "read", err
}

// inflate decompresses j's object and decodes it.
func (f *fetcher) inflate(j *job, stored []byte) {
	reserve := func(size int) error { // while the smaller buffer is still there
		if !f.charge(j, int64(size)) {
			return context.Canceled
		}
		return nil
	}
	limit := int(min(f.scan.opts.inflatedMost(), f.scan.opts.MaxObjectBytes))
	buf := buffers.Get().(*[]byte)
	defer keep(buf)
	if !f.charge(j, int64(cap(*buf))) {
		return
	}
	data, err := gunzip.InflateUntil(*buf, stored, limit, reserve, f.stop)
	*buf = data[:0]
	switch {
	case errors.Is(err, gunzip.ErrLimit):
		j.large = true
	case err == nil || len(data) > 0:
		f.decode(j, data, err)
	case f.ctx.Err() == nil:
		j.fail("gunzip", -1, err)
	}
}

// errorBytes is charged for an object's error, which has the answer of the store.
const errorBytes = 32 << 10

// settle gives back what j no longer holds once its buffers are free again.
func (f *fetcher) settle(j *job) {
	kept := int64(jobBytes)
	if len(j.results) > 0 {
		kept += f.meter.held
	}
	kept += int64(cap(j.data))
	if j.err != nil {
		kept += errorBytes
	}
	if more := kept - j.charged; more > 0 {
		f.charge(j, more)
		return
	}
	if j.charged > kept {
		f.window.release(j.charged - kept)
		j.charged = kept
	}
}

// decode fills j with the records of data. If the file is bad behind that, cut says so. The
// records of a file that takes much of what an object may take are left to the loop, so
// that not all of them are there beside it.
func (f *fetcher) decode(j *job, data []byte, cut error) {
	if j.noWork(data, cut, f.meter.most/2) {
		return
	}
	// As a rule the records take hardly more than their JSON.
	if !f.charge(j, int64(len(data))) {
		return
	}
	f.meter.start(j, int64(len(data)))
	j.tally.decompressed = int64(len(data))
	f.decoder.ResetBytes(data)
	defer f.decoder.ResetBytes(nil)
	for {
		r, end := next(f.decoder)
		if end == nil {
			r.tentative = unverified(cut)
			end = f.take(j, r)
		}
		switch {
		case end == nil:
		case f.ctx.Err() != nil:
			return
		case end == errLarge:
			j.restart()
			j.large = true
			return
		default:
			j.end(end, cut)
			return
		}
	}
}

// take hands a record to the scan and charges j if it is kept.
func (f *fetcher) take(j *job, r result) error {
	kept := len(j.results)
	f.scan.take(j, r)
	if len(j.results) == kept {
		f.meter.drop()
		return nil
	}
	spent := f.decoder.Spent()
	if r.err != nil { // what was decoded of it is gone, and the error is as large
		spent = resultBytes
	}
	return f.meter.keep(spent)
}

// end ends j after its last record: with nothing if that was the end of the
// file, with one error otherwise. A file that is cut off or damaged ends in the
// middle of its JSON as well; what is told is the cut.
func (j *job) end(end, cut error) {
	if end == io.EOF && cut == nil {
		return
	}
	var doc *record.DocumentError
	switch {
	case cut != nil && (end == io.EOF || errors.Is(end, io.ErrUnexpectedEOF)):
		j.fail("gunzip", -1, cut)
	case errors.As(end, &doc):
		j.fail("decode", doc.Offset, doc.Err)
	case errors.Is(end, gunzip.ErrCorrupt):
		j.fail("gunzip", -1, end)
	default:
		j.fail("read", -1, end)
	}
}

// take counts a record of j and keeps it if it is to be delivered.
func (s *Scan) take(j *job, r result) {
	j.reached = r.index + 1
	j.out.Damaged = j.out.Damaged || r.err != nil
	if s.finished(j, r) {
		return
	}
	j.tally.seen++
	switch {
	case r.err != nil:
		j.tally.failed++
		var bad *record.Error
		if errors.As(r.err, &bad) {
			r.err = &ObjectError{Op: "decode", Key: j.object.Key, Object: j.object, Index: r.index, Offset: r.offset, Err: bad}
		}
	default:
		when := s.sel.Compare(r.record, j.key)
		if when > 0 && j.out.Left < 0 {
			j.out.Left = r.index
			j.out.Astray = !s.sel.NearEnd(j.key)
		}
		if when != 0 {
			j.tally.filtered++
			return
		}
		if r.drifted {
			j.tally.drifted++
		}
	}
	j.out.Behind = j.out.Behind || j.out.Left >= 0
	j.results = append(j.results, r)
}

// finished tells whether a record of j, or its error, was delivered by an earlier scan.
func (s *Scan) finished(j *job, r result) bool {
	before := j.before()
	if r.index < before.Done || before.Until.IsZero() {
		return r.index < before.Done
	}
	return r.err != nil || selection.Selection{To: before.Until}.Compare(r.record, j.key) == 0
}

// mayPass tells whether another try may succeed where a store failed with err.
func mayPass(err error) bool {
	if errors.Is(err, source.ErrNoStore) { // which tells nothing of the object
		return true
	}
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrArchived) && !errors.Is(err, ErrTooLarge)
}
