package listing_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// many returns a bucket with a partition in each of n accounts, of one key each.
func many(n int) *bucket {
	b := newBucket()
	for i := range n {
		p := chats
		p.Account = fmt.Sprintf("%012d", i)
		b.keys = append(b.keys, key(p, 0))
	}
	return b
}

// Discovery lists folders side by side, with as many calls as one after the other.
func TestDiscoveryInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := many(100)
		b.page, b.wait = 1000, 30*time.Millisecond
		c := all(b)
		c.Prefix = "logs/"
		before := time.Now()
		sameKeys(t, keys(t, c), b.keys)
		took := time.Since(before)
		t.Logf("%v for %d calls, %d at the same time", took, b.calls, b.mostCalls)
		if took > 1500*time.Millisecond || b.calls != 402 || b.mostCalls > c.Lists {
			t.Errorf("took %v for %d calls, %d at the same time, want 1.5s at most for 402 calls, %d at the same time", took, b.calls, b.mostCalls, c.Lists)
		}
	})
}

// Partitions that have to be listed again, for more is wanted than was listed ahead, do not hold
// up what lies behind them.
func TestListedAgainInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := many(200)
		b.page, b.wait = 1000, 30*time.Millisecond
		c := all(b)
		c.Prefix = "logs/"
		bounds(&c, 0, 1)
		c.Enter = func(p *listing.Partition) (after, end string) { return p.ID.Range(time.Time{}, time.Time{}) }
		before := time.Now()
		sameKeys(t, keys(t, c), b.keys)
		if took, most := time.Since(before), 200*b.wait+3*time.Second; took > most {
			t.Errorf("took %v, want %v at most: a call for each partition, one after the other, and the folders side by side", took, most)
		}
	})
}

// With fewer than two listings at the same time, they come one after the other.
func TestOneAfterTheOther(t *testing.T) {
	for _, lists := range []int{-1, 0, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			b := many(20)
			b.page, b.wait = 1000, 30*time.Millisecond
			c := all(b)
			c.Lists = lists
			sameKeys(t, keys(t, c), b.keys)
			if want := max(lists, 1); b.mostCalls != want {
				t.Errorf("Lists %d: %d calls at the same time, want %d", lists, b.mostCalls, want)
			}
		})
	}
}

// What lies deeper than is searched is not listed, ahead neither.
func TestNothingListedBelowDepth(t *testing.T) {
	b := newBucket("a/b/c/d/e/f", key(chats, 0))
	c := all(b)
	c.SearchDepth = 1
	sweep(t, c)
	same(t, "listings", b.told(), []string{
		"LIST ", "LIST a/", "LIST logs/", "LIST logs/AWSLogs/", "LIST logs/AWSLogs/111122223333/", "LIST logs/AWSLogs/111122223333/KiroLogs/",
		"LIST logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/", "LIST " + chats.String() + " after ",
	})
}

// A poll lists partitions side by side, with a call for each.
func TestPollInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := many(3000)
		c := all(b)
		c.Prefix, c.Follow = "logs/", true
		w := listing.New(c)
		events(t, w.Sweep)
		b.page, b.wait, b.calls, b.mostCalls = 1000, 50*time.Millisecond, 0, 0
		before := time.Now()
		n := 0
		err := w.Poll(t.Context(), func(e *listing.Event) error {
			if e.Kind != listing.Found || e.Object.Key != b.keys[n] {
				t.Errorf("event %d is %q", n, text(e))
			}
			n++
			return nil
		})
		took := time.Since(before)
		t.Logf("%v for %d calls, %d at the same time", took, b.calls, b.mostCalls)
		if err != nil || n != len(b.keys) || took > 20*time.Second || b.calls != 3000 || b.mostCalls > c.Lists {
			t.Errorf("error %v after %d events, %v and %d calls, %d at the same time, want 3000 events and calls, %d at the same time, in 20s at most", err, n, took, b.calls, b.mostCalls, c.Lists)
		}
	})
}

// A long partition takes a tenth of the time of one listing, with hardly more calls.
func TestPiecesInTime(t *testing.T) {
	n := testutil.Pick(300_000, 1_000_000)
	for i, tt := range []struct {
		name  string
		keys  []string
		time  float64 // of one listing
		calls float64 // of one listing
	}{
		{"100,000", even(100_000, 30*day), 0.2, 1.1},
		{"many", even(n, 60*day), testutil.Pick(0.13, 0.10), 1.1},
		{"many, most by day", uneven(n, 60), testutil.Pick(0.14, 0.10), 1.1},
		{"many, most on the last day", last(n, 30), testutil.Pick(0.16, 0.13), 1.1},
	} {
		if !testutil.Long() && i != 2 {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			b := slow(0, 0)
			b.keys = tt.keys
			list := keys
			if !testutil.Long() { // which are few, so that chance would decide
				b.apart, list = true, keysAtLeisure
			}
			c := all(b)
			c.Prefix = chats.String()
			before := time.Now()
			sameKeys(t, list(t, c), b.keys)
			pages := float64(len(b.keys)) / float64(b.page)
			took, calls := time.Since(before).Seconds()/(pages*b.wait.Seconds()), float64(b.calls)/pages
			t.Logf("%s: %.3f of the time and %.3f of the calls of one listing, %d at the same time", tt.name, took, calls, b.mostCalls)
			if took > tt.time || calls > tt.calls || b.mostCalls > c.Lists {
				t.Errorf("%s: %.3f of the time and %.3f of the calls of one listing, want %.2f and %.2f", tt.name, took, calls, tt.time, tt.calls)
			}
		})
	}
}

// A source that gives each listing whole, wherever it is to begin, is asked for a few pieces, until
// that is known: the calls grow with the keys, not with their square.
func TestPiecesOfWholeListings(t *testing.T) {
	calls := func(n int) float64 {
		b := newBucket()
		synctest.Test(t, func(t *testing.T) {
			b = slow(0, 0)
			b.apart = true
			b.keys = even(n, 30*day)
			c := all(whole{b})
			c.Prefix = chats.String()
			before := time.Now()
			sameKeys(t, keysAtLeisure(t, c), b.keys)
			if most := time.Duration(n/b.page+2) * b.wait * 3 / 2; time.Since(before) > most {
				t.Errorf("%d keys take %v, want %v at most", n, time.Since(before), most)
			}
		})
		return float64(b.calls) / float64(n)
	}
	few, many := calls(20_000), calls(80_000)
	t.Logf("%.4f calls a key, and %.4f of four times as many", few, many)
	if few > 0.005 || many > 1.2*few {
		t.Errorf("%.4f calls a key of 20,000 keys and %.4f of 80,000, want 0.005 at most, and no more", few, many)
	}
}

// A whole source has no way to begin in the middle.
type whole struct{ source.Source }

func (w whole) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	in.After = ""
	return w.Source.List(ctx, in)
}
