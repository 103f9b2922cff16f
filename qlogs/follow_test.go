package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// followWest is a partition of another Region than cursorChats.
func followWest() path.Partition {
	p := cursorChats
	p.Region = "us-west-2"
	return p
}

// followTimes says when each record was got.
func followTimes(all []followGot) map[string]time.Time {
	at := map[string]time.Time{}
	for _, g := range all {
		if g.err == nil {
			at[g.key] = g.at
		}
	}
	return at
}

// A busy bucket, whose keys arrive out of order and over the change of an hour:
// everything comes, once, soon, in order within a partition and a poll, and for
// the LIST calls that Follow's documentation names.
func TestFollowLoad(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		const poll = 10 * time.Second
		length := testutil.Pick(time.Minute, 3*time.Minute)
		const start = -90 * time.Second // xx:58:30
		rng := rand.New(rand.NewPCG(1, 1))
		b := newFollowBucket()
		parts := []path.Partition{cursorChats, followWest(), cursorInline, cursorOlder}
		for _, p := range parts {
			b.add(p, lateAt(-40), lateSuffix, 1)
		}
		followClock(start)
		begun := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for time.Sleep(time.Millisecond); time.Since(begun) < length; time.Sleep(50 * time.Millisecond) {
				late := time.Duration(rng.IntN(60)) * time.Second
				b.add(parts[rng.IntN(len(parts))], time.Now().Add(-late), followSuffix(rng), 1)
			}
		}()
		s := qlogs.New(b, &qlogs.Options{PollInterval: poll}).Scan(qlogs.Query{})
		got := followLoop(t, s, start+length+2*poll-time.Second/2, nil)
		<-done
		followSame(t, "pairs", followPairs(got), b.wanted())
		if n := int(length / (50 * time.Millisecond)); len(got) != n+len(parts) {
			t.Errorf("%d pairs, want %d and one of each partition", len(got), n)
		}
		last := map[string]followGot{} // by partition
		for _, g := range got {
			if wait := g.at.Sub(b.came[g.key]); wait > 2*poll && b.came[g.key].After(begun) {
				t.Errorf("%s came %v after it was stored, want at most %v", g.key, wait, 2*poll)
			}
			part := g.entry.Key.Partition.String()
			if before := last[part]; before.at.Equal(g.at) && before.key >= g.key {
				t.Errorf("one poll has %s after %s, want the order of keys", g.key, before.key)
			}
			last[part] = g
		}
		polls := int(length/poll) + 2 // the first is a sweep
		if _, lists := b.requests(); lists != polls*len(parts)+followFolders(parts...) {
			t.Errorf("%d LIST calls, want %d: one for each of %d partitions in each of %d polls, and the first for the %d folders",
				lists, polls*len(parts)+followFolders(parts...), len(parts), polls, followFolders(parts...))
		}
	})
}

// What arrives during the backfill comes once, wherever the backfill stands.
func TestFollowBackfill(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(2, 2))
		b := newFollowBucket()
		parts := []path.Partition{cursorChats, followWest(), cursorInline, cursorOlder}
		for _, p := range parts {
			for i := range 60 {
				b.add(p, lateAt(-3*i), followSuffix(rng), 1)
			}
		}
		history := len(b.wanted())
		followClock(0)
		n := 0
		s := qlogs.New(b, &qlogs.Options{InFlight: 1, BytesInFlight: 1}).Scan(qlogs.Query{})
		got := followLoop(t, s, time.Hour, func(followGot) bool {
			if n++; n <= history {
				time.Sleep(2 * time.Second) // the backfill takes 8 minutes
				lag := []time.Duration{0, time.Minute, 9 * time.Minute, 45 * time.Minute}[n/4%4]
				b.add(parts[n%4], time.Now().Add(-lag), followSuffix(rng), 2)
			}
			return true
		})
		followSame(t, "pairs", followPairs(got), b.wanted())
		if len(got) != 3*history {
			t.Errorf("%d pairs, want %d of the backfill and twice as many of the rest", len(got), history)
		}
		for key, at := range followTimes(got) {
			if wait := at.Sub(b.came[key]); b.came[key].After(cursorStart()) && wait > 16*time.Minute {
				t.Errorf("%s came %v after it was stored, want not later than by the next sweep", key, wait)
			}
		}
	})
}

