//go:build !qlogs_noinflate

package gunzip

import (
	"errors"
	"sync"

	"github.com/promptlogs/qlogs/internal/inflate"
)

// A decoder is an inflate.Decoder, except in tests.
type decoder interface {
	Reset(src []byte)
	Append(dst []byte) ([]byte, error)
	Flags() byte
}

var decoders = sync.Pool{New: func() any { return decoder(&inflate.Decoder{Pauses: true}) }}

var errFault = errors.New("fault in the decoder")

// own does Inflate's work with package inflate. If done is false, the library's decoder has
// to do it from the start, into the returned buffer, which may have grown. The reason is
// that src is not good gzip, or not for all decoders, or that package inflate has a fault.
func own(dst, src []byte, limit int, reserve func(int) error, stop func() error) (out []byte, done bool, err error) {
	d := decoders.Get().(decoder)
	d.Reset(src)
	size := sizeHint(src)
	for {
		most := cap(dst)
		if most-1 > limit {
			most = limit + 1
		}
		window := dst[:len(dst):min(most, len(dst)+strideOut)]
		got, err := safely(d, window)
		if err == errFault {
			return dst[:0], false, nil // d is dropped, because it may be in any state
		}
		dst = dst[:len(got)]
		full := err == inflate.ErrFull && len(got) == cap(window)
		if err == inflate.ErrPaused || full && len(dst) < most {
			if err := stop(); err != nil {
				release(d)
				return dst[:0], true, err
			}
			continue
		}
		switch {
		case err != nil && !full, d.Flags()&flagsReserved != 0:
			release(d)
			return dst[:0], false, nil
		case len(dst) > limit:
			release(d)
			return dst[:0], true, ErrLimit
		case err == nil:
			release(d)
			return dst, true, nil
		}
		if dst, err = grow(dst, nextSize(size, len(dst), src), limit, reserve); err != nil {
			release(d)
			return dst[:0], true, err
		}
	}
}

func release(d decoder) {
	d.Reset(nil)
	decoders.Put(d)
}

func safely(d decoder, dst []byte) (out []byte, err error) {
	defer func() {
		if recover() != nil {
			out, err = nil, errFault
		}
	}()
	return d.Append(dst)
}
