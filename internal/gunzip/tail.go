package gunzip

import (
	"bufio"
	"bytes"
	"fmt"
)

// begins reports whether a member begins with head, which is what follows another member
// and its padding, or the first bytes of that. A single byte of the two that every member
// begins with is a member that is cut off.
func begins(head []byte) bool {
	return Is(head) || len(head) == 1 && head[0] == 0x1f
}

// skipZeros reads the padding behind a member, if there is any: zero bytes, which are what
// tapes, block devices and some tools fill a file up with. It ends before the first other
// byte, or where buf has no more. It goes from one filling of buf to the next, so that what
// buf reads of can end it.
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

// surplus is the error of what follows the last good member, and its padding, and is no
// member: that many bytes, to the end of the file. It begins where someone who looks into
// the file sees something, so padding before it does not count.
func surplus(size, from int64) error {
	return fmt.Errorf("%w: %d bytes that are not gzip follow the last good member, from byte %d of the stored file on",
		ErrCorrupt, size, from)
}
