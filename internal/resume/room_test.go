package resume_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
)

// A state has room for MaxPendingOf objects of a partition that failed. What was left far from To takes half
// of the room at most, and holds the floor beyond that.
func TestPendingRoom(t *testing.T) {
	to := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for _, fails := range []bool{true, false} {
		tracker := newTracker(t, nil, to)
		sent := tracker.Sent(parts[0].String(), false)
		sent.Begin(true)
		room := resume.MaxPendingOf
		if !fails {
			room /= 2
		}
		for n := range room + 10 {
			o := objectOf(0, n)
			item, _ := sent.Take(o, keyOf(t, o))
			if !fails {
				tracker.Finish(item, &resume.Outcome{Left: 1, Astray: true})
				continue
			}
			if got := tracker.Fail(item, &resume.Outcome{Left: -1}, 1); got != (n < room) {
				t.Fatalf("Fail of object %d = %t, want %t", n, got, n < room)
			}
		}
		next := newTracker(t, stored(t, tracker.State()), time.Time{})
		if fails { // the room is used up for the next scan as well
			sent := next.Sent(parts[0].String(), false)
			sent.Begin(true)
			o := objectOf(0, room)
			if item, _ := sent.Take(o, keyOf(t, o)); next.Fail(item, &resume.Outcome{Left: -1}, 0) {
				t.Error("Fail has room, and the state before had none")
			}
		}
		items, err := next.Retries()
		if err != nil || len(items) != room {
			t.Errorf("fails %t: %d objects are pending (%v), want %d", fails, len(items), err, room)
		}
		sent = next.Sent(parts[0].String(), false)
		sent.Begin(true)
		for n := range room + 10 {
			o := objectOf(0, n)
			if _, verdict := sent.Take(o, keyOf(t, o)); (verdict == resume.Wanted) != (n >= room) {
				t.Errorf("fails %t: Take of object %d = %v", fails, n, verdict)
			}
		}
	}
}

// What found no room comes again with the next sweep, and not with polls before it.
func TestNoRoomComesWithSweep(t *testing.T) {
	tracker, err := resume.New(resume.Config{Scope: scope, Lookback: time.Hour, RoomOf: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sent := tracker.Sent(parts[0].String(), true)
	sent.Begin(true)
	for n := range 2 {
		o := objectOf(0, n)
		item, _ := sent.Take(o, keyOf(t, o))
		if got := tracker.Fail(item, &resume.Outcome{Left: -1}, 0); got != (n == 0) {
			t.Fatalf("Fail of object %d = %t", n, got)
		}
	}
	o := objectOf(0, 1)
	for _, sweep := range []bool{false, false, true} {
		tracker.Next(sweep)
		sent.Begin(sweep)
		want := resume.Finished
		if sweep {
			want = resume.Wanted
		}
		if _, got := sent.Take(o, keyOf(t, o)); got != want {
			t.Errorf("sweep %t: Take = %v, want %v", sweep, got, want)
		}
	}
}

// An object that is read after all makes room for another.
func TestRoomComesBack(t *testing.T) {
	tracker, err := resume.New(resume.Config{Scope: scope, Lookback: time.Hour, Room: 1, RoomOf: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		sent := tracker.Sent(parts[0].String(), false)
		sent.Begin(true)
		o := objectOf(0, n)
		item, _ := sent.Take(o, keyOf(t, o))
		if !tracker.Fail(item, &resume.Outcome{Left: -1}, 0) {
			t.Fatalf("object %d finds no room", n)
		}
		tracker.Next(true)
		items, err := tracker.Retries()
		if err != nil || len(items) != 1 {
			t.Fatalf("Retries = %v, %v, want one item", items, err)
		}
		tracker.Finish(items[0], &resume.Outcome{Left: -1})
	}
}

// An object that is replaced again and again takes the room of one.
func TestReplacedTakesNoRoom(t *testing.T) {
	var state *resume.State
	size := 0
	for n := range 50 {
		tracker := newTracker(t, state, time.Time{})
		for round := range 5 {
			if round > 0 {
				tracker.Next(true)
			}
			sent := tracker.Sent(parts[0].String(), false)
			sent.Begin(true)
			o := objectOf(0, 1)
			o.ETag, o.Size = fmt.Sprint(n, "-", round), int64(100+5*n+round)
			item, verdict := sent.Take(o, keyOf(t, o))
			if verdict != resume.Wanted {
				t.Fatalf("Take of another version = %v, want it wanted", verdict)
			}
			tracker.Finish(item, &resume.Outcome{Left: -1})
			text, err := tracker.State().MarshalText()
			if err != nil {
				t.Fatal(err)
			}
			if size == 0 {
				size = len(text)
			}
			if len(text) != size {
				t.Fatalf("after %d versions the text has %d bytes, want %d", 5*n+round+1, len(text), size)
			}
		}
		state = tracker.State()
	}
}

// How often an answer has contradicted the listing is counted beside the attempts, and of one
// version alone.
func TestContradictions(t *testing.T) {
	tracker := newTracker(t, nil, time.Time{})
	sent := tracker.Sent(parts[0].String(), false)
	sent.Begin(true)
	o := objectOf(0, 0)
	item, _ := sent.Take(o, keyOf(t, o))
	for n, contradicted := range []bool{false, true, false, true, true} {
		if !tracker.Fail(item, &resume.Outcome{Left: -1, Contradicted: contradicted}, 0) {
			t.Fatal("Fail has no room")
		}
		tracker = newTracker(t, stored(t, tracker.State()), time.Time{})
		items, err := tracker.Retries()
		if err != nil || len(items) != 1 {
			t.Fatalf("Retries = %v, %v, want one item", items, err)
		}
		item = items[0]
		if want := []int{0, 1, 1, 2, 3}[n]; item.Contradictions != want || item.Attempt != n+2 {
			t.Errorf("after %d failures: %d contradictions in attempt %d, want %d in %d", n+1, item.Contradictions, item.Attempt, want, n+2)
		}
	}
	o.ETag += "2"
	item.Replace(o)
	if item.Contradictions != 0 {
		t.Errorf("another version has %d contradictions, want none", item.Contradictions)
	}
}