// New partitions, by a new Region, product, account or prefix, are found by a sweep
// and belong to the polls from then on.
func TestFollowDiscovers(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		product, account, prefix := cursorChats, cursorChats, cursorChats
		product.Product = path.QDeveloperLogs
		account.Account = "999900001111"
		prefix.Prefix = "another/team"
		fresh := []path.Partition{followWest(), cursorInline, product, account, prefix}
		followClock(0)
		var early, next, later []string
		wait := followEvents(
			followEvent{7*time.Minute + time.Second, func() {
				for _, p := range fresh {
					early = append(early, b.add(p, lateAt(7), lateSuffix, 1), b.add(p, lateAt(-5*60), lateSuffix, 1))
					b.put(p.String()+"2026/note.txt", []byte("foreign"))
				}
			}},
			followEvent{20*time.Minute + time.Second, func() {
				for _, p := range fresh {
					next = append(next, b.add(p, lateAt(20), "A", 1))
				}
			}},
			followEvent{22*time.Minute + time.Second, func() {
				for _, p := range fresh {
					later = append(later, b.add(p, lateAt(8), "A", 1))
				}
			}},
		)
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		got := followLoop(t, s, 40*time.Minute, nil)
		wait()
		cursorWant(t, "pairs of the first sweep", followPairs(got)[:1], b.wanted()[:1])
		followSame(t, "pairs", followPairs(got), b.wanted())
		at := followTimes(got)
		for minute, keys := range map[int][]string{15: early, 21: next, 30: later} {
			for _, key := range keys {
				if !at[key].Equal(lateAt(minute)) {
					t.Errorf("%s came at %v, want minute %d", key, at[key], minute)
				}
			}
		}
		stats := s.Stats()
		if stats.Partitions != 6 || stats.Skipped.Foreign != 5 || stats.Skipped.Total() != 5 {
			t.Errorf("Stats = %+v, want 6 partitions and 5 foreign objects", stats)
		}
	})
}

// An object that is late by up to 10 minutes comes with the next poll, one within
// the lookback with the next sweep, and each once.
func TestFollowLate(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		const now = 90 // 10:30
		b := newFollowBucket()
		b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		b.add(cursorOlder, lateAt(-1), lateSuffix, 1)
		followClock(0)
		var events []followEvent
		lates := map[string]int{} // and the minute of each
		for minute := range 150 {
			events = append(events, followEvent{time.Duration(minute)*time.Minute + time.Second, func() {
				b.add(cursorChats, lateAt(minute), lateSuffix, 1)
			}})
			if minute == now {
				events = append(events, followEvent{time.Duration(minute)*time.Minute + 30*time.Second, func() {
					for lag := range now {
						due := now + 1
						if lag > 11 { // the newest one of the last poll is of the minute before
							due = 105
						}
						lates[b.add(cursorChats, lateAt(now-lag), "A", 1)] = due
						lates[b.add(cursorChats, lateAt(now-lag), "Z", 2)] = due
					}
				}})
			}
		}
		wait := followEvents(events...)
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		got := followLoop(t, s, 150*time.Minute+time.Second/2, nil)
		wait()
		followSame(t, "pairs", followPairs(got), b.wanted())
		at := followTimes(got)
		for key, minute := range lates {
			if !at[key].Equal(lateAt(minute)) {
				t.Errorf("%s came at %v, want minute %d", key, at[key], minute)
			}
		}
	})
}

// What is late by more than the lookback is left to whoever looks for it: the
// documented bound. The hour folders that a sweep adds to the lookback may be more
// by what lies between two sweeps.
func TestFollowTooLate(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		b.add(cursorChats, lateAt(5*60), lateSuffix, 1)
		followClock(5*time.Hour + time.Minute)
		wait := followEvents(followEvent{5*time.Hour + 20*time.Minute, func() {
			for minute := range 3*60 - 1 {
				b.add(cursorChats, lateAt(minute), "A", 1)
			}
		}})
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		got := followLoop(t, s, 6*time.Hour, nil)
		wait()
		cursorWant(t, "pairs", followPairs(got), b.wanted()[:1])
	})
}

