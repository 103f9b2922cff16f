package gunzip_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"
	"testing/iotest"
)

// seed adds the files of the corpus that are small enough to mutate well.
func seed(f *testing.F) {
	for _, c := range corpus(f) {
		if len(c.data) <= maxFuzzed {
			f.Add(c.data)
		}
	}
	f.Add(mixed(f))
}

// maxFuzzed keeps inputs that expand a thousand times from taking seconds.
const maxFuzzed = 4 << 10

// sealed makes a good file of data if what follows its first ten bytes is good
// deflate data, since mutation alone never finds the checksum.
func sealed(data []byte) (good []byte, ok bool) {
	if len(data) < 10 {
		return nil, false
	}
	src := bytes.NewReader(data[10:])
	out, err := io.ReadAll(flate.NewReader(src))
	if err != nil {
		return nil, false
	}
	good = []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
	good = append(good, data[10:len(data)-src.Len()]...)
	good = binary.LittleEndian.AppendUint32(good, crc32.ChecksumIEEE(out))
	return binary.LittleEndian.AppendUint32(good, uint32(len(out))), true
}

// padded is three members with zero bytes behind each. How many is up to the first bytes of
// data, which sealed does not take.
func padded(member, data []byte) []byte {
	n := func(i int) int { return int(data[i]) * int(data[i+1]) }
	return join(member, make([]byte, n(0)), member, make([]byte, n(2)), member, make([]byte, n(4)))
}

func FuzzInflate(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > maxFuzzed {
			return
		}
		checkInflate(t, data)
		if good, ok := sealed(data); ok {
			checkInflate(t, good)
			checkInflate(t, join(good, good))
			checkInflate(t, padded(good, data))
		}
	})
}

func FuzzReader(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > maxFuzzed {
			return
		}
		got, err := stream(bytes.NewReader(data))
		check(t, "Reader", data, got, err)
		got, err = stream(iotest.HalfReader(bytes.NewReader(data)))
		check(t, "Reader", data, got, err)
		if good, ok := sealed(data); ok {
			got, err = stream(iotest.OneByteReader(bytes.NewReader(good)))
			check(t, "Reader", good, got, err)
			members := padded(good, data)
			got, err = stream(iotest.HalfReader(bytes.NewReader(members)))
			check(t, "Reader", members, got, err)
		}
	})
}
