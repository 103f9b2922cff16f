package inflate

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Flags of a member's header.
const (
	flagHeaderCRC = 1 << (iota + 1)
	flagExtra
	flagName
	flagComment
)

// header reads the header of a member.
func (d *Decoder) header() error {
	const (
		fixed     = 10
		maxString = 512 // with its NUL; compress/gzip refuses a longer one
	)
	h := d.src[d.pos:]
	if len(h) < fixed || h[0] != 0x1f || h[1] != 0x8b || h[2] != 8 {
		return ErrCorrupt
	}
	flags, n := h[3], fixed
	d.flags |= flags
	if flags&flagExtra != 0 {
		if len(h) < n+2 {
			return ErrCorrupt
		}
		n += 2 + int(binary.LittleEndian.Uint16(h[n:]))
		if len(h) < n {
			return ErrCorrupt
		}
	}
	for _, flag := range [...]byte{flagName, flagComment} {
		if flags&flag == 0 {
			continue
		}
		end := bytes.IndexByte(h[n:min(n+maxString, len(h))], 0)
		if end < 0 {
			return ErrCorrupt
		}
		n += end + 1
	}
	if flags&flagHeaderCRC != 0 {
		if len(h) < n+2 || binary.LittleEndian.Uint16(h[n:]) != uint16(crc32.ChecksumIEEE(h[:n])) {
			return ErrCorrupt
		}
		n += 2
	}
	d.pos += n
	d.start, d.sum, d.summed = d.to, 0, d.to
	d.step = stepBlock
	return nil
}

// trailer checks what comes after the last block of a member.
func (d *Decoder) trailer() error {
	const size = 8
	d.align()
	if len(d.src)-d.pos < size {
		return ErrCorrupt
	}
	d.checksum()
	t := d.src[d.pos:]
	if binary.LittleEndian.Uint32(t) != d.sum || binary.LittleEndian.Uint32(t[4:]) != uint32(d.to-d.start) {
		return ErrCorrupt
	}
	d.pos += size
	switch {
	case d.pos == len(d.src):
		d.step = stepEnd
	case d.src[d.pos] == 0:
		d.step = stepPadding
	default:
		d.step = stepHeader
	}
	return nil
}

// padding takes some of the zero bytes behind a member, which another one may follow.
func (d *Decoder) padding() error {
	for _, b := range d.src[d.pos:min(d.pos+pauseAfter, len(d.src))] {
		if b != 0 {
			d.step = stepHeader
			return nil
		}
		d.pos++
	}
	if d.pos == len(d.src) {
		d.step = stepEnd
	}
	return nil
}
