package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
)

var errFaultBroken = errors.New("connection reset by peer")

// faultSource has an object, windowKey(0), whose bodies break off when each has brought
// that many bytes, in turn, and there are more.
func faultSource(body []byte, size int64, brings ...int) *contractSource {
	src := newContractSource()
	src.putListed(qlogs.Object{Key: windowKey(0), Size: size}, body)
	whole, bodies := src.OnBody, 0
	src.OnBody = func(ctx context.Context, o qlogs.Object, offset int64, r io.Reader) io.Reader {
		r = whole(ctx, o, offset, r)
		if o.Key != windowKey(0) {
			return r
		}
		n := int64(brings[bodies%len(brings)])
		bodies++
		if offset+n >= o.Size {
			return r
		}
		return io.MultiReader(io.LimitReader(r, n), iotest.ErrReader(errFaultBroken))
	}
	return src
}

// Before a resume that follows two breaks without a byte there is a pause, which
// doubles each time up to 5 s, and in which the stall timer does not run.
func TestResumePauses(t *testing.T) {
	body := contractFile(contractChat("id", contractStart))
	for _, tt := range []struct {
		max   int // resumes
		pause time.Duration
	}{
		{1, 0},
		{2, 100 * time.Millisecond},
		{3, 300 * time.Millisecond},
		{5, 1500 * time.Millisecond},
		{0, 1500 * time.Millisecond}, // the default
		{9, 17700 * time.Millisecond},
		{40, (6300 + 34*5000) * time.Millisecond},
	} {
		for _, size := range []int64{int64(len(body)), windowLarge} {
			synctest.Test(t, func(t *testing.T) {
				src := faultSource(body, size, 0)
				begin := time.Now()
				got := contractRead(t, src, contractNew(src, &qlogs.Options{MaxResumes: tt.max, StallTimeout: time.Millisecond}, qlogs.Query{}))
				if took := time.Since(begin); took > tt.pause || took < tt.pause/2 {
					t.Errorf("%d resumes: pauses of %v, want %v to %v", tt.max, took, tt.pause/2, tt.pause)
				}
				if len(got.errs) != 1 || !errors.Is(got.errs[0], errFaultBroken) {
					t.Errorf("%d resumes: errors %v, want one %v", tt.max, got.errs, errFaultBroken)
				}
				want := 1 + tt.max
				if tt.max == 0 {
					want = 6
				}
				if n := src.opens(); n != want {
					t.Errorf("%d resumes: %d opens, want %d", tt.max, n, want)
				}
			})
		}
	}
}

// Where each body brings something, however little, there is no pause.
func TestResumeAtOnce(t *testing.T) {
	body := contractGzip(contractFile(contractChat("id", contractStart)))
	for _, size := range []int64{int64(len(body)), windowLarge} {
		brings := 1
		if size == windowLarge {
			brings = 10_000
		}
		synctest.Test(t, func(t *testing.T) {
			src := faultSource(body, size, brings)
			begin := time.Now()
			got := contractRead(t, src, contractNew(src, &qlogs.Options{MaxResumes: int(size) / brings}, qlogs.Query{}))
			contractSame(t, "records", got.pairs, []string{"id"})
			if took := time.Since(begin); took != 0 {
				t.Errorf("the scan took %v, want no pause", took)
			}
			if n, want := src.opens(), (int(size)+brings-1)/brings; n != want {
				t.Errorf("%d opens, want %d", n, want)
			}
		})
	}
}

// Each byte is a new start: only breaks in a row without one make a pause.
func TestResumePausesAnew(t *testing.T) {
	body := contractFile(contractChat("id", contractStart))
	n := len(body)
	for _, tt := range []struct {
		brings []int // the last one brings the rest
		pause  time.Duration
	}{
		{[]int{0, 1, 0, 1, 0, 1, 0, n}, 0},
		{[]int{1, 0, 1, 0, 1, 0, n}, 0},
		{[]int{0, 0, 1, 0, 0, 1, 0, 0, n}, 300 * time.Millisecond},
		{[]int{1, 0, 0, 0, 1, 0, 0, n}, 400 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			src := faultSource(body, int64(n), tt.brings...)
			begin := time.Now()
			contractSame(t, "records", contractRead(t, src, contractNew(src, &qlogs.Options{MaxResumes: 100}, qlogs.Query{})).pairs, []string{"id"})
			if took := time.Since(begin); took > tt.pause || took < tt.pause/2 {
				t.Errorf("bodies of %d bytes: pauses of %v, want %v to %v", tt.brings, took, tt.pause/2, tt.pause)
			}
		})
	}
}

