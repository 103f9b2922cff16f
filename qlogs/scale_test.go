package qlogs_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// scaleStart is an hour in the past.
var scaleStart = time.Date(2025, 3, 2, 9, 0, 0, 0, time.UTC)

// scaleMemory has n objects, of which at(i) is the partition and the time.
func scaleMemory(n int, body []byte, at func(i int) (path.Partition, time.Time)) *sourcetest.Memory {
	m := sourcetest.NewMemory("mem://scale")
	for i := range n {
		p, when := at(i)
		m.PutObject(qlogs.Object{Key: p.NewKey(when, fmt.Sprintf("%016d", i)).String(), ETag: `"e"`}, body)
	}
	return m
}

// scaleRecord is a file of one record of a time.
func scaleRecord(at ...time.Time) []byte {
	var records []string
	for i, at := range at {
		records = append(records, contractChat(fmt.Sprint("r", i), at))
	}
	return contractGzip(contractFile(records...))
}

// scaleCases are buckets that make a resume state large in one way each.
var scaleCases = map[string]struct {
	n    int // in a long run
	opts qlogs.Options
	to   time.Time
	make func(n int) *sourcetest.Memory
}{
	"objects that straddle To": {
		n: 16_000, to: scaleStart.Add(30 * time.Minute),
		make: func(n int) *sourcetest.Memory {
			body := scaleRecord(scaleStart, scaleStart.Add(40*time.Minute))
			return scaleMemory(n, body, func(int) (path.Partition, time.Time) { return contractPartition(), scaleStart.Add(10 * time.Minute) })
		},
	},
	"future hours": {
		n: 40_000,
		make: func(n int) *sourcetest.Memory {
			body, from := scaleRecord(scaleStart), time.Now().AddDate(1, 0, 0)
			return scaleMemory(n, body, func(i int) (path.Partition, time.Time) {
				return contractPartition(), from.Add(time.Duration(i) * time.Hour)
			})
		},
	},
	"a year of lookback": {
		n: 8 * 8760, opts: qlogs.Options{Lookback: 365 * 24 * time.Hour},
		make: func(n int) *sourcetest.Memory {
			body, from := scaleRecord(scaleStart), time.Now().AddDate(-1, 0, 1)
			return scaleMemory(n, body, func(i int) (path.Partition, time.Time) {
				return contractPartition(), from.Add(time.Duration(i) * 364 * 24 * time.Hour / time.Duration(n))
			})
		},
	},
	"one hour": {
		n: 40_000,
		make: func(n int) *sourcetest.Memory {
			body := scaleRecord(scaleStart)
			return scaleMemory(n, body, func(int) (path.Partition, time.Time) { return contractPartition(), scaleStart })
		},
	},
	"partitions": {
		n: 100_000,
		make: func(n int) *sourcetest.Memory {
			body := scaleRecord(scaleStart)
			return scaleMemory(n, body, func(i int) (path.Partition, time.Time) {
				p := contractPartition()
				p.Account = fmt.Sprintf("%012d", 111122223333+int64(i)*7919)
				return p, scaleStart
			})
		},
	},
}

// The time of a scan grows with the number of objects, whatever its cursor has to hold, and
// so does that of a scan that goes on from the cursor.
func TestScaleOfResume(t *testing.T) {
	for name, c := range scaleCases {
		t.Run(name, func(t *testing.T) {
			testutil.Linear(t, "a scan and another from its cursor", max(c.n/testutil.Pick(320, 8), 250), func(n int) func() {
				client := qlogs.New(c.make(n), &c.opts)
				return func() {
					var after qlogs.Cursor
					for range 2 {
						s := client.Scan(qlogs.Query{To: c.to, After: after})
						for _, err := range s.Records(t.Context()) {
							if err != nil {
								t.Fatal(err)
							}
						}
						after = cursorText(t, s.Cursor())
					}
				}
			})
		})
	}
}