// A key with a year to come, or an hour, comes at once and hides none that follow.
func TestFollowFuture(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		followClock(0)
		future := map[string]int{}
		events := []followEvent{{time.Second, func() {
			future[b.add(cursorChats, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), lateSuffix, 1)] = 1
			future[b.add(cursorChats, lateAt(100), lateSuffix, 1)] = 1
		}}}
		for minute := 1; minute < 4*60; minute++ {
			events = append(events, followEvent{time.Duration(minute)*time.Minute + time.Second, func() {
				b.add(cursorChats, lateAt(minute), "A", 1)
				b.add(cursorChats, lateAt(minute-7), "B", 1)
			}})
		}
		wait := followEvents(events...)
		client := qlogs.New(b, nil)
		s := client.Scan(qlogs.Query{})
		got := followLoop(t, s, 5*time.Hour, nil)
		wait()
		followSame(t, "pairs", followPairs(got), b.wanted())
		for key, at := range followTimes(got) {
			if wait := at.Sub(b.came[key]); wait > time.Minute && b.came[key].After(cursorStart()) {
				t.Errorf("%s came %v after it was stored, want with the next poll", key, wait)
			}
		}
		lateScan(t, "after it", client, s.Cursor(), nil)
	})
}

// A directory that is filled by renaming is followed as a bucket is.
func TestFollowDir(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		root := t.TempDir()
		var want []cursorPair
		put := func(p path.Partition, minute int) {
			key := lateKey(p, minute)
			name := filepath.Join(root, filepath.FromSlash(key))
			body := cursorFile(cursorRecord(key, minute))
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name+".tmp", body, 0o644), os.Rename(name+".tmp", name)); err != nil {
				t.Error(err)
			}
			want = append(want, cursorPair{key, 0, key})
		}
		put(cursorChats, -1)
		followClock(0)
		wait := followEvents(
			followEvent{1*time.Minute + time.Second, func() { put(cursorChats, 1); put(cursorOlder, 1) }},
			followEvent{10*time.Minute + time.Second, func() { put(cursorChats, 10) }},
			followEvent{40*time.Minute + time.Second, func() { put(cursorChats, 5); put(cursorOlder, 40) }},
		)
		client := qlogs.New(source.Dir(root), nil)
		s := client.Scan(qlogs.Query{})
		got := followLoop(t, s, time.Hour, nil)
		wait()
		followSame(t, "pairs", followPairs(got), want)
		lateScan(t, "after it", client, s.Cursor(), nil)
	})
}

// A Lookback without end is none of a short one.
func TestFollowWholeLookback(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		followClock(0)
		wait := followEvents(
			followEvent{10*time.Minute + time.Second, func() { b.add(cursorChats, lateAt(10), lateSuffix, 1) }},
			followEvent{20*time.Minute + time.Second, func() { b.add(cursorChats, lateAt(-5000), lateSuffix, 1) }},
			followEvent{70*time.Minute + time.Second, func() { b.add(cursorChats, lateAt(70), lateSuffix, 1) }},
		)
		s := qlogs.New(b, &qlogs.Options{Lookback: math.MaxInt64}).Scan(qlogs.Query{})
		got := followLoop(t, s, 2*time.Hour, nil)
		wait()
		cursorWant(t, "pairs", followPairs(got), b.wanted())
		lateScan(t, "after it", qlogs.New(b, &qlogs.Options{Lookback: math.MaxInt64}), s.Cursor(), nil)
	})
}

// A bucket that is copied comes faster than its keys' time goes on. What is within
// the lookback of the newest object when it is stored comes, in spite of that.
func TestFollowCopiedBucket(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		followClock(48 * time.Hour)
		b := newFollowBucket()
		b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for minute := range 8 * 60 { // within 8 minutes
				time.Sleep(time.Second - 1)
				b.add(cursorChats, lateAt(minute), lateSuffix, 1)
				if minute%60 == 29 {
					b.add(cursorChats, lateAt(minute-50), "late", 1)
				}
			}
		}()
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		got := followLoop(t, s, 49*time.Hour, nil)
		<-done
		followSame(t, "pairs", followPairs(got), b.wanted())
	})
}

