package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// An unkeptStore denies all objects for which denied is true.
type unkeptStore struct {
	*cursorStore
	denied func(key string) bool
	body   []byte
}

func newUnkeptStore() *unkeptStore {
	s := &unkeptStore{cursorStore: newCursorStore(), body: cursorFile(cursorRecord("x", 0))}
	s.openHook = func(_ context.Context, key string) error {
		if s.denied != nil && s.denied(key) {
			return fs.ErrPermission
		}
		return nil
	}
	return s
}

// add puts n objects, perHour in each hour from a time on.
func (s *unkeptStore) add(p path.Partition, from time.Time, n, perHour int) (keys []string) {
	for i := range n {
		at := from.Add(time.Duration(i/perHour)*time.Hour + time.Minute)
		key := p.NewKey(at, fmt.Sprintf("%016d", i)).String()
		s.put(key, s.body)
		keys = append(keys, key)
	}
	return keys
}

// An unkeptRun is what one scan has brought.
type unkeptRun struct {
	got    map[string]int // records by key
	failed map[string]int // errors of objects by key
	ends   []*qlogs.PartitionError
	after  qlogs.Cursor
}

func (s *unkeptStore) run(t *testing.T, after qlogs.Cursor) unkeptRun {
	t.Helper()
	scan := qlogs.New(s, nil).Scan(qlogs.Query{After: after})
	r := newUnkeptRun()
	for e, err := range scan.Records(t.Context()) {
		r.take(t, e, err)
	}
	r.after = cursorText(t, scan.Cursor())
	return r
}

func newUnkeptRun() unkeptRun { return unkeptRun{got: map[string]int{}, failed: map[string]int{}} }

func (r *unkeptRun) take(t *testing.T, e qlogs.Entry, err error) {
	t.Helper()
	var object *qlogs.ObjectError
	var part *qlogs.PartitionError
	var unkept *qlogs.UnkeptError
	switch {
	case err == nil:
		r.got[e.Object.Key]++
	case errors.As(err, &object) && object.Retryable && errors.Is(err, fs.ErrPermission):
		r.failed[object.Key]++
	case errors.As(err, &part) && errors.As(err, &unkept) && qlogs.ClassOf(err) == qlogs.ClassPermission && !qlogs.EndsScan(err):
		r.ends = append(r.ends, part)
	default:
		t.Fatalf("error %v, want denials and what found no room alone", err)
	}
}

// unkeptSame checks that each of the keys is there once, and no other one.
func unkeptSame(t *testing.T, what string, got map[string]int, want ...[]string) {
	t.Helper()
	n := 0
	for _, keys := range want {
		for _, key := range keys {
			n++
			if got[key] != 1 {
				t.Fatalf("%s: %q comes %d times, want once", what, key, got[key])
			}
		}
	}
	if len(got) != n {
		t.Errorf("%s: %d objects, want %d", what, len(got), n)
	}
}

// One cause stops nothing else: what is behind 30,000 denied objects of one partition comes,
// once, and the denied ones come when the denial is gone.
func TestUnkeptBeforeGood(t *testing.T) {
	s := newUnkeptStore()
	bad := s.add(cursorChats, cursorStart(), testutil.Pick(3_000, 30_000), 500)
	good := s.add(cursorChats, cursorStart().AddDate(0, 0, 10), testutil.Pick(100, 1_000), 50)
	first := bad[500] // of those that find no room
	denied := map[string]bool{}
	for _, key := range bad {
		denied[key] = true
	}
	s.denied = func(key string) bool { return denied[key] }

	r := s.run(t, qlogs.Cursor{})
	unkeptSame(t, "first run", r.got, good)
	unkeptSame(t, "first run's errors", r.failed, bad)
	s.end(t, r, len(bad)-500, first)
	for n := range 2 {
		r = s.run(t, r.after)
		unkeptSame(t, fmt.Sprint("resumed ", n), r.got)
		unkeptSame(t, "its errors", r.failed, bad)
		s.end(t, r, len(bad)-500, first)
	}
	s.denied = nil
	r = s.run(t, r.after)
	unkeptSame(t, "when the denial is gone", r.got, bad)
	if len(r.failed)+len(r.ends) > 0 {
		t.Errorf("%d errors, want none", len(r.failed)+len(r.ends))
	}
	r = s.run(t, r.after)
	unkeptSame(t, "at last", r.got)
}

// end checks the error at the end of the only partition, in which that many objects found no
// room, of which all have the hour of a key or a later one.
func (s *unkeptStore) end(t *testing.T, r unkeptRun, objects int, first string) {
	t.Helper()
	if len(r.ends) != 1 {
		t.Fatalf("%d errors at ends of partitions, want 1", len(r.ends))
	}
	e := r.ends[0]
	var u *qlogs.UnkeptError
	if !errors.As(e, &u) || u.Objects != objects || u.Class != qlogs.ClassPermission || e.Partition != cursorChats || e.Prefix != cursorChats.String() {
		t.Errorf("at the end %+v, %+v, want %d objects that were denied", e, u, objects)
	}
	if key, err := path.Parse(first); err != nil || u.From.After(key.Hour) || strings.Contains(e.Error(), "canary") {
		t.Errorf("%v, want to begin again at %v or before", e, key.Hour)
	}
}

