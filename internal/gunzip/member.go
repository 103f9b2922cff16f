package gunzip

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Errors of the data. Each error that this package returns for a bad file wraps ErrCorrupt.
var (
	// ErrCorrupt marks data that is not valid gzip: a bad header, bad deflate
	// data, a checksum or length that does not match, a file that is cut off, or
	// surplus behind the last member.
	// The error of a file that is cut off wraps io.ErrUnexpectedEOF as well.
	ErrCorrupt = errors.New("corrupt gzip")

	// ErrLimit means that the output would be larger than the caller's limit.
	ErrLimit = errors.New("gzip output over the limit")
)

// Flags of a member's header.
const (
	flagHeaderCRC = 1 << 1
	flagsReserved = 7 << 5
)

// Is reports whether data that starts with head is gzip, by its first two bytes.
func Is(head []byte) bool {
	return len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b
}

// begins reports whether a member begins with head: what follows another member and its
// padding, or the first bytes of that. Every member begins with the same two bytes. The
// first of them alone is a member that is cut off.
func begins(head []byte) bool {
	return Is(head) || len(head) == 1 && head[0] == 0x1f
}

// skipZeros reads the padding behind a member, if there is any: zero bytes, with which tapes,
// block devices and some tools fill up a file. It ends before the first other byte, or at
// the end of buf. It goes from one filling of buf to the next, so that the reader under buf
// can stop it.
func skipZeros(buf *bufio.Reader) {
	for {
		part, _ := buf.Peek(max(buf.Buffered(), 1))
		n := len(part) - len(bytes.TrimLeft(part, "\x00"))
		_, _ = buf.Discard(n)
		if n == 0 || n < len(part) {
			return
		}
	}
}

// surplus is the error for bytes that follow the last good member and its padding and are no
// member: size of them, up to the end of the file. from is their place, behind the padding:
// there somebody who looks into the file sees something.
func surplus(size, from int64) error {
	return fmt.Errorf("%w: %d bytes that are not gzip follow the last good member, from byte %d of the stored file on",
		ErrCorrupt, size, from)
}

// classify returns an error of a decompressor as one that wraps ErrCorrupt.
func classify(err error) error {
	if err == io.EOF { // the end of the data in a header
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}
