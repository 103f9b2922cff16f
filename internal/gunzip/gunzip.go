// Package gunzip decompresses the gzip bodies of log objects: small ones whole,
// from bytes to bytes with pooled decoders, large ones as a stream.
//
// Both ways read files of several gzip members, as concatenating files gives. Zero bytes
// behind a member are padding, whether the file ends there or another member follows, as
// where files were padded before they were concatenated. Anything else there that does not
// begin as a member does is surplus, to the end of the file: an error, after all that the
// members hold.
//
// Small files go to package inflate. A file that it refuses or fails on is done again, from
// the start, by the library's decoder, which decides what becomes of it: so the errors are
// the library's, and so is what can be read of a cut file. A build with the tag
// qlogs_noinflate has the library's decoder alone, at about half the speed
// (go test -bench Inflate ./internal/gunzip).
package gunzip

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Errors of the data. Each error that this package returns for a bad file wraps ErrCorrupt.
var (
	// ErrCorrupt marks data that is not valid gzip: a bad header, bad deflate
	// data, a checksum or length that does not match, a file that is cut off, or
	// surplus behind the last member.
	// A file that is cut off wraps io.ErrUnexpectedEOF as well.
	ErrCorrupt = errors.New("corrupt gzip")

	// ErrLimit means that the output would be larger than the caller's limit.
	ErrLimit = errors.New("gzip output over the limit")
)

// Is reports whether data that starts with head is gzip, by its first two bytes.
func Is(head []byte) bool {
	return len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b
}

type inflater struct {
	file []byte
	src  stoppable
	buf  bufio.Reader // of src, so that it is asked for 4 KiB each time
	zr   gzip.Reader
}

func (in *inflater) reset(src []byte, stop func() error) {
	in.file = src
	in.src.data.Reset(src)
	in.src.stop, in.src.stopped = stop, nil
	in.buf.Reset(&in.src)
}

// release gives in back, without what it has read.
func (in *inflater) release() {
	in.reset(nil, nil)
	inflaters.Put(in)
}

// rest is the part of the file behind the member that was read last.
func (in *inflater) rest() []byte {
	return in.file[len(in.file)-in.src.data.Len()-in.buf.Buffered():]
}

// A stoppable is data that ends when it is told to.
type stoppable struct {
	data    bytes.Reader
	stop    func() error
	stopped error
}

func (s *stoppable) Read(p []byte) (int, error) {
	if !s.ask() {
		return 0, s.stopped
	}
	return s.data.Read(p)
}

