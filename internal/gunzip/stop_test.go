package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/gzipfile"
)

// emptyBlocks is a member of that block, again and again. The block has no output, is not the
// last one, and ends at a whole byte.
func emptyBlocks(n int, block string) []byte {
	deflated := bytes.Repeat([]byte(block), max(n/len(block), 1))
	return gzipfile.Seal(gzipfile.Header(0), append(deflated, 1, 0, 0, 0xff, 0xff), nil)
}

// emptyCodes has a block with codes of its own between bytes: 257 codes for literals, of
// which only that for the end is used, one for distances, and stored bytes behind it to get
// to a whole byte again. It is what a bit writer makes of that.
func emptyCodes() string {
	var w bitWriter
	w.bits(0, 1)  // not the last
	w.bits(2, 2)  // codes of its own
	w.bits(0, 5)  // 257 literals
	w.bits(0, 5)  // 1 distance
	w.bits(14, 4) // 18 lengths of the code for lengths
	lengths := map[int]uint64{18: 1, 1: 2, 0: 2}
	for _, symbol := range []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1} {
		w.bits(lengths[symbol], 3)
	}
	// The code: 18 is 0, 0 is 10, 1 is 11, the first bit first.
	w.bits(0, 1)
	w.bits(138-11, 7) // 138 zeros
	w.bits(0, 1)
	w.bits(118-11, 7) // 118 zeros: 256 in all
	w.bits(3, 2)      // a length of 1, for the end
	w.bits(3, 2)      // and for the distance
	w.bits(0, 1)      // the end
	w.bits(0, 1)      // a stored block, not the last
	w.bits(0, 2)
	w.align()
	return string(w.out) + "\x00\x00\xff\xff"
}

type bitWriter struct {
	out  []byte
	acc  uint64
	held uint
}

func (w *bitWriter) bits(value uint64, n uint) {
	w.acc |= value << w.held
	for w.held += n; w.held >= 8; w.held -= 8 {
		w.out = append(w.out, byte(w.acc))
		w.acc >>= 8
	}
}

func (w *bitWriter) align() {
	if w.held > 0 {
		w.bits(0, 8-w.held)
	}
}

// stopFiles take long: in what comes out of them, or in what goes in.
func stopFiles(t testing.TB, n int) []file {
	t.Helper()
	member := compress(t, nil, gzip.DefaultCompression, nil)
	named := compress(t, nil, gzip.DefaultCompression, func(w *gzip.Writer) { w.Name = "name"; w.Extra = make([]byte, 1000) })
	text := compress(t, sample(n), gzip.DefaultCompression, nil)
	return []file{
		{"text", text},
		{"zeros", compress(t, make([]byte, n), gzip.BestCompression, nil)},
		{"noise", compress(t, noise(n), gzip.NoCompression, nil)},
		{"short codes", compress(t, sample(n), gzip.HuffmanOnly, nil)},
		{"small members", bytes.Repeat(compress(t, sample(10), 6, nil), n/40)},
		{"empty members", bytes.Repeat(member, n/len(member))},
		{"empty members with headers", bytes.Repeat(named, n/len(named))},
		{"zeros behind small members", bytes.Repeat(join(compress(t, sample(10), 6, nil), make([]byte, 512)), n/550)},
		{"zeros before a member", join(member, make([]byte, n), member)},
		{"empty stored blocks", emptyBlocks(n, "\x00\x00\x00\xff\xff")},
		{"empty blocks with codes", emptyBlocks(n, emptyCodes())},
		{"wrong checksum", withTrailer(text, 1, uint32(n))},
		{"cut", text[:len(text)-9]},
		{"header checksums", bytes.Repeat(gzipfile.Seal(gzipfile.Header(gzipfile.HeaderCRC), []byte{1, 0, 0, 0xff, 0xff}, nil), n/30)},
	}
}

func stopSize() int { return testutil.Pick(1<<20, 5<<20) }

// The files are what they are meant to be.
func TestStopFiles(t *testing.T) {
	for _, f := range stopFiles(t, 100_000) {
		want, wantErr := std(f.data)
		got, err := inflate(f.data)
		if !bytes.Equal(got, want) && wantErr == nil || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %d bytes, %v; compress/gzip: %d bytes, %v", f.name, len(got), err, len(want), wantErr)
		}
		if bad := f.name == "wrong checksum" || f.name == "cut"; bad == (wantErr == nil) {
			t.Errorf("%s: %v", f.name, wantErr)
		}
	}
}

