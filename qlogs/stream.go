package qlogs

import (
	"bufio"
	"context"
	"io"

	"github.com/promptlogs/qlogs/internal/gunzip"
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
	watch := newWatchdog(d.ctx, d.scan.opts.StallTimeout)
	defer watch.release()
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
	// The head is never held up, but what it takes, others do not get.
	grown := int64(0)
	grow := func(n int64) error {
		grown += n
		d.charge(j, n)
		return nil
	}
	if in.gz != nil {
		d.charge(j, streamBytes)
	}
	dec := record.NewDecoder(in, d.scan.opts.decoder(d.ctx.Err, grow))
	for {
		if grown > 0 { // for the record before
			d.window.release(grown)
			j.charged, grown = j.charged-grown, 0
		}
		r, end := next(dec)
		if end != nil {
			j.tally.decompressed = in.read
			j.end(end, nil)
			return yielded, true
		}
		r.tentative = in.gz != nil
		d.scan.take(j, r)
		yielded = yielded || len(j.results) > 0
		if !d.results(j) {
			return yielded, false
		}
	}
}

// streamBytes is what a stream takes beside its records.
const streamBytes = 3 << 20

// inflated is the decompressed form of a body, up to a limit.
type inflated struct {
	r    io.Reader
	body *body
	gz   *gunzip.Reader // nil if the body is not gzip
	read int64
	max  int64
}

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
