package qlogs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// To ends a follow an Options.ListPad after it, with one last sweep, and its cursor goes
// on with a later To: no record is lost or comes twice.
func TestFollowTo(t *testing.T) {
	for _, test := range []struct {
		pad time.Duration // as in Options
		to  time.Duration
	}{{0, 60 * time.Minute}, {-1, 60 * time.Minute}, {20 * time.Minute, 60 * time.Minute}, {0, 57*time.Minute + 20*time.Second}} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			testutil.NoLeaks(t)
			synctest.Test(t, func(t *testing.T) {
				pad := max(test.pad, 0)
				if test.pad == 0 {
					pad = time.Hour
				}
				followTo(t, test.pad, cursorStart().Add(test.to), cursorStart().Add(test.to+pad))
			})
		})
	}
}

func followTo(t *testing.T, pad time.Duration, to, ends time.Time) {
	b := newFollowBucket()
	parts := []path.Partition{cursorChats, cursorInline, cursorOlder}
	for _, p := range parts {
		b.add(p, lateAt(-1), lateSuffix, 1)
	}
	followClock(30 * time.Minute)
	var events []followEvent
	for minute := 30; minute < 200; minute++ {
		events = append(events, followEvent{time.Duration(minute)*time.Minute + time.Second, func() {
			b.add(parts[minute%3], lateAt(minute), lateSuffix, 2)
			b.add(parts[minute%3], lateAt(minute-4), "A", 1)
			if minute == followMinute(ends.Add(-10*time.Second)) { // for the last sweep
				b.add(parts[0], lateAt(50), "B", 1)
			}
		}})
	}
	wait := followEvents(events...)
	client := qlogs.New(b, &qlogs.Options{ListPad: pad})
	s := client.Scan(qlogs.Query{To: to})
	got := followLoop(t, s, 10*time.Hour, nil)
	if !time.Now().Equal(ends) {
		t.Errorf("the follow ended at %v, want %v", time.Now(), ends)
	}
	wait()
	var want []cursorPair
	for _, p := range b.wanted() { // all but what was stored after the end
		if at, _ := followKey(t, p.key).Minute(); at.Before(to) && b.came[p.key].Before(ends) {
			want = append(want, p)
		}
	}
	followSame(t, "records before To", followPairs(got), want)
	done := followPairs(got)
	for _, to := range []time.Time{lateAt(75), lateAt(76), lateAt(133), {}} {
		next := client.Scan(qlogs.Query{To: to, After: cursorText(t, s.Cursor())})
		pairs := cursorAll(t, next)
		if len(pairs) == 0 {
			t.Errorf("a scan up to %v has no records", to)
		}
		done, s = append(done, pairs...), next
	}
	followSame(t, "all records", done, b.wanted())
}

func followKey(t *testing.T, key string) path.Key {
	t.Helper()
	k, err := path.Parse(key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A To that is long past makes a follow one pass, for what a scan costs.
func TestFollowToPast(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		store, want := laterBucket()
		followClock(48 * time.Hour)
		client := qlogs.New(store, nil)
		to := lateAt(3 * 60)
		scan := cursorAll(t, client.Scan(qlogs.Query{To: to}))
		opens, lists := store.requests()
		s := client.Scan(qlogs.Query{To: to})
		got := followLoop(t, s, 72*time.Hour, nil)
		cursorWant(t, "a follow", followPairs(got), scan)
		if at := time.Since(cursorStart()); at != 48*time.Hour {
			t.Errorf("the follow ended after %v, want at once", at)
		}
		if o, l := store.requests(); o != 2*opens || l != 2*lists {
			t.Errorf("%d opens and %d LIST calls, want those of a scan, %d and %d", o-opens, l-lists, opens, lists)
		}
		rest := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
		records := 0
		for _, p := range slices.Concat(scan, rest) {
			if p.what != "error: decode" {
				records++
			}
		}
		if records != want {
			t.Errorf("%d records by the follow and after it, want %d", records, want)
		}
	})
}

// A follow that ends while its loop is slow still has its last sweep.
func TestFollowToSlow(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		b.add(cursorChats, lateAt(1), lateSuffix, 1)
		followClock(10 * time.Minute)
		wait := followEvents(
			followEvent{100 * time.Minute, func() { b.add(cursorChats, lateAt(30), lateSuffix, 1) }},
			followEvent{150 * time.Minute, func() { b.add(cursorOlder, lateAt(40), lateSuffix, 1) }},
		)
		s := qlogs.New(b, nil).Scan(qlogs.Query{To: lateAt(60)})
		got := followLoop(t, s, 48*time.Hour, func(followGot) bool { time.Sleep(3 * time.Hour); return true })
		wait()
		cursorWant(t, "pairs", followPairs(got), b.wanted())
	})
}

