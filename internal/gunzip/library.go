package gunzip

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// An inflater is the library's decoder, for a file in memory.
type inflater struct {
	file []byte
	src  stoppable
	buf  bufio.Reader // of src, so that each read of src is one of 4 KiB
	zr   gzip.Reader
}

func (in *inflater) reset(src []byte, stop func() error) {
	in.file = src
	in.src.data.Reset(src)
	in.src.stop, in.src.stopped = stop, nil
	in.buf.Reset(&in.src)
}

// release returns in to the pool, without what it has read.
func (in *inflater) release() {
	in.reset(nil, nil)
	inflaters.Put(in)
}

// rest is the part of the file behind the member that was read last.
func (in *inflater) rest() []byte {
	return in.file[len(in.file)-in.src.data.Len()-in.buf.Buffered():]
}

// A stoppable is data that ends when stop returns an error.
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

// member appends the next member to dst. Members are read one by one: if a name in a later
// header is cut off, gzip's own loop over members takes that for the end of the file.
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
