package qlogs

import (
	"bufio"
	"context"
	"io"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// stream reads a large object record by record while it yields them. It reports
// false when the loop was left. The object's end, or error, is left in j.
func (d *delivery) stream(j *job) bool {
	j.streaming = true
	defer func() { j.streaming = false }()
	if !d.request() {
		return d.canceled()
	}
	defer d.requested()
	yielded, more := d.pass(j)
	if !more || yielded || !j.renewable(j.err) {
		return more
	}
	j.restart()
	j.err, j.passing = nil, false
	if err := d.renew(j); err != nil {
		j.fail("open", -1, err)
		return true
	}
	_, more = d.pass(j)
	return more
}

// pass streams j's object once. It tells whether it yielded anything, and, with
// more, that the loop was not left.
func (d *delivery) pass(j *job) (yielded, more bool) {
	watch := stall.New(d.ctx, d.scan.opts.StallTimeout)
	defer watch.Release()
	b, err := d.scan.open(watch, j.object)
	if err != nil {
		j.fail("open", -1, err)
		return false, true
	}
	defer b.Close()
	defer func() { j.tally.stored += b.read }()
	in, err := newInflated(b, d.scan.opts.MaxObjectBytes)
	if err != nil {
		j.end(err, nil)
		return false, true
	}
	defer in.close()
	if in.gz != nil {
		d.charge(j, streamBytes)
	}
	dec := d.newDecoder(j)
	dec.Reset(in)
	yielded, end, more := dec.each(in.gz != nil)
	j.tally.decompressed = in.read
	if j.empty = more && in.empty(); more && !j.empty {
		j.end(end, nil)
	}
	if more && yielded && !b.resumed { // what follows a break may be another object's
		d.compare(j)
	}
	return yielded, more
}

// rest decodes a whole object record by record while it yields them. It reports false
// when the loop was left.
func (d *delivery) rest(j *job) bool {
	j.streaming = true
	defer func() { j.streaming = false }()
	dec := d.newDecoder(j)
	dec.ResetBytes(j.data)
	_, end, more := dec.each(unverified(j.cut))
	if more {
		j.end(end, j.cut)
	}
	j.data = nil
	return more
}

// A loopDecoder decodes an object on the loop's goroutine.
type loopDecoder struct {
	*record.Decoder
	*delivery
	job   *job
	grown int64 // what the record takes
}

func (d *delivery) newDecoder(j *job) *loopDecoder {
	l := &loopDecoder{delivery: d, job: j}
	l.Decoder = record.NewDecoder(nil, d.scan.opts.decoder(d.ctx.Err, l.grow))
	return l
}

// grow charges what the head takes, which never waits, so that others do not take it.
func (l *loopDecoder) grow(n int64) error {
	l.grown += n
	l.charge(l.job, n)
	return nil
}

// each yields the records. It returns whether it yielded anything, what ended them, and,
// with more, that the loop was not left.
func (l *loopDecoder) each(tentative bool) (yielded bool, end error, more bool) {
	for {
		if l.grown > 0 { // by the record before
			l.window.release(l.grown)
			l.job.charged, l.grown = l.job.charged-l.grown, 0
		}
		r, end := next(l.Decoder)
		if end != nil {
			return yielded, end, true
		}
		r.tentative = tentative
		l.scan.take(l.job, r)
		yielded = yielded || len(l.job.results) > 0
		if !l.results(l.job) {
			return yielded, nil, false
		}
	}
}

// streamBytes is what a stream takes beside its records.
const streamBytes = 3 << 20

// inflated is the decompressed form of a body, up to a limit.
type inflated struct {
	r     io.Reader
	body  *body
	gz    *gunzip.Reader // nil if the body is not gzip
	read  int64
	max   int64
	whole bool // the end was read
}

// empty reports whether all was read and was nothing.
func (in *inflated) empty() bool { return in.whole && in.read == 0 }

func newInflated(b *body, limit int64) (*inflated, error) {
	buf := bufio.NewReaderSize(b, 64<<10)
	in := &inflated{r: buf, body: b, max: limit}
	// An error here comes again from the first Read.
	if head, _ := buf.Peek(2); !gunzip.Is(head) {
		return in, nil
	}
	gz, err := gunzip.NewReader(buf)
	if err != nil {
		return nil, err
	}
	gz.Until(b.stopped)
	in.r, in.gz = gz, gz
	return in, nil
}

func (in *inflated) Read(p []byte) (int, error) {
	// A small body can inflate for long.
	if in.body.ctx.Err() != nil {
		return 0, context.Cause(in.body.ctx)
	}
	n, err := in.r.Read(p)
	in.read += int64(n)
	in.whole = err == io.EOF
	if in.read > in.max {
		return n, ErrTooLarge
	}
	return n, err
}

// close ends the reading ahead. The body has to return from its Read for that.
func (in *inflated) close() {
	if in.gz != nil {
		in.body.interrupt()
		in.gz.Close()
	}
}
