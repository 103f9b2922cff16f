package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// resumeEach leaves a scan of each number of pairs in each way and compares what
// a scan from its cursor yields with the rest.
func resumeEach(t *testing.T, store *cursorStore, q qlogs.Query, hows ...string) {
	t.Helper()
	client := qlogs.New(store, nil)
	all := cursorAll(t, client.Scan(q))
	for n := 1; n <= len(all); n++ {
		for _, how := range hows {
			what := fmt.Sprintf("%s at pair %d of %d", how, n, len(all))
			s := client.Scan(q)
			got := cursorLeave(t, s, n, how)
			left := all[n-1:] // the last pair is not finished
			if how == "cancel" {
				left = all[n:]
				got = got[:len(got)-1] // the context's error
			}
			cursorWant(t, what, got, all[:n])
			again := q
			again.After = cursorText(t, s.Cursor())
			cursorWant(t, "resumed after "+what, cursorAll(t, client.Scan(again)), left)
		}
	}
}

func TestResumeEveryPair(t *testing.T) {
	store := cursorBucket()
	resumeEach(t, store, qlogs.Query{}, cursorHows...)
	if got := len(cursorAll(t, qlogs.New(store, nil).Scan(qlogs.Query{}))); got != 19 {
		t.Errorf("the bucket has %d pairs, want 19", got)
	}
}

// Records outside of the time range make no pairs, but have indexes.
func TestResumeFiltered(t *testing.T) {
	store := newCursorStore()
	early, late := cursorRecord("early", -300), cursorRecord("late", 300)
	for i := range 3 {
		store.put(cursorKey(cursorChats, i), cursorFile(early, cursorRecord(fmt.Sprint(i, "a"), 0), early, cursorBad, cursorRecord(fmt.Sprint(i, "b"), 1), early))
	}
	store.put(cursorKey(cursorChats, 3), cursorFile(early, cursorRecord("3a", 0), late, late))
	store.put(cursorKey(cursorInline, 0), cursorFile(late))
	resumeEach(t, store, qlogs.Query{From: cursorStart(), To: cursorStart().Add(time.Hour)}, cursorHows...)
}

// The objects are so large that they are streamed.
func TestResumeLarge(t *testing.T) {
	store := newCursorStore()
	r := func(id string) string { return cursorRecord(id, 0) }
	store.put(cursorKey(cursorChats, 0), cursorLarge(r("a0"), cursorBad, r("a2")))
	store.put(cursorKey(cursorChats, 1), cursorFile(r("b0")))
	resumeEach(t, store, qlogs.Query{}, "break", "panic", "cancel")
}

// One scan after the other gets one pair done, and each the next.
func TestResumeChain(t *testing.T) {
	store := cursorBucket()
	client := qlogs.New(store, nil)
	all := cursorAll(t, client.Scan(qlogs.Query{}))
	var after qlogs.Cursor
	for i := range all {
		s := client.Scan(qlogs.Query{After: after})
		got := cursorLeave(t, s, 2, cursorHows[i%4])
		cursorWant(t, fmt.Sprintf("scan %d", i), got, all[i:min(i+2, len(all))])
		after = cursorText(t, s.Cursor())
	}
	cursorWant(t, "last scan", cursorAll(t, client.Scan(qlogs.Query{After: after})), nil)
}

// A cursor is good for any number of scans, and one scan does not change it.
func TestResumeTwice(t *testing.T) {
	client := qlogs.New(cursorBucket(), nil)
	c := cursorOf(t, client, qlogs.Query{}, 7)
	text := c.String()
	first := cursorAll(t, client.Scan(qlogs.Query{After: c}))
	cursorWant(t, "second scan from one cursor", cursorAll(t, client.Scan(qlogs.Query{After: c})), first)
	if c.String() != text {
		t.Errorf("a scan changed its cursor")
	}
}

// The context's own error is not an object's: nothing is lost or read again when
// the cancellation comes from elsewhere and at any time.
func TestResumeCancelledElsewhere(t *testing.T) {
	store := cursorBucket()
	client := qlogs.New(store, nil)
	var calls, until atomic.Int64
	var cancel context.CancelCauseFunc
	call := func() error {
		if calls.Add(1) == until.Load() {
			cancel(errors.New("enough"))
		}
		return nil
	}
	store.openHook = func(context.Context, string) error { return call() }
	store.listHook = func(qlogs.ListInput) error { return call() }
	all := cursorAll(t, client.Scan(qlogs.Query{}))
	for n := calls.Load(); n > 0; n-- {
		ctx, enough := context.WithCancelCause(t.Context())
		defer enough(nil)
		cancel = enough
		calls.Store(0)
		until.Store(n)
		s := client.Scan(qlogs.Query{})
		var got []cursorPair
		for e, err := range s.Records(ctx) {
			got = append(got, cursorPairOf(e, err))
		}
		until.Store(0)
		if len(got) == 0 || got[len(got)-1].what != "end: enough" {
			t.Fatalf("scan cancelled at request %d ends with %v, want the context's cause", n, got)
		}
		rest := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
		cursorWant(t, fmt.Sprintf("cancelled at request %d and resumed", n), append(got[:len(got)-1], rest...), all)
	}
}