// What a day of following costs in LIST calls, in folders above as in partitions.
// No listing but the first reaches far back.
func TestFollowCost(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		const rounds, sweeps = 24 * 60, 24 * 4
		b := newFollowBucket()
		parts := []path.Partition{cursorChats, cursorInline, cursorOlder}
		for _, p := range parts {
			b.add(p, lateAt(-1), lateSuffix, 1)
		}
		followClock(0)
		b.listHook = func(in qlogs.ListInput) error {
			for _, p := range parts {
				now := time.Now()
				if from, _ := p.Range(now.Add(-4*time.Hour), now); in.Prefix == p.String() && in.After < from && now.Sub(cursorStart()) > 4*time.Hour {
					t.Errorf("at %v %q is listed after %q, want not more than 4 hours", now, in.Prefix, in.After)
				}
			}
			return nil
		}
		var events []followEvent
		for i := range 24 * 6 {
			events = append(events, followEvent{time.Duration(i)*10*time.Minute + time.Second, func() {
				b.add(parts[i%3], lateAt(10*i), lateSuffix, 1)
			}})
		}
		wait := followEvents(events...)
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		got := followLoop(t, s, 24*time.Hour-time.Second/2, nil)
		wait()
		followSame(t, "pairs", followPairs(got), b.wanted())
		// A sweep stands for the poll of its minute.
		want := rounds*len(parts) + sweeps*followFolders(parts...)
		if _, lists := b.requests(); lists != want {
			t.Errorf("%d LIST calls in a day, want %d: %d for each of %d partitions, and %d for each of %d folders",
				lists, want, rounds, len(parts), sweeps, followFolders(parts...))
		}
		if opens, _ := b.requests(); opens != len(b.wanted()) {
			t.Errorf("%d objects opened, want %d: each once", opens, len(b.wanted()))
		}
	})
}

// A loop that takes its time loses nothing, and the polls wait for it: they do not
// come one after the other afterwards.
func TestFollowSlowLoop(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 3))
		b := newFollowBucket()
		b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		followClock(0)
		var events []followEvent
		for minute := range 6 * 60 {
			events = append(events, followEvent{time.Duration(minute)*time.Minute + time.Second, func() {
				b.add(cursorChats, lateAt(minute-rng.IntN(9)), followSuffix(rng), 1)
			}})
		}
		wait := followEvents(events...)
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		slow, idle := 0, 0
		got := followLoop(t, s, 60*time.Hour, func(g followGot) bool {
			_, before := b.requests()
			time.Sleep(7 * time.Minute)
			if _, lists := b.requests(); lists != before {
				idle++
			}
			slow++
			return true
		})
		wait()
		followSame(t, "pairs", followPairs(got), b.wanted())
		// All that was listed fits into the window: the lister waits as well.
		if slow != 361 || idle != 0 {
			t.Errorf("%d slow pairs, in %d of which there were LIST calls, want 361 and none", slow, idle)
		}
		parts, folders := 1, followFolders(cursorChats)
		busy := time.Duration(slow) * 7 * time.Minute
		most := int((60*time.Hour-busy)/time.Minute)*parts + int(60*time.Hour/(15*time.Minute))*(parts+folders) + 60
		if _, lists := b.requests(); lists > most {
			t.Errorf("%d LIST calls, want at most %d: polls have piled up", lists, most)
		}
	})
}

// A loop that is as slow as objects arrive never reaches the end of a listing.
// What arrives late behind it comes all the same, also in a bucket that is copied with
// a delay of days.
func TestFollowLoopKeepsPace(t *testing.T) {
	for _, test := range []struct {
		name         string
		clock, begin time.Duration
	}{{"in the first round", 0, 0}, {"in a sweep, with a delay", 48 * time.Hour, 14*time.Minute + 30*time.Second}} {
		t.Run(test.name, func(t *testing.T) {
			testutil.NoLeaks(t)
			synctest.Test(t, func(t *testing.T) { followPace(t, test.clock, test.begin) })
		})
	}
}

func followPace(t *testing.T, clock, begin time.Duration) {
	b := newFollowBucket()
	b.add(cursorChats, lateAt(-1), lateSuffix, 1)
	followClock(clock)
	done := make(chan struct{})
	go func() {
		defer close(done)
		followClock(clock + begin)
		for i := range 3 {
			b.add(cursorChats, lateAt(-1), fmt.Sprint("m", i), 1)
		}
		for minute := range testutil.Pick(3, 6) * 60 {
			followClock(clock + begin + time.Duration(minute)*time.Minute + time.Second)
			for _, name := range []string{"m", "n", "o"} {
				b.add(cursorChats, lateAt(minute), name, 1)
				time.Sleep(19 * time.Second)
			}
			if minute%60 == 30 {
				b.add(cursorChats, lateAt(minute-5), "late", 1)
			}
		}
	}()
	synctest.Wait()
	s := qlogs.New(b, &qlogs.Options{InFlight: 1, BytesInFlight: 1}).Scan(qlogs.Query{})
	got := followLoop(t, s, clock+12*time.Hour, func(followGot) bool { time.Sleep(20 * time.Second); return true })
	<-done
	followSame(t, "pairs", followPairs(got), b.wanted())
}

