package gunzip

import "fmt"

// begins reports whether a member begins with head, which is what follows another member,
// or the first bytes of that. A single byte of the two that every member begins with is a
// member that is cut off.
func begins(head []byte) bool {
	return Is(head) || len(head) == 1 && head[0] == 0x1f
}

// A tail is what follows the last member of a file.
type tail struct {
	from    int64 // where it begins in the file
	size    int64
	surplus bool // it has a byte other than zero
}

func (t *tail) add(part []byte) {
	t.size += int64(len(part))
	for _, b := range part {
		if b != 0 {
			t.surplus = true
			return
		}
	}
}

// end returns the error of the whole tail. Zero bytes are what tapes, block devices and
// some tools fill a file up with.
func (t *tail) end() error {
	if !t.surplus {
		return nil
	}
	return fmt.Errorf("%w: %d bytes that are not gzip follow the last good member, from byte %d of the stored file on",
		ErrCorrupt, t.size, t.from)
}
