package keep_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// dedupEntry is an entry with that request id and time.
func dedupEntry(id string, at time.Time) qlogs.Entry {
	r := &record.GenerateAssistantResponse{Response: &record.GenerateAssistantResponseResponse{RequestID: id}}
	r.Request.TimeStamp = at
	return qlogs.Entry{Record: r, Object: qlogs.Object{Key: "key", ETag: "etag"}}
}

func dedupEntries(entries ...qlogs.Entry) iter.Seq2[qlogs.Entry, error] {
	return func(yield func(qlogs.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// dedupPasses tells which entries come through, by their places in the list.
func dedupPasses(d *keep.Dedup, entries ...qlogs.Entry) []int {
	places := []int{}
	for i, e := range entries {
		for range d.Records(dedupEntries(e)) {
			places = append(places, i)
		}
	}
	return places
}

func TestDedup(t *testing.T) {
	at := start
	plain := func(key, etag, version string, index int) qlogs.Entry {
		return qlogs.Entry{Record: &record.Unknown{Raw: []byte(`{}`)}, Object: qlogs.Object{Key: key, ETag: etag, VersionID: version}, Index: index}
	}
	named := func(key string, r record.Record) qlogs.Entry {
		return qlogs.Entry{Record: r, Object: qlogs.Object{Key: key, ETag: "e"}}
	}
	completion := &record.GenerateCompletions{Response: &record.GenerateCompletionsResponse{RequestID: "a"}}
	completion.Request.TimeStamp = at
	for _, test := range []struct {
		name    string
		opts    *keep.DedupOptions
		entries []qlogs.Entry
		want    []int
	}{
		{"same request id in another object", nil,
			[]qlogs.Entry{named("1", dedupEntry("a", at).Record), named("2", dedupEntry("a", at).Record), named("3", dedupEntry("b", at).Record)}, []int{0, 2}},
		{"same request id of another log type", nil, []qlogs.Entry{dedupEntry("a", at), named("1", completion)}, []int{0, 1}},
		{"same place, no request id", nil, []qlogs.Entry{plain("k", "e", "", 0), plain("k", "e", "", 1), plain("k", "e", "", 0)}, []int{0, 1}},
		{"another object, no request id", nil, []qlogs.Entry{plain("k", "e", "", 0), plain("l", "e", "", 0)}, []int{0, 1}},
		{"another content, no request id", nil, []qlogs.Entry{plain("k", "e", "", 0), plain("k", "f", "", 0)}, []int{0, 1}},
		{"listed and told by an event", nil, []qlogs.Entry{plain("k", "e", "", 0), plain("k", "e", "v1", 0)}, []int{0}},
		{"versions", nil, []qlogs.Entry{plain("k", "", "v1", 0), plain("k", "", "v2", 0), plain("k", "", "v1", 0)}, []int{0, 1}},
		{"ETag like a version", nil, []qlogs.Entry{plain("k", "v1", "", 0), plain("k", "", "v1", 0)}, []int{0, 1}},
		{"nothing tells them apart", nil, []qlogs.Entry{plain("k", "", "", 0), plain("k", "", "", 0)}, []int{0, 1}},
		{"borders of parts", nil, []qlogs.Entry{plain("kk", "e", "", 0), plain("k", "ke", "", 0)}, []int{0, 1}},
		{"within the window", &keep.DedupOptions{Window: time.Hour},
			[]qlogs.Entry{dedupEntry("a", at), dedupEntry("a", at.Add(time.Hour)), dedupEntry("a", at.Add(-time.Hour))}, []int{0}},
		{"beyond the window", &keep.DedupOptions{Window: time.Hour},
			[]qlogs.Entry{dedupEntry("a", at), dedupEntry("a", at.Add(time.Hour+time.Millisecond)), dedupEntry("a", at.Add(-time.Hour-time.Millisecond))}, []int{0, 1, 2}},
		{"beyond the window, then again", &keep.DedupOptions{Window: time.Hour},
			[]qlogs.Entry{dedupEntry("a", at), dedupEntry("a", at.Add(5*time.Hour)), dedupEntry("a", at), dedupEntry("a", at.Add(5*time.Hour))}, []int{0, 1}},
		{"before 1970", &keep.DedupOptions{Window: time.Hour},
			[]qlogs.Entry{dedupEntry("a", time.Unix(3000, 0)), dedupEntry("a", time.Unix(-3000, 0)), dedupEntry("a", time.Unix(3000, 0)), dedupEntry("a", time.Unix(-100, 0))}, []int{0, 1}},
		{"window of a nanosecond", &keep.DedupOptions{Window: 1}, []qlogs.Entry{dedupEntry("a", at), dedupEntry("a", at), dedupEntry("a", at.Add(time.Second))}, []int{0, 2}},
		{"window of a day", nil, []qlogs.Entry{dedupEntry("a", at), dedupEntry("a", at.Add(24*time.Hour)), dedupEntry("a", at.Add(25*time.Hour))}, []int{0, 2}},
		{"bounds that are negative", &keep.DedupOptions{Window: -1, MaxRecords: -1}, []qlogs.Entry{dedupEntry("a", at), dedupEntry("a", at.Add(time.Hour))}, []int{0}},
	} {
		d := keep.NewDedup(test.opts)
		if got := dedupPasses(d, test.entries...); !slices.Equal(got, test.want) {
			t.Errorf("%s: entries %v come through, want %v", test.name, got, test.want)
		}
		if got, want := d.Dropped(), int64(len(test.entries)-len(test.want)); got != want {
			t.Errorf("%s: Dropped() = %d, want %d", test.name, got, want)
		}
	}
}

// An entry is remembered once the loop has finished it; errors pass.
func TestDedupFinished(t *testing.T) {
	src := bucketOf(6)
	src.Put(keyOf(2), []byte("not JSON"))
	d := keep.NewDedup(nil)
	pairs := func(most int) (got []string) {
		for e, err := range d.Records(scanOf(src).Records(t.Context())) {
			if err != nil {
				var object *qlogs.ObjectError
				if !errors.As(err, &object) || e.Record != nil {
					t.Errorf("pair (%v, %v), want the scan's own error", e, err)
				}
				got = append(got, "error")
			} else {
				got = append(got, e.Record.RequestID())
			}
			if len(got) == most {
				break
			}
		}
		return got
	}
	same(t, "first", pairs(2), []string{"r0000", "r0001"})
	same(t, "after break", pairs(3), []string{"r0001", "error", "r0003"})
	same(t, "after break", pairs(0), []string{"error", "r0003", "r0004", "r0005"})
	same(t, "after the end", pairs(0), []string{"error"})
	if got, want := d.Dropped(), int64(1+2+5); got != want {
		t.Errorf("Dropped() = %d, want %d", got, want)
	}
	putNumbered(src, 2)
	putNumbered(src, 6)
	func() {
		defer func() { _ = recover() }()
		for range d.Records(scanOf(src).Records(t.Context())) {
			panic("the loop's own")
		}
	}()
	same(t, "after a panic", pairs(0), []string{"r0002", "r0006"})
}

// What a program has written beside its records tells after a crash which they were.
func TestDedupSeed(t *testing.T) {
	src := bucketOf(0)
	src.Put(keyOf(0), qlogstest.File(chat("a"), timeless(""), chat("b"), timeless("c")))
	all := func(d *keep.Dedup) (got []string, ids []qlogs.Identity) {
		for e, err := range d.Records(scanOf(src).Records(t.Context())) {
			if err != nil {
				t.Fatal(err)
			}
			got, ids = append(got, fmt.Sprint(e.Index)), append(ids, e.Identity())
		}
		return got, ids
	}
	_, written := all(keep.NewDedup(nil))
	text, err := json.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	var read []qlogs.Identity
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	for n := range len(read) + 1 {
		d := keep.NewDedup(nil)
		d.Seed(read[:n]...)
		d.Seed(read[:n/2]...) // again
		got, _ := all(d)
		same(t, fmt.Sprintf("with %d seeds", n), got, []string{"0", "1", "2", "3"}[n:])
		if d.Dropped() != int64(n) {
			t.Errorf("with %d seeds: Dropped() = %d", n, d.Dropped())
		}
	}
}

// dedupKnows tells whether the entry is a duplicate by now, and leaves it at that.
func dedupKnows(d *keep.Dedup, e qlogs.Entry) bool {
	for range d.Records(dedupEntries(e)) {
		return false
	}
	return true
}

func dedupNumbered(n int, at time.Time) qlogs.Entry { return dedupEntry(fmt.Sprintf("r%08d", n), at) }

// Beyond MaxRecords the oldest are forgotten, an eighth at most.
func TestDedupMaxRecords(t *testing.T) {
	for _, most := range []int{1, 2, 7, 8, 9, 80, 1001} {
		d := keep.NewDedup(&keep.DedupOptions{MaxRecords: most})
		for n := range 3 * most {
			d.Seed(dedupNumbered(n, start).Identity())
			known := 0
			for i := max(0, n-most-1); i <= n && (most < 100 || n%97 == 0); i++ {
				switch {
				case dedupKnows(d, dedupNumbered(i, start)):
					known++
				case known > 0:
					t.Fatalf("MaxRecords %d: after %d records it has forgotten number %d, but not the one before", most, n+1, i)
				}
			}
			least := min(n+1, most-max(most/8, 1)+1)
			if most < 100 && (known > most || known < least) {
				t.Fatalf("MaxRecords %d: after %d records it knows %d, want %d to %d", most, n+1, known, least, most)
			}
		}
	}
}

// What is older than the window is forgotten, and memory with it.
func TestDedupForgetsByWindow(t *testing.T) {
	for _, start := range []time.Time{start, start.AddDate(-66, 0, 0)} { // before 1970
		d := keep.NewDedup(&keep.DedupOptions{Window: time.Hour})
		first := dedupEntry("first", start)
		d.Seed(first.Identity())
		forgotten := -1
		for minute := range 120 {
			d.Seed(dedupNumbered(minute, start.Add(time.Duration(minute)*time.Minute)).Identity())
			if forgotten < 0 && !dedupKnows(d, first) {
				forgotten = minute
			}
		}
		if forgotten <= 60 || forgotten > 60+60/4 {
			t.Errorf("the first record, of %v, is forgotten after %d minutes, want a little more than 60", start, forgotten)
		}
	}
}

// A window has a millisecond at least.
func TestDedupSmallWindow(t *testing.T) {
	for _, window := range []time.Duration{1, time.Millisecond} {
		for apart := range 4 {
			d := keep.NewDedup(&keep.DedupOptions{Window: window})
			d.Seed(dedupEntry("a", start).Identity())
			if got := dedupKnows(d, dedupEntry("a", start.Add(time.Duration(apart)*time.Millisecond))); got != (apart <= 1) {
				t.Errorf("window %v: a record %d ms later is a duplicate: %t", window, apart, got)
			}
		}
	}
}

// A record that is as old as the window is still known, when others begin to be forgotten.
func TestDedupAtWindow(t *testing.T) {
	for _, tt := range []struct {
		after time.Duration
		want  bool
	}{{time.Hour, true}, {time.Hour + time.Millisecond, false}} {
		d := keep.NewDedup(&keep.DedupOptions{Window: time.Hour, MaxRecords: 16}) // two in a generation
		for n := range 3 {
			d.Seed(dedupNumbered(n, start).Identity())
		}
		d.Seed(dedupNumbered(3, start.Add(tt.after)).Identity())
		if got := dedupKnows(d, dedupNumbered(0, start.Add(tt.after))); got != tt.want {
			t.Errorf("a record is known after %v: %t, want %t", tt.after, got, tt.want)
		}
	}
}

// A generation is not forgotten for the age of its first record.
func TestDedupLastOfGeneration(t *testing.T) {
	d := keep.NewDedup(&keep.DedupOptions{Window: time.Hour})
	for n, minute := range []int{0, 7, 20, 61} {
		d.Seed(dedupNumbered(n, start.Add(time.Duration(minute)*time.Minute)).Identity())
	}
	if !dedupKnows(d, dedupNumbered(1, start.Add(61*time.Minute))) {
		t.Error("it has forgotten a record of 54 minutes before")
	}
}

// A partition that is read after another one begins with older records again.
func TestDedupOlderAgain(t *testing.T) {
	d := keep.NewDedup(&keep.DedupOptions{Window: time.Hour})
	for n := range 200 {
		d.Seed(dedupNumbered(n, start.Add(time.Duration(n)*time.Hour)).Identity())
	}
	old := dedupEntry("old", start)
	d.Seed(old.Identity())
	if !dedupKnows(d, old) {
		t.Error("a record that is older than all others is not remembered")
	}
}

// A partition is read, and then in turns with one of older records.
func TestDedupInTurns(t *testing.T) {
	d := keep.NewDedup(&keep.DedupOptions{Window: time.Hour, MaxRecords: 800})
	var entries []qlogs.Entry
	for n := range 200 {
		at := start
		if n >= 100 && n%2 == 0 { // from the second generation on
			at = at.Add(-10 * time.Hour)
		}
		entries = append(entries, dedupNumbered(n, at))
		d.Seed(entries[n].Identity())
	}
	for n, e := range entries {
		if !dedupKnows(d, e) {
			t.Fatalf("it has forgotten record %d of 200", n)
		}
	}
}

// A loop may end at an error.
func TestDedupLeftAtError(t *testing.T) {
	cause := errors.New("denied")
	asked := 0
	failing := func(yield func(qlogs.Entry, error) bool) {
		for asked = 1; yield(qlogs.Entry{}, cause); asked++ {
		}
	}
	for _, err := range keep.NewDedup(nil).Records(failing) {
		if err != cause {
			t.Errorf("error %v, want %v", err, cause)
		}
		break
	}
	if asked != 1 {
		t.Errorf("%d pairs were asked for, want 1", asked)
	}
}

// What nothing tells from other records takes no room.
func TestDedupSeedNameless(t *testing.T) {
	d := keep.NewDedup(&keep.DedupOptions{MaxRecords: 1})
	d.Seed(dedupNumbered(1, start).Identity(), qlogs.Identity{Time: start.Add(time.Minute)})
	if !dedupKnows(d, dedupNumbered(1, start)) {
		t.Error("it has forgotten a record for one that it cannot remember")
	}
}

// What is remembered already takes no more room.
func TestDedupSeedAgain(t *testing.T) {
	d := keep.NewDedup(&keep.DedupOptions{MaxRecords: 80})
	for n := range 40 {
		d.Seed(dedupNumbered(n, start).Identity())
	}
	for range 1000 {
		d.Seed(dedupNumbered(39, start).Identity())
	}
	for n := range 40 {
		if !dedupKnows(d, dedupNumbered(n, start)) {
			t.Errorf("it has forgotten record %d of 40", n)
		}
	}
}

// One record of a far future does not cost the memory of all others.
func TestDedupFarFuture(t *testing.T) {
	d := keep.NewDedup(&keep.DedupOptions{MaxRecords: 80})
	for n := range 80 {
		d.Seed(dedupNumbered(n, start).Identity())
	}
	d.Seed(dedupEntry("future", start.AddDate(70, 0, 0)).Identity())
	for n := range 5 {
		d.Seed(dedupNumbered(80+n, start).Identity())
	}
	known := 0
	for n := range 85 {
		if dedupKnows(d, dedupNumbered(n, start)) {
			known++
		}
	}
	if known < 60 {
		t.Errorf("it knows %d of 85 records, want at least 60", known)
	}
}

// A clock that is years ahead again and again has nothing be forgotten, as long as there is room.
func TestDedupFarFutureAgain(t *testing.T) {
	d := keep.NewDedup(&keep.DedupOptions{MaxRecords: 8000})
	for n := range 4000 {
		d.Seed(dedupNumbered(n, start).Identity())
		if n%300 == 0 {
			d.Seed(dedupEntry(fmt.Sprint("future", n), start.AddDate(70+n, 0, 0)).Identity())
		}
	}
	for n := range 4000 {
		if !dedupKnows(d, dedupNumbered(n, start)) {
			t.Fatalf("record %d of 4000 is forgotten, though there is room for 8000", n)
		}
	}
}

// What is dated later than the clock does not have the window go on beyond the clock.
func TestDedupAheadOfClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		d := keep.NewDedup(&keep.DedupOptions{Window: time.Hour})
		for n := range 60 {
			d.Seed(dedupNumbered(n, now.Add(time.Duration(n-59)*time.Minute)).Identity())
		}
		for n := range 59 {
			d.Seed(dedupEntry(fmt.Sprint("ahead", n), now.Add(time.Duration(n+1)*time.Minute)).Identity())
		}
		for n := range 60 {
			if !dedupKnows(d, dedupNumbered(n, now.Add(time.Duration(n-59)*time.Minute))) {
				t.Errorf("the record of %d minutes ago is forgotten, with a window of an hour", 59-n)
			}
		}
	})
}

