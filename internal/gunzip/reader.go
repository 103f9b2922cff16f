package gunzip

import (
	"bufio"
	"errors"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/pgzip"

	"github.com/promptlogs/qlogs/internal/panics"
)

// Each block costs a switch of goroutines, so they are not small. With fewer of them the
// decompressor would wait while a long record is decoded. Nothing is delivered before a
// whole block is full. With a single block the checksum would be computed while the block is
// being refilled.
const (
	blockSize = 256 << 10
	blocks    = 8
)

var (
	errClosed   = errors.New("read of a closed gzip reader")
	errPanicked = errors.New("the source of a gzip reader has panicked")
)

// A Reader decompresses a stream and reads ahead on a goroutine of its own.
// It must be closed; it is not safe for concurrent use.
type Reader struct {
	src    source
	buf    *bufio.Reader // of src
	ahead  *pgzip.Reader
	plain  gzip.Reader
	member io.Reader // ahead or plain
	err    error
}

// Until makes r call stop for each 4 KiB of the source. An error of stop counts as one of
// the source. Until must be called before the first Read, if at all.
func (r *Reader) Until(stop func() error) { r.src.stop = stop }

// NewReader returns a Reader of the gzip stream r. It reads the header at once.
// Data that Read returns is tentative until Read has returned io.EOF, because the
// checksum comes last. Surplus behind the last member is read to its end. Errors of the
// data wrap ErrCorrupt; if the data is cut off, they wrap io.ErrUnexpectedEOF as well.
// Errors of r are returned as they are. What comes before the cut or the error of r is
// delivered first.
func NewReader(r io.Reader) (*Reader, error) {
	z := &Reader{src: source{r: r}}
	z.buf = bufio.NewReader(&z.src)
	err := z.next()
	z.src.panic.Load().Raise()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, z.classify(err)
	}
	return z, nil
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	for r.err == nil {
		n, err := r.member.Read(p)
		if r.src.panic.Load() == nil && err == io.EOF {
			err = r.next()
		}
		if p := r.src.panic.Load(); p != nil {
			r.err = errPanicked
			p.Raise()
		}
		if err != nil {
			r.err = r.classify(err)
		}
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	return 0, r.err
}

// next goes to the next member. Its error is io.EOF if there is none. Members are read one
// by one, because pgzip's own loop over them takes some cuts in a later header for the end
// of the file.
func (r *Reader) next() error {
	if r.member != nil {
		skipZeros(r.buf)
	}
	head, err := r.buf.Peek(4)
	switch {
	case len(head) == 0:
		return err
	case r.member != nil && !begins(head):
		return r.surplus()
	case len(head) == 4 && head[3]&(flagHeaderCRC|flagsReserved) != 0:
		// pgzip refuses good header checksums and ignores reserved flags. Both are rare, so
		// such members do without the read-ahead.
		err = r.plain.Reset(r.buf)
		r.plain.Multistream(false)
		r.member = &r.plain
	default:
		err = r.resetAhead()
		r.member = r.ahead
	}
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// surplus reads what follows the last member and is no member, to say how much it is.
func (r *Reader) surplus() error {
	from := r.src.read - int64(r.buf.Buffered())
	for more := true; more; {
		_, err := r.buf.Discard(r.buf.Size())
		more = err == nil
	}
	if r.src.err != nil { // classify returns it instead
		return io.EOF
	}
	return surplus(r.src.read-from, from)
}

func (r *Reader) resetAhead() (err error) {
	if r.ahead != nil {
		err = r.ahead.Reset(r.buf)
	} else {
		r.ahead, err = pgzip.NewReaderN(r.buf, blockSize, blocks)
	}
	if err != nil {
		return err
	}
	r.ahead.Multistream(false)
	return nil
}

// classify distinguishes the end of the source, errors of the source and bad data.
func (r *Reader) classify(err error) error {
	if cut := err == io.EOF || err == io.ErrUnexpectedEOF; cut && r.src.err != nil {
		return r.src.err
	}
	if err == io.EOF || errors.Is(err, ErrCorrupt) {
		return err
	}
	return classify(err)
}

// Close ends the read-ahead. It waits for a Read of the source that is in progress, so the
// source has to be stopped first. It does not close the source. Further calls do nothing,
// and a Read after Close fails.
func (r *Reader) Close() {
	// A second Close of a pgzip reader panics, and one after an error only returns it again.
	if r.ahead != nil && r.err != errClosed {
		_ = r.ahead.Close()
	}
	r.err = errClosed
}

// A source ends where r fails, and keeps r's error. The decompressor takes that for a cut,
// and delivers all that comes before.
type source struct {
	r    io.Reader
	read int64
	err  error
	stop func() error // may be nil

	// What ended a Read other than a return, on the goroutine that reads ahead.
	panic atomic.Pointer[panics.Panic]
}

func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, io.EOF
	}
	if s.stop != nil {
		if s.err = s.stop(); s.err != nil {
			return 0, io.EOF
		}
	}
	// The decompressor would spin for ever on a source that returns no bytes and no error.
	for range 100 {
		n, err := s.call(p)
		s.read += int64(n)
		if err != nil && err != io.EOF {
			s.err, err = err, io.EOF
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	s.err = io.ErrNoProgress
	return 0, io.EOF
}

// call is r's Read. A panic there concerns the caller, who is on another goroutine. Here it
// becomes an error, and the next Read of the decompressed data panics with it.
func (s *source) call(p []byte) (n int, err error) {
	panics.Catch(func() { n, err = s.r.Read(p) }, func(p *panics.Panic) {
		n, err = 0, errPanicked
		s.panic.Store(p)
	})
	return n, err
}
