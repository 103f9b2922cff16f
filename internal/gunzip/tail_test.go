package gunzip_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/gunzip"
	"github.com/promptlogs/qlogs/internal/testutil"
)

// tails returns what may follow the last member of a file, and what is no further member.
func tails(t testing.TB) (padding, surplus [][]byte) {
	t.Helper()
	for _, n := range []int{1, 2, 3, 4, 7, 9, 10, 511, 512, 4096, 16<<10 - 1, 16 << 10, 16<<10 + 1, 70_000} {
		padding = append(padding, make([]byte, n))
		surplus = append(surplus,
			join(make([]byte, n), []byte{1}), join([]byte{1}, make([]byte, n)), join([]byte{0xff}, noise(n)),
			join(make([]byte, n), []byte("text"), compress(t, sample(50), 6, nil)), join(make([]byte, n), []byte{0x1f, 0x8c}))
	}
	for b := range 256 {
		if b != 0 && b != 0x1f { // which are padding, and a member that is cut off
			surplus = append(surplus, []byte{byte(b)})
		}
		if b != 0x8b {
			surplus = append(surplus, []byte{0x1f, byte(b)}, []byte{0x1f, byte(b), 8, 0, 1, 2, 3, 4, 5, 6, 7})
		}
	}
	for _, text := range []string{`{"records":[]}`, "\r\n", "0\r\n\r\n", "PK\x03\x04", "BZh9", "\x28\xb5\x2f\xfd", "\x8b\x1f\x08"} {
		surplus = append(surplus, []byte(text))
	}
	return padding, surplus
}

// checkTail checks what read makes of good members and a tail. If that is surplus, the
// error says how long it is, and where it begins, without the padding before it.
func checkTail(t *testing.T, read func([]byte) ([]byte, error), members, tail, want []byte, surplus bool) {
	t.Helper()
	got, err := read(join(members, tail))
	place := fmt.Sprintf("%d bytes %.10q behind byte %d", len(tail), tail, len(members))
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %d bytes of output, want %d", place, len(got), len(want))
	}
	if !surplus {
		if err != nil {
			t.Errorf("%s: error %v, want none for padding", place, err)
		}
		return
	}
	seen := len(bytes.TrimLeft(tail, "\x00"))
	text := fmt.Sprintf(" %d bytes that are not gzip follow the last good member, from byte %d of", seen, len(members)+len(tail)-seen)
	if !errors.Is(err, gunzip.ErrCorrupt) || errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: error %v, want ErrCorrupt, with %q", place, err, text)
	}
}

// checkTails checks every tail behind one member and several, behind a member of nothing,
// and random ones behind a file of 9 MB. A way that is slow to begin takes one of some tails.
func checkTails(t *testing.T, some int, read func([]byte) ([]byte, error)) {
	t.Helper()
	one, empty := compress(t, sample(300), 6, nil), compress(t, nil, 6, nil)
	padding, surplus := tails(t)
	for i, f := range []struct{ members, want []byte }{
		{one, sample(300)},
		{join(one, empty, one, one), bytes.Repeat(sample(300), 3)},
		{empty, nil},
		{join(empty, empty), nil},
	} {
		for i := i % min(some, 2); i < len(padding); i += min(some, 2) {
			tail := padding[i]
			checkTail(t, read, f.members, tail, f.want, false)
		}
		for i := i % some; i < len(surplus); i += some {
			tail := surplus[i]
			checkTail(t, read, f.members, tail, f.want, true)
		}
	}
	want := noise(9 << 20)
	members := compress(t, want, 0, nil)
	rng := rand.New(rand.NewPCG(9, 9))
	for range testutil.Pick(1, 3) {
		tail := noise(1 + rng.IntN(100_000))
		tail[0] = 2
		checkTail(t, read, members, tail, want, true)
		checkTail(t, read, members, make([]byte, 1+rng.IntN(3<<20)), want, false)
	}
}

