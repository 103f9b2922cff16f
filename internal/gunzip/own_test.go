//go:build !qlogs_noinflate

package gunzip_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/promptlogs/qlogs/internal/gunzip"
	own "github.com/promptlogs/qlogs/internal/inflate"
	"github.com/promptlogs/qlogs/internal/testutil"
)

// A spy is a decoder that keeps its last verdict.
type spy struct {
	own.Decoder
	calls int
	last  error
}

func (s *spy) Append(dst []byte) ([]byte, error) {
	dst, s.last = s.Decoder.Append(dst)
	s.calls++
	return dst, s.last
}

// TestInflateDecides checks that good files are done by package inflate and not, after a
// failure of it, by the library.
func TestInflateDecides(t *testing.T) {
	var s spy
	gunzip.UseDecoder(t, func() gunzip.Decoder { return &s })
	good, bad := 0, 0
	for _, f := range corpus(t) {
		s.last, s.calls = errors.New("not called"), 0
		if _, err := inflate(f.data); err != nil {
			if s.last != own.ErrCorrupt {
				t.Errorf("%s: the decoder said %v of a bad file, want ErrCorrupt", f.name, s.last)
			}
			bad++
			continue
		}
		if s.last != nil {
			t.Errorf("%s: the decoder said %v of a good file, want nil", f.name, s.last)
		}
		good++
	}
	if good < 100 || bad < 20 {
		t.Errorf("%d good and %d bad files, want 100 and 20 or more", good, bad)
	}
}

// A fake is a decoder that appends its text, in as many calls as that takes.
type fake struct {
	text  string
	left  string
	flags byte
	end   func(call int) error // nil: the text is all
	call  int
}

func (f *fake) Reset([]byte) { f.left, f.call = f.text, 0 }
func (f *fake) Flags() byte  { return f.flags }
func (f *fake) Append(dst []byte) ([]byte, error) {
	f.call++
	n := min(len(f.left), cap(dst)-len(dst))
	dst = append(dst, f.left[:n]...)
	if f.left = f.left[n:]; f.left != "" {
		return dst, own.ErrFull
	}
	if f.end == nil {
		return dst, nil
	}
	return dst, f.end(f.call)
}

func use(t *testing.T, f fake) {
	gunzip.UseDecoder(t, func() gunzip.Decoder { return &f })
}

func TestInflateTrustsDecoder(t *testing.T) {
	use(t, fake{text: "other text than that of the file"})
	got, err := inflate(compress(t, sample(3000), 6, nil))
	if err != nil || string(got) != "other text than that of the file" {
		t.Errorf("Inflate = %q, %v, want what the decoder gave, not what the library gives", got, err)
	}
}

// TestInflateFallsBack checks that no fault of the decoder changes what comes out.
func TestInflateFallsBack(t *testing.T) {
	fails := func(err error) func(int) error { return func(int) error { return err } }
	panics := func(v any) func(int) error { return func(int) error { panic(v) } }
	text := string(sample(2000))
	var index []int
	fakes := map[string]fake{
		"fails at once":               {end: fails(own.ErrCorrupt)},
		"fails after some text":       {text: text[:100], end: fails(own.ErrCorrupt)},
		"fails after much text":       {text: string(noise(200_000)), end: fails(own.ErrCorrupt)},
		"fails with another error":    {text: text, end: fails(io.EOF)},
		"full before it is":           {text: text[:100], end: fails(own.ErrFull)},
		"full with nothing in it":     {end: fails(own.ErrFull)},
		"panics at once":              {end: panics("fault")},
		"panics after some text":      {text: text[:100], end: panics(errors.New("fault"))},
		"panics after much text":      {text: string(noise(200_000)), end: panics("fault")},
		"panics with a runtime error": {end: func(call int) error { return fails(nil)(index[call]) }},
		"reserved flags":              {text: text, flags: 0x20},
	}
	files := corpus(t)
	for name, f := range fakes {
		t.Run(name, func(t *testing.T) {
			use(t, f)
			for i, c := range files {
				if len(c.data) < 4_000 && (i%5 == 0 || testutil.Long()) {
					checkInflate(t, c.data)
				}
			}
		})
	}
}

