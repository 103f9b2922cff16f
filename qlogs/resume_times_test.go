package qlogs_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// From and To may differ from those of the scan before: what the cursor covers
// is not read again, what it does not is.
func TestResumeOtherTimes(t *testing.T) {
	store := newCursorStore()
	for day := range 4 {
		store.put(cursorKey(cursorChats, day*1440), cursorFile(cursorRecord(fmt.Sprint("day", day), day*1440)))
	}
	client := qlogs.New(store, nil)
	day := func(n int) time.Time { return cursorStart().Add(time.Duration(n) * 24 * time.Hour) }
	s := client.Scan(qlogs.Query{From: day(0), To: day(2)})
	cursorAll(t, s)
	for _, test := range []struct {
		from, to time.Time
		want     []string
	}{
		{day(0), day(4), []string{"day2", "day3"}},
		{day(3), day(4), []string{"day3"}},
		{day(0), day(1), nil},
		{day(0), day(2), nil},
		{time.Time{}, time.Time{}, []string{"day2", "day3"}},
	} {
		got := resumeIDs(cursorAll(t, client.Scan(qlogs.Query{From: test.from, To: test.to, After: cursorText(t, s.Cursor())})))
		if !slices.Equal(got, test.want) {
			t.Errorf("resumed from %v to %v = %q, want %q", test.from, test.to, got, test.want)
		}
	}
}

func resumeIDs(pairs []cursorPair) []string {
	var ids []string
	for _, p := range pairs {
		ids = append(ids, p.what)
	}
	return ids
}

// resumeBusy has a record every ten minutes, in two partitions and in files of
// three, so that an end of time is inside of files and of hours.
func resumeBusy() (store *cursorStore, ids []string) {
	store = newCursorStore()
	for minute := 0; minute < 300; minute += 30 {
		for name, part := range map[string]path.Partition{"x": cursorChats, "y": cursorOlder} {
			var records []string
			for m := minute; m < minute+30; m += 10 {
				id := fmt.Sprint(name, m)
				ids = append(ids, id)
				records = append(records, cursorRecord(id, m))
			}
			store.put(cursorKey(part, minute), cursorFile(records...))
		}
	}
	slices.Sort(ids)
	return store, ids
}

// A program that reads up to some time, and later on from its cursor up to a
// later one, gets every record once if logs lie in the order of their time.
func TestResumeLaterTo(t *testing.T) {
	store, want := resumeBusy()
	client := qlogs.New(store, nil)
	for step := 5; step < 200; step += 16 {
		for _, breaks := range []bool{false, true} {
			var got []string
			var after qlogs.Cursor
			for minute := 0; minute < 500; minute += step {
				q := qlogs.Query{To: cursorStart().Add(time.Duration(minute) * time.Minute), After: after}
				if breaks { // the last pair is not finished
					s := client.Scan(q)
					if pairs := cursorLeave(t, s, 3, "break"); len(pairs) == 3 {
						got = append(got, resumeIDs(pairs[:2])...)
					} else {
						got = append(got, resumeIDs(pairs)...)
					}
					q.After = cursorText(t, s.Cursor())
				}
				s := client.Scan(q)
				got = append(got, resumeIDs(cursorAll(t, s))...)
				after = cursorText(t, s.Cursor())
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Fatalf("To moved on by %d minutes at a time, breaks %v: got %q, want %q", step, breaks, got, want)
			}
		}
	}
}

// The same by Entry.Cursor of every record: what comes after is what was not
// finished and what is later than the former To.
func TestResumeLaterToEntryCursor(t *testing.T) {
	store, want := resumeBusy()
	client := qlogs.New(store, nil)
	for _, minute := range []int{0, 10, 95, 130, 150} {
		s := client.Scan(qlogs.Query{To: cursorStart().Add(time.Duration(minute) * time.Minute)})
		var got []string
		for _, step := range cursorSteps(t, s, 1000) {
			got = append(got, step.pair.what)
			for when, c := range map[string]qlogs.Cursor{"at once": step.now, "at the end": step.entry.Cursor()} {
				rest := resumeIDs(cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, c)})))
				all := slices.Concat(got, rest)
				if slices.Sort(all); !slices.Equal(all, want) {
					t.Fatalf("To at minute %d, Entry.Cursor of %v taken %s: %q and then %q, want every record once", minute, step.pair, when, got, rest)
				}
			}
		}
	}
}