// Seed may be called while others are.
func TestDedupSeedConcurrent(t *testing.T) {
	d := keep.NewDedup(nil)
	const loops, records = 8, 5000
	var wg sync.WaitGroup
	for loop := range loops {
		wg.Go(func() {
			var ids []qlogs.Identity
			for n := range records {
				ids = append(ids, dedupNumbered(loop*records+n, start).Identity())
			}
			d.Seed(ids...)
		})
	}
	wg.Wait()
	for n := range loops * records {
		if !dedupKnows(d, dedupNumbered(n, start)) {
			t.Fatalf("record %d of %d is not known", n, loops*records)
		}
	}
}

// TestDedupModel compares with all that was finished before, in any order of times.
func TestDedupModel(t *testing.T) {
	const most, window = 64, time.Hour
	for seed := range testutil.Pick[uint64](15, 40) {
		rng := rand.New(rand.NewPCG(seed, 5))
		d := keep.NewDedup(&keep.DedupOptions{Window: window, MaxRecords: most})
		type finished struct {
			at, clock time.Time
			n         int // remembered before it
		}
		model := map[string][]finished{}
		var clock time.Time
		remembered, dropped, certain := 0, 0, 0
		at := start
		for range 2000 {
			at = at.Add(time.Duration(rng.IntN(8)) * time.Minute)
			if rng.IntN(200) == 0 {
				at = at.Add(time.Duration(rng.IntN(400)-300) * time.Minute)
			}
			id, when := fmt.Sprint(rng.IntN(150)), at.Add(time.Duration(rng.IntN(20)-10)*time.Minute)
			may, must := false, false
			for _, f := range model[id] {
				if when.Sub(f.at).Abs() <= window {
					may = true
					must = must || remembered-f.n < most-most/8 && !clock.After(f.clock.Add(window))
				}
			}
			leaves := rng.IntN(10) == 0
			came := false
			for range d.Records(dedupEntries(dedupEntry(id, when))) {
				came = true
				if leaves {
					break
				}
			}
			switch {
			case !came && !may:
				t.Fatalf("seed %d: a record that is no duplicate was dropped", seed)
			case came && must:
				t.Fatalf("seed %d: a duplicate came through", seed)
			case !came:
				dropped++
			case !leaves:
				if when.After(clock) {
					clock = when
				}
				model[id] = append(model[id], finished{when, clock, remembered})
				remembered++
			}
			if must {
				certain++
			}
		}
		if dropped < 100 || certain < 100 || d.Dropped() != int64(dropped) {
			t.Errorf("seed %d: %d dropped, %d of them certain, Dropped() = %d: the test tests little", seed, dropped, certain, d.Dropped())
		}
	}
}

