package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/gzipfile"
)

// zeroCounts are numbers of zero bytes between two members: a few, blocks of tapes and
// devices, and all that meet the ends of the buffers.
var zeroCounts = testutil.Pick([]int{1, 512, 4097},
	[]int{1, 2, 3, 7, 8, 10, 512, 4095, 4096, 4097, 10_240, 16<<10 - 1, 16 << 10, 16<<10 + 1, 70_000, 1 << 20})

// zeroReads are the ways to read a file.
func zeroReads() map[string]func([]byte) ([]byte, error) {
	return map[string]func([]byte) ([]byte, error){
		"Inflate": inflate,
		"Reader":  func(data []byte) ([]byte, error) { return stream(bytes.NewReader(data)) },
		"Reader of halves": func(data []byte) ([]byte, error) {
			return stream(iotest.HalfReader(bytes.NewReader(data)))
		},
	}
}

// zeroMembers are members of each kind that is read in a way of its own.
func zeroMembers(t testing.TB) []struct{ data, text []byte } {
	t.Helper()
	return []struct{ data, text []byte }{
		{compress(t, sample(300), 6, nil), sample(300)},
		{member(t, gzipfile.HeaderCRC|gzipfile.Name, sample(200)), sample(200)},
		{compress(t, nil, 6, nil), nil},
		{compress(t, noise(9000), gzip.NoCompression, nil), noise(9000)},
	}
}

// checkZeros checks zero bytes between three members and behind them, in every order of two
// kinds, and that what comes behind the zeros is as without them.
func checkZeros(t *testing.T, counts []int, read func([]byte) ([]byte, error)) {
	t.Helper()
	for _, n := range counts {
		gap := make([]byte, n)
		for i, a := range zeroMembers(t) {
			for j, b := range zeroMembers(t) {
				place := fmt.Sprintf("%d zeros, members %d, %d, %[2]d", n, i, j)
				members := join(a.data, gap, b.data, gap, a.data)
				text := join(a.text, b.text, a.text)
				got, err := read(members)
				if err != nil || !bytes.Equal(got, text) {
					t.Errorf("%s: %d bytes, %v, want %d", place, len(got), err, len(text))
				}
				checkTail(t, read, members, gap, text, false)
				checkTail(t, read, members, join(gap, []byte("and so on")), text, true)
				checkTail(t, read, members, []byte("\r\n"), text, true)
				for _, cut := range [][]byte{a.data[:1], a.data[:2], a.data[:9], a.data[:len(a.data)-1]} {
					got, err := read(join(members, gap, cut))
					if !errors.Is(err, gunzip.ErrCorrupt) || !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(got, text) {
						t.Errorf("%s, and %d bytes of another: %d bytes, %v, want the members and a cut", place, len(cut), len(got), err)
					}
				}
			}
		}
	}
}

func TestZerosBetweenMembers(t *testing.T) {
	for name, read := range zeroReads() {
		counts := zeroCounts
		if name != "Inflate" { // slow to begin
			counts = testutil.Pick([]int{512}, []int{1, 512, 4096, 10_240, 70_000})
		}
		t.Run(name, func(t *testing.T) { checkZeros(t, counts, read) })
	}
}

// A member behind zeros that is damaged costs no output of the good ones, and is no surplus.
func TestZerosBeforeDamage(t *testing.T) {
	good := compress(t, sample(300), 6, nil)
	for name, bad := range map[string][]byte{
		"a wrong checksum": withTrailer(good, 1, 300),
		"a wrong method":   join([]byte{0x1f, 0x8b, 7}, good[3:]),
		"a reserved flag":  member(t, 1<<6, sample(300)),
		"no deflate":       join(good[:10], bytes.Repeat([]byte{0xff}, 40)),
	} {
		for _, n := range []int{1, 512, 10_240} {
			gap := make([]byte, n)
			for way, read := range zeroReads() {
				got, err := read(join(good, gap, good, gap, bad, gap, good))
				if !errors.Is(err, gunzip.ErrCorrupt) || errors.Is(err, io.ErrUnexpectedEOF) || bytes.Contains([]byte(err.Error()), []byte("not gzip")) {
					t.Errorf("%s of %s behind %d zeros: error %v, want that of the member", way, name, n, err)
				}
				if two := join(sample(300), sample(300)); !bytes.HasPrefix(got, two) || way == "Inflate" && len(got) != len(two) {
					t.Errorf("%s of %s behind %d zeros: %d bytes, want the two good members", way, name, n, len(got))
				}
			}
		}
	}
}

// Zeros before a file are no padding of a member, of which there is none yet.
func TestZerosBeforeAll(t *testing.T) {
	data := join(make([]byte, 512), compress(t, sample(300), 6, nil))
	for way, read := range zeroReads() {
		if got, err := read(data); !errors.Is(err, gunzip.ErrCorrupt) || len(got) > 0 {
			t.Errorf("%s = %d bytes, %v, want ErrCorrupt", way, len(got), err)
		}
	}
}

// An error of the source among the zeros is told as it is.
func TestZerosSourceFails(t *testing.T) {
	want := errors.New("connection reset")
	good := compress(t, sample(100), 6, nil)
	members := join(good, make([]byte, 10_240), good, make([]byte, 512), good)
	for n := len(good); n < len(members); n += 251 {
		got, err := stream(io.MultiReader(bytes.NewReader(members[:n]), &once{err: want, r: bytes.NewReader(members[n:])}))
		if err != want || !bytes.HasPrefix(got, sample(100)) {
			t.Errorf("Reader of a source that fails after %d bytes = %d bytes, %v, want the first member and %v", n, len(got), err, want)
		}
	}
}