func TestTailsLibrary(t *testing.T) {
	use(t, fake{end: func(int) error { return own.ErrCorrupt }})
	checkTails(t, testutil.Pick(3, 1), inflate)
}

// TestInflateFallsBackReserve checks that the library goes on in the memory that is there.
func TestInflateFallsBackReserve(t *testing.T) {
	const n = 70_000
	good := compress(t, sample(n), 6, nil)
	for name, end := range map[string]func(int) error{
		"fails":  func(int) error { return own.ErrCorrupt },
		"panics": func(int) error { panic("fault") },
	} {
		for _, wrote := range []int{0, 1, n / 2, n, 2 * n, 5 * n} {
			use(t, fake{text: string(noise(wrote)), end: end})
			last := 10
			got, err := gunzip.Inflate(make([]byte, 3, 10), good, math.MaxInt, func(size int) error {
				if size <= last {
					t.Errorf("%s after %d bytes: reserve(%d) with %d there", name, wrote, size, last)
				}
				last = size
				return nil
			})
			if err != nil || !bytes.Equal(got, sample(n)) {
				t.Errorf("%s after %d bytes: Inflate = %d bytes, %v, want %d", name, wrote, len(got), err, n)
			}
			if cap(got) != last {
				t.Errorf("%s after %d bytes: output has %d bytes, want the %d of reserve", name, wrote, cap(got), last)
			}
		}
	}
}

// TestInflateDropsPanicked checks that a decoder is not used again once it has panicked.
func TestInflateDropsPanicked(t *testing.T) {
	made := 0
	gunzip.UseDecoder(t, func() gunzip.Decoder {
		made++
		return &fake{end: func(int) error { panic("fault") }}
	})
	for want := 1; want <= 5; want++ {
		if _, err := inflate(compress(t, sample(100), 6, nil)); err != nil {
			t.Fatal(err)
		}
		if made != want {
			t.Errorf("%d decoders after %d that panicked", made, want)
		}
	}
}

// TestInflateReservePanics checks that a panic of the caller's function is not taken for
// one of the decoder.
func TestInflateReservePanics(t *testing.T) {
	defer func() {
		if got := recover(); got != "caller's" {
			t.Errorf("recover() = %v, want the panic of reserve", got)
		}
	}()
	_, err := gunzip.Inflate(nil, compress(t, sample(100), 6, nil), math.MaxInt, func(int) error { panic("caller's") })
	t.Errorf("Inflate: %v, want the panic of reserve", err)
}

// TestInflateReservedFlagsOverLimit checks that a file that only the library refuses gets its
// verdict even where package inflate comes to the limit.
func TestInflateReservedFlagsOverLimit(t *testing.T) {
	bad := member(t, 1<<6, sample(5000))
	if _, err := gunzip.Inflate(nil, bad, 100, free); !errors.Is(err, gunzip.ErrCorrupt) {
		t.Errorf("Inflate of a member with a reserved flag: %v, want ErrCorrupt", err)
	}
}

func TestZerosBetweenMembersLibrary(t *testing.T) {
	use(t, fake{end: func(int) error { return own.ErrCorrupt }})
	checkZeros(t, zeroCounts, inflate)
}

// Members with zeros between them are done by package inflate, which reads them once.
func TestZerosBetweenMembersDecides(t *testing.T) {
	var s spy
	gunzip.UseDecoder(t, func() gunzip.Decoder { return &s })
	for _, n := range zeroCounts {
		gap := make([]byte, n)
		one := compress(t, sample(300), 6, nil)
		if got, err := inflate(join(one, gap, one, gap, one)); err != nil || s.last != nil || len(got) != 900 {
			t.Errorf("%d zeros: %d bytes, %v, and the decoder said %v", n, len(got), err, s.last)
		}
	}
}
