package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
)

// A saveToStore keeps cursors in memory, with the time of each.
type saveToStore struct {
	t     *testing.T
	begun time.Time
	fails func() error  // asked by each Save
	slow  time.Duration // how long a Save takes

	mu     sync.Mutex
	saving bool
	calls  int
	saved  []savedCursor
	ctx    context.Context // of the last Save
}

type savedCursor struct {
	at     time.Duration
	cursor qlogs.Cursor
}

func newSaveToStore(t *testing.T) *saveToStore {
	return &saveToStore{t: t, begun: time.Now()}
}

func (s *saveToStore) Load(context.Context) (qlogs.Cursor, error) { return s.last(), nil }

func (s *saveToStore) last() (c qlogs.Cursor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.saved); n > 0 {
		c = s.saved[n-1].cursor
	}
	return c
}

func (s *saveToStore) Save(ctx context.Context, c qlogs.Cursor) error {
	s.enter(ctx)
	time.Sleep(s.slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saving = false
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.fails != nil {
		if err := s.fails(); err != nil {
			return err
		}
	}
	s.saved = append(s.saved, savedCursor{time.Since(s.begun), c})
	return nil
}

func (s *saveToStore) enter(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saving {
		s.t.Error("Save is called while another Save goes on")
	}
	s.saving, s.ctx = true, ctx
	s.calls++
}

// saveToLeft returns how many of n records a scan yields after c.
func saveToLeft(t *testing.T, src *contractSource, c qlogs.Cursor) int {
	t.Helper()
	return len(contractRead(t, src, contractNew(src, nil, qlogs.Query{After: c})).entries)
}

// want checks when the saves were, and how many of n records each covers.
func (s *saveToStore) want(src *contractSource, n int, want ...string) {
	s.t.Helper()
	var got []string
	for _, save := range s.saved {
		got = append(got, fmt.Sprintf("%v:%d", save.at, n-saveToLeft(s.t, src, save.cursor)))
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("saves (when:records covered) are %q, want %q", got, want)
	}
}

// saveToPause has the source of a contractBucket wait before its records, by their
// number from 0; the number after the last one is the end.
func saveToPause(src *contractSource, pauses map[int]time.Duration) *qlogs.Options {
	const after = "logs/AWSLogs/999999999999/"
	begun, until := time.Now(), map[string]time.Duration{}
	wait := time.Duration(0)
	for i, key := range src.Keys() {
		wait += pauses[i]
		until[key] = wait
	}
	until[after] = wait + pauses[len(src.Keys())]
	pause := func(key string) error {
		time.Sleep(time.Until(begun.Add(until[key])))
		return nil
	}
	src.put(after+"note.txt", []byte("no log"))
	src.onOpen = func(_ context.Context, key string) error { return pause(key) }
	src.onList = func(_ context.Context, in qlogs.ListInput) error { return pause(in.Prefix) }
	return &qlogs.Options{StallTimeout: 24 * time.Hour}
}

func TestSaveToRecords(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		src, store := contractBucket(25), newSaveToStore(t)
		scan := contractNew(src, nil, qlogs.Query{})
		var got []string
		scan.SaveTo(store, &qlogs.SaveOptions{Records: 10, Interval: -1})
		for e, err := range scan.Records(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Record.RequestID())
		}
		contractSame(t, "records", got, contractIDs(25))
		store.want(src, 25, "0s:10", "0s:20", "0s:25")
		if got, want := store.last().String(), scan.Cursor().String(); got != want {
			t.Errorf("the last one saved is %s, want the scan's, %s", got, want)
		}
	})
}

