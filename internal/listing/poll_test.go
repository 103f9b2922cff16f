package listing_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// following returns a walk that remembers what it meets, in a year in which all keys of
// these tests are old.
func following(b *bucket) *listing.Walk {
	time.Sleep(time.Until(start.AddDate(1, 0, 0)))
	c := all(b)
	c.Follow = true
	return listing.New(c)
}

// A poll lists the keys of the last 10 minutes before the newest one, in each partition
// that a sweep has met.
func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(key(chats, 0), key(chats, 85), key(chats, 95), key(completes, 0))
		w := following(b)
		same(t, "poll before a sweep", events(t, w.Poll), nil)
		events(t, w.Sweep)
		b.told()
		same(t, "poll", events(t, w.Poll), []string{"found " + name(chats, 85), "found " + name(chats, 95), "found " + name(completes, 0)})
		same(t, "listings", b.told(), []string{
			"LIST " + chats.String() + " after 2026/03/02/10/111122223333_GenerateAssistantResponse_202603021025_",
			"LIST " + completes.String() + " after 2026/03/02/08/111122223333_GenerateCompletions_202603020850_",
		})

		// What arrives moves it on; what arrives late is for a sweep.
		third := partition("other", path.GenerateCompletions)
		b.add(key(chats, 104), key(chats, 3), key(third, 0))
		same(t, "poll of more", events(t, w.Poll), []string{"found " + name(chats, 85), "found " + name(chats, 95), "found " + name(chats, 104), "found " + name(completes, 0)})
		same(t, "poll behind the newest", events(t, w.Poll), []string{"found " + name(chats, 95), "found " + name(chats, 104), "found " + name(completes, 0)})
		same(t, "sweep", events(t, w.Sweep), []string{
			"found " + name(chats, 0), "found " + name(chats, 3), "found " + name(chats, 85), "found " + name(chats, 95), "found " + name(chats, 104), "done " + chats.String(),
			"found " + name(completes, 0), "done " + completes.String(),
			"found " + name(third, 0), "done " + third.String(),
		})
		same(t, "poll of three", events(t, w.Poll), []string{"found " + name(chats, 95), "found " + name(chats, 104), "found " + name(completes, 0), "found " + name(third, 0)})
	})
}

// A key of a time to come does not count as the newest: polls would list behind all others.
func TestPollFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(key(chats, 0), key(chats, 3*365*24*60))
		w := following(b)
		events(t, w.Sweep)
		b.add(key(chats, 5))
		same(t, "poll", events(t, w.Poll), []string{"found " + name(chats, 0), "found " + name(chats, 5), "found " + name(chats, 3*365*24*60)})
	})
}

// A key of the minute that it is counts as the newest, and none of a later one.
func TestPollNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const year = 365 * 24 * 60
		b := newBucket(key(chats, year-40), key(chats, year), key(chats, year+1), key(completes, year+1))
		w := following(b)
		events(t, w.Sweep)
		b.told()
		events(t, w.Poll)
		same(t, "listings", b.told(), []string{
			"LIST " + chats.String() + " after 2027/03/02/08/111122223333_GenerateAssistantResponse_202703020850_",
			"LIST " + completes.String() + " after ",
		})
	})
}

// A partition without a log is listed whole by each poll. What is skipped there is told as
// new once.
func TestPollWithoutLogs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(chats.String() + "notes")
		w := following(b)
		same(t, "sweep", events(t, w.Sweep), []string{"skipped foreign notes", "done " + chats.String()})
		same(t, "poll", events(t, w.Poll), []string{"skipped foreign notes, again"})
		b.add(key(chats, 0))
		same(t, "poll of a log", events(t, w.Poll), []string{"found " + name(chats, 0), "skipped foreign notes, again"})
		b.add(chats.String() + "2026/01/")
		same(t, "poll behind a log", events(t, w.Poll), []string{"found " + name(chats, 0), "skipped foreign notes, again"})

		// A partition that a later sweep meets is new.
		b.add(completes.String() + "notes")
		same(t, "second sweep", events(t, w.Sweep), []string{
			"skipped folder 2026/01/, again", "found " + name(chats, 0), "skipped foreign notes, again", "done " + chats.String(),
			"skipped foreign notes", "done " + completes.String(),
		})
	})
}

// The caller's state of a partition stays, and Enter bounds polls as well.
func TestPollState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(key(chats, 0), key(chats, 5), key(completes, 0))
		time.Sleep(time.Until(start.AddDate(1, 0, 0)))
		c := all(b)
		c.Follow = true
		entered := 0
		floor := 0
		c.Enter = func(p *listing.Partition) (after, end string) {
			entered++
			if p.State == nil {
				p.State = p.Name
			}
			return hour(p.ID, floor), hour(p.ID, 100)
		}
		w := listing.New(c)
		for i := range 3 {
			floor = i
			err := w.Poll(t.Context(), func(e *listing.Event) error {
				if e.Partition.State != e.Partition.Name {
					t.Errorf("state %v of %s", e.Partition.State, e.Partition.Name)
				}
				if floor > 0 {
					t.Errorf("event %q below the bound", text(e))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				events(t, w.Sweep)
			}
		}
		if entered != 2+2*2 {
			t.Errorf("%d listings of partitions began, want 2 of the sweep and 2 of each poll behind it", entered)
		}
	})
}

// Without Follow nothing is remembered.
func TestPollWithoutFollow(t *testing.T) {
	b := newBucket(key(chats, 0))
	w := listing.New(all(b))
	events(t, w.Sweep)
	b.told()
	same(t, "poll", events(t, w.Poll), nil)
	same(t, "listings", b.told(), nil)
}
