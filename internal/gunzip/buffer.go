package gunzip

import "encoding/binary"

// strideOut is how much is written between two calls of stop. Reading has strides of its
// own: those of package inflate, and those of an inflater's buffer.
const strideOut = 256 << 10

// sizeHint is the first size of the buffer. It follows from the length in the trailer, which
// counts the last member alone, modulo 2^32, and can be anything in a damaged file.
func sizeHint(src []byte) int {
	const (
		// The slack is room for the read that finds the end of the data, which would make
		// the buffer grow once more.
		slack = 512
		// JSON mostly shrinks 3 to 10 times. For the rare file that shrinks more than 64
		// times the buffer grows as data comes, so that a wrong length costs little.
		maxRatio = 64
	)
	return int(min(length(src), maxRatio*int64(len(src)))) + slack
}

// nextSize is the size of the buffer that replaces a full one. If the output is longer than
// sizeHint believed, it may be as long as the trailer says, as far as deflate can shrink
// it. A buffer that only doubled would take its memory twice while it is copied.
func nextSize(hint, full int, src []byte) int {
	const deflateMost = 1032
	size := max(hint, 2*full)
	if full >= hint {
		size = max(size, int(min(length(src)+1, deflateMost*int64(len(src)))))
	}
	return size
}

// length is the length of the last member according to the trailer of src. For most files
// that is all of the output. In a damaged file it can be anything.
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