// A break that brought 1 MiB does not count, one that brought less does.
func TestResumeProgress(t *testing.T) {
	const size = 12 << 20
	body := contractFile(windowChat("id", size-len(contractFile(windowChat("id", 0)))))
	for _, tt := range []struct {
		brings, max, opens int
		fails              bool
	}{
		{1 << 20, 1, 12, false},
		{1<<20 - 1, 1, 2, true},
		{1<<20 - 1, 12, 13, false},
		{1<<20 - 1, 11, 12, true},
		{1 << 20, -1, 1, true},
	} {
		src := faultSource(body, size, tt.brings)
		got := contractRead(t, src, contractNew(src, &qlogs.Options{MaxResumes: tt.max}, qlogs.Query{}))
		if fails := len(got.errs) == 1 && errors.Is(got.errs[0], errFaultBroken); fails != tt.fails || len(got.pairs) != 1 {
			t.Errorf("%d bytes a body, %d resumes: pairs %q, errors %v, want failure %t", tt.brings, tt.max, got.pairs, got.errs, tt.fails)
		}
		if n := src.opens(); n != tt.opens {
			t.Errorf("%d bytes a body, %d resumes: %d opens, want %d", tt.brings, tt.max, n, tt.opens)
		}
	}
}

// The error of a body that is given up tells how far it came.
func TestResumeError(t *testing.T) {
	body := contractFile(contractChat("id", contractStart))
	src := faultSource(body, int64(len(body)), 50)
	got := contractRead(t, src, contractNew(src, &qlogs.Options{MaxResumes: 1}, qlogs.Query{}))
	want := fmt.Sprintf("qlogs: read %q: the body broke off at byte 100 of %d: %v", windowKey(0), len(body), errFaultBroken)
	if len(got.errs) != 1 || got.errs[0].Error() != want {
		t.Errorf("errors %v, want %q", got.errs, want)
	}
}

// An error of the request that goes on is the error of the read, even one that
// looks like the end of the object.
func TestResumeFailsToOpen(t *testing.T) {
	for _, body := range [][]byte{contractFile(contractChat("id", contractStart)), contractGzip(contractFile(contractChat("id", contractStart)))} {
		for _, fails := range []error{io.EOF, io.ErrUnexpectedEOF, errFaultBroken} {
			for _, size := range []int64{int64(len(body)), windowLarge} {
				src := faultSource(body, size, int(size)-1)
				src.onOpen = func(context.Context, string) error {
					if src.opens() > 1 {
						return fails
					}
					return nil
				}
				got := contractRead(t, src, contractNew(src, nil, qlogs.Query{}))
				var bad *qlogs.ObjectError
				if len(got.errs) != 1 || !errors.As(got.errs[0], &bad) || bad.Op != "read" || !errors.Is(bad, fails) || !bad.Retryable || errors.Is(bad, qlogs.ErrCorruptGzip) {
					t.Errorf("errors %v, want one of a read that is %v", got.errs, fails)
				}
				if !strings.Contains(fmt.Sprint(got.errs), fmt.Sprintf("at byte %d of %d and could not be continued: ", size-1, size)) {
					t.Errorf("errors %v, want one that tells the place", got.errs)
				}
				if n := src.opens(); n != 2 {
					t.Errorf("%d opens, want 2", n)
				}
			}
		}
	}
}

// An error after the last byte is no break.
func TestResumeNotAfterTheEnd(t *testing.T) {
	body := contractGzip(contractFile(contractChat("id", contractStart)))
	for _, size := range []int64{int64(len(body)), windowLarge} {
		src := faultSource(body, size, int(size))
		src.onRead = func(_ context.Context, _ string, at int) error {
			if at == len(body) {
				return errFaultBroken
			}
			return nil
		}
		got := contractRead(t, src, contractNew(src, nil, qlogs.Query{}))
		if len(got.errs) != 1 || !errors.Is(got.errs[0], errFaultBroken) {
			t.Errorf("errors %v, want one %v", got.errs, errFaultBroken)
		}
		if n := src.opens(); n != 1 {
			t.Errorf("%d opens, want 1", n)
		}
	}
}