func TestTails(t *testing.T) {
	t.Run("Inflate", func(t *testing.T) { checkTails(t, testutil.Pick(3, 1), inflate) })
	t.Run("Reader", func(t *testing.T) {
		checkTails(t, testutil.Pick(20, 7), func(data []byte) ([]byte, error) { return stream(bytes.NewReader(data)) })
	})
}

// A member behind good ones that is cut or damaged costs no output of those.
func TestBadMemberBehindGoodOnes(t *testing.T) {
	want := sample(300)
	good := compress(t, want, 6, nil)
	for n := 1; n < len(good); n++ {
		got, err := inflate(join(good, good[:n]))
		if !errors.Is(err, gunzip.ErrCorrupt) || !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(got, want) {
			t.Errorf("Inflate of a member and %d bytes of another = %d bytes, %v, want the first member and a cut", n, len(got), err)
		}
	}
	for i := range good {
		if i > 3 && i < 10 { // time, compression and system, which nothing checks
			continue
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x55
		for name, read := range map[string]func([]byte) ([]byte, error){
			"Inflate": inflate,
			"Reader":  func(data []byte) ([]byte, error) { return stream(bytes.NewReader(data)) },
		} {
			if name == "Reader" && i%5 > 0 { // slow to begin
				continue
			}
			got, err := read(join(good, good, bad, good))
			if !errors.Is(err, gunzip.ErrCorrupt) || !bytes.HasPrefix(got, join(want, want)) {
				t.Errorf("%s of a third member with byte %d damaged = %d bytes, %v, want the first two and an error", name, i, len(got), err)
			}
			if name == "Inflate" && !errors.Is(err, io.ErrUnexpectedEOF) && len(got) != 2*len(want) {
				t.Errorf("Inflate of a third member with byte %d damaged = %d bytes, want those that are verified, %d", i, len(got), 2*len(want))
			}
		}
	}
}

// Work on what follows the last member ends when stop says so.
func TestTailStops(t *testing.T) {
	errStop := errors.New("stop")
	good := compress(t, sample(100), 6, nil)
	for name, tail := range map[string][]byte{
		"padding": make([]byte, 4<<20), "surplus": noise(4 << 20), "late surplus": join(make([]byte, 4<<20), []byte{1}),
		"late member": join(make([]byte, 4<<20), good),
	} {
		calls := 0
		out, err := gunzip.InflateUntil(nil, join(good, tail), math.MaxInt, free, func() error {
			if calls++; calls > 20 {
				return errStop
			}
			return nil
		})
		if name == "surplus" { // there is nothing to read of it
			if !errors.Is(err, gunzip.ErrCorrupt) || calls > 20 {
				t.Errorf("%s: InflateUntil = %v after %d calls of stop, want ErrCorrupt at once", name, err, calls)
			}
		} else if err != errStop || len(out) > 0 {
			t.Errorf("%s: InflateUntil = %d bytes, %v, want the error of stop", name, len(out), err)
		}
		src := &counted{r: bytes.NewReader(join(good, tail))}
		r, err := gunzip.NewReader(src)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		r.Until(func() error {
			if src.n > 1<<20 {
				return errStop
			}
			return nil
		})
		if _, err := io.Copy(io.Discard, r); err != errStop || src.n > 2<<20 {
			t.Errorf("%s: Read = %v after %d bytes, want the error of stop after 1 MiB", name, err, src.n)
		}
	}
}

// An error of the source behind the last member is told as it is.
func TestTailSourceFails(t *testing.T) {
	want := errors.New("connection reset")
	good := compress(t, sample(100), 6, nil)
	for _, tail := range [][]byte{nil, {0}, {'x'}, {0x1f}, make([]byte, 10_000), noise(10_000), join(make([]byte, 5000), []byte{1})} {
		got, err := stream(io.MultiReader(bytes.NewReader(join(good, tail)), &once{err: want, r: bytes.NewReader(nil)}))
		if err != want || !bytes.Equal(got, sample(100)) {
			t.Errorf("Reader of a source that fails behind %d bytes of tail = %d bytes, %v, want the member and %v", len(tail), len(got), err, want)
		}
	}
}
