package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"testing"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/gzipfile"
)

func free(int) error { return nil }

func inflate(data []byte) ([]byte, error) {
	return gunzip.Inflate(nil, data, math.MaxInt, free)
}

// checkInflate checks Inflate against compress/gzip. Of a corrupt file it returns what is
// verified, and nothing else.
func checkInflate(t *testing.T, data []byte) {
	t.Helper()
	got, err := inflate(data)
	check(t, "Inflate", data, got, err)
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		return
	}
	if want, _ := std(data); !bytes.Equal(got, want) && !reserved(data) {
		t.Fatalf("Inflate: %d bytes with the error %v, want the %d of the members before", len(got), err, len(want))
	}
}

// check checks what came of data against compress/gzip. If that calls data corrupt,
// any error about the data will do: the decoder looks ahead, so it may see the end of
// the file before damage just ahead of it, and its message on an empty code table depends
// on the tables that it had before.
func check(t *testing.T, what string, data, got []byte, err error) {
	t.Helper()
	want, wantErr := std(data)
	if reserved(data) {
		want, wantErr = nil, gzip.ErrHeader
	}
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%s: error %v, want that of compress/gzip, %v", what, err, wantErr)
	}
	if err == nil {
		if !bytes.Equal(got, want) {
			t.Fatalf("%s: %d bytes that differ from the %d of compress/gzip", what, len(got), len(want))
		}
		return
	}
	checkErr(t, what, err)
	if wantErr != io.EOF && !errors.Is(wantErr, io.ErrUnexpectedEOF) {
		return
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%s: error %v, want the class of %v", what, err, wantErr)
	}
	checkPrefix(t, what, got, want)
}

// checkPrefix checks what comes of a cut file. The decoder looks a few bits ahead,
// so it may stop a few symbols before compress/gzip does.
func checkPrefix(t *testing.T, what string, got, want []byte) {
	t.Helper()
	const most = 16 * 258
	if !bytes.HasPrefix(want, got) || len(got) < len(want)-most {
		t.Fatalf("%s of a cut file: %d bytes, want the %d of compress/gzip", what, len(got), len(want))
	}
}

// reserved reports whether a member has reserved flags, which RFC 1952 says to
// refuse and compress/gzip ignores.
func reserved(data []byte) bool {
	src := bytes.NewReader(data)
	for src.Len() > 3 {
		if data[len(data)-src.Len()+3]&0xe0 != 0 {
			return bytes.HasPrefix(data[len(data)-src.Len():], []byte{0x1f, 0x8b, 8})
		}
		zr, err := gzip.NewReader(src)
		if err != nil {
			return false
		}
		zr.Multistream(false)
		if _, err := io.Copy(io.Discard, zr); err != nil {
			return false
		}
		data = bytes.TrimLeft(data[len(data)-src.Len():], "\x00")
		src.Reset(data)
	}
	return false
}

// checkErr checks the class of an error about data.
func checkErr(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, gunzip.ErrCorrupt) || errors.Is(err, gunzip.ErrLimit) || errors.Is(err, io.EOF) {
		t.Fatalf("%s: error %v, want one that wraps ErrCorrupt alone", what, err)
	}
}

func TestInflate(t *testing.T) {
	for _, f := range corpus(t) {
		t.Run(f.name, func(t *testing.T) { checkInflate(t, f.data) })
	}
}

func TestIs(t *testing.T) {
	tests := []struct {
		head string
		want bool
	}{
		{"", false}, {"\x1f", false}, {"\x1f\x8b", true}, {"\x1f\x8b\x08\x00", true},
		{"\x8b\x1f", false}, {`{"records":[]}`, false}, {"\x1f\x8c\x08", false},
	}
	for _, test := range tests {
		if got := gunzip.Is([]byte(test.head)); got != test.want {
			t.Errorf("Is(%q) = %v, want %v", test.head, got, test.want)
		}
	}
}

// mixed is a small file of two members with every header field.
func mixed(t testing.TB) []byte {
	return join(
		compress(t, sample(300), 6, nil),
		member(t, gzipfile.Extra|gzipfile.Name|gzipfile.Comment|gzipfile.HeaderCRC, sample(200)),
		member(t, gzipfile.Extra|gzipfile.Name|gzipfile.Comment, sample(100)),
		member(t, gzipfile.Extra|gzipfile.HeaderCRC, noise(20)))
}