// Stop is asked for each MiB that comes out and for each that goes in, and the work ends
// when it says so.
func TestInflateUntil(t *testing.T) {
	errStop := errors.New("stop")
	for i, f := range stopFiles(t, stopSize()) {
		if i%testutil.Pick(4, 1) != 0 {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			run := func(after int) (calls int, out []byte, err error) {
				out, err = gunzip.InflateUntil(nil, f.data, math.MaxInt, free, func() error {
					if calls++; calls >= after {
						return errStop
					}
					return nil
				})
				return calls, out, err
			}
			calls, out, err := run(math.MaxInt)
			if errors.Is(err, errStop) {
				t.Fatal(err)
			}
			if least := max(len(f.data), len(out)) >> 20; calls < least {
				t.Errorf("stop was asked %d times for %d bytes into %d", calls, len(f.data), len(out))
			}
			for _, after := range []int{1, 2, calls / 2, calls} {
				if n, out, err := run(max(after, 1)); err != errStop || n != max(after, 1) || len(out) > 0 {
					t.Errorf("stopped at call %d of %d: %v after %d calls, with %d bytes", after, calls, err, n, len(out))
				}
			}
		})
	}
}

// A Reader reads no further than 1 MiB of its source once stop says so.
func TestReaderUntil(t *testing.T) {
	errStop := errors.New("stop")
	for i, f := range stopFiles(t, stopSize()) {
		if (i+2)%testutil.Pick(4, 1) != 0 {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			src := &counted{r: bytes.NewReader(f.data)}
			r, err := gunzip.NewReader(src)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			at := len(f.data) / 3
			r.Until(func() error {
				if src.n >= at {
					return errStop
				}
				return nil
			})
			if _, err := io.Copy(io.Discard, r); err != errStop {
				t.Errorf("Read = %v, want the error of stop", err)
			}
			if src.n > at+64<<10 {
				t.Errorf("%d bytes of the source were read, want hardly more than %d", src.n, at)
			}
		})
	}
}

// counted counts what is read of it. It is read by one goroutine at a time.
type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// The time to decompress a file grows with what goes in and comes out.
func TestLinear(t *testing.T) {
	const size = 100_000
	files := map[int][]file{size: stopFiles(t, size), 4 * size: stopFiles(t, 4*size)}
	for i, f := range files[size] {
		if i%testutil.Pick(4, 1) != 0 {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			testutil.Linear(t, "Inflate", size, func(n int) func() {
				data := files[n][i].data
				return func() { _, _ = inflate(data) }
			})
			testutil.Linear(t, "Reader", size, func(n int) func() {
				data := files[n][i].data
				return func() { _, _ = stream(bytes.NewReader(data)) }
			})
		})
	}
}

// A panic of the source, wherever it happens, is one of the Read that needs it, with the
// stack of the place, and leaves nothing behind.
func TestReaderSourcePanics(t *testing.T) {
	testutil.NoLeaks(t)
	data := compress(t, sample(testutil.Pick(1_200_000, 3_000_000)), 6, nil)
	for _, at := range []int{0, 5, 100, 4096, len(data) / 2, len(data) - 4, len(data)} {
		var got any
		func() {
			defer func() { got = recover() }()
			r, err := gunzip.NewReader(io.MultiReader(bytes.NewReader(data[:at]), panicking{}))
			if err != nil {
				t.Errorf("at %d: NewReader = %v, want a panic", at, err)
				return
			}
			defer r.Close()
			_, err = io.Copy(io.Discard, r)
			t.Errorf("at %d: Read = %v, want a panic", at, err)
		}()
		err, ok := got.(error)
		if !ok || !errors.Is(err, errPanics) || !bytes.Contains([]byte(err.Error()), []byte("panicking.Read")) {
			t.Errorf("at %d: the panic is %v, want that of the source with its stack", at, got)
		}
	}
}

var errPanics = errors.New("the source's own")

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic(errPanics) }