// ask reports whether to go on.
func (s *stoppable) ask() bool {
	if s.stopped == nil {
		s.stopped = s.stop()
	}
	return s.stopped == nil
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// Inflate decompresses src into dst[:0], which it grows as needed, and returns the output.
// Before the output buffer takes more memory it calls reserve with the buffer's new size;
// an error of reserve ends the work and is returned as it is. An output of more than limit
// bytes ends it with ErrLimit.
//
// The whole of src has to be gzip: its checksums and lengths have been verified when the
// error is nil. If src is cut off, Inflate returns what could be read, not verified, with
// an error that wraps ErrCorrupt and io.ErrUnexpectedEOF. With any other error that wraps
// ErrCorrupt it returns the output of the members before the damage or the surplus, all
// of them verified. Other errors come without output.
// The returned slice shares dst's memory if the output is smaller than that, in the error
// case too.
func Inflate(dst, src []byte, limit int, reserve func(size int) error) ([]byte, error) {
	return InflateUntil(dst, src, limit, reserve, func() error { return nil })
}

// InflateUntil is Inflate and asks stop, whenever it has written 256 KiB or read 16 KiB
// whose output is no more, whether to go on: an error of stop ends the work, and is
// returned as it is without output.
func InflateUntil(dst, src []byte, limit int, reserve func(size int) error, stop func() error) ([]byte, error) {
	dst, done, err := own(dst[:0], src, limit, reserve, stop)
	if done {
		return dst, err
	}
	return library(dst, src, limit, reserve, stop)
}

// strideOut is how much is written between two calls of stop. What is read has strides of
// its own: those of package inflate, and of an inflater's buffer.
const strideOut = 256 << 10

// library does Inflate's work with the library's decoder.
func library(dst, src []byte, limit int, reserve func(int) error, stop func() error) ([]byte, error) {
	in := inflaters.Get().(*inflater)
	defer in.release()
	in.reset(src, stop)
	size, verified := sizeHint(src), 0
	for {
		var err error
		dst, err = in.member(dst, size, limit, reserve)
		switch {
		case in.src.stopped != nil:
			return dst[:0], in.src.stopped
		case err == nil:
			verified = len(dst)
		case errors.Is(err, io.ErrUnexpectedEOF):
			return dst, err
		case errors.Is(err, ErrCorrupt):
			return dst[:verified], err
		default:
			return dst[:0], err
		}
		skipZeros(&in.buf)
		rest := in.rest()
		switch {
		case in.src.stopped != nil:
			return dst[:0], in.src.stopped
		case len(rest) == 0:
			return dst, nil
		case !begins(rest):
			return dst, surplus(int64(len(rest)), int64(len(src)-len(rest)))
		}
	}
}

// member appends the next member to dst. Members are read one by one because gzip's own
// loop over them takes a name that is cut off in a later header for the end of the file.
func (in *inflater) member(dst []byte, size, limit int, reserve func(int) error) ([]byte, error) {
	if err := in.zr.Reset(&in.buf); err != nil {
		return dst, classify(err)
	}
	in.zr.Multistream(false)
	for {
		if len(dst) == cap(dst) {
			var err error
			if dst, err = grow(dst, nextSize(size, len(dst), in.file), limit, reserve); err != nil {
				return dst, err
			}
		}
		n, err := in.zr.Read(dst[len(dst):min(cap(dst), len(dst)+strideOut)])
		dst = dst[:len(dst)+n]
		switch {
		case !in.src.ask():
			return dst, in.src.stopped
		case len(dst) > limit:
			return dst, ErrLimit
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, classify(err)
		}
	}
}

// sizeHint is the buffer size to take first, from the length in the trailer. That length
// counts the last member alone, modulo 2^32, and in a damaged file it can be anything.
func sizeHint(src []byte) int {
	const (
		// The slack lets the read that meets the end of the data fit without another growth.
		slack = 512
		// JSON shrinks 3 to 10 times as a rule. The rare file that shrinks more than 64
		// times grows its buffer as data comes, so that a length that lies costs little.
		maxRatio = 64
	)
	return int(min(length(src), maxRatio*int64(len(src)))) + slack
}

// nextSize is the size of a buffer that takes the place of a full one. A file that has shrunk
// more than sizeHint believes may be as long as its trailer says, as far as deflate can
// shrink it: a buffer that only doubled would be there twice while it is copied.
func nextSize(hint, full int, src []byte) int {
	const deflateMost = 1032
	size := max(hint, 2*full)
	if full >= hint {
		size = max(size, int(min(length(src)+1, deflateMost*int64(len(src)))))
	}
	return size
}

// length is the length that the trailer of src gives its last member, which is all of the
// output for most files. In a damaged file it can be anything.
func length(src []byte) int64 {
	if len(src) < 4 {
		return 0
	}
	return int64(binary.LittleEndian.Uint32(src[len(src)-4:]))
}

func grow(dst []byte, size, limit int, reserve func(int) error) ([]byte, error) {
	if size > limit {
		// One byte over the limit is enough to see that it was passed.
		size = limit + 1
	}
	if err := reserve(size); err != nil {
		return dst, err
	}
	next := make([]byte, len(dst), size)
	copy(next, dst)
	return next, nil
}

func classify(err error) error {
	if err == io.EOF { // the end of the data in a header
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}