// ends returns the lengths at which mixed is a whole file.
func ends(t testing.TB) map[int]bool {
	t.Helper()
	m, n := map[int]bool{}, 0
	data := mixed(t)
	for src := bytes.NewReader(data); src.Len() > 0; m[n] = true {
		zr, err := gzip.NewReader(src)
		if err != nil {
			t.Fatal(err)
		}
		zr.Multistream(false)
		if _, err := io.Copy(io.Discard, zr); err != nil {
			t.Fatal(err)
		}
		n = len(data) - src.Len()
	}
	return m
}

func TestInflateCut(t *testing.T) {
	data, ends := mixed(t), ends(t)
	whole, err := std(data)
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		got, err := inflate(data[:n])
		if !bytes.HasPrefix(whole, got) {
			t.Errorf("Inflate of the first %d bytes gave other data", n)
		}
		if ends[n] {
			if err != nil {
				t.Errorf("Inflate of the first %d bytes, whole members: %v", n, err)
			}
			continue
		}
		if !errors.Is(err, gunzip.ErrCorrupt) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("Inflate of the first %d bytes: %v, want ErrCorrupt and io.ErrUnexpectedEOF", n, err)
		}
		checkInflate(t, data[:n])
	}
}

func TestInflateFlippedBit(t *testing.T) {
	data := mixed(t)
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		checkInflate(t, bad)
	}
}

func TestInflateReservedFlags(t *testing.T) {
	for bit := 5; bit < 8; bit++ {
		bad := join(member(t, 0, sample(50)), member(t, 1<<bit, sample(50)))
		if got, err := inflate(bad); !errors.Is(err, gunzip.ErrCorrupt) || !bytes.Equal(got, sample(50)) {
			t.Errorf("Inflate of a second member with flag %d = %d bytes, %v, want the first member and ErrCorrupt", bit, len(got), err)
		}
	}
}

func TestInflateLimit(t *testing.T) {
	const n = 70_000
	one := compress(t, sample(n), 6, nil)
	files := []file{
		{"one member", one},
		{"members", join(compress(t, sample(n-5), 6, nil), compress(t, sample(5), 6, nil))},
		{"repeats", compress(t, make([]byte, n), 9, nil)},
	}
	for _, f := range files {
		for _, have := range []int{0, 1, 100, n - 1, n, n + 1, 2 * n} {
			for _, limit := range []int{0, 1, 511, 512, 513, n / 2, n - 1, n, n + 1, n + 512, 4 * n, math.MaxInt} {
				got, err := gunzip.Inflate(make([]byte, 0, have), f.data, limit, free)
				switch {
				case limit >= n && (err != nil || len(got) != n):
					t.Errorf("%s: Inflate with limit %d = %d bytes, %v, want %d", f.name, limit, len(got), err, n)
				case limit < n && (err != gunzip.ErrLimit || len(got) > 0):
					t.Errorf("%s: Inflate with limit %d = %d bytes, %v, want ErrLimit", f.name, limit, len(got), err)
				}
			}
		}
	}
	empty := compress(t, nil, 6, nil)
	if got, err := gunzip.Inflate(nil, empty, 0, free); err != nil || len(got) > 0 {
		t.Errorf("Inflate of an empty file with limit 0 = %d bytes, %v", len(got), err)
	}
}

// TestInflateReserve checks that each size is asked for before it is taken, that
// sizes grow, and that none is above the limit and its one byte.
func TestInflateReserve(t *testing.T) {
	const n = 70_000
	good := compress(t, sample(n), 6, nil)
	tests := []struct {
		file
		limit, most, calls int
	}{
		{file{"true length", good}, 1 << 30, n + 512, 1},
		{file{"limit below", good}, 1000, 1001, 1},
		{file{"length zero", withTrailer(good, 0, 0)}, 1 << 30, 4 * n, 9},
		{file{"huge length", withTrailer(good, 0, 1<<32-1)}, 1 << 30, 64*len(good) + 512, 1},
		{file{"huge length, limit", withTrailer(good, 0, 1<<32-1)}, n, n + 1, 1},
		{file{"last member short", join(good, compress(t, nil, 6, nil))}, 1 << 30, 4 * n, 9},
		{file{"not gzip", sample(n)}, 1 << 30, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var sizes []int
			got, _ := gunzip.Inflate(nil, test.data, test.limit, func(size int) error {
				if len(sizes) > 0 && size <= sizes[len(sizes)-1] {
					t.Errorf("reserve(%d) after %v", size, sizes)
				}
				sizes = append(sizes, size)
				return nil
			})
			if len(sizes) > test.calls {
				t.Errorf("reserve was called %d times, with %v, want at most %d", len(sizes), sizes, test.calls)
			}
			last := 0
			if len(sizes) > 0 {
				last = sizes[len(sizes)-1]
			}
			if last > test.most || cap(got) != last {
				t.Errorf("reserve's last size = %d, output has %d, want equal and at most %d", last, cap(got), test.most)
			}
		})
	}
}