// Errors are pairs that a loop finishes too.
func TestSaveToCountsErrors(t *testing.T) {
	src := contractBucket(6)
	for _, i := range []int{1, 2} {
		src.put(src.key(i), []byte("no JSON"))
	}
	store := newSaveToStore(t)
	scan := contractNew(src, nil, qlogs.Query{})
	pairs, covered := 0, []int{}
	scan.SaveTo(store, &qlogs.SaveOptions{Records: 3, Interval: -1})
	for range scan.Records(t.Context()) {
		pairs++
		if n := len(store.saved); n > len(covered) {
			covered = append(covered, pairs-1)
		}
	}
	if want := []int{3}; pairs != 6 || !slices.Equal(covered, want) {
		t.Errorf("saved after pairs %v of %d, want %v of 6", covered, pairs, want)
	}
}

// The pauses end between two ticks of the clock, so that it is certain which is first.
func TestSaveToInterval(t *testing.T) {
	testutil.NoLeaks(t)
	for _, test := range []struct {
		name   string
		opts   *qlogs.SaveOptions
		pauses map[int]time.Duration // in the sequence
		body   map[int]time.Duration // in the loop
		want   []string
	}{
		{"default", nil, map[int]time.Duration{3: 65 * time.Second}, nil, []string{"10s:3", "1m5s:5"}},
		{"nothing new", &qlogs.SaveOptions{Interval: time.Second}, map[int]time.Duration{0: 3600500 * time.Millisecond, 5: time.Hour}, nil, []string{"1h0m1s:5"}},
		{"never", &qlogs.SaveOptions{Interval: -1}, map[int]time.Duration{3: time.Hour}, nil, []string{"1h0m0s:5"}},
		{"neither", &qlogs.SaveOptions{Interval: -1, Records: -1}, map[int]time.Duration{3: time.Hour}, nil, []string{"1h0m0s:5"}},
		{"loop is busy", nil, nil, map[int]time.Duration{2: 65 * time.Second}, []string{"10s:2", "1m5s:5"}},
		// The first save is by the count: the clock begins again with it.
		{"from the last save on", &qlogs.SaveOptions{Records: 2}, map[int]time.Duration{1: 9 * time.Second, 3: 5 * time.Second, 4: 9 * time.Second, 5: 7 * time.Second}, nil,
			[]string{"9s:2", "19s:4", "29s:5"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src, store := contractBucket(5), newSaveToStore(t)
				scan := contractNew(src, saveToPause(src, test.pauses), qlogs.Query{})
				n := 0
				scan.SaveTo(store, test.opts)
				for _, err := range scan.Records(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(test.body[n])
					n++
				}
				if n != 5 {
					t.Errorf("%d records, want 5", n)
				}
				store.want(src, 5, test.want...)
			})
		})
	}
}

// A follow waits for hours; what it has finished is saved meanwhile, once.
func TestSaveToFollow(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		src, store := contractBucket(5), newSaveToStore(t)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		scan := contractNew(src, nil, qlogs.Query{})
		entries, last := 0, error(nil)
		scan.SaveTo(store, nil)
		for e, err := range scan.Follow(ctx) {
			if last = err; e.Record != nil {
				entries++
			}
		}
		if entries != 5 || !errors.Is(last, context.DeadlineExceeded) {
			t.Errorf("%d records, then %v, want 5, then %v", entries, last, context.DeadlineExceeded)
		}
		store.want(src, 5, "10s:5")
	})
}

// saveToWays end a loop within a pair. The loop that goes on finishes it.
var saveToWays = []struct {
	name   string
	leave  func(cancel func()) (goesOn bool)
	covers int
}{
	{"break", func(func()) bool { return false }, 0},
	{"panic", func(func()) bool { panic("the loop's own") }, 0},
	{"Goexit", func(func()) bool { runtime.Goexit(); return false }, 0},
	{"cancel and leave", func(cancel func()) bool { cancel(); return false }, 0},
	{"cancel and go on", func(cancel func()) bool { cancel(); return true }, 1},
}

