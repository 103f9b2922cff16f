package qlogs_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// A scanPair is one pair of a loop in words that a generated object can say too.
type scanPair struct {
	key   string
	index int    // of an error of the whole object: -1
	what  string // "record" with its id, or "error"
}

// scanWant returns all pairs that a reader must get from generated objects.
func scanWant(objects []qlogstest.Object) []scanPair {
	slices.SortFunc(objects, func(a, b qlogstest.Object) int { return cmp.Compare(a.Key, b.Key) })
	var want []scanPair
	for _, o := range objects {
		first := len(want)
		for _, r := range o.Records {
			want = append(want, scanPair{o.Key, r.Index, "record " + r.RequestID})
		}
		for _, i := range o.BadRecords {
			want = append(want, scanPair{o.Key, i, "error"})
		}
		slices.SortFunc(want[first:], func(a, b scanPair) int { return cmp.Compare(a.index, b.index) })
		if o.Failed {
			want = append(want, scanPair{o.Key, -1, "error"})
		}
	}
	return want
}

// scanGot returns the pairs of a loop.
func scanGot(t *testing.T, seq iter.Seq2[qlogs.Entry, error]) []scanPair {
	t.Helper()
	var got []scanPair
	for e, err := range seq {
		var bad *qlogs.ObjectError
		switch {
		case err == nil:
			got = append(got, scanPair{e.Object.Key, e.Index, "record " + e.Record.RequestID()})
		case errors.As(err, &bad):
			got = append(got, scanPair{bad.Key, bad.Index, "error"})
		default:
			t.Errorf("Records yields %v, want errors of objects only", err)
		}
	}
	return got
}

func scanCompare(t *testing.T, got, want []scanPair) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("pair %d of %d: got %v, want %v of %d", i, len(got), got[i:min(i+3, len(got))], want[i:min(i+3, len(want))], len(want))
		}
	}
}

func scanGenerate(seed uint64) (*contractSource, []qlogstest.Object) {
	src := newContractSource()
	objects := slices.Collect(qlogstest.Generate(qlogstest.Config{
		Seed: seed, Objects: 250, DamageEvery: 4, OddEvery: 3, MaxText: 2000,
		Prefixes: []string{"", "logs/logs", "a b+c/ü%2F"},
		Accounts: []string{"111122223333", "222233334444"},
		Regions:  []string{"us-east-1", "eu-central-1"},
		Types:    []path.LogType{path.GenerateAssistantResponse, path.GenerateCompletions, path.StartTaskAssistCodeGeneration, "NewThing"},
	}))
	for _, o := range objects {
		src.putListed(qlogs.Object{Key: o.Key, ETag: fmt.Sprintf("%q", o.Key)}, o.Body)
	}
	return src, objects
}

// Each seed is another bucket with every kind of damage. Every readable record
// comes once and in order, every damage is told as often as it should be, and
// the counters agree with both.
func TestScanReadsDamagedBuckets(t *testing.T) {
	for seed := range testutil.Pick[uint64](2, 4) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			src, objects := scanGenerate(seed)
			want := scanWant(objects)
			for _, opts := range []*qlogs.Options{nil, {InFlight: 1, BytesInFlight: 1}, {InFlight: 3, BytesInFlight: 30_000}} {
				s := contractNew(src, opts, qlogs.Query{})
				scanCompare(t, scanGot(t, s.Records(t.Context())), want)
				src.CheckClosed(t)
				contractSums(t, s.Stats())
				scanCheckStats(t, statsCounted(s.Stats()), objects)
			}
		})
	}
}

func scanCheckStats(t *testing.T, got qlogs.Stats, objects []qlogstest.Object) {
	t.Helper()
	var totals qlogstest.Totals
	for _, o := range objects {
		totals.Add(o)
	}
	want := qlogs.Stats{
		Partitions: totals.Partitions, Listed: totals.Listed, Skipped: totals.Skipped, Read: totals.Read, Failed: totals.Failed,
		BytesStored: got.BytesStored, BytesDecompressed: got.BytesDecompressed,
		RecordsSeen: totals.RecordsSeen, RecordsYielded: totals.RecordsYielded, RecordsFailed: totals.RecordsFailed, RecordsDrifted: totals.RecordsDrifted,
	}
	if got != want {
		t.Errorf("Stats() = %+v, want %+v", got, want)
	}
}

func TestScanEmptyBucket(t *testing.T) {
	src := newContractSource()
	s := contractNew(src, nil, qlogs.Query{MayBeEmpty: true})
	if got := contractRead(t, src, s); len(got.pairs) != 0 {
		t.Errorf("Records of an empty bucket yields %v, want nothing", got.pairs)
	}
	if got := statsCounted(s.Stats()); got != (qlogs.Stats{}) {
		t.Errorf("Stats() = %+v, want zeros", got)
	}
}

func TestScanReadsNothingBeforeTheLoop(t *testing.T) {
	src := contractBucket(1)
	s := contractNew(src, nil, qlogs.Query{})
	_ = s.Records(t.Context())
	_ = s.Objects(t.Context())
	if len(src.listed()) != 0 || src.opens() != 0 {
		t.Errorf("before the loop: lists %q, %d objects opened, want none", src.listed(), src.opens())
	}
}

