package qlogs_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
)

// The sizes from which on an object is streamed: as listed, and decompressed.
const (
	windowLarge    = 8 << 20
	windowInflated = 32 << 20
)

// windowChat returns a record whose prompt has that many bytes.
func windowChat(id string, size int) string {
	return strings.Replace(contractChat(id, contractStart), `"prompt":"p"`, `"prompt":"`+strings.Repeat("p", size)+`"`, 1)
}

// windowKey returns the i-th key of many.
func windowKey(i int) string {
	return contractKey(contractPartition(), contractStart.Add(time.Duration(i)*time.Minute), i)
}

// windowMixed has small, growing and large objects, of random sizes.
func windowMixed(n int, seed uint64) (*contractSource, []string) {
	rng := rand.New(rand.NewPCG(seed, 2))
	src := newContractSource()
	src.chunk = 16 << 10
	var want []string
	for i := range n {
		id := fmt.Sprint("id", i)
		want = append(want, id)
		body := contractFile(windowChat(id, 1<<rng.IntN(17)))
		if rng.IntN(3) > 0 {
			body = contractGzip(body)
		}
		o := qlogs.Object{Key: windowKey(i), Size: int64(len(body))}
		if rng.IntN(8) == 0 {
			o.Size = windowLarge
		}
		src.putListed(o, body)
	}
	return src, want
}

// Whatever the budgets are, every scan ends with every record.
func TestWindowTightBudgetsFinish(t *testing.T) {
	for _, opts := range []qlogs.Options{
		{InFlight: 1, BytesInFlight: 1},
		{InFlight: 8, BytesInFlight: 1},
		{InFlight: 1},
		{InFlight: 2, BytesInFlight: 10_000},
		{InFlight: 16, BytesInFlight: 100_000},
		{InFlight: 64, BytesInFlight: 300_000},
	} {
		t.Run(fmt.Sprintf("%d in flight, %d bytes", opts.InFlight, opts.BytesInFlight), func(t *testing.T) {
			for seed := range testutil.Pick[uint64](1, 2) {
				synctest.Test(t, func(t *testing.T) {
					src, want := windowMixed(testutil.Pick(70, 120), seed)
					orderDelays(src, seed)
					contractSame(t, "records", contractReadAll(t, src, &opts), want)
				})
			}
		})
	}
}

func TestWindowInFlight(t *testing.T) {
	for _, inFlight := range []int{7, 32, 1, 2}[:testutil.Pick(2, 4)] {
		synctest.Test(t, func(t *testing.T) {
			src, want := windowMixed(testutil.Pick(80, 150), uint64(inFlight))
			orderDelays(src, uint64(inFlight))
			contractSame(t, "records", contractReadAll(t, src, &qlogs.Options{InFlight: inFlight}), want)
			if _, most := src.Bodies(); most != inFlight {
				t.Errorf("InFlight %d: at most %d requests at a time, want as many", inFlight, most)
			}
		})
	}
}

func TestWindowDefaultInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := contractBucket(500)
		src.onOpen = func(ctx context.Context, _ string) error { return contractWait(ctx, time.Second) }
		contractReadAll(t, src, nil)
		if _, most := src.Bodies(); most != 64 {
			t.Errorf("at most %d requests at a time, want 64", most)
		}
	})
}

// What is fetched ahead of the loop stays within the byte budget; the object
// that the loop is at or waits for may come on top.
func TestWindowByteBudget(t *testing.T) {
	const budget = 100_000
	for seed := range uint64(4) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 3))
			src := newContractSource()
			place := map[string]int{}
			var sizes []int64
			for i := range 200 {
				body := contractFile(windowChat(fmt.Sprint("id", i), rng.IntN(20_000)))
				place[windowKey(i)] = i
				sizes = append(sizes, int64(len(body)))
				src.put(windowKey(i), body)
			}
			biggest := slices.Max(sizes)
			var mu sync.Mutex
			at, most := -1, int64(0) // the loop's place
			open := map[int]bool{}
			src.onOpen = func(ctx context.Context, key string) error {
				mu.Lock()
				open[place[key]] = true
				var held int64
				for i := range open {
					if i > at {
						held += sizes[i]
					}
				}
				most = max(most, held)
				mu.Unlock()
				return contractWait(ctx, time.Duration(len(key)%7)*time.Millisecond)
			}
			for e, err := range contractNew(src, &qlogs.Options{BytesInFlight: budget}, qlogs.Query{}).Records(t.Context()) {
				if err != nil {
					t.Fatalf("unexpected error: %v", err)
				}
				mu.Lock()
				at = place[e.Object.Key]
				mu.Unlock()
				time.Sleep(time.Millisecond)
			}
			if at != len(sizes)-1 {
				t.Errorf("the loop ended at object %d, want %d", at, len(sizes)-1)
			}
			if most > budget+biggest {
				t.Errorf("%d bytes were held ahead of the loop, want at most %d + %d", most, budget, biggest)
			}
			if most < budget/4 {
				t.Errorf("%d bytes were held ahead of the loop, want use of the budget of %d", most, budget)
			}
		})
	}
}

