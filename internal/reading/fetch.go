package reading

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A fetcher is a worker. It reads objects whole, one after another.
type fetcher struct {
	*shared
	decoder *record.Decoder
	meter   meter
	record  Record // the one that Keep is asked about
	stop    func() error
	local   bool
	watch   *stall.Timer // of the file before, for the next one
}

func newFetcher(s *shared) *fetcher {
	f := &fetcher{shared: s, meter: meter{window: s.window, most: s.config.wholeMost()}, stop: s.ctx.Err, local: source.IsLocal(s.config.Source)}
	f.decoder = s.config.decoder(f.stop, f.meter.grow)
	return f
}

// work reads the objects of tasks.
func (f *fetcher) work(tasks <-chan *Task) {
	defer f.close()
	for t := range tasks {
		if f.ctx.Err() == nil {
			f.fetch(t)
		}
		close(t.ready)
	}
}

func (f *fetcher) close() {
	if f.watch != nil {
		f.watch.Release()
	}
}

// Buffers above this size are not kept for reuse.
const maxPooled = 256 << 10

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func recycle(b *[]byte) {
	if cap(*b) <= maxPooled {
		buffers.Put(b)
	}
}

// fetch fills t with its records, or leaves it to the loop.
func (f *fetcher) fetch(t *Task) {
	defer f.settle(t)
	stored := buffers.Get().(*[]byte)
	defer recycle(stored)
	op, err := f.get(t, stored)
	if t.renewable(err) {
		if err = f.lookAgain(t); err == nil && !t.large {
			op, err = f.get(t, stored)
		} else {
			op = "open"
		}
	}
	switch {
	case err != nil:
		t.fail(op, -1, err)
	case t.large:
	case !gunzip.Is(*stored):
		f.decode(t, *stored, nil)
	default:
		f.inflate(t, *stored)
	}
}

// lookAgain makes t's object, which was replaced, the one that is there now, and leaves t
// to the loop if that is large.
func (f *fetcher) lookAgain(t *Task) error {
	if !f.request() {
		return context.Cause(f.ctx)
	}
	err := f.renew(t)
	f.requested()
	if err != nil {
		return err
	}
	if t.large = f.config.isLarge(t.Object.Size); t.large {
		return nil
	}
	if more := taskBytes + t.Object.Size - t.ticket.held; more > 0 && !f.window.charge(&t.ticket, more) {
		return context.Cause(f.ctx)
	}
	return nil
}

// get reads the body of t's object into buf when there is a request slot.
func (f *fetcher) get(t *Task, buf *[]byte) (op string, err error) {
	*buf = (*buf)[:0]
	if !f.request() {
		return "open", context.Cause(f.ctx)
	}
	defer f.requested()
	op, err = f.read(t.Object, buf)
	t.Stored += int64(len(*buf))
	return op, err
}

// read reads the body of o into buf.
func (f *fetcher) read(o source.Object, buf *[]byte) (op string, err error) {
	watch := f.takeTimer()
	b, err := f.open(watch, o)
	if err != nil {
		watch.Release()
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

// takeTimer returns the timer of the file before, if there is one, or a new one.
func (f *fetcher) takeTimer() *stall.Timer {
	watch := f.watch
	if f.watch = nil; watch == nil {
		watch = f.timer()
	}
	return watch
}

// finish closes b and keeps its timer for the next file: making one costs about two system
// calls. This is safe only because a local source ignores the context; another source may
// keep work alive with it.
func (f *fetcher) finish(b *body) {
	_ = b.Close() // all of it was read, or is not wanted
	if f.local && !b.late && b.watch.Err() == nil {
		f.watch = b.watch
	} else {
		b.watch.Release()
	}
}

// inflate decompresses t's object and decodes it.
func (f *fetcher) inflate(t *Task, stored []byte) {
	reserve := func(size int) error { // while the smaller buffer is still there
		if !f.window.charge(&t.ticket, int64(size)) {
			return context.Canceled
		}
		return nil
	}
	limit := int(min(f.meter.most, f.config.MaxObjectBytes))
	buf := buffers.Get().(*[]byte)
	defer recycle(buf)
	if !f.window.charge(&t.ticket, int64(cap(*buf))) {
		return
	}
	data, err := gunzip.InflateUntil(*buf, stored, limit, reserve, f.stop)
	*buf = data[:0]
	switch {
	case errors.Is(err, gunzip.ErrLimit):
		t.large = true
	case err == nil || len(data) > 0:
		f.decode(t, data, err)
	case f.ctx.Err() == nil:
		t.fail("gunzip", -1, err)
	}
}

// decode fills t with the records of data. If the file is bad behind that, cut says so. The
// records of a file that takes much of what an object may take are left to the loop, so
// that they are not all in memory beside the file.
func (f *fetcher) decode(t *Task, data []byte, cut error) {
	if t.Empty = len(data) == 0 && cut == nil; t.Empty {
		return
	}
	if int64(len(data)) > f.meter.most/2 {
		t.data, t.cut, t.Decompressed = data, cut, int64(len(data))
		return
	}
	// As a rule the records take hardly more than their JSON.
	if !f.window.charge(&t.ticket, int64(len(data))) {
		return
	}
	f.meter.start(&t.ticket, int64(len(data)))
	t.Decompressed = int64(len(data))
	f.decoder.ResetBytes(data)
	defer f.forget()
	tentative := unverified(cut)
	for {
		end := f.record.next(f.decoder)
		if end == nil {
			f.record.Tentative = tentative
			end = f.ask(t)
		}
		switch {
		case end == nil:
		case f.ctx.Err() != nil:
			return
		case end == errLarge:
			f.restart(t, t.Object)
			t.large = true
			return
		default:
			t.end(end, cut)
			return
		}
	}
}

// forget lets go of an object that was decoded.
func (f *fetcher) forget() {
	f.decoder.ResetBytes(nil)
	f.record = Record{}
}

// ask asks Keep about the present record, and charges t if it is kept.
func (f *fetcher) ask(t *Task) error {
	if f.config.Keep(t, &f.record) == Drop {
		f.meter.drop()
		f.record = Record{} // before another one takes memory
		return nil
	}
	t.records = append(t.records, f.record)
	spent := f.decoder.Spent()
	if f.record.Err != nil { // what was decoded of it is gone, and the error is as large
		spent = recordBytes
	}
	return f.meter.keep(spent)
}

// failureBytes is charged for an object's failure, which has the answer of the store.
const failureBytes = 32 << 10

// settle gives back what t no longer holds once its buffers are free again.
func (f *fetcher) settle(t *Task) {
	kept := taskBytes + int64(cap(t.data))
	if len(t.records) > 0 {
		kept += f.meter.held
	}
	if t.Failure.Err != nil {
		kept += failureBytes
	}
	if more := kept - t.ticket.held; more > 0 {
		f.window.charge(&t.ticket, more)
	} else if more < 0 {
		f.window.release(&t.ticket, -more)
	}
}