func TestInflateReserveFails(t *testing.T) {
	want := errors.New("no room")
	for _, f := range []file{
		{"at once", compress(t, sample(70_000), 6, nil)},
		{"later", join(compress(t, sample(70_000), 6, nil), compress(t, sample(1), 6, nil))},
	} {
		dst := make([]byte, 0, 100)
		got, err := gunzip.Inflate(dst, f.data, math.MaxInt, func(size int) error {
			if size < 10_000 {
				return nil
			}
			return want
		})
		if err != want || len(got) > 0 {
			t.Errorf("%s: Inflate = %d bytes, %v, want reserve's error as it is", f.name, len(got), err)
		}
	}
}

// TestInflateInto checks that Inflate uses the memory it is given, and no more of it.
func TestInflateInto(t *testing.T) {
	whole := sample(5_000)
	good := compress(t, whole, 6, nil)
	refuse := func(size int) error { return fmt.Errorf("reserve(%d) although dst has room", size) }
	for _, f := range []file{
		{"good", good}, {"cut", good[:len(good)-1]}, {"wrong checksum", withTrailer(good, 0, 5_000)},
	} {
		memory := bytes.Repeat([]byte{'x'}, 20_000)
		dst := memory[3:7:10_000]
		got, err := gunzip.Inflate(dst, f.data, math.MaxInt, refuse)
		if (err == nil) != (f.name == "good") || err != nil && !errors.Is(err, gunzip.ErrCorrupt) {
			t.Fatalf("%s: Inflate: %v", f.name, err)
		}
		if &got[:1][0] != &memory[3] {
			t.Errorf("%s: Inflate does not share dst's memory", f.name)
		}
		if want := whole[:len(got)]; !bytes.Equal(got, want) {
			t.Errorf("%s: Inflate gave other data", f.name)
		}
		if string(memory[:3]) != "xxx" || !bytes.Equal(memory[10_000:], bytes.Repeat([]byte{'x'}, 10_000)) {
			t.Errorf("%s: Inflate wrote outside of dst", f.name)
		}
	}
	memory := bytes.Repeat([]byte{'x'}, 200)
	got, err := gunzip.Inflate(memory[:10:100], good, math.MaxInt, free)
	if err != nil || !bytes.Equal(got, whole) {
		t.Errorf("Inflate into too little memory = %d bytes, %v, want %d", len(got), err, len(whole))
	}
	if !bytes.Equal(memory[100:], bytes.Repeat([]byte{'x'}, 100)) {
		t.Error("Inflate wrote outside of dst when it had to grow")
	}
}

// TestInflateAfterErrors checks that a file's fate does not reach the next one
// through a pooled reader.
func TestInflateAfterErrors(t *testing.T) {
	files := corpus(t)
	good := compress(t, sample(3_000), 6, nil)
	for _, f := range files {
		_, _ = inflate(f.data)
		if got, err := inflate(good); err != nil || !bytes.Equal(got, sample(3_000)) {
			t.Errorf("Inflate after %q = %d bytes, %v", f.name, len(got), err)
		}
		_, _ = gunzip.Inflate(nil, f.data, 10, free)
		if got, err := inflate(good); err != nil || !bytes.Equal(got, sample(3_000)) {
			t.Errorf("Inflate after %q over the limit = %d bytes, %v", f.name, len(got), err)
		}
	}
}

func TestInflateConcurrent(t *testing.T) {
	files := corpus(t)
	var wg sync.WaitGroup
	for worker := range testutil.Pick(4, 16) {
		wg.Go(func() {
			var buf []byte
			for i := range files {
				f := files[(i+worker*7)%len(files)]
				got, err := gunzip.Inflate(buf, f.data, math.MaxInt, free)
				want, wantErr := std(f.data)
				if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
					t.Errorf("Inflate(%s) = %d bytes, %v, want %d, %v", f.name, len(got), err, len(want), wantErr)
				}
				buf = got
			}
		})
	}
	wg.Wait()
}