// Where logs do not lie in the order of their time nothing is lost, and nothing comes again,
// also if a loop had not come to the end of an object.
func TestResumeLaterToUnordered(t *testing.T) {
	store := newCursorStore()
	store.put(cursorKey(cursorChats, 0), cursorFile(cursorRecord("a", 0), cursorRecord("late1", 61), cursorRecord("b", 1)))
	store.put(cursorKey(cursorChats, 1), cursorFile(cursorRecord("c", 1)))
	store.put(cursorKey(cursorChats, 65), cursorFile(cursorRecord("late2", 65), cursorRecord("d", 59)))
	store.put(cursorKey(cursorInline, 1), cursorFile(cursorRecord("e", 1), cursorRecord("f", 2)))
	client := qlogs.New(store, nil)
	q := qlogs.Query{To: cursorStart().Add(time.Hour)}
	s := client.Scan(q)
	first := resumeIDs(cursorAll(t, s))
	if want := []string{"a", "b", "c", "d", "e", "f"}; !slices.Equal(first, want) {
		t.Fatalf("scan = %q, want %q", first, want)
	}
	later := q
	later.To = q.To.Add(time.Hour)
	later.After = cursorText(t, s.Cursor())
	if got, want := resumeIDs(cursorAll(t, client.Scan(later))), []string{"late1", "late2"}; !slices.Equal(got, want) {
		t.Errorf("resumed with a later To = %q, want %q", got, want)
	}

	s = client.Scan(q)
	for i, step := range cursorSteps(t, s, 100) {
		want := slices.Concat([]string{"late1"}, first[min(i+1, 3):3], []string{"late2"}, first[max(i+1, 3):])
		for when, c := range map[string]qlogs.Cursor{"at once": step.now, "at the end": step.entry.Cursor()} {
			later.After = cursorText(t, c)
			if got := resumeIDs(cursorAll(t, client.Scan(later))); !slices.Equal(got, want) {
				t.Errorf("resumed with a later To from Entry.Cursor of %v taken %s = %q, want %q", step.pair, when, got, want)
			}
		}
	}
}

// The same holds for an object that is pending, and that fails behind a record
// that is too late.
func TestResumeLaterToPending(t *testing.T) {
	key, next := cursorKey(cursorChats, 0), cursorKey(cursorChats, 1)
	small := cursorFile(cursorRecord("a", 0), cursorRecord("late", 61))
	large := cursorLarge(cursorRecord("a", 0), cursorRecord("late", 61), cursorRecord("b", 1))
	for _, test := range []struct {
		name  string
		body  []byte
		limit int64
		want  [3][]string // the scan, resumed, resumed with a later To
	}{
		{"whole", small, 10, [3][]string{{"error: read", "c"}, {"a"}, {"late"}}},
		{"behind", large, cursorLargeSize * 3 / 4, [3][]string{{"a", "error: read", "c"}, {"b"}, {"late"}}},
		{"before", large, cursorLargeSize / 4, [3][]string{{"a", "error: read", "c"}, {"b"}, {"late"}}},
	} {
		store := newCursorStore()
		store.put(key, test.body)
		store.put(next, cursorFile(cursorRecord("c", 0)))
		store.bodyHook = pendingLimit(key, test.limit)
		client := qlogs.New(store, &qlogs.Options{MaxResumes: -1})
		q := qlogs.Query{To: cursorStart().Add(time.Hour)}
		for i, want := range test.want {
			if i == 2 {
				q.To = q.To.Add(time.Hour)
			}
			s := client.Scan(q)
			if got := resumeIDs(cursorAll(t, s)); !slices.Equal(got, want) {
				t.Errorf("%s: scan %d = %q, want %q", test.name, i, got, want)
			}
			q.After = cursorText(t, s.Cursor())
			store.bodyHook = nil
		}
	}
}

// And for Entry.Cursor of the entries of an object that is tried again.
func TestResumeLaterToRetry(t *testing.T) {
	store := newCursorStore()
	key := cursorKey(cursorChats, 0)
	store.put(key, cursorFile(cursorRecord("a", 0), cursorRecord("late", 61), cursorRecord("b", 1)))
	store.openHook = cursorFailOpens(map[string]bool{key: true})
	client := qlogs.New(store, nil)
	q := qlogs.Query{To: cursorStart().Add(time.Hour)}
	s := client.Scan(q)
	cursorAll(t, s)
	store.openHook = nil
	q.After = cursorText(t, s.Cursor())
	s = client.Scan(q)
	q.To = q.To.Add(time.Hour)
	for i, step := range cursorSteps(t, s, 100) {
		want := [][]string{{"late", "b"}, {"late"}}[i]
		for when, c := range map[string]qlogs.Cursor{"at once": step.now, "at the end": step.entry.Cursor()} {
			q.After = cursorText(t, c)
			if got := resumeIDs(cursorAll(t, client.Scan(q))); !slices.Equal(got, want) {
				t.Errorf("resumed with a later To from Entry.Cursor of %v taken %s = %q, want %q", step.pair, when, got, want)
			}
		}
	}
}