// However a loop is left, what it has finished is saved, and no more.
func TestSaveToLeave(t *testing.T) {
	testutil.NoLeaks(t)
	for _, way := range saveToWays {
		for _, after := range []int{0, 1, 4} {
			t.Run(fmt.Sprintf("%s after %d", way.name, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					src, store := contractBucket(8), newSaveToStore(t)
					scan := contractNew(src, nil, qlogs.Query{})
					done := make(chan struct{})
					go func() {
						defer close(done)
						defer func() { _ = recover() }()
						saveToLeave(t.Context(), scan, store, after, way.leave)
					}()
					<-done
					covered := after + way.covers
					if covered == 0 {
						store.want(src, 8)
						return
					}
					store.want(src, 8, fmt.Sprintf("0s:%d", covered))
					if store.ctx.Value(saveToKey{}) != "value" {
						t.Error("Save's context has not the values of the loop's")
					}
					if deadline, ok := store.ctx.Deadline(); !ok || time.Until(deadline) != 30*time.Second {
						t.Errorf("Save's context has the deadline %v (%t), want 30 s", deadline, ok)
					}
				})
			})
		}
	}
}

type saveToKey struct{}

// saveToLeave leaves a loop within its pair of that number, from 0.
func saveToLeave(ctx context.Context, scan *qlogs.Scan, store qlogs.CursorStore, after int, leave func(func()) bool) {
	ctx, cancel := context.WithCancel(context.WithValue(ctx, saveToKey{}, "value"))
	defer cancel()
	n := 0
	scan.SaveTo(store, nil)
	for range scan.Records(ctx) {
		if n++; n == after+1 && !leave(cancel) {
			break
		}
	}
}

func TestSaveToNothingFinished(t *testing.T) {
	store := newSaveToStore(t)
	src := newContractSource()
	for _, q := range []qlogs.Query{{}, {Accounts: []string{"nobody"}}} { // an empty source, and a query that is refused
		scan := contractNew(src, nil, q)
		scan.SaveTo(store, nil)
		for range scan.Records(t.Context()) {
		}
	}
	// A finished scan that goes on from its cursor and finds nothing.
	src = contractBucket(3)
	scan := contractNew(src, nil, qlogs.Query{})
	for range scan.Records(t.Context()) {
	}
	scan = contractNew(src, nil, qlogs.Query{After: scan.Cursor()})
	scan.SaveTo(store, nil)
	for e := range scan.Records(t.Context()) {
		t.Errorf("entry %v, want none", e)
	}
	if store.calls != 0 {
		t.Errorf("%d saves, want none", store.calls)
	}
}

var errSaveToStore = errors.New("store: no room")

