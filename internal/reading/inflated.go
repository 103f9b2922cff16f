package reading

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// inflated is the decompressed form of a body, up to a limit.
type inflated struct {
	r     io.Reader
	body  *body
	gz    *gunzip.Reader // nil if the body is not gzip
	read  int64
	max   int64
	whole bool // the end was read
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
	// A small body can take long to inflate.
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

// compressed reports whether the body is gzip.
func (in *inflated) compressed() bool { return in.gz != nil }

// empty reports whether all was read and was nothing.
func (in *inflated) empty() bool { return in.whole && in.read == 0 }

// foreignMost is how much of a body that is no log is read to find out whether it is the
// object's: more than a page that something between sends in its place.
const foreignMost = 1 << 20

// cause returns why a file ended with end. If it is no log, its body may be another one than
// the object's, which may show at its end alone.
func (in *inflated) cause(end error) error {
	var bad *record.DocumentError
	if !errors.As(end, &bad) || in.gz != nil {
		return end
	}
	// What it brings counts only if the body fails.
	_, _ = io.CopyN(io.Discard, in.r, foreignMost)
	if err := in.body.err; err != nil && err != io.EOF {
		return err
	}
	return end
}

// close ends the reading ahead, which needs the body to return from its Read.
func (in *inflated) close() {
	if in.gz != nil {
		in.body.interrupt()
		in.gz.Close()
	}
}
