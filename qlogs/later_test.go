package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// laterBucket has a record each half hour in two partitions, some of them with
// a neighbor that is an hour later, and one file that is streamed.
func laterBucket() (*cursorStore, int) {
	store := newCursorStore()
	n := 0
	for i := range 12 {
		minute := 30 * i
		records := []string{cursorRecord(fmt.Sprint("c", i), minute)}
		if i%3 == 1 {
			records = append(records, cursorRecord(fmt.Sprint("c", i, "+1h"), minute+60), cursorBad)
		}
		n += 1 + len(records)
		if i%3 == 1 {
			n--
		}
		store.put(cursorKey(cursorChats, minute), cursorFile(records...))
		store.put(cursorKey(cursorOlder, minute), cursorFile(cursorRecord(fmt.Sprint("o", i), minute)))
	}
	store.put(cursorKey(cursorOlder, 400), cursorLarge(cursorRecord("l0", 400), cursorRecord("l1", 440)))
	return store, n + 2
}

// TestLaterTo reads a bucket window by window, as a daily job does, each scan
// going on from the one before: no record falls between two windows, although
// each scan opens objects beyond its own To.
func TestLaterTo(t *testing.T) {
	for _, how := range []string{"same From", "next From", "after each entry"} {
		for _, step := range []time.Duration{45 * time.Minute, 5 * time.Hour, 20 * time.Minute, 61 * time.Minute}[:testutil.Pick(2, 4)] {
			t.Run(fmt.Sprint(how, " ", step), func(t *testing.T) { laterWindows(t, how, step) })
		}
	}
}

func laterWindows(t *testing.T, how string, step time.Duration) {
	store, want := laterBucket()
	client := qlogs.New(store, nil)
	seen := map[string]int{}
	var after qlogs.Cursor
	q := qlogs.Query{}
	for to := cursorStart(); to.Before(cursorStart().Add(10 * time.Hour)); to = to.Add(step) {
		q.To, q.After = to.Add(step), after
		if how == "next From" {
			q.From = to
		}
		s := client.Scan(q)
		for e, err := range s.Records(t.Context()) {
			var object *qlogs.ObjectError
			if err != nil && !errors.As(err, &object) {
				t.Fatal(err)
			}
			if err != nil {
				continue
			}
			if at := e.Record.Time(); !at.Before(q.To) || at.Before(q.From) {
				t.Errorf("record %s of %s is not in [%s, %s)", e.Record.RequestID(), at, q.From, q.To)
			}
			seen[e.Record.RequestID()]++
			if how == "after each entry" {
				after = cursorText(t, e.Cursor())
			}
		}
		if how != "after each entry" {
			after = cursorText(t, s.Cursor())
		}
	}
	if len(seen) != want {
		t.Errorf("%d records, want %d: %v", len(seen), want, seen)
	}
	if how != "next From" {
		return
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("record %s was delivered %d times, want once: the windows do not overlap", id, n)
		}
	}
}

// What was delivered before a record beyond To is not delivered again.
func TestLaterToExact(t *testing.T) {
	store := newCursorStore()
	for i := range 6 {
		store.put(cursorKey(cursorChats, 10*i), cursorFile(cursorRecord(fmt.Sprint(i, "a"), 10*i), cursorRecord(fmt.Sprint(i, "b"), 10*i+1)))
	}
	client := qlogs.New(store, nil)
	all := cursorAll(t, client.Scan(qlogs.Query{}))
	for n := range 59 {
		first := client.Scan(qlogs.Query{To: cursorStart().Add(time.Duration(n) * time.Minute)})
		got := cursorAll(t, first)
		rest := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, first.Cursor())}))
		cursorWant(t, fmt.Sprintf("To in minute %d, then open", n), append(got, rest...), all)
	}
}

// An object that fails after it showed a record beyond To is read again from
// there, and is not pending besides.
func TestLaterToFailing(t *testing.T) {
	store := newCursorStore()
	key := cursorKey(cursorChats, 0)
	store.put(key, cursorLarge(cursorRecord("a", 0), cursorRecord("b", 90), cursorRecord("c", 1)))
	store.put(cursorKey(cursorChats, 5), cursorFile(cursorRecord("d", 5)))
	store.openHook = func(_ context.Context, k string) error { return nil }
	store.bodyHook = func(k string, body io.Reader) io.Reader {
		if k == key {
			return cursorBroken(body, cursorLargeSize-1<<20)
		}
		return body
	}
	client := qlogs.New(store, &qlogs.Options{MaxResumes: -1})
	s := client.Scan(qlogs.Query{To: cursorStart().Add(time.Hour)})
	cursorWant(t, "the first scan", cursorAll(t, s), []cursorPair{
		{key, 0, "a"}, {key, -1, "error: read"}, {cursorKey(cursorChats, 5), 0, "d"},
	})
	store.bodyHook = nil
	cursorWant(t, "the next", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), []cursorPair{
		{key, 1, "b"}, {key, 2, "c"},
	})
}