// TestDedupMemory measures what the documentation promises: 64 bytes a record. It does so in
// a process of its own, whose heap no other test has filled.
func TestDedupMemory(t *testing.T) {
	if testutil.Race {
		t.Skip("the race detector takes memory of its own")
	}
	const child = "QLOGS_TEST_DEDUP_MEMORY"
	if os.Getenv(child) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDedupMemory$", "-test.v")
		cmd.Env = append(os.Environ(), child+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "bytes a record at most") {
			t.Errorf("the process that measures: %v\n%s", err, out)
		}
		return
	}
	const most = 50_000
	var d *keep.Dedup
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	worst, before := int64(0), heap()
	d = keep.NewDedup(&keep.DedupOptions{MaxRecords: most})
	last := testutil.Pick(2*most, 5*most) - 1
	for n := range last + 1 { // long enough for a map to grow from being deleted from
		d.Seed(dedupNumbered(n, start.Add(time.Duration(n)*time.Second/20)).Identity())
		if n%(most/7) == 0 {
			if used := heap() - before; n >= most/8 {
				worst = max(worst, used/int64(min(n+1, most)))
			}
		}
	}
	if !dedupKnows(d, dedupNumbered(last, start.Add(time.Duration(last)*time.Second/20))) {
		t.Error("the last record is not remembered")
	}
	t.Logf("%d bytes a record at most", worst)
	if worst > 64 || worst < 16 {
		t.Errorf("%d bytes a record, want at most 64, and at least 16 for its fingerprint", worst)
	}
}

