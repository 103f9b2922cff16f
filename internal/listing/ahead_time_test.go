package listing_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
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