// Nor is what lies behind the place where it failed taken for finished, though
// others behind that record are: these do not come again.
func TestLaterToFailingBehind(t *testing.T) {
	store := newCursorStore()
	key := cursorKey(cursorChats, 0)
	store.put(key, cursorLarge(cursorRecord("a", 0), cursorRecord("late", 90), cursorRecord("b", 1), cursorRecord("c", 2), cursorRecord("d", 3)))
	store.bodyHook = func(_ string, body io.Reader) io.Reader { return cursorBroken(body, cursorLargeSize*5/8) }
	client := qlogs.New(store, &qlogs.Options{MaxResumes: -1})
	s := client.Scan(qlogs.Query{To: cursorStart().Add(time.Hour)})
	cursorWant(t, "the first scan", cursorAll(t, s), []cursorPair{{key, 0, "a"}, {key, 2, "b"}, {key, -1, "error: read"}})
	store.bodyHook = nil
	cursorWant(t, "the next", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), []cursorPair{
		{key, 1, "late"}, {key, 3, "c"}, {key, 4, "d"},
	})
}

// One record with a time far beyond its key's hour keeps only its own object
// from being finished, not all that follows in its partition.
func TestLaterToAstray(t *testing.T) {
	const day = 24 * 60
	store := newCursorStore()
	store.put(cursorKey(cursorChats, 30), cursorFile(cursorRecord("a", 30), cursorRecord("astray", 6*day), cursorRecord("b", 31)))
	for hour := range 4 * 24 {
		store.put(cursorKey(cursorChats, hour*60+45), cursorFile(cursorRecord(fmt.Sprint(hour), hour*60+45)))
	}
	client := qlogs.New(store, nil)
	for _, how := range []string{"Cursor", "Entry.Cursor"} {
		seen := map[string]int{}
		var after qlogs.Cursor
		for d := range 8 {
			s := client.Scan(qlogs.Query{To: cursorStart().Add(time.Duration(d+1) * 24 * time.Hour), After: after})
			for e, err := range s.Records(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				seen[e.Record.RequestID()]++
				if how == "Entry.Cursor" {
					after = cursorText(t, e.Cursor())
				}
			}
			if how == "Cursor" {
				after = cursorText(t, s.Cursor())
			}
		}
		if len(seen) != 4*24+3 {
			t.Errorf("%s: %d records, want %d", how, len(seen), 4*24+3)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s: record %s was delivered %d times, want once", how, id, n)
			}
		}
	}
}

// An object that failed behind a record beyond To is tried again like any other: by a
// follow with the same To, and no more often than MaxAttempts.
func TestLaterToTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newCursorStore()
		key := cursorKey(cursorChats, 0)
		store.put(key, cursorLarge(cursorRecord("a", 0), cursorRecord("late", 90), cursorRecord("b", 1), cursorRecord("c", 2), cursorRecord("d", 3)))
		breaks := 1
		store.bodyHook = func(_ string, body io.Reader) io.Reader {
			if breaks--; breaks < 0 {
				return body
			}
			return cursorBroken(body, cursorLargeSize*5/8)
		}
		followClock(time.Minute)
		q := qlogs.Query{To: cursorStart().Add(time.Hour)}
		s := qlogs.New(store, &qlogs.Options{MaxResumes: -1}).Scan(q)
		cursorWant(t, "a follow", followPairs(followLoop(t, s, 5*time.Hour, nil)), []cursorPair{
			{key, 0, "a"}, {key, 2, "b"}, {key, -1, "error: read"}, {key, 3, "c"}, {key, 4, "d"},
		})
		q = qlogs.Query{After: cursorText(t, s.Cursor())}
		cursorWant(t, "without To", cursorAll(t, qlogs.New(store, nil).Scan(q)), []cursorPair{{key, 1, "late"}})

		breaks = 1000
		client := qlogs.New(store, &qlogs.Options{MaxResumes: -1, MaxAttempts: 2})
		q = qlogs.Query{To: cursorStart().Add(time.Hour)}
		for scan := range 4 {
			s := client.Scan(q)
			got := cursorAll(t, s)
			if told := slices.Contains(got, cursorPair{key, -1, "error: read"}); told != (scan < 2) {
				t.Errorf("scan %d: %+v, want the error in the first two", scan, got)
			}
			q.After = cursorText(t, s.Cursor())
		}
	})
}

