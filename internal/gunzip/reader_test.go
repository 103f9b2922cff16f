package gunzip_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/gzipfile"
)

// stream reads all of src. It has closed its Reader when it returns.
func stream(src io.Reader) ([]byte, error) {
	r, err := gunzip.NewReader(src)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestReader(t *testing.T) {
	for _, f := range corpus(t) {
		t.Run(f.name, func(t *testing.T) {
			got, err := stream(bytes.NewReader(f.data))
			check(t, "Reader", f.data, got, err)
		})
	}
}

// TestReaderSources reads from sources that deliver in other pieces.
func TestReaderSources(t *testing.T) {
	sources := map[string]func(io.Reader) io.Reader{
		"one byte":      iotest.OneByteReader,
		"half":          iotest.HalfReader,
		"end with data": iotest.DataErrReader,
		"pauses":        func(r io.Reader) io.Reader { return &pausing{r: r} },
	}
	for name, wrap := range sources {
		t.Run(name, func(t *testing.T) {
			for i, f := range corpus(t) {
				if i%testutil.Pick(8, 1) != 0 {
					continue
				}
				got, err := stream(wrap(bytes.NewReader(f.data)))
				check(t, "Reader", f.data, got, err)
			}
		})
	}
}

// pausing delivers nothing in every other Read.
type pausing struct {
	r     io.Reader
	pause bool
}

func (p *pausing) Read(b []byte) (int, error) {
	if p.pause = !p.pause; p.pause {
		return 0, nil
	}
	return p.r.Read(b)
}

func TestReaderSmallReads(t *testing.T) {
	for _, data := range [][]byte{mixed(t), compress(t, sample(200_000), 6, nil)} {
		want, err := std(data)
		if err != nil {
			t.Fatal(err)
		}
		r, err := gunzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if n, err := r.Read(nil); n != 0 || err != nil {
			t.Errorf("Read(nil) = %d, %v, want 0, nil", n, err)
		}
		if err := iotest.TestReader(r, want); err != nil {
			t.Error(err)
		}
		for range 2 {
			if n, err := r.Read(make([]byte, 9)); n != 0 || err != io.EOF {
				t.Errorf("Read after the end = %d, %v, want 0, io.EOF", n, err)
			}
		}
	}
}

func TestReaderCut(t *testing.T) {
	data, ends := mixed(t), ends(t)
	whole, err := std(data)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(data); n += testutil.Pick(5, 1) {
		got, err := stream(iotest.OneByteReader(bytes.NewReader(data[:n])))
		check(t, "Reader", data[:n], got, err)
		if !bytes.HasPrefix(whole, got) {
			t.Errorf("Reader of the first %d bytes gave other data", n)
		}
		if cut := errors.Is(err, gunzip.ErrCorrupt) && errors.Is(err, io.ErrUnexpectedEOF); cut == ends[n] {
			t.Errorf("Reader of the first %d bytes: %v; whole members: %v", n, err, ends[n])
		}
	}
}

// TestReaderCutLate checks that what comes before a cut is delivered.
func TestReaderCutLate(t *testing.T) {
	whole := sample(1_000_000)
	data := compress(t, whole, 6, nil)
	for _, n := range []int{len(data) / 100, len(data) / 2, len(data) - 100, len(data) - 8, len(data) - 1} {
		got, err := stream(bytes.NewReader(data[:n]))
		check(t, "Reader", data[:n], got, err)
		if least := len(whole) / 2 * (2 * n / len(data)); len(got) < least {
			t.Errorf("Reader of %d of %d bytes: %d bytes, want %d or more", n, len(data), len(got), least)
		}
		if n >= len(data)-8 && len(got) != len(whole) {
			t.Errorf("Reader of a cut trailer: %d bytes, want all %d", len(got), len(whole))
		}
	}
}

func TestReaderFlippedBit(t *testing.T) {
	data := mixed(t)
	for i := 0; i < len(data); i += testutil.Pick(5, 1) {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		got, err := stream(bytes.NewReader(bad))
		check(t, "Reader", bad, got, err)
	}
}

// TestReaderSourceFails checks that an error of the source is told as it is, that
// it is never taken for bad data, and that all data before it is delivered.
func TestReaderSourceFails(t *testing.T) {
	errs := []error{
		errors.New("connection reset"), io.ErrUnexpectedEOF, context.Canceled, io.ErrNoProgress, io.ErrClosedPipe,
	}
	data := mixed(t)
	for n := range len(data) + 1 {
		if n%testutil.Pick(6, 1) != 0 && n < len(data) {
			continue
		}
		want := errs[n%len(errs)]
		fails := io.MultiReader(bytes.NewReader(data[:n]), iotest.ErrReader(want))
		got, err := stream(fails)
		if err != want || errors.Is(err, gunzip.ErrCorrupt) {
			t.Errorf("Reader of a source that fails after %d bytes: error %v, want %v", n, err, want)
		}
		cut, _ := inflate(data[:n])
		checkPrefix(t, "Reader", got, cut)

		got, err = stream(iotest.DataErrReader(fails))
		if err != want {
			t.Errorf("Reader of a source that fails with the last of %d bytes: error %v, want %v", n, err, want)
		}
		checkPrefix(t, "Reader", got, cut)
	}
	bad := join(withTrailer(compress(t, sample(50), 6, nil), 0, 0), data)
	_, err := stream(iotest.DataErrReader(io.MultiReader(bytes.NewReader(bad), iotest.ErrReader(errs[0]))))
	if !errors.Is(err, gunzip.ErrCorrupt) {
		t.Errorf("Reader of bad data before the source fails: error %v, want ErrCorrupt", err)
	}
}

// once fails once and would go on after it, as no source should.
type once struct {
	r      io.Reader
	err    error
	failed bool
}

func (o *once) Read(b []byte) (int, error) {
	if o.failed {
		return o.r.Read(b)
	}
	o.failed = true
	return 0, o.err
}

func TestReaderSourceFailsOnce(t *testing.T) {
	data := mixed(t)
	want := errors.New("connection reset")
	for n := 0; n < len(data); n += testutil.Pick(5, 1) {
		src := io.MultiReader(bytes.NewReader(data[:n]), &once{r: bytes.NewReader(data[n:]), err: want})
		if _, err := stream(src); err != want {
			t.Errorf("Reader of a source that fails once after %d bytes: error %v, want %v", n, err, want)
		}
	}
}

func TestReaderNoProgress(t *testing.T) {
	data := compress(t, sample(500), 6, nil)
	for _, n := range []int{0, 5, 100, len(data) - 4, len(data)} {
		_, err := stream(io.MultiReader(bytes.NewReader(data[:n]), stuck{}))
		if err != io.ErrNoProgress {
			t.Errorf("Reader of a source that is stuck after %d bytes: error %v, want io.ErrNoProgress", n, err)
		}
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// TestReaderClose closes Readers in every state. A goroutine that is left fails
// the bubble.
func TestReaderClose(t *testing.T) {
	large := compress(t, sample(2_000_000), 6, nil)
	small := compress(t, sample(100), 6, nil)
	checked := member(t, gzipfile.HeaderCRC, sample(100))
	lost := errors.New("connection reset")
	sources := map[string]func() io.Reader{
		"large":          func() io.Reader { return bytes.NewReader(large) },
		"small":          func() io.Reader { return bytes.NewReader(small) },
		"header checked": func() io.Reader { return bytes.NewReader(checked) },
		"members":        func() io.Reader { return bytes.NewReader(join(small, checked, large, small)) },
		"cut":            func() io.Reader { return bytes.NewReader(large[:len(large)/2]) },
		"cut trailer":    func() io.Reader { return bytes.NewReader(large[:len(large)-3]) },
		"trailing":       func() io.Reader { return bytes.NewReader(join(small, small[:15])) },
		"checksum":       func() io.Reader { return bytes.NewReader(withTrailer(large, 1, 1)) },
		"corrupt":        func() io.Reader { return bytes.NewReader(join(large[:len(large)/2], large)) },
		"source fails": func() io.Reader {
			return io.MultiReader(bytes.NewReader(large[:len(large)/2]), iotest.ErrReader(lost))
		},
	}
	for name, source := range sources {
		for _, before := range testutil.Pick([]int64{0, 100, 300_000, math.MaxInt64}, []int64{0, 1, 100, 101, 200, 64 << 10, 300_000, 1_500_000, math.MaxInt64}) {
			synctest.Test(t, func(t *testing.T) {
				r, err := gunzip.NewReader(source())
				if err != nil {
					t.Fatalf("NewReader: %v", err)
				}
				_, _ = io.CopyN(io.Discard, r, before)
				for range 3 {
					r.Close()
					if n, err := r.Read(make([]byte, 10)); n != 0 || err == nil || err == io.EOF {
						t.Errorf("%s: Read after Close = %d, %v, want an error", name, n, err)
					}
				}
			})
		}
	}
}

// TestReaderEnds checks that no goroutine is left at the end of the data or an
// error, even before Close.
func TestReaderEnds(t *testing.T) {
	for _, f := range corpus(t) {
		synctest.Test(t, func(t *testing.T) {
			r, err := gunzip.NewReader(bytes.NewReader(f.data))
			if err == nil {
				_, _ = io.Copy(io.Discard, r)
			}
		})
	}
}

// blocking blocks in Read until gate is closed.
type blocking struct{ gate chan struct{} }

func (b blocking) Read([]byte) (int, error) {
	<-b.gate
	return 0, context.Canceled
}

func TestReaderCloseWhileSourceBlocks(t *testing.T) {
	data := compress(t, sample(1_000_000), 6, nil)
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		r, err := gunzip.NewReader(io.MultiReader(bytes.NewReader(data[:len(data)/2]), blocking{gate}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, make([]byte, 50_000)); err != nil {
			t.Fatalf("Read of what came before the source blocked: %v", err)
		}
		synctest.Wait() // the read-ahead has come to where the source blocks
		closed := false
		go func() {
			r.Close()
			closed = true
		}()
		synctest.Wait()
		if closed {
			t.Error("Close returned while the source was being read")
		}
		close(gate)
		synctest.Wait()
		if !closed {
			t.Error("Close did not return after the source had")
		}
	})
}

// TestReaderReadsAhead checks that the source is read while the consumer is busy,
// and that this has a bound.
func TestReaderReadsAhead(t *testing.T) {
	data := compress(t, sample(testutil.Pick(8_000_000, 12_000_000)), 1, nil)
	synctest.Test(t, func(t *testing.T) {
		src := bytes.NewReader(data)
		r, err := gunzip.NewReader(src)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ahead := len(data) - src.Len()
		if ahead < len(data)/10 || ahead > len(data)/3 {
			t.Errorf("the first byte took %d of %d bytes from the source, want 10 to 33 %%", ahead, len(data))
		}
	})
}
