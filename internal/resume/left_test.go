package resume_test

import (
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// An object that is left at a query's To is finished up to there, for scan after scan with a
// later To, whether each of its records or only its end was told.
func TestLeftAgain(t *testing.T) {
	for _, records := range []bool{false, true} {
		var state *resume.State
		o := objectOf(0, 5)
		for n, left := range []int{2, 4, 4, 7} {
			tracker := newTracker(t, state, time.Date(2026, 3, 2, 1+n, 0, 0, 0, time.UTC))
			sent := tracker.Sent(parts[0].String(), false)
			sent.Begin(true)
			item, verdict := sent.Take(o, keyOf(t, o))
			if verdict != resume.Wanted {
				t.Fatalf("scan %d: Take = %v, want it wanted", n, verdict)
			}
			if want := []int{0, 2, 4, 4}[n]; item.Before.Done != want || item.Attempt != 1 {
				t.Errorf("scan %d: %d records are finished, attempt %d, want %d, attempt 1", n, item.Before.Done, item.Attempt, want)
			}
			out := resume.Outcome{Left: left}
			for index := item.Before.Done; records && index < left; index++ {
				tracker.FinishRecord(item, &out, index)
			}
			tracker.Finish(item, &out)
			if floor := tracker.Listed(parts[0].String(), time.Time{}); !floor.IsZero() {
				t.Errorf("scan %d: the floor is %v, want none, for nothing is finished", n, floor)
			}
			state = stored(t, tracker.State())
			if size := state.Size(); size != (resume.Size{Partitions: 1, Open: 1}) {
				t.Errorf("scan %d: the state holds %+v, want one object that is open", n, size)
			}
		}
	}
}

// An object of which nothing lies before To, or behind what does not, takes no room in a state.
func TestLeftWhole(t *testing.T) {
	tracker := newTracker(t, nil, time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	sent := tracker.Sent(parts[0].String(), false)
	sent.Begin(true)
	for n := range 20 {
		o := objectOf(0, n)
		item, _ := sent.Take(o, keyOf(t, o))
		tracker.Finish(item, &resume.Outcome{Left: 0})
	}
	if size := stored(t, tracker.State()).Size(); size != (resume.Size{}) {
		t.Errorf("the state holds %+v, want nothing", size)
	}
}

// What a listing names and cannot look at is tried as another object is, once.
func TestTakeUnlisted(t *testing.T) {
	tracker := newTracker(t, nil, time.Time{})
	sent := tracker.Sent(parts[0].String(), true)
	sent.Begin(true)
	o := objectOf(0, 5)
	item, verdict := sent.TakeUnlisted(o.Key, keyOf(t, o))
	if verdict != resume.Wanted || item.Object != (source.Object{Key: o.Key}) || item.Attempt != 1 || item.Before != (resume.Portion{}) {
		t.Fatalf("TakeUnlisted = %+v, %v, want it wanted, attempt 1", item, verdict)
	}
	if item, verdict := sent.TakeUnlisted(o.Key, keyOf(t, o)); verdict != resume.Unlisted {
		t.Errorf("TakeUnlisted of what was sent = %+v, %v, want it to be compared by the next sweep", item, verdict)
	}
	if item, verdict := sent.Take(o, keyOf(t, o)); verdict == resume.Rewritten {
		t.Errorf("Take of what was sent unlisted = %+v, %v", item, verdict)
	}
	for try := 1; try < 4; try++ {
		if !tracker.Fail(item, &resume.Outcome{Left: -1}, 0) {
			t.Fatal("Fail: no room")
		}
		tracker.Next(true)
		items, err := tracker.Retries()
		if err != nil || len(items) != 1 || items[0].Attempt != try+1 {
			t.Fatalf("Retries = %v, %v, want one item, attempt %d", items, err, try+1)
		}
		item = items[0]
	}
}