// An object that is given up behind a record beyond To has its later records for a scan with a
// later To, and is not tried again before.
func TestLaterToGivenUp(t *testing.T) {
	store := newCursorStore()
	key := cursorKey(cursorChats, 0)
	store.put(key, cursorLarge(cursorRecord("a", 0), cursorRecord("b", 1), cursorRecord("late", 90), cursorRecord("d", 91)))
	store.bodyHook = func(_ string, body io.Reader) io.Reader { return cursorBroken(body, cursorLargeSize*15/16) }
	client := qlogs.New(store, &qlogs.Options{MaxResumes: -1, MaxAttempts: 1})
	q := qlogs.Query{To: cursorStart().Add(time.Hour)}
	s := client.Scan(q)
	cursorWant(t, "the first scan", cursorAll(t, s), []cursorPair{{key, 0, "a"}, {key, 1, "b"}, {key, -1, "error: read"}})
	q.After = cursorText(t, s.Cursor())
	s = client.Scan(q)
	cursorWant(t, "the same To", cursorAll(t, s), nil)
	store.bodyHook = nil
	q = qlogs.Query{After: cursorText(t, s.Cursor())}
	cursorWant(t, "without To", cursorAll(t, client.Scan(q)), []cursorPair{{key, 2, "late"}, {key, 3, "d"}})
}

// An object that waits for a later To is read again if it was replaced, and once.
func TestLaterToReplaced(t *testing.T) {
	const years = 60 * 24 * 366 * 70
	store := newCursorStore()
	key := cursorKey(cursorChats, 0)
	store.putObject(key, cursorObject{body: cursorFile(cursorRecord("a", 0), cursorRecord("far", years)), etag: "first"})
	client := qlogs.New(store, nil)
	q := qlogs.Query{To: cursorStart().Add(5 * time.Hour)}
	scan := func(what string, want ...string) {
		t.Helper()
		s := client.Scan(q)
		if got := resumeIDs(cursorAll(t, s)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		q.After = cursorText(t, s.Cursor())
	}
	scan("the first scan", "a")
	store.putObject(key, cursorObject{body: cursorFile(cursorRecord("a2", 0), cursorRecord("b", 1), cursorRecord("c", 2), cursorRecord("far", years)), etag: "second"})
	scan("replaced", "a2", "b", "c")
	scan("the same To again")
	q.To = q.To.Add(time.Hour)
	scan("a later To")
	q.To = time.Time{}
	scan("without To", "far")
	scan("again")
}

// What was delivered behind a record beyond To does not come again after a scan with an earlier To.
func TestLaterToEarlier(t *testing.T) {
	store := newCursorStore()
	store.put(cursorKey(cursorChats, 65), cursorFile(cursorRecord("a", 65), cursorRecord("late", 130), cursorRecord("b", 75)))
	client := qlogs.New(store, nil)
	var after qlogs.Cursor
	for i, tt := range []struct {
		minute int
		want   []string
	}{{120, []string{"a", "b"}}, {70, nil}, {100, nil}, {120, nil}, {1000, []string{"late"}}} {
		s := client.Scan(qlogs.Query{To: cursorStart().Add(time.Duration(tt.minute) * time.Minute), After: after})
		if got := resumeIDs(cursorAll(t, s)); !slices.Equal(got, tt.want) {
			t.Errorf("scan %d, to minute %d: %q, want %q", i, tt.minute, got, tt.want)
		}
		after = cursorText(t, s.Cursor())
	}
}

// The id of a source may have any bytes.
func TestCursorOfAnyID(t *testing.T) {
	src := source.FS("mirror\xff", fstest.MapFS{})
	s := qlogs.New(src, nil).Scan(qlogs.Query{MayBeEmpty: true})
	cursorAll(t, s)
	again := qlogs.New(src, nil).Scan(qlogs.Query{MayBeEmpty: true, After: cursorText(t, s.Cursor())})
	cursorWant(t, "a scan that goes on", cursorAll(t, again), nil)
}