// Saving takes no more time than the scan of what is saved.
func TestScaleOfSaves(t *testing.T) {
	if testutil.Race {
		t.Skip("the time would be the race detector's")
	}
	c := scaleCases["partitions"]
	n := c.n / testutil.Pick(50, 1)
	m := c.make(n)
	run := func(store *countingStore) {
		s := qlogs.New(m, nil).Scan(qlogs.Query{})
		if store != nil {
			s.SaveTo(store, &qlogs.SaveOptions{Interval: -1})
		}
		for _, err := range s.Records(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var ratio float64
	for range 5 {
		ratio = testutil.Ratio(func() {
			store := &countingStore{texts: true}
			run(store)
			if want := n / 1000; store.saves < want {
				t.Fatalf("%d saves, want %d or more", store.saves, want)
			}
		}, func() { run(nil) })
		if ratio <= 2 {
			return
		}
	}
	t.Errorf("a scan that saves takes %.1f times as long as one that does not, want 2 at most", ratio)
}

// The cursor of each entry takes as long as the first one did, and may be kept: 2 KB at most.
func TestScaleOfCursors(t *testing.T) {
	for name, c := range scaleCases {
		if !testutil.Long() && name != "one hour" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			scan := func(m *sourcetest.Memory, each func(qlogs.Cursor)) {
				for e, err := range qlogs.New(m, &c.opts).Scan(qlogs.Query{To: c.to}).Records(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					each(e.Cursor())
				}
			}
			testutil.Linear(t, "a cursor of each entry", max(c.n/testutil.Pick(160, 8), 500), func(n int) func() {
				m := c.make(n)
				return func() { scan(m, func(qlogs.Cursor) {}) }
			})
			if testutil.Race {
				return
			}
			n := max(c.n/testutil.Pick(160, 8), 1000)
			measure := func(n int) int64 {
				m := c.make(n)
				kept := make([]qlogs.Cursor, 0, n)
				scan(m, func(at qlogs.Cursor) { kept = append(kept, at) })
				size := heapInUse()
				runtime.KeepAlive(kept)
				kept = nil
				size -= heapInUse()
				runtime.KeepAlive(m)
				return size
			}
			wantBytes(t, "a cursor", n, 2048, measure)
		})
	}
}

// An entry that is kept costs at most 1 KB beyond its record, however large its cursor is.
func TestScaleOfKeptEntries(t *testing.T) {
	if testutil.Race {
		t.Skip("the memory would be the race detector's")
	}
	for name, c := range scaleCases {
		t.Run(name, func(t *testing.T) {
			n := min(c.n, 100_000) / testutil.Pick(40, 1)
			measure := func(n int, entries bool) int64 {
				m := c.make(n)
				size := keptHeap(t, qlogs.New(m, &c.opts).Scan(qlogs.Query{To: c.to}), n, entries)
				runtime.KeepAlive(m)
				return size
			}
			beside := func(n int) int64 { return measure(n, true) - measure(n, false) }
			wantBytes(t, "an entry beside its record", n, 1024, beside)
		})
	}
}

// So does an entry of an object that is tried again.
func TestScaleOfKeptRetries(t *testing.T) {
	if testutil.Race {
		t.Skip("the memory would be the race detector's")
	}
	beside := func(n int) int64 {
		m := scaleMemory(n, scaleRecord(scaleStart), func(i int) (path.Partition, time.Time) {
			p := contractPartition()
			p.Account = fmt.Sprintf("%012d", 111122223333+i%2)
			return p, scaleStart
		})
		m.OnOpen = func(context.Context, qlogs.Object, int64) error { return errCursorNetwork }
		first := qlogs.New(m, nil).Scan(qlogs.Query{})
		failed := 0
		for _, err := range first.Records(t.Context()) {
			if err != nil {
				failed++
			}
		}
		m.OnOpen = nil
		measure := func(entries bool) int64 {
			return keptHeap(t, qlogs.New(m, nil).Scan(qlogs.Query{After: first.Cursor()}), n, entries)
		}
		if failed != n {
			t.Fatalf("%d objects failed, want %d", failed, n)
		}
		return measure(true) - measure(false)
	}
	wantBytes(t, "an entry of a retry beside its record", 1000, 1024, beside)
}

// keptHeap returns the heap in use when the n entries of a scan are kept, or their records alone.
func keptHeap(t *testing.T, scan *qlogs.Scan, n int, entries bool) int64 {
	t.Helper()
	kept, records := make([]qlogs.Entry, 0, n), make([]record.Record, 0, n)
	for e, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if entries {
			kept = append(kept, e)
		} else {
			records = append(records, e.Record)
		}
	}
	if got := len(kept) + len(records); got != n {
		t.Fatalf("%d records, want %d", got, n)
	}
	size := heapInUse()
	runtime.KeepAlive(kept)
	runtime.KeepAlive(records)
	runtime.KeepAlive(scan)
	return size
}

// wantBytes checks that each of n kept values takes at most limit bytes, where measure returns
// the heap of n of them. What an earlier test still holds, or lets go of meanwhile, is in that
// figure too, so three of them have to be too high.
func wantBytes(t *testing.T, what string, n, limit int, measure func(n int) int64) {
	t.Helper()
	var each float64
	for range 3 {
		each = float64(measure(n)-measure(n/4)) / float64(n-n/4)
		t.Logf("%.0f bytes %s", each, what)
		if each <= float64(limit) {
			return
		}
	}
	t.Errorf("%.0f bytes %s, of %d kept, want %d at most", each, what, n, limit)
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