// followTraffic has objects arrive for an hour that begins half an hour before an
// hour's end, some of which fail, and some late.
func followTraffic(b *followBucket, seed uint64) (wait func()) {
	rng := rand.New(rand.NewPCG(seed, 3))
	parts := []path.Partition{cursorChats, followWest(), cursorInline, cursorOlder}
	for _, p := range parts {
		for range 3 {
			b.add(p, lateAt(-rng.IntN(40)), followSuffix(rng), 1+rng.IntN(3))
		}
	}
	failing := map[string]int{}
	b.openHook = followFailing(failing)
	var events []followEvent
	for i := range 60 {
		at := 30*time.Minute + time.Duration(i)*time.Minute + 1 + time.Duration(rng.Int64N(int64(time.Minute-1)))
		lag := time.Duration(rng.IntN(8)) * time.Minute
		if rng.IntN(5) == 0 {
			lag = time.Duration(rng.IntN(40)) * time.Minute
		}
		p, suffix, records := parts[rng.IntN(len(parts))], followSuffix(rng), 1+rng.IntN(3)
		if rng.IntN(6) == 0 {
			failing[p.NewKey(cursorStart().Add(at-lag), suffix).String()] = 1 + rng.IntN(2)
		}
		events = append(events, followEvent{at, func() { b.add(p, cursorStart().Add(at-lag), suffix, records) }})
	}
	return followEvents(events...)
}

// However a follow is left, its cursor covers what its loop has finished: a plain
// scan yields the rest, and nothing goes on.
func TestFollowLeave(t *testing.T) {
	for i, how := range cursorHows {
		t.Run(how, func(t *testing.T) {
			testutil.NoLeaks(t)
			for n := 1 + i; n <= 120; n += followStep(11) {
				synctest.Test(t, func(t *testing.T) { followLeaveOnce(t, how, n) })
			}
		})
	}
}

func followLeaveOnce(t *testing.T, how string, n int) {
	b := newFollowBucket()
	followClock(30 * time.Minute)
	wait := followTraffic(b, uint64(n))
	synctest.Wait() // until the one that stores is there
	before := leaveGoroutines()
	client := qlogs.New(b, &qlogs.Options{InFlight: 4})
	s := client.Scan(qlogs.Query{})
	all := followLeave(t, s, 3*time.Hour, n, how)
	synctest.Wait()
	for id, stack := range leaveGoroutines() {
		if before[id] == "" {
			t.Errorf("a goroutine is left: %s", stack)
		}
	}
	_, lists := b.requests()
	wait()
	time.Sleep(time.Hour)
	if _, now := b.requests(); now != lists {
		t.Errorf("%d LIST calls after the loop", now-lists)
	}
	if len(all) != n {
		t.Fatalf("%d pairs, want %d", len(all), n)
	}
	if how != "cancel" { // the last pair is not finished
		all = all[:n-1]
	}
	followRest(t, fmt.Sprintf("after %s at pair %d", how, n), client, b, s.Cursor(), all)
}

// followRest checks that a plain scan yields all records of b but those of all.
func followRest(t *testing.T, what string, client *qlogs.Client, b *followBucket, c qlogs.Cursor, all []followGot) {
	t.Helper()
	b.openHook = nil
	got := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, c)}))
	followSame(t, what, got, b.wanted(followRecords(all)...))
}

// Entry.Cursor of each entry of a follow covers it and all before it, at whatever
// time it is taken, and nothing else.
func TestFollowEntryCursor(t *testing.T) {
	testutil.NoLeaks(t)
	for seed := range followSome(3) {
		synctest.Test(t, func(t *testing.T) {
			b := newFollowBucket()
			followClock(30 * time.Minute)
			wait := followTraffic(b, seed)
			client := qlogs.New(b, nil)
			s := client.Scan(qlogs.Query{})
			var now []qlogs.Cursor
			all := followLoop(t, s, 3*time.Hour, func(g followGot) bool {
				now = append(now, qlogs.Cursor{})
				if g.err == nil {
					now[len(now)-1] = g.entry.Cursor()
				}
				return true
			})
			wait()
			followSame(t, "all", followRecords(all), b.wanted())
			for i, g := range all {
				if g.err != nil {
					continue
				}
				followRest(t, fmt.Sprintf("seed %d, Entry.Cursor of pair %d, at once", seed, i), client, b, now[i], all[:i+1])
				followRest(t, fmt.Sprintf("seed %d, Entry.Cursor of pair %d, at the end", seed, i), client, b, g.entry.Cursor(), all[:i+1])
			}
			followRest(t, "Cursor at the end", client, b, s.Cursor(), all)
		})
	}
}

