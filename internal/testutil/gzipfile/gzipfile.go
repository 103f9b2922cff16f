// Package gzipfile puts gzip members together from their parts, for tests of what reads
// them: with any header, and with any trailer.
package gzipfile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Flags of a header. All together they are 31; the bits above are reserved.
const (
	Text = 1 << iota
	HeaderCRC
	Extra
	Name
	Comment
)

// Header returns a header; its optional fields are there as flags say.
func Header(flags byte) []byte {
	b := []byte{0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255}
	if flags&Extra != 0 {
		b = append(b, "\x0a\x00AB\x06\x00fields"...)
	}
	if flags&Name != 0 {
		b = append(b, "logs.json\x00"...)
	}
	if flags&Comment != 0 {
		b = append(b, "caf\xe9\x00"...)
	}
	if flags&HeaderCRC != 0 {
		b = binary.LittleEndian.AppendUint16(b, uint16(crc32.ChecksumIEEE(b)))
	}
	return b
}

// Seal makes a member of deflate data, whose trailer is that of data.
func Seal(header, deflated, data []byte) []byte {
	b := append(bytes.Clone(header), deflated...)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(data))
	return binary.LittleEndian.AppendUint32(b, uint32(len(data)))
}