func TestScanIsSingleUse(t *testing.T) {
	records := func(s *qlogs.Scan) (int, error) {
		n := 0
		for _, err := range s.Records(t.Context()) {
			n++
			if err != nil {
				return n, err
			}
		}
		return n, nil
	}
	objects := func(s *qlogs.Scan) (int, error) {
		n := 0
		for _, err := range s.Objects(t.Context()) {
			n++
			if err != nil {
				return n, err
			}
		}
		return n, nil
	}
	for _, tt := range []struct {
		name          string
		first, second func(*qlogs.Scan) (int, error)
	}{
		{"records twice", records, records},
		{"objects twice", objects, objects},
		{"records, objects", records, objects},
		{"objects, records", objects, records},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := contractNew(contractBucket(3), nil, qlogs.Query{})
			if n, err := tt.first(s); n != 3 || err != nil {
				t.Fatalf("first range = %d pairs, %v, want 3, nil", n, err)
			}
			for range 2 {
				if n, err := tt.second(s); n != 1 || !errors.Is(err, qlogs.ErrScanUsed) {
					t.Errorf("next range = %d pairs, %v, want 1, %v", n, err, qlogs.ErrScanUsed)
				}
			}
		})
	}
}

// Objects tells exactly what Records opens, in the same order, and opens nothing.
func TestScanObjectsIsWhatRecordsOpens(t *testing.T) {
	src, _ := scanGenerate(7)
	q := qlogs.Query{Accounts: []string{"111122223333"}, From: contractStart, To: contractStart.AddDate(0, 0, 1)}
	var want []string
	s := contractNew(src, nil, q)
	for o, err := range s.Objects(t.Context()) {
		if err != nil {
			t.Fatalf("Objects yields %v", err)
		}
		want = append(want, o.Key)
	}
	if len(want) < 20 || src.opens() != 0 {
		t.Fatalf("Objects yields %d objects and opens %d, want many and 0", len(want), src.opens())
	}
	if st := s.Stats(); st.Listed != st.Skipped.Total()+int64(len(want)) {
		t.Errorf("Stats() = %+v, want Listed = Skipped + %d", st, len(want))
	}
	contractRead(t, src, contractNew(src, &qlogs.Options{InFlight: 1}, q))
	opened := slices.Sorted(slices.Values(src.opened()))
	contractSame(t, "opened objects", opened, want)
}

func TestScanObjectsTellsListingErrors(t *testing.T) {
	src := contractBucket(3)
	src.relist(0, func(o *qlogs.Object) { o.Archived = true })
	src.relist(1, func(o *qlogs.Object) { o.Size = 1 << 20 })
	s := contractNew(src, &qlogs.Options{MaxObjectBytes: 1<<20 - 1}, qlogs.Query{})
	var got []string
	for o, err := range s.Objects(t.Context()) {
		switch {
		case errors.Is(err, qlogs.ErrArchived):
			got = append(got, "archived")
		case errors.Is(err, qlogs.ErrTooLarge):
			got = append(got, "too large")
		default:
			got = append(got, o.Key)
		}
	}
	contractSame(t, "pairs", got, []string{"archived", "too large", src.key(2)})
}

func TestScanObjectsLeftEarly(t *testing.T) {
	src, _ := scanGenerate(8)
	for n := range 10 {
		got := 0
		for range contractNew(src, nil, qlogs.Query{}).Objects(t.Context()) {
			if got++; got > n {
				break
			}
		}
		if got != n+1 {
			t.Errorf("loop left after %d objects got %d", n+1, got)
		}
	}
}

func TestScanObjectsCancelled(t *testing.T) {
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(reason)
	n := 0
	for _, err := range contractNew(contractBucket(3), nil, qlogs.Query{}).Objects(ctx) {
		n++
		if !errors.Is(err, reason) {
			t.Errorf("Objects of a cancelled context yields %v, want %v", err, reason)
		}
	}
	if n != 1 {
		t.Errorf("Objects of a cancelled context yields %d pairs, want 1", n)
	}
}

// One client serves many scans at once, and a scan's other methods may be called
// from any goroutine while it runs. The race detector watches.
func TestScanConcurrentUse(t *testing.T) {
	src, objects := scanGenerate(9)
	want := scanWant(objects)
	client := qlogs.New(src, &qlogs.Options{InFlight: 4})
	var wg sync.WaitGroup
	for range 4 {
		s := client.Scan(qlogs.Query{})
		done := make(chan struct{})
		wg.Go(func() {
			defer close(done)
			if got := scanGot(t, s.Records(t.Context())); !slices.Equal(got, want) {
				t.Errorf("one of several scans at once got %d pairs, want %d", len(got), len(want))
			}
		})
		wg.Go(func() {
			for last := int64(0); ; {
				now := s.Stats().RecordsYielded
				if now < last {
					t.Errorf("Stats().RecordsYielded fell from %d to %d", last, now)
				}
				last = now
				_ = s.Cursor().String()
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	wg.Wait()
}
