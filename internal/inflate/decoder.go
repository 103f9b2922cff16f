package inflate

import (
	"errors"
	"hash/crc32"
)

var (
	// ErrFull means that the output has reached the capacity of its buffer and goes on.
	ErrFull = errors.New("output buffer is full")

	// ErrPaused means that the caller may do something else: nothing is wrong, and the
	// next call goes on in the same buffer.
	ErrPaused = errors.New("paused")

	// ErrCorrupt means that the file is not valid gzip, or that it is cut off.
	ErrCorrupt = errors.New("corrupt gzip")
)

// A step is what a Decoder has to do next.
type step int

const (
	stepHeader step = iota
	stepBlock
	stepStored
	stepSymbols
	stepTrailer
	stepPadding
	stepEnd
)

// A Decoder decompresses gzip files, one after the other. It takes no memory beyond
// its own 12 KB. It is not safe for concurrent use. The zero value is ready for Reset.
type Decoder struct {
	// Pauses has Append return ErrPaused, so that no call takes long.
	Pauses bool

	src   []byte
	pos   int    // of the next byte of src to load into bits
	bits  uint64 // loaded bits, the next one lowest
	nbits uint   // how many; above them bits holds zeros or what follows in src

	out   []byte // the caller's buffer, up to its capacity; nil between calls
	to    int    // of the next byte of out to write
	start int    // of the member's first byte in out

	sum    uint32 // of the member's bytes before summed
	summed int

	paused int // pos at the last pause

	step  step
	err   error // ErrCorrupt, once it was returned
	flags byte
	final bool // the block is the member's last one
	size  int  // bytes left to copy, of a stored block or a match
	dist  int  // the match's distance

	codes   *tables // of the block
	own     tables
	pre     [1 << preBits]uint32 // of the code for lengths
	lengths [maxLit + maxOff]uint8
}

// Reset makes d ready to decompress src, a whole gzip file of one or more members, with zero
// bytes behind each of them or none, which must not change until Append is done. A Reset with
// nil lets go of the last file.
func (d *Decoder) Reset(src []byte) {
	d.src, d.pos, d.bits, d.nbits = src, 0, 0, 0
	d.out, d.to, d.start = nil, -1, 0
	d.sum, d.summed, d.paused = 0, 0, 0
	d.step, d.err, d.flags, d.size = stepHeader, nil, 0, 0
}

// Append appends the decompressed bytes to dst, up to its capacity, and returns the
// extended slice, which always shares dst's memory. What lies between the length and
// the capacity of the returned slice has no meaning.
//
// The error is nil once the whole file has been decompressed and the checksums and
// lengths of all its members are verified. It is ErrFull if at least one more byte, or
// damage, is to come: the next call has to pass the returned bytes in a larger buffer,
// and goes on from there. With Pauses it is ErrPaused at the first block or member that
// begins 16 KiB of the file behind the last pause. It is ErrCorrupt for all other files; the bytes so far are
// returned then, unverified. An error of a file stays until Reset.
func (d *Decoder) Append(dst []byte) ([]byte, error) {
	if d.to >= 0 && d.to != len(dst) {
		d.err = ErrCorrupt // the history is not where it was
	}
	if d.err != nil {
		return dst, d.err
	}
	d.out, d.to = dst[:cap(dst)], len(dst)
	err := d.run()
	if err != ErrFull && err != ErrPaused {
		d.err = err
	}
	d.checksum()
	dst, d.out = d.out[:d.to], nil
	return dst, err
}

// pauseAfter is how much input there is between two pauses. Of blocks without output,
// whose headers are all that they have, that is up to 1,400.
const pauseAfter = 16 << 10

func (d *Decoder) pauses() bool {
	if !d.Pauses || d.pos-d.paused < pauseAfter {
		return false
	}
	d.paused = d.pos
	return true
}

// checksum sums up the bytes that were written since the last call.
func (d *Decoder) checksum() {
	d.sum = crc32.Update(d.sum, crc32.IEEETable, d.out[d.summed:d.to])
	d.summed = d.to
}

// Flags returns the union of the flags in the headers of all members that were begun.
// Decoders differ on the reserved ones, the upper three: RFC 1952 says to refuse them,
// and this package and compress/gzip ignore them.
func (d *Decoder) Flags() byte { return d.flags }

func (d *Decoder) run() error {
	for {
		var err error
		switch d.step {
		case stepHeader, stepBlock, stepPadding:
			switch {
			case d.pauses():
				err = ErrPaused
			case d.step == stepHeader:
				err = d.header()
			case d.step == stepPadding:
				err = d.padding()
			default:
				err = d.block()
			}
		case stepStored:
			err = d.stored()
		case stepSymbols:
			err = d.symbols()
		case stepTrailer:
			err = d.trailer()
		case stepEnd:
			return nil
		}
		if err != nil {
			return err
		}
	}
}
