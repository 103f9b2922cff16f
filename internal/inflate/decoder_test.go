package inflate_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/promptlogs/qlogs/internal/inflate"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/gzipfile"
)

// A checker compares inflate with compress/gzip. It uses its decoders again and again, so
// that what one file leaves in them meets the next one.
type checker struct {
	std gzip.Reader
	own inflate.Decoder
}

// want returns what compress/gzip makes of data, without the zero bytes behind members.
func (c *checker) want(data []byte) ([]byte, error) {
	src := bytes.NewReader(data)
	var all []byte
	for {
		if err := c.std.Reset(src); err != nil {
			return all, err
		}
		c.std.Multistream(false)
		part, err := io.ReadAll(&c.std)
		all = append(all, part...)
		rest := bytes.TrimLeft(data[len(data)-src.Len():], "\x00")
		if err != nil || len(rest) == 0 {
			return all, err
		}
		src.Reset(rest)
		data = rest
	}
}

// got decompresses data in buffers of first bytes and then step more each time, behind
// which it keeps watch.
func (c *checker) got(t testing.TB, data []byte, first, step int) ([]byte, error) {
	t.Helper()
	const fence = 64
	prefix := []byte("before")
	dst := prefix
	c.own.Reset(data)
	for size := first; ; size += step {
		memory := bytes.Repeat([]byte{0xa5}, len(prefix)+size+fence)
		end := len(memory) - fence
		copy(memory, dst)
		got, err := c.own.Append(memory[:len(dst):end])
		if !bytes.Equal(memory[end:], bytes.Repeat([]byte{0xa5}, fence)) {
			t.Fatalf("Append wrote beyond the capacity of %d", size)
		}
		if len(got) > end || &got[:1][0] != &memory[0] {
			t.Fatalf("Append into %d bytes returned %d, or other memory", size, len(got)-len(prefix))
		}
		if !bytes.HasPrefix(got, dst) {
			t.Fatalf("Append changed what it was given, in a buffer of %d bytes", size)
		}
		dst = got
		if err == inflate.ErrFull && len(got) == end {
			continue
		}
		if err != nil && err != inflate.ErrCorrupt {
			t.Fatalf("Append into %d bytes: %d and error %v, want nil, ErrCorrupt, or ErrFull in a full buffer",
				size, len(got)-len(prefix), err)
		}
		if again, errAgain := c.own.Append(dst); errAgain != err || len(again) != len(dst) {
			t.Fatalf("Append after %v returned %v and %d more bytes", err, errAgain, len(again)-len(dst))
		}
		return dst[len(prefix):], err
	}
}

// check compares verdict and output, and returns whether data is good.
func (c *checker) check(t testing.TB, data []byte, first, step int) bool {
	t.Helper()
	want, wantErr := c.want(data)
	got, err := c.got(t, data, first, step)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("Append in steps of %d, %d: error %v, want that of compress/gzip, %v", first, step, err, wantErr)
	}
	// Of a bad file, both give what comes before the damage, but not to the same byte.
	if err == nil && len(got) != len(want) || !bytes.Equal(got[:min(len(got), len(want))], want[:min(len(got), len(want))]) {
		t.Fatalf("Append in steps of %d, %d: %d bytes that differ from the %d of compress/gzip", first, step, len(got), len(want))
	}
	return err == nil
}

// checkAll compares in buffers that are ample, exact, and grow in several ways.
func (c *checker) checkAll(t testing.TB, data []byte) bool {
	t.Helper()
	want, _ := c.want(data)
	n := len(want)
	c.check(t, data, n, 1)
	c.check(t, data, n/2, n/7+1)
	c.check(t, data, n+1000, 1000)
	return c.check(t, data, 0, n/3+331)
}

func TestAppend(t *testing.T) {
	var c checker
	good := 0
	for _, f := range small(t) {
		t.Run(f.name, func(t *testing.T) {
			if c.checkAll(t, f.data) {
				good++
			}
		})
	}
	if good < 100 {
		t.Errorf("%d files were good, want 100 or more", good)
	}
}

// large returns n bytes of each kind of data.
func large(t testing.TB, n int) []file {
	return []file{
		{"logs", logs(t, 1, n)[0][:n]}, {"noise", noise(n)}, {"runs", runs(n)}, {"zeros", make([]byte, n)},
		{"mixture", join(logs(t, 1, n)[0][:n/3], noise(n/3), runs(n-n/3*2))},
	}
}

