package qlogs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
)

// leaveScan is one scan of the client that ends somehow.
type leaveScan func(ctx context.Context, s *qlogs.Scan, after int)

// leaveWays are the ways in which a loop can end after that many pairs. Each
// panics or returns only when Records has returned.
var leaveWays = []struct {
	name string
	run  leaveScan
}{
	{"break", func(ctx context.Context, s *qlogs.Scan, after int) {
		n := 0
		for range s.Records(ctx) {
			if n++; n > after {
				break
			}
		}
	}},
	{"panic", func(ctx context.Context, s *qlogs.Scan, after int) {
		defer func() { _ = recover() }()
		n := 0
		for range s.Records(ctx) {
			if n++; n > after {
				panic("the loop's own")
			}
		}
	}},
	{"Goexit", func(ctx context.Context, s *qlogs.Scan, after int) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			n := 0
			for range s.Records(ctx) {
				if n++; n > after {
					runtime.Goexit()
				}
			}
		}()
		<-done
	}},
	{"cancel in the loop", func(ctx context.Context, s *qlogs.Scan, after int) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		n := 0
		for range s.Records(ctx) {
			if n++; n > after {
				cancel()
			}
		}
	}},
	{"deadline", func(ctx context.Context, s *qlogs.Scan, after int) {
		ctx, cancel := context.WithTimeout(ctx, time.Duration(after)*37*time.Millisecond)
		defer cancel()
		for range s.Records(ctx) {
			time.Sleep(time.Millisecond)
		}
	}},
	{"break out of Objects", func(ctx context.Context, s *qlogs.Scan, after int) {
		n := 0
		for range s.Objects(ctx) {
			if n++; n > after {
				break
			}
		}
	}},
}

// However and wherever a loop is left, when Records has returned nothing of it is
// left, and the next scan reads everything.
func TestLeaveAnywhere(t *testing.T) {
	for _, way := range leaveWays {
		t.Run(way.name, func(t *testing.T) {
			for seed := range testutil.Pick[uint64](2, 12) {
				leaveOnce(t, way.run, seed)
			}
		})
	}
}

func leaveOnce(t *testing.T, run leaveScan, seed uint64) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(seed, 4))
		src, want := windowMixed(testutil.Pick(25, 40), seed)
		for range 5 { // damaged ones too
			src.spoil(rng.IntN(len(want)), func(body []byte) []byte { return append([]byte("x"), body[1:]...) })
		}
		orderDelays(src, seed)
		client := qlogs.New(src, &qlogs.Options{InFlight: 1 + rng.IntN(8), BytesInFlight: 1 << rng.IntN(20)})
		before := leaveGoroutines()
		run(context.WithoutCancel(t.Context()), client.Scan(qlogs.Query{}), rng.IntN(len(want)+5))
		leaveNothing(t, src, before)

		got := 0
		for range client.Scan(qlogs.Query{}).Records(t.Context()) {
			got++
		}
		if got != len(want) {
			t.Errorf("seed %d: the next scan yields %d pairs, want %d", seed, got, len(want))
		}
	})
}

// leaveNothing checks that no goroutine and no body is left.
func leaveNothing(t *testing.T, src *contractSource, before map[string]string) {
	t.Helper()
	src.CheckClosed(t)
	synctest.Wait() // for those that are just ending
	after := leaveGoroutines()
	for id := range before {
		delete(after, id)
	}
	for _, stack := range after {
		t.Errorf("a goroutine is left: %s", stack)
	}
}

// leaveGoroutines returns the stacks of the goroutines of the caller's bubble, by
// their first lines' number.
func leaveGoroutines() map[string]string {
	buf := make([]byte, 1<<20)
	stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	own, _, _ := strings.Cut(stacks[0], "\n")
	_, bubble, found := strings.Cut(own, "synctest")
	all := map[string]string{}
	for _, s := range stacks {
		head, _, _ := strings.Cut(s, "\n")
		if id, _, _ := strings.Cut(head, " ["); found && strings.HasSuffix(head, bubble) {
			all[id] = s
		}
	}
	return all
}

// A cancelled context is told by the last pair and by nothing else, with its cause.
func TestLeaveCancelIsTheLastPair(t *testing.T) {
	reason := errors.New("enough")
	for seed := range testutil.Pick[uint64](15, 40) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 5))
			src, _ := windowMixed(40, seed)
			orderDelays(src, seed)
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Duration(rng.IntN(20_000))*time.Millisecond, func() { cancel(reason) })
			s := contractNew(src, &qlogs.Options{InFlight: 1 + rng.IntN(4)}, qlogs.Query{})
			pairs, last := 0, error(nil)
			for _, err := range s.Records(ctx) {
				if last != nil {
					t.Errorf("seed %d: a pair follows the error %v", seed, last)
				}
				pairs, last = pairs+1, err
				time.Sleep(time.Duration(rng.IntN(50)) * time.Millisecond)
			}
			src.CheckClosed(t)
			// Each object has one record: none counts as read that was not.
			if st := s.Stats(); st.Read > int64(pairs)-1 || st.Failed > 0 {
				t.Errorf("seed %d: %d pairs, Stats() = %+v", seed, pairs, st)
			}
			if !errors.Is(last, reason) {
				t.Errorf("seed %d: the last of %d pairs has the error %v, want %v", seed, pairs, last, reason)
			}
			var object *qlogs.ObjectError
			if errors.As(last, &object) {
				t.Errorf("seed %d: the context's error comes as that of object %q", seed, object.Key)
			}
		})
	}
}

func TestLeaveCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	src := contractBucket(3)
	n := 0
	for _, err := range contractNew(src, nil, qlogs.Query{}).Records(ctx) {
		n++
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Records of a cancelled context yields %v, want %v", err, context.Canceled)
		}
	}
	if n != 1 || src.opens() != 0 {
		t.Errorf("Records of a cancelled context yields %d pairs and opens %d objects, want 1, 0", n, src.opens())
	}
}

// The context may end while the loop waits for one thing or another. Each of
// these blocks for good.
func TestLeaveCancelWhileBlocked(t *testing.T) {
	reason := errors.New("enough")
	forever := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for _, tt := range []struct {
		name  string
		large int // this object is streamed
		spoil func(src *contractSource)
		pairs int
	}{
		{"first listing", -1, func(src *contractSource) {
			src.onList = func(ctx context.Context, _ qlogs.ListInput) error { return forever(ctx) }
		}, 0},
		{"listing of objects", -1, func(src *contractSource) {
			src.onListed = func(ctx context.Context, key string) error {
				if key == src.key(3) {
					return forever(ctx)
				}
				return nil
			}
		}, 3},
		{"open", -1, func(src *contractSource) {
			src.onOpen = func(ctx context.Context, key string) error {
				if key == src.key(2) {
					return forever(ctx)
				}
				return nil
			}
		}, 2},
		{"read", -1, func(src *contractSource) { src.onRead = leaveBlockRead(src, 2, forever) }, 2},
		{"open of a large object", 2, func(src *contractSource) {
			src.onOpen = func(ctx context.Context, key string) error {
				if key == src.key(2) {
					return forever(ctx)
				}
				return nil
			}
		}, 2},
		{"read of a large object", 2, func(src *contractSource) { src.onRead = leaveBlockRead(src, 2, forever) }, 2},
		{"a large object waits for its request", 1, func(src *contractSource) { src.onRead = leaveBlockRead(src, 2, forever) }, 1},
	} {
		for _, inFlight := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s, %d in flight", tt.name, inFlight), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					src := contractBucket(6)
					if tt.large >= 0 {
						src.relist(tt.large, func(o *qlogs.Object) { o.Size = windowLarge })
					}
					tt.spoil(src)
					ctx, cancel := context.WithCancelCause(context.WithoutCancel(t.Context()))
					time.AfterFunc(time.Second, func() { cancel(reason) })
					before := leaveGoroutines()
					pairs, last := 0, error(nil)
					for _, err := range contractNew(src, &qlogs.Options{InFlight: inFlight}, qlogs.Query{}).Records(ctx) {
						pairs, last = pairs+1, err
						synctest.Wait() // all that can be read ahead is
					}
					leaveNothing(t, src, before)
					least := tt.pairs + 1
					if inFlight == 1 { // the blocked request may be the first one
						least = 1
					}
					if !errors.Is(last, reason) || pairs < least {
						t.Errorf("%d pairs, the last with the error %v, want at least %d and %v", pairs, last, least, reason)
					}
				})
			})
		}
	}
}

// leaveBlockRead blocks reads of the i-th object.
func leaveBlockRead(src *contractSource, i int, block func(context.Context) error) func(context.Context, string, int) error {
	key := src.key(i)
	return func(ctx context.Context, k string, _ int) error {
		if k == key {
			return block(ctx)
		}
		return nil
	}
}

// Leaving does not wait for a store that is silent.
func TestLeaveWhileLargeObjectIsSilent(t *testing.T) {
	file := contractFile(windowChat("id", 2000), windowChat("id", 900_000), windowChat("id", 2000))
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, err := w.Write(file[:600_000])
	err = errors.Join(err, w.Flush())
	known := buf.Len() // what decompresses to more than the first block
	_, err2 := w.Write(file[600_000:])
	if err := errors.Join(err, err2, w.Close()); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		src := newContractSource()
		src.chunk = known
		src.putListed(qlogs.Object{Key: windowKey(0), Size: windowLarge}, buf.Bytes())
		var silent atomic.Bool
		src.onRead = func(ctx context.Context, _ string, at int) error {
			if at < known {
				return nil
			}
			silent.Store(true)
			<-ctx.Done()
			return ctx.Err()
		}
		before := leaveGoroutines()
		begin, pairs := time.Now(), 0
		for _, err := range contractNew(src, nil, qlogs.Query{}).Records(context.WithoutCancel(t.Context())) {
			if err != nil {
				t.Errorf("unexpected error: %v", err)
			}
			pairs++
			synctest.Wait() // what reads ahead now waits for the store
			if !silent.Load() {
				t.Error("the store is not asked for more")
			}
			break
		}
		leaveNothing(t, src, before)
		if took := time.Since(begin); pairs != 1 || took != 0 {
			t.Errorf("%d pairs, left after %v, want 1 and at once", pairs, took)
		}
	})
}

// A large object that is left in the middle ends the reading ahead of its stream.
func TestLeaveInsideLargeObject(t *testing.T) {
	var records []string
	for i := range 600 {
		records = append(records, windowChat(fmt.Sprint("id", i), 2000))
	}
	body := contractGzip(contractFile(records...))
	for after := range 12 {
		synctest.Test(t, func(t *testing.T) {
			src := newContractSource()
			src.chunk = 64
			src.putListed(qlogs.Object{Key: windowKey(0), Size: windowLarge}, body)
			before := leaveGoroutines()
			n := 0
			for _, err := range contractNew(src, nil, qlogs.Query{}).Records(context.WithoutCancel(t.Context())) {
				if err != nil {
					t.Fatalf("unexpected error: %v", err)
				}
				if n++; n > after*50 {
					break
				}
			}
			leaveNothing(t, src, before)
		})
	}
}
