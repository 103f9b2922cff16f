package resume_test

import (
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// All methods of a tracker may be called at the same time, which the race detector looks at.
// Whatever else is asked, what is finished stays finished, and what failed comes again.
func TestManyGoroutines(t *testing.T) {
	rounds := testutil.Pick(10, 40)
	tracker := newTracker(t, nil, time.Time{})
	var parties sync.WaitGroup
	for part := range parts {
		items := make(chan *resume.Item)
		parties.Go(func() {
			defer close(items)
			sent := tracker.Sent(parts[part].String(), true)
			for round := range rounds {
				sent.Begin(true)
				for n := range 20 {
					o := objectOf(part, n)
					o.Size += int64(round) // another version, which is compared and comes again
					if item, verdict := sent.Take(o, keyOf(t, o)); verdict == resume.Wanted {
						items <- item
					}
				}
			}
		})
		parties.Go(func() {
			for item := range items {
				out := resume.Outcome{Left: -1}
				mark := tracker.Mark(item, &out, 0, false)
				tracker.FinishRecord(item, &out, 0)
				if mark.State() == nil {
					t.Error("a mark has no state")
				}
				if item.Object.Size%7 == 0 {
					tracker.Fail(item, &out, 1)
				} else {
					tracker.Finish(item, &out)
				}
			}
		})
	}
	over := make(chan struct{})
	var others sync.WaitGroup
	for _, ask := range []func(){
		func() { tracker.State() },
		func() { tracker.Floor(parts[0].String()) },
		func() { tracker.Next(true) },
		func() { tracker.Hold(parts[1].String(), time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)) },
		func() { tracker.Listed(parts[2].String(), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) },
		func() { tracker.Sent(parts[2].String(), true).Begin(true) },
		func() {
			if _, err := tracker.Retries(); err != nil {
				t.Error(err)
			}
		},
	} {
		others.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					ask()
				}
			}
		})
	}
	parties.Wait()
	close(over)
	others.Wait()

	var objects []source.Object
	for part := range parts {
		for n := range 20 {
			o := objectOf(part, n)
			o.Size += int64(rounds - 1)
			objects = append(objects, o)
		}
	}
	for key, left := range restOf(t, stored(t, tracker.State()), objects) {
		if !left.retry || left.done != 1 {
			t.Errorf("%s is left as %+v, want all that did not fail finished", key, left)
		}
	}
}