// 1,500 denied objects of one account keep nothing of another one from coming.
func TestUnkeptOfOneAccount(t *testing.T) {
	s := newUnkeptStore()
	other := cursorChats
	other.Account = "999988887777"
	bad := s.add(cursorChats, cursorStart(), 1_500, 500)
	s.denied = func(key string) bool { return strings.HasPrefix(key, cursorChats.String()) }
	var after qlogs.Cursor
	for n := range 3 {
		fresh := s.add(other, cursorStart().AddDate(0, 0, n), 20, 5)
		r := s.run(t, after)
		unkeptSame(t, fmt.Sprint("run ", n), r.got, fresh)
		unkeptSame(t, "its errors", r.failed, bad)
		after = r.after
	}
	s.denied = nil
	r := s.run(t, after)
	unkeptSame(t, "when the denial is gone", r.got, bad)
}

// Three partitions with 500 failures each are more than a cursor keeps: the third one waits
// at its floor.
func TestUnkeptByRoomOfAll(t *testing.T) {
	s := newUnkeptStore()
	var all [][]string
	for _, account := range []string{"111122223333", "222233334444", "333344445555"} {
		p := cursorChats
		p.Account = account
		all = append(all, s.add(p, cursorStart(), 500, 50))
	}
	s.denied = func(string) bool { return true }
	r := s.run(t, qlogs.Cursor{})
	if len(r.ends) != 1 || r.ends[0].Partition.Account != "333344445555" {
		t.Errorf("ends %v, want that of the third account", r.ends)
	}
	s.denied = nil
	unkeptSame(t, "when the denial is gone", s.run(t, r.after).got, all...)
}

// A scan that follows reads again, in its next sweep, what found no room, and no more.
func TestUnkeptFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		followClock(time.Hour)
		s := newUnkeptStore()
		bad := s.add(cursorChats, cursorStart(), 800, 400)
		until := time.Now().Add(20 * time.Minute) // after the second sweep
		s.denied = func(key string) bool { return key <= bad[len(bad)-1] && time.Now().Before(until) }
		good := s.add(cursorChats, cursorStart().Add(2*time.Hour), 30, 30)
		scan := qlogs.New(s, nil).Scan(qlogs.Query{})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		r, rest := newUnkeptRun(), newUnkeptRun()
		failures := 0
		for e, err := range scan.Follow(ctx) {
			switch {
			case errors.Is(err, context.DeadlineExceeded):
			case time.Now().Before(until):
				if err != nil {
					failures++
				}
				if err == nil {
					r.take(t, e, err)
				}
			default:
				rest.take(t, e, err)
			}
		}
		if want := 2 * (len(bad) + 1); failures != want {
			t.Errorf("%d errors in two sweeps, want %d", failures, want)
		}
		unkeptSame(t, "while some are denied", r.got, good)
		unkeptSame(t, "afterwards", rest.got, bad)
	})
}

// An object is counted once, though it fails in a poll, and in the sweep after it.
func TestUnkeptFollowCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		followClock(time.Hour)
		s := newUnkeptStore()
		s.add(cursorChats, cursorStart(), 500, 500)
		s.denied = func(string) bool { return true }
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Minute)
		defer cancel()
		time.AfterFunc(5*time.Minute, func() { s.add(cursorChats, time.Now(), 100, 100) })
		r := newUnkeptRun()
		for e, err := range qlogs.New(s, nil).Scan(qlogs.Query{}).Follow(ctx) {
			if !errors.Is(err, context.DeadlineExceeded) {
				r.take(t, e, err)
			}
		}
		if len(r.ends) != 3 {
			t.Errorf("%d errors at ends of partitions, want one in each of three sweeps", len(r.ends))
		}
		for _, end := range r.ends {
			if unkept := new(qlogs.UnkeptError); !errors.As(end, &unkept) || unkept.Objects != 100 {
				t.Errorf("error %v, want one of 100 objects", end)
			}
		}
	})
}

// What was delivered of an object before it failed does not come again, also if it found no
// room.
func TestUnkeptInside(t *testing.T) {
	s := newUnkeptStore()
	bad := s.add(cursorChats, cursorStart(), 500, 500)
	s.denied = func(key string) bool { return key <= bad[len(bad)-1] }
	key := cursorKey(cursorChats, 300)
	s.put(key, cursorLarge(cursorRecord("a0", 0), cursorRecord("a1", 0), cursorRecord("a2", 0), cursorRecord("a3", 0), cursorRecord("a4", 0)))
	s.bodyHook = pendingLimit(key, cursorLargeSize*5/8)
	client := qlogs.New(s, &qlogs.Options{MaxResumes: -1})
	read := func(after qlogs.Cursor) (ids []string, c qlogs.Cursor) {
		scan := client.Scan(qlogs.Query{After: after})
		for e, err := range scan.Records(t.Context()) {
			if err == nil && e.Object.Key == key {
				ids = append(ids, e.Record.RequestID())
			}
		}
		return ids, cursorText(t, scan.Cursor())
	}
	first, after := read(qlogs.Cursor{})
	none, after := read(after)
	s.bodyHook, s.denied = nil, nil
	rest, _ := read(after)
	if got := strings.Join(first, " ") + "|" + strings.Join(none, " ") + "|" + strings.Join(rest, " "); got != "a0 a1 a2||a3 a4" {
		t.Errorf("records by scan %q, want each once", got)
	}
}