func TestResumeReplaced(t *testing.T) {
	r := func(id string) string { return cursorRecord(id, 0) }
	key, next := cursorKey(cursorChats, 0), cursorKey(cursorChats, 1)
	old := cursorFile(r("a0"), r("a1"), r("a2"))
	for _, test := range []struct {
		name     string
		finished int // pairs
		change   func(s *cursorStore)
		want     []cursorPair
	}{
		{"other content", 2, func(s *cursorStore) {
			s.putObject(key, cursorObject{body: cursorFile(r("n0"), r("n1"), r("n2")), etag: "second"})
		}, []cursorPair{{key, 0, "n0"}, {key, 1, "n1"}, {key, 2, "n2"}, {next, 0, "b0"}}},
		{"same content, other ETag", 2, func(s *cursorStore) {
			s.putObject(key, cursorObject{body: old, etag: "second"})
		}, []cursorPair{{key, 0, "a0"}, {key, 1, "a1"}, {key, 2, "a2"}, {next, 0, "b0"}}},
		{"fewer records", 2, func(s *cursorStore) {
			s.putObject(key, cursorObject{body: cursorFile(r("n0")), etag: "second"})
		}, []cursorPair{{key, 0, "n0"}, {next, 0, "b0"}}},
		{"deleted", 2, func(s *cursorStore) { s.remove(key) }, []cursorPair{{next, 0, "b0"}}},
		{"unchanged", 2, func(s *cursorStore) {}, []cursorPair{{key, 2, "a2"}, {next, 0, "b0"}}},
		{"after it was finished", 4, func(s *cursorStore) {
			s.putObject(key, cursorObject{body: cursorFile(r("n0")), etag: "second"})
		}, []cursorPair{{key, 0, "n0"}}},
		{"after it was finished, same size", 4, func(s *cursorStore) {
			s.putObject(key, cursorObject{body: old, etag: "second"})
		}, nil},
	} {
		store := newCursorStore()
		store.put(key, old)
		store.put(next, cursorFile(r("b0")))
		client := qlogs.New(store, nil)
		s := client.Scan(qlogs.Query{})
		cursorLeave(t, s, test.finished, "cancel")
		test.change(store)
		cursorWant(t, test.name, cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), test.want)
	}
}

// A store without ETags cannot tell one object from another: the position counts.
func TestResumeWithoutETag(t *testing.T) {
	store := newCursorStore()
	key := cursorKey(cursorChats, 0)
	store.putObject(key, cursorObject{body: cursorFile(cursorRecord("a0", 0), cursorRecord("a1", 0))})
	client := qlogs.New(store, nil)
	c := cursorText(t, cursorOf(t, client, qlogs.Query{}, 1))
	cursorWant(t, "resumed", cursorAll(t, client.Scan(qlogs.Query{After: c})), []cursorPair{{key, 1, "a1"}})
}

func TestResumeFinished(t *testing.T) {
	store := cursorBucket()
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	cursorAll(t, s)
	opens, lists := store.requests()
	again := client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
	cursorWant(t, "finished scan resumed", cursorAll(t, again), nil)
	opensNow, listsNow := store.requests()
	if opensNow != opens || listsNow-lists > lists {
		t.Errorf("finished scan resumed has %d opens and %d listings, want none and at most %d", opensNow-opens, listsNow-lists, lists)
	}
	if got := again.Stats(); got.Read != 0 || got.RecordsSeen != 0 || got.Partitions != 3 {
		t.Errorf("finished scan resumed has Stats %+v, want 3 partitions and nothing read", got)
	}
	if again.Cursor().String() != s.Cursor().String() {
		t.Errorf("cursor of a scan that found nothing = %q, want that of the scan before, %q", again.Cursor(), s.Cursor())
	}
}

func TestResumeNewObjects(t *testing.T) {
	store := cursorBucket()
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	cursorAll(t, s)
	var want []cursorPair
	add := func(p path.Partition, minute int) {
		key := cursorKey(p, minute)
		store.put(key, cursorFile(cursorRecord("new", minute)))
		want = append(want, cursorPair{key, 0, "new"})
	}
	inserted := cursorChats
	inserted.Account = "111122223300"
	add(cursorChats, 60)
	add(cursorChats, 3000)
	add(cursorInline, 4)
	add(cursorOlder, 2)
	add(inserted, 0) // a new partition before the others, of earlier objects
	last := cursorOlder
	last.Prefix = "logs/logs"
	add(last, -9000)
	slices.SortFunc(want, func(a, b cursorPair) int { return strings.Compare(a.key, b.key) })
	cursorWant(t, "resumed", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), want)
}

// Objects tells what Records would open, also from a cursor, and moves nothing.
func TestResumeObjects(t *testing.T) {
	client := qlogs.New(cursorBucket(), nil)
	c := cursorOf(t, client, qlogs.Query{}, 5) // inside of the second object
	s := client.Scan(qlogs.Query{After: c})
	var keys []string
	for o, err := range s.Objects(t.Context()) {
		if err == nil {
			keys = append(keys, o.Key)
		}
	}
	if len(keys) == 0 || keys[0] != cursorKey(cursorChats, 1) {
		t.Errorf("Objects from inside of %q = %q, want it first", cursorKey(cursorChats, 1), keys)
	}
	if s.Cursor().String() != c.String() {
		t.Errorf("Objects moved the cursor")
	}
}

// A prefix may end inside of a partition.
func TestResumePrefixInPartition(t *testing.T) {
	store := newCursorStore()
	for hour := range 3 {
		for i := range 3 {
			minute := hour*60 + i
			store.put(cursorKey(cursorChats, minute), cursorFile(cursorRecord(fmt.Sprint(minute), minute)))
		}
	}
	hour := cursorKey(cursorChats, 60)
	q := qlogs.Query{Prefix: hour[:strings.LastIndex(hour, "/")]}
	resumeEach(t, store, q, cursorHows...)
	if all := cursorAll(t, qlogs.New(store, nil).Scan(q)); len(all) != 3 {
		t.Errorf("an hour folder has %d pairs, want 3", len(all))
	}
}
