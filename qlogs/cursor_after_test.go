package qlogs_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
)

// A cursorStep is a pair with its entry and the cursors at the moment that the
// loop has it.
type cursorStep struct {
	pair  cursorPair
	entry qlogs.Entry // of a record
	now   qlogs.Cursor
}

// cursorSteps returns the first n pairs of a scan, or all if there are fewer.
func cursorSteps(t testing.TB, s *qlogs.Scan, n int) []cursorStep {
	t.Helper()
	var steps []cursorStep
	for e, err := range s.Records(t.Context()) {
		step := cursorStep{pair: cursorPairOf(e, err)}
		if err == nil {
			step.entry, step.now = e, e.Cursor()
		}
		if steps = append(steps, step); len(steps) == n {
			break
		}
	}
	return steps
}

// cursorAfterEach compares what scans from Entry.Cursor of each entry yield with
// want, which gets the number of pairs up to and including the entry. The cursor
// is taken when the loop has the entry, and again when the scan has ended.
func cursorAfterEach(t *testing.T, client *qlogs.Client, after qlogs.Cursor, want func(n int) []cursorPair) {
	t.Helper()
	s := client.Scan(qlogs.Query{After: after})
	entries := 0
	for i, step := range cursorSteps(t, s, math.MaxInt) {
		if step.entry.Record == nil {
			continue
		}
		entries++
		for when, c := range map[string]qlogs.Cursor{"at once": step.now, "at the end": step.entry.Cursor()} {
			what := fmt.Sprintf("resumed from Entry.Cursor of %v, taken %s", step.pair, when)
			cursorWant(t, what, cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, c)})), want(i+1))
		}
	}
	if entries == 0 {
		t.Error("the scan has no entries")
	}
}

func TestEntryCursor(t *testing.T) {
	client := qlogs.New(cursorBucket(), nil)
	all := cursorAll(t, client.Scan(qlogs.Query{}))
	cursorAfterEach(t, client, qlogs.Cursor{}, func(n int) []cursorPair { return all[n:] })
	// From the middle of an object, and of a bucket.
	from := cursorText(t, cursorOf(t, client, qlogs.Query{}, 6))
	cursorAfterEach(t, client, from, func(n int) []cursorPair { return all[6+n:] })
}

func TestEntryCursorLarge(t *testing.T) {
	store := newCursorStore()
	r := func(id string) string { return cursorRecord(id, 0) }
	store.put(cursorKey(cursorChats, 0), cursorLarge(r("a0"), r("a1")))
	store.put(cursorKey(cursorInline, 0), cursorFile(r("b0")))
	client := qlogs.New(store, nil)
	all := cursorAll(t, client.Scan(qlogs.Query{}))
	cursorAfterEach(t, client, qlogs.Cursor{}, func(n int) []cursorPair { return all[n:] })
}

// Pairs: what fails may pass, and is pending once the loop went on.
func TestEntryCursorPending(t *testing.T) {
	store := cursorBucket()
	failing := map[string]bool{cursorKey(cursorChats, 1): true, cursorKey(cursorInline, 1): true, cursorKey(cursorOlder, 1): true}
	store.openHook = cursorFailOpens(failing)
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	all := cursorAll(t, s)
	// The pending ones come first, then what follows the entry.
	resumed := func(all []cursorPair) func(n int) []cursorPair {
		return func(n int) []cursorPair {
			var want []cursorPair
			for _, p := range all[:n] {
				if failing[p.key] {
					want = append(want, p)
				}
			}
			return append(want, all[n:]...)
		}
	}
	cursorAfterEach(t, client, qlogs.Cursor{}, resumed(all))

	// The first of the pending ones is read, and yields entries of a retry.
	delete(failing, cursorKey(cursorChats, 1))
	after := cursorText(t, s.Cursor())
	store.put(cursorKey(cursorOlder, 5), cursorFile(cursorRecord("x0", 0), cursorRecord("x1", 0)))
	all = cursorAll(t, client.Scan(qlogs.Query{After: after}))
	if len(all) != 4+2+2 {
		t.Fatalf("resumed scan has pairs %v, want 4 of a retry, 2 that fail again and 2 new ones", all)
	}
	cursorAfterEach(t, client, after, func(n int) []cursorPair {
		if n <= 4 {
			return all[n:]
		}
		return resumed(all)(n)
	})

	// The second one is read between two that fail again.
	delete(failing, cursorKey(cursorInline, 1))
	failing[cursorKey(cursorChats, 1)] = true
	all = cursorAll(t, client.Scan(qlogs.Query{After: after}))
	cursorAfterEach(t, client, after, resumed(all))

	// All are read: those behind the entry are still to be read when resumed.
	clear(failing)
	all = cursorAll(t, client.Scan(qlogs.Query{After: after}))
	cursorAfterEach(t, client, after, func(n int) []cursorPair { return all[n:] })
}

// An entry of an object that fails behind it: what is left is read once.
func TestEntryCursorPendingInside(t *testing.T) {
	store := newCursorStore()
	r := func(id string) string { return cursorRecord(id, 0) }
	key := cursorKey(cursorChats, 0)
	store.put(key, cursorLarge(r("a0"), r("a1"), r("a2")))
	store.bodyHook = pendingLimit(key, cursorLargeSize*3/4)
	s := qlogs.New(store, nil).Scan(qlogs.Query{})
	steps := cursorSteps(t, s, 100)
	store.bodyHook = nil
	all := cursorAll(t, qlogs.New(store, nil).Scan(qlogs.Query{}))
	for i, step := range steps[:2] {
		got := cursorAll(t, qlogs.New(store, nil).Scan(qlogs.Query{After: cursorText(t, step.entry.Cursor())}))
		cursorWant(t, fmt.Sprintf("resumed from Entry.Cursor of %v", step.pair), got, all[i+1:])
	}
}

// The cursor of an entry is its own scan's, whatever other scans do meanwhile.
func TestEntryCursorOfAnotherScan(t *testing.T) {
	client := qlogs.New(cursorBucket(), nil)
	all := cursorAll(t, client.Scan(qlogs.Query{}))
	other := cursorSteps(t, client.Scan(qlogs.Query{}), 3)[2]
	s := client.Scan(qlogs.Query{After: cursorOf(t, client, qlogs.Query{}, 4)})
	cursorLeave(t, s, 3, "break")
	got := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, other.entry.Cursor())}))
	for i, p := range all {
		if p == other.pair {
			cursorWant(t, "another scan's entry", got, all[i+1:])
			return
		}
	}
	t.Errorf("%v is not among all pairs", other.pair)
}

// A batch that is committed late has entries of several partitions.
func TestEntryCursorBatches(t *testing.T) {
	client := qlogs.New(cursorBucket(), nil)
	want := cursorAll(t, client.Scan(qlogs.Query{}))
	for size := 1; size <= 5; size++ {
		s := client.Scan(qlogs.Query{})
		var batch []qlogs.Entry
		for e, err := range s.Records(t.Context()) {
			if err != nil {
				continue
			}
			if batch = append(batch, e); len(batch) < size {
				continue
			}
			first := cursorPairOf(batch[0], nil)
			rest := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, batch[0].Cursor())}))
			for i, p := range want {
				if p == first {
					cursorWant(t, fmt.Sprintf("batch of %d from %v", size, first), rest, want[i+1:])
				}
			}
			batch = nil
		}
	}
}