func TestSaveToFails(t *testing.T) {
	testutil.NoLeaks(t)
	for _, test := range []struct {
		name    string
		opts    *qlogs.SaveOptions
		pauses  map[int]time.Duration
		until   time.Duration // the store fails before that
		leave   int           // the loop breaks at this pair, from 1
		entries int
		told    bool
		calls   int // of Save; 0: not checked
		want    []string
	}{
		{name: "by count", opts: &qlogs.SaveOptions{Records: 2}, until: time.Hour, entries: 2, told: true, calls: 1},
		{name: "at the end", opts: &qlogs.SaveOptions{Interval: -1}, until: time.Hour, entries: 5, told: true, calls: 1},
		{name: "at the end, by the clock before", until: time.Hour, pauses: map[int]time.Duration{5: 65 * time.Second}, entries: 5, told: true},
		{name: "by the clock, in vain", until: 24 * time.Hour, pauses: map[int]time.Duration{3: 3605 * time.Second}, entries: 3, told: true},
		{name: "by the clock, then well", until: time.Minute, pauses: map[int]time.Duration{3: 3605 * time.Second}, entries: 5, want: []string{"1m0s:3", "1h0m5s:5"}},
		{name: "by the clock, then well at the pair", until: 12 * time.Second, pauses: map[int]time.Duration{3: 15 * time.Second}, entries: 5, want: []string{"15s:3", "15s:5"}},
		{name: "left", until: time.Hour, leave: 3, entries: 3, calls: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src, store := contractBucket(5), newSaveToStore(t)
				store.fails = func() error {
					if time.Since(store.begun) < test.until {
						return errSaveToStore
					}
					return nil
				}
				scan := contractNew(src, saveToPause(src, test.pauses), qlogs.Query{})
				entries, told := 0, error(nil)
				scan.SaveTo(store, test.opts)
				for _, err := range scan.Records(t.Context()) {
					switch {
					case told != nil:
						t.Errorf("a pair follows the error: %v", err)
					case err != nil:
						told = err
					default:
						entries++
					}
					if entries == test.leave {
						break
					}
				}
				if entries != test.entries || (told != nil) != test.told {
					t.Errorf("%d entries and the error %v, want %d and %t", entries, told, test.entries, test.told)
				}
				if told != nil && (!errors.Is(told, errSaveToStore) || told.Error() != "qlogs: the cursor was not saved: store: no room") {
					t.Errorf("the error is %v", told)
				}
				store.want(src, 5, test.want...)
				if test.calls > 0 && store.calls != test.calls {
					t.Errorf("%d calls of Save, want %d", store.calls, test.calls)
				}
				// Whoever has to know saves once more.
				err := store.Save(t.Context(), scan.Cursor())
				if wants := time.Since(store.begun) < test.until; errors.Is(err, errSaveToStore) != wants {
					t.Errorf("Save after the loop: %v, want an error: %t", err, wants)
				}
				finished := entries
				if test.leave > 0 { // the last one is not
					finished--
				}
				contractSame(t, "what comes again", contractRead(t, src, contractNew(src, nil, qlogs.Query{After: scan.Cursor()})).pairs,
					contractIDs(5)[finished:])
			})
		})
	}
}

// A store that hangs is left alone after 30 seconds.
func TestSaveToHangs(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		src := contractBucket(3)
		scan := contractNew(src, nil, qlogs.Query{})
		begun := time.Now()
		var told error
		scan.SaveTo(saveToHanging{}, nil)
		for _, err := range scan.Records(t.Context()) {
			told = err
		}
		if !errors.Is(told, context.DeadlineExceeded) || time.Since(begun) != 30*time.Second {
			t.Errorf("the loop ends after %v with %v, want 30 s and %v", time.Since(begun), told, context.DeadlineExceeded)
		}
	})
}

type saveToHanging struct{ qlogs.CursorStore }

func (saveToHanging) Save(ctx context.Context, _ qlogs.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

// At no time are more than Records pairs finished that no save covers, even where
// saves are slow and the clock saves too.
func TestSaveToBound(t *testing.T) {
	testutil.NoLeaks(t)
	for _, opts := range []qlogs.SaveOptions{
		{Records: 1, Interval: -1},
		{Records: 4, Interval: -1},
		{Records: 4, Interval: 3 * time.Second},
		{Records: 7, Interval: time.Second},
	} {
		t.Run(fmt.Sprint(opts), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src, store := contractBucket(40), newSaveToStore(t)
				store.slow = 2500 * time.Millisecond
				scan := contractNew(src, nil, qlogs.Query{})
				n, worst := 0, 0
				scan.SaveTo(store, &opts)
				for _, err := range scan.Records(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					synctest.Wait() // the scan holds no body open that the next line would see
					n++             // written, so that a crash here has it come again
					worst = max(worst, n-(40-saveToLeft(t, src, store.last())))
					time.Sleep(time.Second)
				}
				if worst > opts.Records || opts.Interval < 0 && worst < opts.Records {
					t.Errorf("up to %d records come again after a crash, want %d", worst, opts.Records)
				}
				if left := saveToLeft(t, src, store.last()); left != 0 {
					t.Errorf("%d records come again after the end, want none", left)
				}
			})
		})
	}
}