// What an object was charged is given back when the loop is done with it: many
// times the budget goes through at full speed.
func TestWindowGivesBytesBack(t *testing.T) {
	const n, inFlight, size = 320, 8, 16_000
	for _, zipped := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			src := newContractSource()
			for i := range n {
				body := contractFile(windowChat(fmt.Sprint("id", i), size))
				if zipped {
					body = contractGzip(body)
				}
				src.put(windowKey(i), body)
			}
			src.onOpen = func(ctx context.Context, _ string) error { return contractWait(ctx, time.Second) }
			begin := time.Now()
			if got := contractReadAll(t, src, &qlogs.Options{InFlight: inFlight, BytesInFlight: n * size / 4}); len(got) != n {
				t.Errorf("%d records, want %d", len(got), n)
			}
			if took, want := time.Since(begin), n/inFlight*time.Second; took > want*3/2 {
				t.Errorf("gzip %t: %d requests of 1 s, %d at a time, took %v, want %v", zipped, n, inFlight, took, want)
			}
		})
	}
}

// Decompressed bytes and decoded records count too: a bucket of tiny objects that
// inflate a thousandfold is not all opened ahead.
func TestWindowCountsInflatedBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, inflated, inFlight, held = 80, 1 << 20, 2, 4
		src := newContractSource()
		body := contractGzip(contractFile(windowChat("id", inflated)))
		for i := range n {
			src.put(windowKey(i), body)
		}
		got := 0
		for _, err := range contractNew(src, &qlogs.Options{InFlight: inFlight, BytesInFlight: held * inflated}, qlogs.Query{}).Records(t.Context()) {
			if err != nil {
				t.Fatalf("unexpected error: %v", err)
			}
			if got++; got == 1 {
				synctest.Wait()
				// The head, those that fit, and one in the hands of each worker.
				if opened := src.opens(); opened > 1+held+inFlight+runtime.GOMAXPROCS(0) {
					t.Errorf("%d objects that inflate to %d bytes are opened at a budget of %d bytes", opened, inflated, held*inflated)
				}
			}
		}
		if got != n {
			t.Errorf("%d records, want %d", got, n)
		}
	})
}

// Objects that are listed as large are opened when the loop has come to them.
func TestWindowLargeObjectsOpenAtTheHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newContractSource()
		for i := range 60 {
			body := contractGzip(contractFile(contractChat(fmt.Sprint(i), contractStart)))
			o := qlogs.Object{Key: windowKey(i), Size: int64(len(body))}
			if i%10 == 5 {
				o.Size = windowLarge
			}
			src.putListed(o, body)
		}
		sizes, before := map[string]int64{}, map[string]int{}
		for i, o := range src.objects() {
			sizes[o.Key], before[o.Key] = o.Size, i
		}
		var mu sync.Mutex
		got := 0
		src.onOpen = func(_ context.Context, key string) error {
			mu.Lock()
			defer mu.Unlock()
			if sizes[key] >= windowLarge && got != before[key] {
				t.Errorf("%q is large and opened after %d records, want %d", key, got, before[key])
			}
			return nil
		}
		for e, err := range contractNew(src, nil, qlogs.Query{}).Records(t.Context()) {
			if err != nil {
				t.Fatalf("unexpected error: %v", err)
			}
			if large := e.Object.Size >= windowLarge; e.Tentative != large {
				t.Errorf("record of %q: Tentative = %t, want %t", e.Object.Key, e.Tentative, large)
			}
			synctest.Wait()
			mu.Lock()
			got++
			mu.Unlock()
		}
		if got != 60 {
			t.Errorf("%d records, want 60", got)
		}
	})
}

// An object below the size of a large one that inflates to more than 32 MiB is
// handled as one: its records come, tentative, and are counted once.
func TestWindowInflatesBeyondLimit(t *testing.T) {
	for _, tt := range []struct {
		name      string
		records   int // of 1 MiB, each in a gzip member of its own
		tentative bool
	}{
		{"below", 31, false},
		{"beyond", 33, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := contractFile(windowChat("id", 1<<20))
			if large := len(file)*tt.records > windowInflated; large != tt.tentative {
				t.Fatalf("%d files have %d bytes", tt.records, len(file)*tt.records)
			}
			src := contractBucket(3)
			src.put(contractKey(contractPartition(), contractStart, 1), bytes.Repeat(contractGzip(file), tt.records))
			want := slices.Concat([]string{"r0000"}, slices.Repeat([]string{"id"}, tt.records), []string{"r0001", "r0002"})
			s := contractNew(src, nil, qlogs.Query{})
			got := contractRead(t, src, s)
			contractSame(t, "records", got.pairs, want)
			for i, e := range got.entries {
				middle := i > 0 && i <= tt.records
				if e.Tentative != (middle && tt.tentative) {
					t.Errorf("record %d: Tentative = %t", i, e.Tentative)
				}
			}
			size := int64(len(file) * tt.records)
			if st := s.Stats(); st.BytesDecompressed < size || st.BytesDecompressed > size+2000 || st.Read != 4 {
				t.Errorf("Stats() = %+v, want %d bytes decompressed and those of 3 small files, 4 objects read", st, size)
			}
		})
	}
}