// Follows that go on from each other's texts, with plain scans between them, get
// everything once.
func TestFollowResume(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		followClock(30 * time.Minute)
		wait := followTraffic(b, 1)
		client := qlogs.New(b, nil)
		var after qlogs.Cursor
		var all []cursorPair
		for i := range 20 {
			s := client.Scan(qlogs.Query{After: after})
			if i%3 == 2 {
				all = append(all, cursorAll(t, s)...)
			} else {
				until := time.Until(cursorStart()) * -1
				all = append(all, followPairs(followLoop(t, s, until+time.Duration(1+i)*time.Minute+time.Second, nil))...)
			}
			after = cursorText(t, s.Cursor())
		}
		wait()
		b.openHook = nil
		all = append(all, cursorAll(t, client.Scan(qlogs.Query{After: after}))...)
		all = slices.DeleteFunc(all, func(p cursorPair) bool { return p.index < 0 })
		followSame(t, "records", all, b.wanted())
	})
}

// follow is a leg of a model that follows while objects arrive.
func (m *lateModel) follow(t *testing.T, after qlogs.Cursor) qlogs.Cursor {
	t.Helper()
	n, how := 1+m.rng.IntN(80), append(cursorHows, "commit now", "commit later", "until")[m.rng.IntN(len(cursorHows)+3)]
	length := time.Duration(m.rng.Int64N(int64(100 * time.Minute)))
	nap := time.Duration(m.rng.IntN(4)) * time.Duration(m.rng.Int64N(int64(time.Minute)))
	q := qlogs.Query{After: after}
	if m.rng.IntN(3) == 0 {
		q.To = time.Now().Add(time.Duration(m.rng.IntN(5*60)-150) * time.Minute)
	}
	stop := m.arriving(length)
	defer stop()
	s := m.client.Scan(q)
	until := time.Since(cursorStart()) + length
	switch how {
	case "until":
		m.count(followPairs(followLoop(t, s, until, func(followGot) bool { time.Sleep(nap); return true })))
		return cursorText(t, s.Cursor())
	case "commit now", "commit later":
		var steps []cursorStep
		followLoop(t, s, until, func(g followGot) bool {
			step := cursorStep{pair: g.cursorPair, entry: g.entry}
			if g.err == nil {
				step.now = g.entry.Cursor()
			}
			steps = append(steps, step)
			time.Sleep(nap)
			return len(steps) < 2*n
		})
		stop()
		return m.commit(t, s, steps, n, how == "commit now")
	}
	all := followLeave(t, s, until, n, how)
	stop()
	pairs := followPairs(all)
	m.count(pairs)
	if len(pairs) == n && how != "cancel" {
		m.again(pairs[n-1:])
	}
	return cursorText(t, s.Cursor())
}

// arriving has objects arrive until the returned func is called, or for long.
func (m *lateModel) arriving(length time.Duration) (stop func()) {
	ctx, cancel := context.WithTimeout(context.Background(), length)
	done := make(chan struct{})
	m.running = true
	go func() {
		defer close(done)
		for {
			select {
			case <-time.After(97 * time.Second):
				m.arrive(3)
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
		m.running = false
	}
}

// The model of late objects with follows among its scans.
func TestFollowModel(t *testing.T) {
	testutil.NoLeaks(t)
	late := uint64(0)
	seeds := lateSeeds()
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			followClock(time.Hour)
			m := newLateModel(seed, seed%3 == 2)
			for range 20 {
				m.add(m.parts[m.rng.IntN(4)], lateAt(-m.rng.IntN(12*60)))
			}
			var after qlogs.Cursor
			for leg := range 12 {
				if leg%4 == 3 {
					after = m.leg(t, after)
				} else {
					after = m.follow(t, after)
				}
				time.Sleep(time.Duration(m.rng.Int64N(int64(40 * time.Minute))))
			}
			m.rest(t, after)
			if m.check(t); t.Failed() {
				t.Fatalf("seed %d, lookback %v", seed, m.lookback)
			}
			late += uint64(m.late)
		})
	}
	if late < 6*seeds {
		t.Errorf("%d objects were late: the test has become empty", late)
	}
}
