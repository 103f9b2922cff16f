package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A followBucket is a store that knows what was put into it, and when.
type followBucket struct {
	*cursorStore

	mu   sync.Mutex
	want []cursorPair         // of all records, in the order of arrival
	came map[string]time.Time // by key
}

func newFollowBucket() *followBucket {
	return &followBucket{cursorStore: newCursorStore(), came: map[string]time.Time{}}
}

// add puts an object of that minute, whose records are of that minute too, and
// returns its key.
func (b *followBucket) add(p path.Partition, at time.Time, suffix string, records int) string {
	key := p.NewKey(at, suffix).String()
	var texts []string
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range records {
		id := fmt.Sprintf("%s#%d", key, i)
		texts = append(texts, cursorRecord(id, followMinute(at)))
		b.want = append(b.want, cursorPair{key, i, id})
	}
	b.came[key] = time.Now()
	b.put(key, cursorFile(texts...))
	return key
}

// wanted returns the records of all objects so far, less those of pairs.
func (b *followBucket) wanted(less ...cursorPair) []cursorPair {
	b.mu.Lock()
	defer b.mu.Unlock()
	gone := map[cursorPair]bool{}
	for _, p := range less {
		gone[p] = true
	}
	var left []cursorPair
	for _, p := range b.want {
		if !gone[p] {
			left = append(left, p)
		}
	}
	return left
}

// followMinute is a time as cursorKey and cursorRecord tell it.
func followMinute(at time.Time) int {
	return int(at.Sub(cursorStart()) / time.Minute)
}

// followClock moves the clock of a bubble to that time after cursorStart.
func followClock(d time.Duration) { time.Sleep(time.Until(cursorStart().Add(d))) }

func followSuffix(rng *rand.Rand) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := make([]byte, 16)
	for i := range b {
		b[i] = letters[rng.IntN(len(letters))]
	}
	return string(b)
}

// A followGot is one pair, and when the loop got it.
type followGot struct {
	cursorPair
	entry qlogs.Entry
	err   error
	at    time.Time
}

// followLoop follows until the time d after cursorStart, or until visit, which
// may be nil, reports false, and returns all pairs but the error of the context.
func followLoop(t testing.TB, s *qlogs.Scan, d time.Duration, visit func(followGot) bool) []followGot {
	t.Helper()
	ctx, cancel := context.WithDeadline(t.Context(), cursorStart().Add(d))
	defer cancel()
	var all []followGot
	for e, err := range s.Follow(ctx) {
		if errors.Is(err, context.DeadlineExceeded) {
			return all
		}
		got := followGot{cursorPairOf(e, err), e, err, time.Now()}
		all = append(all, got)
		if visit != nil && !visit(got) {
			return all
		}
	}
	return all
}

func followPairs(all []followGot) []cursorPair {
	var pairs []cursorPair
	for _, g := range all {
		pairs = append(pairs, g.cursorPair)
	}
	return pairs
}

// followRecords leaves out the errors.
func followRecords(all []followGot) []cursorPair {
	var pairs []cursorPair
	for _, g := range all {
		if g.err == nil {
			pairs = append(pairs, g.cursorPair)
		}
	}
	return pairs
}

// followSame compares pairs in whatever order.
func followSame(t testing.TB, what string, got, want []cursorPair) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.SortFunc(got, followCompare)
	slices.SortFunc(want, followCompare)
	cursorWant(t, what, got, want)
}

func followCompare(a, b cursorPair) int {
	if c := strings.Compare(a.key, b.key); c != 0 {
		return c
	}
	return a.index - b.index
}

// followEvent is what happens at a time after cursorStart.
type followEvent struct {
	at time.Duration
	do func()
}

// followEvents starts a goroutine that has the events happen in order, and
// returns a func that waits for the last.
func followEvents(events ...followEvent) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, e := range events {
			followClock(e.at)
			e.do()
		}
	}()
	return func() { <-done }
}

// followFolders is how many folders a sweep lists above those partitions.
func followFolders(parts ...path.Partition) int {
	folders := map[string]bool{"": true}
	for _, p := range parts {
		s := strings.TrimSuffix(p.String(), "/")
		for i, r := range s {
			if r == '/' {
				folders[s[:i+1]] = true
			}
		}
	}
	return len(folders)
}

// followLeave is cursorLeave for Follow.
func followLeave(t testing.TB, s *qlogs.Scan, d time.Duration, n int, how string) []followGot {
	t.Helper()
	var all []followGot
	done := make(chan struct{})
	go func() { // for "goexit"
		defer close(done)
		defer func() {
			if r := recover(); r != nil && r != cursorCanary {
				panic(r)
			}
		}()
		ctx, cancel := context.WithDeadline(t.Context(), cursorStart().Add(d))
		defer cancel()
		for e, err := range s.Follow(ctx) {
			if ctx.Err() != nil && e.Record == nil && errors.Is(err, ctx.Err()) {
				return
			}
			all = append(all, followGot{cursorPairOf(e, err), e, err, time.Now()})
			if len(all) != n {
				continue
			}
			switch how {
			case "return":
				return
			case "panic":
				panic(cursorCanary)
			case "goexit":
				runtime.Goexit()
			case "cancel":
				cancel()
				continue
			}
			break
		}
	}()
	<-done
	return all
}

// followHeap is the size of what is in use.
func followHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// followSome is n in a long run, and else an eighth, as under the race detector, which
// takes ten times as long.
func followSome(n uint64) uint64 {
	if raceEnabled || !testutil.Long() {
		return (n + 7) / 8
	}
	return n
}

// followStep is n in a long run, and else five times as much.
func followStep(n int) int {
	if raceEnabled || !testutil.Long() {
		return 5 * n
	}
	return n
}