// The context's own error is the last pair, with its cause; a second range is none.
func TestFollowContext(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		followClock(0)
		reason := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		time.AfterFunc(10*time.Minute+time.Second, func() { cancel(reason) })
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		var got []string
		for e, err := range s.Follow(ctx) {
			got = append(got, cursorPairOf(e, err).what)
		}
		if want := []string{b.wanted()[0].what, "end: enough"}; !slices.Equal(got, want) {
			t.Errorf("pairs = %q, want %q", got, want)
		}
		if at := time.Since(cursorStart()); at != 10*time.Minute+time.Second {
			t.Errorf("the loop ended after %v, want at once", at)
		}
		for _, err := range s.Follow(t.Context()) {
			if !errors.Is(err, qlogs.ErrScanUsed) {
				t.Errorf("a second range has %v, want ErrScanUsed", err)
			}
		}
	})
}

// A first listing that fails for the query's prefix ends the scan, as in Records.
func TestFollowNoBucket(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		b.listHook = func(qlogs.ListInput) error { return errCursorNetwork }
		n := 0
		for _, err := range qlogs.New(b, nil).Scan(qlogs.Query{}).Follow(t.Context()) {
			var partition *qlogs.PartitionError
			if n++; !errors.Is(err, errCursorNetwork) || errors.As(err, &partition) {
				t.Errorf("pair = %v, want the error of the listing, not of a partition", err)
			}
		}
		if n != 1 {
			t.Errorf("%d pairs, want 1", n)
		}
	})
}

// Nothing that a follow keeps grows with time, although polls find everything and
// sweeps nothing more.
func TestFollowMemory(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		days, hour, perHour := testutil.Pick(2, 7), 60, 48
		b := newCursorStore()
		parts := []path.Partition{cursorChats, cursorInline, cursorOlder}[:testutil.Pick(1, 3)]
		body := cursorFile(cursorRecord("r", 0))
		for _, p := range parts {
			b.put(lateKey(p, -1), body)
		}
		followClock(0)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for minute := range days * 24 * hour {
				followClock(time.Duration(minute)*time.Minute + time.Second)
				for _, p := range parts {
					if minute%15 >= 12 {
						continue // so that a sweep finds nothing new
					}
					b.put(lateKey(p, minute), body)
					b.remove(lateKey(p, minute-4*hour))
					b.ResetCalls()
				}
			}
		}()
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		ctx, cancel := context.WithDeadline(t.Context(), lateAt(days*24*hour))
		defer cancel()
		n := 0
		heap := map[int]int64{} // by day
		text := map[int]int{}
		for _, err := range s.Follow(ctx) {
			if err != nil {
				break
			}
			n++
			if n%(24*perHour*len(parts)) == 12*perHour*len(parts) { // at noon
				heap[len(heap)] = followHeap()
				text[len(text)] = len(s.Cursor().String())
			}
		}
		<-done
		if want := (days*24*perHour + 1) * len(parts); n != want {
			t.Errorf("%d records in %d days, want %d", n, days, want)
		}
		if grown := heap[days-1] - heap[0]; len(heap) != days || grown > 256<<10 && !raceEnabled {
			t.Errorf("the heap has grown by %d bytes in %d days: %v", grown, days-1, heap)
		}
		if text[days-1] > text[0]+text[0]/2 {
			t.Errorf("the cursor's text has grown from %d to %d bytes", text[0], text[days-1])
		}
	})
}

// A long backfill does not keep what is behind it either.
func TestFollowBackfillMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector has pools forget what they hold")
	}
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		const objects, perHour = 16000, 80
		b := newCursorStore()
		body := cursorFile(cursorRecord("r", 0))
		for i := range objects {
			b.put(cursorChats.NewKey(lateAt(i*60/perHour), fmt.Sprintf("%016d", i)).String(), body)
		}
		followClock(objects / perHour * time.Hour)
		n := 0
		heap := map[int]int64{}
		s := qlogs.New(b, &qlogs.Options{InFlight: 4}).Scan(qlogs.Query{})
		for _, err := range s.Follow(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			b.ResetCalls()
			if n++; n == objects/4 || n == objects-1000 {
				heap[n] = followHeap()
			}
			if n == objects {
				break
			}
		}
		if grown := heap[objects-1000] - heap[objects/4]; len(heap) != 2 || grown > 128<<10 {
			t.Errorf("the heap has grown by %d bytes in a backfill of %d objects", grown, objects)
		}
	})
}
