package qlogs_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// What a cursor holds is bounded where sweeps find nothing too, because polls have
// found every object before.
func TestFollowFloorRisesWithoutSweeps(t *testing.T) {
	testutil.NoLeaks(t)
	size := func(days int) (n int) {
		synctest.Test(t, func(t *testing.T) {
			b := newFollowBucket()
			b.add(cursorChats, lateAt(-1), lateSuffix, 1)
			followClock(0)
			end := time.Duration(days) * 24 * time.Hour
			var events []followEvent
			for at := 5*time.Minute + 30*time.Second; at < end-time.Hour; at += 15 * time.Minute {
				events = append(events, followEvent{at, func() { b.add(cursorChats, time.Now(), lateSuffix, 1) }})
			}
			wait := followEvents(events...)
			s := qlogs.New(b, nil).Scan(qlogs.Query{})
			got := followLoop(t, s, end, nil)
			wait()
			followSame(t, "records", followRecords(got), b.wanted())
			n = len(s.Cursor().String())
		})
		return n
	}
	days := testutil.Pick(3, 10)
	if short, long := size(1), size(days); long > short+100 {
		t.Errorf("the cursor has %d bytes after a day and %d after %d, want the same", short, long, days)
	}
}

// A first pass over a long history remembers as much as one over a short one.
func TestFollowFirstPassMemory(t *testing.T) {
	testutil.NoLeaks(t)
	n := testutil.Pick(50_000, 200_000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	src := followHistory(n)
	before, i := followHeap(), 0
	for range qlogs.New(src, nil).Scan(qlogs.Query{}).Follow(ctx) {
		if i++; i == n {
			break
		}
	}
	if grown := followHeap() - before; grown > 2<<20 {
		t.Errorf("the heap grew by %d KiB with %d objects, want no more than a few hours of them take", grown>>10, n)
	}
	if i != n {
		t.Errorf("%d pairs, want %d", i, n)
	}
	runtime.KeepAlive(src) // which is no part of what grows
}

// followHistory is a source of that many objects, one each 10 seconds, none of which
// can be read.
func followHistory(n int) qlogs.Source {
	store := sourcetest.NewMemory("history")
	for i := range n {
		key := cursorChats.NewKey(cursorStart().Add(time.Duration(i)*10*time.Second), fmt.Sprintf("%016d", i)).String()
		store.PutObject(qlogs.Object{Key: key, Size: 10, ETag: "e", Archived: true}, nil)
	}
	return store
}

// An object that waits for a later To is not read again by each sweep, nor are its
// other records delivered again.
func TestFollowLeftForLater(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		store := newCursorStore()
		key := cursorKey(cursorChats, 0)
		store.put(key, cursorFile(cursorRecord("future", 100*24*60), cursorRecord("ok", 0)))
		followClock(time.Minute)
		s := qlogs.New(store, nil).Scan(qlogs.Query{To: cursorStart().Add(24 * time.Hour)})
		got := followLoop(t, s, 48*time.Hour, nil)
		if len(got) != 1 || got[0].what != "ok" {
			t.Errorf("%+v, want the record before To, once", got)
		}
		if store.opens(key) != 1 {
			t.Errorf("the object was opened %d times, want once", store.opens(key))
		}
		rest := cursorAll(t, qlogs.New(store, nil).Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
		cursorWant(t, "without To", rest, []cursorPair{{key, 0, "future"}})
	})
}

// A half of the room for objects to be tried again is left to those that fail.
func TestPendingLeftForLaterLeavesRoom(t *testing.T) {
	store := newCursorStore()
	const left = 1200
	for i := range left {
		store.put(cursorKey(cursorChats, i), cursorFile(cursorRecord("future", 100*24*60), cursorRecord(fmt.Sprint(i), i)))
	}
	failing := map[string]bool{}
	for i := range 400 {
		key := cursorKey(cursorInline, i)
		store.put(key, cursorFile(cursorRecord("late", i)))
		failing[key] = true
	}
	store.openHook = cursorFailOpens(failing)
	q := qlogs.Query{To: cursorStart().Add(60 * 24 * time.Hour)}
	s := qlogs.New(store, nil).Scan(q)
	if got := cursorAll(t, s); len(got) != left+len(failing) {
		t.Fatalf("%d pairs, the last %+v, want %d records and %d errors", len(got), got[len(got)-1], left, len(failing))
	}
	store.openHook = nil
	rest := cursorAll(t, qlogs.New(store, nil).Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
	if len(rest) != left+len(failing) {
		t.Errorf("%d pairs without To, want those left and those failed, %d", len(rest), left+len(failing))
	}
	for _, p := range rest {
		if p.what != "future" && p.what != "late" {
			t.Errorf("%+v comes again", p)
		}
	}
}
