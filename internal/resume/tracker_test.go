package resume_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// recordsOf is how many records each object of these tests has.
const recordsOf = 3

// A step is one object under way.
type step struct {
	item *resume.Item
	next int // record
	out  resume.Outcome
}

// Outcomes may come in any order, record by record, from objects of several partitions at
// the same time. The state, and that of each record's mark, whenever it is taken, covers
// what the loop has finished, and nothing else.
func TestOutcomesInAnyOrder(t *testing.T) {
	for seed := range testutil.Pick[uint64](15, 40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { anyOrder(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

func anyOrder(t *testing.T, r *rand.Rand) {
	var objects []source.Object
	for part := range parts {
		for n := range 25 {
			objects = append(objects, objectOf(part, n))
		}
	}
	tracker := newTracker(t, nil, time.Time{})
	left := map[string]rest{}
	var queues [][]*step
	for part := range parts {
		sent := tracker.Sent(parts[part].String(), false)
		sent.Begin(true)
		var queue []*step
		for n := range 25 {
			o := objectOf(part, n)
			item, verdict := sent.Take(o, keyOf(t, o))
			if verdict != resume.Wanted {
				t.Fatalf("Take(%s) = %v, want it wanted", o.Key, verdict)
			}
			queue = append(queue, &step{item: item, out: resume.Outcome{Left: -1}})
			left[o.Key] = rest{}
		}
		queues = append(queues, queue)
	}
	type kept struct {
		mark resume.Mark
		want map[string]rest
	}
	var marks []kept
	for len(queues) > 0 {
		q := r.IntN(len(queues))
		// Several objects of one partition may be under way, too.
		i := r.IntN(min(2, len(queues[q])))
		s := queues[q][i]
		key := s.item.Object.Key
		if s.next < recordsOf {
			last := s.next == recordsOf-1 && r.IntN(2) == 0
			mark := tracker.Mark(s.item, &s.out, s.next, last)
			if r.IntN(8) == 0 {
				want := maps.Clone(left)
				if want[key] = (rest{done: s.next + 1}); last {
					delete(want, key)
				}
				marks = append(marks, kept{mark, want})
			}
			tracker.FinishRecord(s.item, &s.out, s.next)
			s.next++
			left[key] = rest{done: s.next}
		}
		if s.next == recordsOf || r.IntN(20) == 0 {
			if r.IntN(5) == 0 && tracker.Fail(s.item, &s.out, s.next) {
				left[key] = rest{s.next, true}
			} else {
				tracker.Finish(s.item, &s.out)
				delete(left, key)
			}
			if queues[q] = append(queues[q][:i], queues[q][i+1:]...); len(queues[q]) == 0 {
				queues = append(queues[:q], queues[q+1:]...)
			}
		}
		if r.IntN(40) == 0 {
			checkRest(t, "the state", restOf(t, stored(t, tracker.State()), objects), left)
		}
	}
	checkRest(t, "the last state", restOf(t, tracker.State(), objects), left)
	for _, k := range marks {
		checkRest(t, "a mark's state", restOf(t, stored(t, k.mark.State()), objects), k.want)
	}
}

func checkRest(t *testing.T, what string, got, want map[string]rest) {
	t.Helper()
	for key, w := range want {
		if g, ok := got[key]; !ok || g != w {
			t.Fatalf("%s leaves %+v (%t) of %s, want %+v", what, g, ok, key, w)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Fatalf("%s leaves %s, which is finished", what, key)
		}
	}
}

// What was left at a query's To is there for a scan with a later one, whatever other
// partitions did between.
func TestLeftBetweenOthers(t *testing.T) {
	to := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	tracker := newTracker(t, nil, to)
	var steps []*step
	for part := range parts {
		sent := tracker.Sent(parts[part].String(), false)
		sent.Begin(true)
		o := objectOf(part, 5)
		item, _ := sent.Take(o, keyOf(t, o))
		steps = append(steps, &step{item: item, out: resume.Outcome{Left: 1}})
	}
	for index := range recordsOf {
		for _, s := range steps {
			mark := tracker.Mark(s.item, &s.out, index, false)
			tracker.FinishRecord(s.item, &s.out, index)
			left := restOf(t, mark.State(), []source.Object{s.item.Object})
			if got := left[s.item.Object.Key]; got.done != 1 {
				t.Errorf("the mark of record %d leaves the object from record %d on, want 1", index, got.done)
			}
		}
	}
	for _, s := range steps {
		tracker.Finish(s.item, &s.out)
	}
	for part := range parts {
		o := objectOf(part, 5)
		left := restOf(t, stored(t, tracker.State()), []source.Object{o})
		if got, ok := left[o.Key]; !ok || got.done != 1 || got.retry {
			t.Errorf("%s is left as %+v (%t), want it from record 1 on", o.Key, got, ok)
		}
	}
}

// A State of another scope is refused, and says what differs.
func TestScope(t *testing.T) {
	state := newTracker(t, nil, time.Time{}).State()
	for _, other := range []resume.Scope{{Source: "other:"}, {Source: "test:", Prefix: "p/"}, {Source: "test:", Accounts: []string{"111122223333"}}} {
		if _, err := resume.New(resume.Config{Scope: other}, state); !errors.Is(err, resume.ErrScope) {
			t.Errorf("New with scope %+v = %v, want ErrScope", other, err)
		}
	}
}

// A source without an ID has no text: on another one it would be taken for this one's.
func TestNoID(t *testing.T) {
	tracker, err := resume.New(resume.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := tracker.State().MarshalText(); err == nil {
		t.Errorf("MarshalText without an ID = %q, want an error", text)
	}
}

// Several scans can go on from one state, and from that of one mark, and do not see what the
// others finish.
func TestBranches(t *testing.T) {
	finish := func(tracker *resume.Tracker, n int) resume.Mark {
		sent := tracker.Sent(parts[0].String(), false)
		sent.Begin(true)
		o, out := objectOf(0, n), resume.Outcome{Left: -1}
		item, _ := sent.Take(o, keyOf(t, o))
		mark := tracker.Mark(item, &out, 0, true)
		tracker.Finish(item, &out)
		return mark
	}
	var objects []source.Object
	for n := range 10 { // of one hour
		objects = append(objects, objectOf(0, n))
	}
	for first := range 9 {
		tracker := newTracker(t, nil, time.Time{})
		for n := range first {
			finish(tracker, n)
		}
		from := tracker.State()
		states := map[int]*resume.State{}
		marks := map[int]resume.Mark{}
		for n := first; n < len(objects); n++ {
			branch := newTracker(t, from, time.Time{})
			marks[n] = finish(branch, n)
			states[n] = branch.State()
		}
		for n, state := range states {
			want := map[string]rest{}
			for i, o := range objects {
				if i >= first && i != n {
					want[o.Key] = rest{}
				}
			}
			checkRest(t, fmt.Sprintf("branch %d after %d objects", n, first), restOf(t, state, objects), want)
			checkRest(t, fmt.Sprintf("the mark of branch %d after %d objects", n, first), restOf(t, marks[n].State(), objects), want)
		}
	}
}
