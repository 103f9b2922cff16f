package reading

import (
	"context"

	"github.com/promptlogs/qlogs/qlogs/record"
)

// This file is what the loop's goroutine does. yield is the loop's body: it reports false
// when the loop was left.

// deliver yields the records of t.
func (s *shared) deliver(t *Task, yield func(Record) bool) {
	switch {
	case t.Skip:
	case t.large && t.Failure.Err == nil:
		s.stream(t, yield)
	case t.data != nil:
		s.rest(t, yield)
	default:
		s.kept(t, yield)
	}
}

// goesOn reports whether the context is not done, and else makes that t's failure.
func (s *shared) goesOn(t *Task) bool {
	if s.ctx.Err() == nil {
		return true
	}
	t.fail("read", -1, context.Cause(s.ctx))
	return false
}

// kept yields what a worker has kept of t.
func (s *shared) kept(t *Task, yield func(Record) bool) {
	for i := range t.records {
		if !s.goesOn(t) {
			return
		}
		r := t.records[i]
		t.records[i] = Record{}
		r.Last = i == len(t.records)-1 && t.Failure.Err == nil
		if !yield(r) {
			return
		}
	}
	t.records = nil
}

// stream reads a large object record by record while it yields them.
func (s *shared) stream(t *Task, yield func(Record) bool) {
	if !s.request() {
		s.goesOn(t)
		return
	}
	defer s.requested()
	yielded, more := s.pass(t, yield)
	if !more || yielded || !t.renewable(t.Failure.Err) {
		return
	}
	if err := s.renew(t); err != nil {
		t.fail("open", -1, err)
		return
	}
	s.pass(t, yield)
}

// streamBytes is what a stream takes beside its records.
const streamBytes = 3 << 20

// pass streams t's object once. It reports whether it yielded anything, and, with more,
// whether it came to the object's end or failure: the loop was not left, and the context
// was not found done between two records.
func (s *shared) pass(t *Task, yield func(Record) bool) (yielded, more bool) {
	watch := s.timer()
	defer watch.Release()
	b, err := s.open(watch, t.Object)
	if err != nil {
		t.fail("open", -1, err)
		return false, true
	}
	defer b.Close()
	defer func() { t.Stored += b.read }()
	in, err := newInflated(b, s.config.MaxObjectBytes)
	if err != nil {
		t.end(err, nil)
		return false, true
	}
	defer in.close()
	if in.compressed() {
		s.window.charge(&t.ticket, streamBytes)
	}
	d := s.newLoopDecoder(t)
	d.Reset(in)
	yielded, end, more := d.each(in.compressed(), yield)
	if more {
		end = in.cause(end)
	}
	t.Decompressed = in.read
	if t.Empty = more && in.empty(); more && !t.Empty {
		t.end(end, nil)
	}
	if more && yielded && !b.resumed { // what follows a break may be another object's
		s.compare(t)
	}
	return yielded, more
}

// rest decodes an object that is in memory record by record while it yields them.
func (s *shared) rest(t *Task, yield func(Record) bool) {
	d := s.newLoopDecoder(t)
	d.ResetBytes(t.data)
	if _, end, more := d.each(unverified(t.cut), yield); more {
		t.end(end, t.cut)
	}
	t.data = nil
}

// A loopDecoder decodes an object on the loop's goroutine.
type loopDecoder struct {
	*record.Decoder
	*shared
	task   *Task
	record Record // the one that Keep is asked about
	grown  int64  // what it takes
}

func (s *shared) newLoopDecoder(t *Task) *loopDecoder {
	d := &loopDecoder{shared: s, task: t}
	d.Decoder = s.config.decoder(s.ctx.Err, d.grow)
	return d
}

// grow charges what the head takes, which never waits, so that others do not take it.
func (d *loopDecoder) grow(n int64) error {
	d.grown += n
	d.window.charge(&d.task.ticket, n)
	return nil
}

// each yields the records. It returns whether it yielded anything, what ended them, and
// with more that something did: see pass.
func (d *loopDecoder) each(tentative bool, yield func(Record) bool) (yielded bool, end error, more bool) {
	for {
		if d.grown > 0 { // by the record before
			d.window.release(&d.task.ticket, d.grown)
			d.grown = 0
		}
		if end := d.record.next(d.Decoder); end != nil {
			return yielded, end, true
		}
		d.record.Tentative = tentative
		verdict := d.config.Keep(d.task, &d.record)
		r := d.record
		d.record = Record{} // which is not to live longer than it is needed
		if verdict == Drop {
			continue
		}
		yielded = true
		if !d.goesOn(d.task) || !yield(r) {
			return yielded, nil, false
		}
	}
}