// Loops that share a Dedup drop together what one of them has finished.
func TestDedupConcurrent(t *testing.T) {
	d := keep.NewDedup(nil)
	const loops, records = 8, 500
	var passed atomic.Int64
	got := make([]map[string]bool, loops)
	var wg, watch sync.WaitGroup
	over := make(chan struct{})
	watch.Go(func() {
		for last := int64(0); ; {
			select {
			case <-over:
				return
			default:
			}
			dropped := d.Dropped()
			if dropped < last {
				t.Errorf("%d dropped, and %d before", dropped, last)
			}
			last = dropped
		}
	})
	for loop := range loops {
		got[loop] = map[string]bool{}
		wg.Go(func() {
			var entries []qlogs.Entry
			for n := range records {
				entries = append(entries, dedupNumbered(n, start))
			}
			for e := range d.Records(dedupEntries(entries...)) {
				passed.Add(1)
				got[loop][e.Record.RequestID()] = true
			}
		})
	}
	wg.Wait()
	close(over)
	watch.Wait()
	all := map[string]bool{}
	for _, ids := range got {
		maps.Copy(all, ids)
	}
	if len(all) != records {
		t.Errorf("%d records came through, want %d", len(all), records)
	}
	if sum := passed.Load() + d.Dropped(); sum != loops*records {
		t.Errorf("%d passed and %d dropped, want %d together", passed.Load(), d.Dropped(), loops*records)
	}
	for range d.Records(scanOf(bucketOf(1)).Records(t.Context())) {
		return
	}
	t.Error("a record that no loop has finished is dropped")
}