// A body that ends early without an error is asked for the rest. A store that then
// has none says that the object is another one.
func TestResumeOfAnEarlyEnd(t *testing.T) {
	body := contractGzip(contractFile(contractChat("id", contractStart)))
	early := func(ends func(opens int) bool) (*contractSource, contractResult) {
		src := newContractSource()
		src.chunk = 60
		src.put(windowKey(0), body)
		src.onRead = func(_ context.Context, _ string, at int) error {
			if at == 60 && ends(src.opens()) {
				return io.EOF
			}
			return nil
		}
		return src, contractRead(t, src, contractNew(src, nil, qlogs.Query{}))
	}
	src, got := early(func(opens int) bool { return opens == 1 })
	contractSame(t, "ended early once", got.pairs, []string{"id"})
	if n := src.opens(); n != 2 {
		t.Errorf("ended early once: %d opens, want 2", n)
	}
	src, got = early(func(int) bool { return true })
	if len(got.pairs) != 1 || len(got.errs) != 1 || !errors.Is(got.errs[0], qlogs.ErrInconsistent) {
		t.Errorf("ends early: pairs %q, errors %v, want %v", got.pairs, got.errs, qlogs.ErrInconsistent)
	}
	if n := src.opens(); n != 4 { // twice, and again from the start
		t.Errorf("ends early: %d opens, want 4", n)
	}
}

// What cannot be pinned is not continued: it might be another object by now.
func TestResumeNeedsAPin(t *testing.T) {
	body := contractGzip(contractFile(contractChat("id", contractStart)))
	for _, tt := range []struct {
		object qlogs.Object
		fails  bool
	}{
		{qlogs.Object{}, true},
		{qlogs.Object{ETag: `"e"`}, false},
		{qlogs.Object{VersionID: "v"}, false},
	} {
		src := newContractSource()
		src.chunk = 30
		src.put(windowKey(0), body)
		src.onRead = func(_ context.Context, _ string, at int) error {
			if at == 30 && src.opens() == 1 {
				return errFaultBroken
			}
			return nil
		}
		o := tt.object
		o.Key, o.Size = windowKey(0), int64(len(body))
		var errs []error
		n := 0
		for _, err := range qlogs.New(src, nil).Read(t.Context(), o) {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			n++
		}
		if fails := len(errs) == 1 && errors.Is(errs[0], errFaultBroken); fails != tt.fails || n+len(errs) != 1 {
			t.Errorf("%+v: %d records, errors %v, want failure %t", tt.object, n, errs, tt.fails)
		}
		src.CheckClosed(t)
	}
}

// A pause ends with the scan, however that ends.
func TestResumePauseEnds(t *testing.T) {
	body := contractFile(contractChat("id", contractStart))
	for _, size := range []int64{int64(len(body)), windowLarge} {
		for _, how := range []string{"cancel", "break"} {
			synctest.Test(t, func(t *testing.T) {
				src := faultSource(body, size, 0)
				src.put(contractKey(contractPartition(), contractStart.Add(-time.Minute), 0), contractFile(contractChat("first", contractStart)))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				begin := time.Now()
				var last error
				for _, err := range qlogs.New(src, &qlogs.Options{MaxResumes: 1000}).Scan(qlogs.Query{}).Records(ctx) {
					last = err
					synctest.Wait() // a worker is in its pause, if the object is not streamed
					if how == "break" {
						break
					}
					time.AfterFunc(time.Minute, cancel)
				}
				if how == "cancel" && !errors.Is(last, context.Canceled) {
					t.Errorf("%d bytes: last error %v, want %v", size, last, context.Canceled)
				}
				if took, want := time.Since(begin), map[string]time.Duration{"cancel": time.Minute}[how]; took != want {
					t.Errorf("%d bytes, %s: the scan took %v, want %v", size, how, took, want)
				}
				src.CheckClosed(t)
			})
		}
	}
}

// Whatever breaks wherever, all records come, once and in order.
func TestResumeAnywhere(t *testing.T) {
	for seed := range testutil.Pick[uint64](2, 4) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 9))
			src, want := windowMixed(60, seed)
			src.chunk = 1 + rng.IntN(5000)
			orderDelays(src, seed)
			bodies := map[string][]byte{}
			for _, o := range src.objects() {
				bodies[o.Key] = o.body
			}
			delays := src.onRead
			src.onRead = func(ctx context.Context, key string, at int) error {
				src.mu.Lock()
				n := rng.IntN(4)
				src.mu.Unlock()
				if n == 0 && at < len(bodies[key]) {
					return errFaultBroken
				}
				if delays == nil {
					return nil
				}
				return delays(ctx, key, at)
			}
			contractSame(t, "records", contractReadAll(t, src, &qlogs.Options{MaxResumes: 1_000_000, BytesInFlight: 100_000}), want)
		})
	}
}