func TestAppendLarge(t *testing.T) {
	size, levels := testutil.Pick(50_000, 300_000), testutil.Pick([]int{-2, 0, 1, 6, 9}, []int{-2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	for _, library := range slices.Sorted(maps.Keys(writers)) {
		for _, f := range large(t, size) {
			kind, data := f.name, f.data
			for _, level := range levels {
				t.Run(fmt.Sprintf("%s %s %d", library, kind, level), func(t *testing.T) {
					var c checker
					one := gzipfile.Seal(gzipfile.Header(0), deflate(t, library, level, data, nil), data)
					if !c.check(t, one, len(data)+1000, 1) || !c.check(t, join(one, one), 0, 100_000) {
						t.Error("Append refused it, want its data")
					}
				})
			}
		}
	}
}

func TestAppendFlushes(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var c checker
	for _, library := range slices.Sorted(maps.Keys(writers)) {
		for _, f := range large(t, 20_000) {
			data := f.data
			for _, level := range []int{-2, 0, 1, 6, 9} {
				most := 2 + rng.IntN(3000)
				deflated := deflate(t, library, level, data, func() int { return rng.IntN(most) })
				if !c.checkAll(t, gzipfile.Seal(gzipfile.Header(0), deflated, data)) {
					t.Errorf("%s, level %d: Append refused it, want its data", library, level)
				}
			}
		}
	}
}

// TestAppendEncoders reads what the encoders on this machine write.
func TestAppendEncoders(t *testing.T) {
	commands := [][]string{
		{"gzip", "-1"}, {"gzip", "-6"}, {"gzip", "-9"},
		{"pigz", "-0"}, {"pigz", "-6"}, {"pigz", "-11"}, {"pigz", "-H"}, {"pigz", "-U"}, {"pigz", "-i"},
		{"igzip", "-0"}, {"igzip", "-1"}, {"igzip", "-2"}, {"igzip", "-3"},
		{"libdeflate-gzip", "-1"}, {"libdeflate-gzip", "-6"}, {"libdeflate-gzip", "-12"},
		{"zopfli", "--i1"},
	}
	for i, command := range commands {
		t.Run(fmt.Sprint(command), func(t *testing.T) {
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skip(err)
			}
			if i%3 > 0 {
				testutil.NeedLong(t) // one of three is enough
			}
			for _, size := range []int{0, 1, 3000, 20_000} {
				for _, f := range large(t, size+1) {
					kind, data := f.name, f.data[:size]
					name := filepath.Join(t.TempDir(), "logs.json")
					if err := os.WriteFile(name, data, 0o600); err != nil {
						t.Fatal(err)
					}
					args := append(slices.Clone(command[1:]), "-c", name)
					zipped, err := exec.CommandContext(t.Context(), command[0], args...).Output()
					if err != nil {
						t.Fatal(err)
					}
					var c checker
					if got, err := c.got(t, zipped, size+500, 1); err != nil || !bytes.Equal(got, data) {
						t.Errorf("Append of %d bytes of %s = %d, %v", size, kind, len(got), err)
					}
					c.checkAll(t, zipped)
				}
			}
		})
	}
}

func TestAppendCut(t *testing.T) {
	var c checker
	for i, f := range small(t) {
		if i%testutil.Pick(29, 1) > 0 {
			continue
		}
		for n := range f.data {
			c.check(t, f.data[:n], 3000, 1000)
		}
	}
}

func TestAppendFlippedBit(t *testing.T) {
	var c checker
	good := 0
	for _, size := range []int{20, 200} {
		for _, level := range []int{-2, 9} {
			data := append(logs(t, 1, size)[0], runs(size)...)
			whole := gzipfile.Seal(gzipfile.Header(31), deflate(t, "std", level, data, nil), data)
			plain := gzipfile.Seal(gzipfile.Header(0), deflate(t, "std", level, data, nil), data)
			step := testutil.Pick(11, 1)
			for i := 0; i < 8*len(whole); i += step {
				bad := bytes.Clone(whole)
				bad[i/8] ^= 1 << (i % 8)
				c.check(t, bad, 2000, 500)
			}
			for i := 80; i < 8*len(plain); i += step {
				bad := bytes.Clone(plain)
				bad[i/8] ^= 1 << (i % 8)
				if sealed, ok := reseal(bad); ok {
					c.check(t, sealed, 2000, 500)
					good++
				}
			}
		}
	}
	if good < 100 {
		t.Errorf("%d files were good with another checksum, want 100 or more", good)
	}
}

// change makes some small changes to data, at random.
func change(rng *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	for range 1 + rng.IntN(4) {
		if len(data) == 0 {
			break
		}
		i := rng.IntN(len(data))
		switch rng.IntN(5) {
		case 0:
			data[i] = byte(rng.Uint32())
		case 1:
			data[i] ^= 1 << rng.IntN(8)
		case 2:
			data = append(data[:i], data[min(i+1+rng.IntN(3), len(data)):]...)
		case 3:
			data = join(data[:i], data[rng.IntN(len(data)):])
		case 4:
			data = data[:i]
		}
	}
	return data
}

func TestAppendChanged(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	files := small(t)
	rounds := testutil.Pick(3_000, 32_000)
	var c checker
	good := 0
	for range rounds {
		data := change(rng, files[rng.IntN(len(files))].data)
		first, step := rng.IntN(4000), 1+rng.IntN(4000)
		c.check(t, data, first, step)
		if sealed, ok := reseal(data); ok {
			if !c.check(t, sealed, first, step) {
				t.Fatal("both refuse a file with its checksum put right")
			}
			good++
		}
	}
	if good < rounds/100 {
		t.Errorf("%d of %d files were good with another checksum, want 1 %%", good, rounds)
	}
}

// TestAppendCapacity starts in buffers of all capacities.
func TestAppendCapacity(t *testing.T) {
	var d inflate.Decoder
	for _, level := range []int{-2, 0, 1, 9} {
		data := append(logs(t, 1, 300)[0][:300], runs(400)...)
		zipped := gzipfile.Seal(gzipfile.Header(0), deflate(t, "klauspost", level, data, nil), data)
		zipped = join(zipped, zip(t, nil))
		for size := range len(data) + 400 {
			d.Reset(zipped)
			got, err := d.Append(make([]byte, 0, size))
			full := size < len(data)
			if !bytes.Equal(got, data[:min(size, len(data))]) || full != (err == inflate.ErrFull) || !full && err != nil {
				t.Fatalf("Append into %d bytes = %d, %v, want as much as fits of %d", size, len(got), err, len(data))
			}
			got, err = d.Append(append(make([]byte, 0, len(data)), got...))
			if err != nil || !bytes.Equal(got, data) {
				t.Fatalf("Append after one into %d bytes = %d, %v, want %d", size, len(got), err, len(data))
			}
		}
	}
}

func TestAppendSmallSteps(t *testing.T) {
	var c checker
	for _, f := range small(t) {
		c.check(t, f.data, 0, 1+len(f.data)%7)
	}
	data := join(logs(t, 1, 5000)[0], noise(3000), runs(5000))
	for _, level := range []int{-2, 0, 1, 9} {
		zipped := gzipfile.Seal(gzipfile.Header(0), deflate(t, "std", level, data, nil), data)
		for _, step := range []int{13, 257, 319, 320, 321, 641} {
			if !c.check(t, zipped, 0, step) {
				t.Errorf("Append in steps of %d refused it, want its data", step)
			}
		}
	}
}

func TestAppendWithoutHistory(t *testing.T) {
	data := logs(t, 1, 3000)[0]
	for _, size := range []int{0, 99, 101} {
		var d inflate.Decoder
		d.Reset(zip(t, data))
		if got, err := d.Append(make([]byte, 0, 100)); len(got) != 100 || err != inflate.ErrFull {
			t.Fatalf("Append into 100 bytes = %d, %v, want 100, ErrFull", len(got), err)
		}
		got, err := d.Append(make([]byte, size, 5000))
		if err != inflate.ErrCorrupt || len(got) != size {
			t.Errorf("Append to %d bytes instead of 100 = %d, %v, want ErrCorrupt", size, len(got), err)
		}
	}
}

func TestAppendWithoutReset(t *testing.T) {
	var d inflate.Decoder
	if got, err := d.Append(nil); len(got) > 0 || err != inflate.ErrCorrupt {
		t.Errorf("Append without a file = %d bytes, %v, want ErrCorrupt", len(got), err)
	}
}

func TestAppendAllocates(t *testing.T) {
	data := logs(t, 1, 20_000)[0]
	zipped := join(zip(t, data[:10]), zip(t, data[10:]))
	var d inflate.Decoder
	buf := make([]byte, 0, len(data))
	n := testing.AllocsPerRun(20, func() {
		d.Reset(zipped)
		if _, err := d.Append(buf); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("Append allocates %v times, want none", n)
	}
}

func TestFlags(t *testing.T) {
	member := func(flags byte) []byte {
		return gzipfile.Seal(gzipfile.Header(flags), deflate(t, "std", 6, nil, nil), nil)
	}
	var d inflate.Decoder
	for _, test := range []struct {
		data []byte
		want byte
	}{
		{member(0), 0},
		{member(gzipfile.Name | gzipfile.HeaderCRC), gzipfile.Name | gzipfile.HeaderCRC},
		{join(member(gzipfile.Name), member(0x80), member(gzipfile.Text)), gzipfile.Name | 0x80 | gzipfile.Text},
		{join(member(0), member(0x40)[:10]), 0x40},
		{[]byte("not gzip at all"), 0},
		{nil, 0},
	} {
		d.Reset(test.data)
		_, _ = d.Append(nil)
		if got := d.Flags(); got != test.want {
			t.Errorf("Flags() after % x = %#x, want %#x", test.data, got, test.want)
		}
	}
}
