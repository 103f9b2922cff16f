package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// followFailing makes the opening of keys fail so often, -1 being always.
func followFailing(left map[string]int) func(context.Context, string) error {
	var mu sync.Mutex
	return func(_ context.Context, key string) error {
		mu.Lock()
		defer mu.Unlock()
		if left[key] == 0 {
			return nil
		}
		left[key]--
		return errCursorNetwork
	}
}

// A followTry is what the loop got of one object, and in which minute.
type followTry struct {
	minute  int
	attempt int // 0 for a record
	pending bool
}

func followTries(all []followGot, key string) []followTry {
	var tries []followTry
	for _, g := range all {
		var object *qlogs.ObjectError
		switch {
		case g.key != key:
		case errors.As(g.err, &object):
			tries = append(tries, followTry{followMinute(g.at), object.Attempt, object.Retryable})
		default:
			tries = append(tries, followTry{minute: followMinute(g.at)})
		}
	}
	return tries
}

// An object that fails for a reason that may pass is tried again at each sweep,
// until it is delivered or MaxAttempts is reached, and the cursor holds it so long.
func TestFollowTriesAgain(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		passing := b.add(cursorChats, lateAt(-2), lateSuffix, 1)
		never := b.add(cursorOlder, lateAt(-2), lateSuffix, 1)
		gone := b.add(cursorInline, lateAt(-2), lateSuffix, 1)
		polled := cursorChats.NewKey(lateAt(5), lateSuffix).String()
		b.openHook = followFailing(map[string]int{passing: 3, never: -1, gone: 1, polled: 2})
		followClock(0)
		wait := followEvents(
			followEvent{5*time.Minute + time.Second, func() { b.add(cursorChats, lateAt(5), lateSuffix, 1) }},
			followEvent{8*time.Minute + time.Second, func() { b.remove(gone) }},
			followEvent{20*time.Minute + time.Second, func() { b.add(cursorChats, lateAt(20), lateSuffix, 1) }},
		)
		client := qlogs.New(b, &qlogs.Options{MaxAttempts: 3})
		s := client.Scan(qlogs.Query{})
		var held []string // the rest, as the cursor has it after each sweep
		got := followLoop(t, s, 80*time.Minute, func(g followGot) bool {
			if g.key == never && g.err != nil {
				held = append(held, fmt.Sprint(cursorSize(t, s.Cursor()).Pending))
			}
			return true
		})
		wait()
		for key, want := range map[string][]followTry{
			passing: {{0, 1, true}, {15, 2, true}, {30, 3, false}},
			never:   {{0, 1, true}, {15, 2, true}, {30, 3, false}},
			gone:    {{0, 1, true}, {15, 2, false}},
			polled:  {{6, 1, true}, {15, 2, true}, {minute: 30}},
		} {
			if tries := followTries(got, key); !slices.Equal(tries, want) {
				t.Errorf("%s: %+v, want %+v", key, tries, want)
			}
		}
		// With it, but for the first time: while the loop has an error it is not finished.
		if want := []string{"2", "3", "2"}; !slices.Equal(held, want) {
			t.Errorf("the cursor holds %v objects to retry, want %v", held, want)
		}
		if size := cursorSize(t, s.Cursor()); size.Pending != 0 {
			t.Errorf("the cursor still holds something: %+v", size)
		}
		stats := s.Stats()
		if stats.Listed != stats.Skipped.Total()+stats.Read+stats.Failed || stats.Failed != 10 || stats.Read != 2 {
			t.Errorf("Stats = %+v, want 2 read and 10 failures, and as many listed", stats)
		}
		lateScan(t, "after it", client, s.Cursor(), nil)
	})
}

// Attempts are counted over a follow and whatever goes on from its cursor.
func TestFollowAttemptsGoOn(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		key := b.add(cursorChats, lateAt(-2), lateSuffix, 3)
		b.add(cursorOlder, lateAt(-1), lateSuffix, 1)
		b.openHook = cursorFailOpens(map[string]bool{key: true})
		followClock(0)
		client := qlogs.New(b, &qlogs.Options{MaxAttempts: 6})
		var tries []followTry
		var after qlogs.Cursor
		for i := range 3 {
			s := client.Scan(qlogs.Query{After: after})
			tries = append(tries, followTries(followLoop(t, s, time.Duration(i+1)*20*time.Minute, nil), key)...)
			after = cursorText(t, s.Cursor())
		}
		want := []followTry{{0, 1, true}, {15, 2, true}, {20, 3, true}, {35, 4, true}, {40, 5, true}, {55, 6, false}}
		if !slices.Equal(tries, want) {
			t.Errorf("%+v, want %+v", tries, want)
		}
		b.openHook = nil
		lateScan(t, "after the last attempt", client, after, nil)
	})
}

// A folder that cannot be listed, for good maybe, does not use up the attempts of the
// objects that are to be tried again: these are a sweep's interval apart.
func TestFollowAttemptsApart(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		key := b.add(cursorChats, lateAt(-2), lateSuffix, 1)
		b.add(cursorOlder, lateAt(-1), lateSuffix, 1)
		b.openHook = followFailing(map[string]int{key: 2})
		b.listHook = func(in qlogs.ListInput) error {
			if in.Prefix == "logs/AWSLogs/222233334444/" {
				return fs.ErrPermission
			}
			return nil
		}
		followClock(0)
		s := qlogs.New(b, &qlogs.Options{MaxAttempts: 3}).Scan(qlogs.Query{})
		got := followLoop(t, s, time.Hour, nil)
		if tries, want := followTries(got, key), []followTry{{0, 1, true}, {15, 2, true}, {minute: 30}}; !slices.Equal(tries, want) {
			t.Errorf("%+v, want %+v", tries, want)
		}
	})
}

// A large object that breaks off goes on at the next sweep where it was, and one
// that is replaced meanwhile is read as it then is. Entry.Cursor knows what was left
// of each when the loop had an entry.
func TestFollowTriesAgainInside(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		small, large, other := lateKey(cursorChats, 0), lateKey(cursorChats, 1), lateKey(cursorChats, 2)
		b.put(small, cursorFile(cursorRecord("s", 0), cursorRecord("t", 0)))
		b.put(large, cursorLarge(cursorRecord("a", 1), cursorRecord("b", 1), cursorRecord("c", 1), cursorRecord("d", 1)))
		b.put(other, cursorFile(cursorRecord("old", 2)))
		b.openHook = followFailing(map[string]int{small: 1, other: 1})
		breaks := []int64{cursorLargeSize / 2, cursorLargeSize * 5 / 6, cursorLargeSize * 5 / 6}
		b.bodyHook = func(key string, body io.Reader) io.Reader {
			if key != large || len(breaks) == 0 {
				return body
			}
			body, breaks = cursorBroken(body, breaks[0]), breaks[1:]
			return body
		}
		followClock(3 * time.Minute)
		wait := followEvents(followEvent{5 * time.Minute, func() {
			b.putObject(other, cursorObject{body: cursorFile(cursorRecord("new", 2)), etag: "second"})
		}})
		client := qlogs.New(b, &qlogs.Options{MaxResumes: -1})
		s := client.Scan(qlogs.Query{})
		got := followLoop(t, s, 70*time.Minute, nil)
		wait()
		want := []cursorPair{
			{small, -1, "error: open"}, {large, 0, "a"}, {large, 1, "b"}, {large, -1, "error: read"}, {other, -1, "error: open"},
			{small, 0, "s"}, {small, 1, "t"}, {large, 2, "c"}, {large, -1, "error: read"}, {other, 0, "new"},
			{large, -1, "error: read"},
			{large, 3, "d"},
		}
		cursorWant(t, "pairs", followPairs(got), want)
		lateScan(t, "after it", client, s.Cursor(), nil)
		for i, g := range got {
			if g.err == nil {
				left := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, g.entry.Cursor())}))
				followSame(t, fmt.Sprintf("Entry.Cursor of %q", g.what), left, followRecords(got[i+1:]))
			}
		}
	})
}

// A followOutage fails listings whose prefix it names, between two minutes, after
// the first keys.
type followOutage struct {
	prefix   string
	from, to int
	keys     int
}

// followListHook has listings fail. It counts their keys from one listing's first.
func followListHook(outages ...followOutage) func(qlogs.ListInput) error {
	var mu sync.Mutex
	met := map[followOutage]int{}
	return func(in qlogs.ListInput) error {
		mu.Lock()
		defer mu.Unlock()
		minute := followMinute(time.Now())
		for _, o := range outages {
			if o.prefix != in.Prefix || minute < o.from || minute >= o.to {
				continue
			}
			if met[o]++; met[o] > o.keys {
				met[o] = 0
				return errCursorNetwork
			}
		}
		return nil
	}
}

// Listings that fail for a while, of a partition or of folders above, whole or half
// done, are told, and cost nothing afterwards.
func TestFollowListingFails(t *testing.T) {
	account := "logs/AWSLogs/111122223333/"
	chats, older := cursorChats.String(), cursorOlder.String()
	for i, test := range []struct {
		name    string
		outages []followOutage
		want    map[int]string // by minute, the prefix that failed
	}{
		{"a partition in polls", []followOutage{{chats, 5, 8, 0}}, map[int]string{5: chats, 6: chats, 7: chats}},
		{"a partition from the start", []followOutage{{older, 0, 3, 0}}, map[int]string{0: older, 1: older, 2: older}},
		{"half a partition at the start", []followOutage{{chats, 0, 2, 30}}, map[int]string{0: chats}},
		{"half a partition in polls", []followOutage{{chats, 20, 22, 4}}, map[int]string{20: chats, 21: chats}},
		{"the root in a sweep", []followOutage{{"", 15, 16, 0}}, map[int]string{15: ""}},
		{"an account in two sweeps", []followOutage{{account, 15, 31, 0}}, map[int]string{15: account, 30: account}},
		{"an account from the start", []followOutage{{account, 0, 1, 0}}, map[int]string{0: account}},
		{"a partition in a sweep", []followOutage{{chats, 15, 16, 0}}, map[int]string{15: chats}},
		{"half a partition in a sweep", []followOutage{{chats, 30, 31, 30}}, map[int]string{30: chats}},
	} {
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			testutil.NoLeaks(t)
			synctest.Test(t, func(t *testing.T) { followListing(t, test.outages, test.want) })
		})
	}
}

func followListing(t *testing.T, outages []followOutage, want map[int]string) {
	b := newFollowBucket()
	parts := []path.Partition{cursorChats, cursorOlder}
	for i := range 60 {
		b.add(parts[i%2], lateAt(-i-1), lateSuffix, 1)
	}
	b.listHook = followListHook(outages...)
	followClock(0)
	var events []followEvent
	for minute := range 70 {
		events = append(events, followEvent{time.Duration(minute)*time.Minute + time.Second, func() {
			b.add(parts[minute%2], lateAt(minute), lateSuffix, 1)
			b.add(parts[minute%2], lateAt(minute-5), "A", 1)
			b.add(parts[minute/2%2], lateAt(minute-25), "B", 1)
		}})
	}
	wait := followEvents(events...)
	client := qlogs.New(b, nil)
	s := client.Scan(qlogs.Query{})
	got := followLoop(t, s, 90*time.Minute, nil)
	wait()
	followSame(t, "records", followRecords(got), b.wanted())
	failed := map[int]string{}
	for _, g := range got {
		var partition *qlogs.PartitionError
		switch {
		case g.err == nil:
		case !errors.As(g.err, &partition) || !errors.Is(g.err, errCursorNetwork):
			t.Errorf("error = %v, want that of a listing", g.err)
		default:
			if _, twice := failed[followMinute(g.at)]; twice {
				t.Errorf("%v is told twice in minute %d", g.err, followMinute(g.at))
			}
			failed[followMinute(g.at)] = partition.Prefix
			if whole := path.Locate(partition.Prefix).Partition; whole.Region != "" && partition.Partition != whole {
				t.Errorf("the error's partition is %+v, want %+v", partition.Partition, whole)
			}
		}
	}
	if fmt.Sprint(failed) != fmt.Sprint(want) {
		t.Errorf("listings that failed, by minute: %v, want %v", failed, want)
	}
	lateScan(t, "after it", client, s.Cursor(), nil)
}

// Sweeps that fail for hours, while polls work, are made good later: what came late
// meanwhile was within the lookback then.
func TestFollowSweepsFailForLong(t *testing.T) {
	var part []followOutage
	for minute := 15; minute < 5*60; minute += 15 {
		part = append(part, followOutage{cursorChats.String(), minute, minute + 1, 0})
	}
	for _, tt := range []struct {
		name    string
		outages []followOutage
		errs    int
	}{
		{"the root", []followOutage{{"", 1, 5 * 60, 0}}, 19},
		{"a partition", part, 19},
	} {
		t.Run(tt.name, func(t *testing.T) {
			testutil.NoLeaks(t)
			synctest.Test(t, func(t *testing.T) { followSweepsFail(t, tt.outages, tt.errs) })
		})
	}
}

func followSweepsFail(t *testing.T, outages []followOutage, errs int) {
	b := newFollowBucket()
	b.add(cursorChats, lateAt(-1), lateSuffix, 1)
	b.listHook = followListHook(outages...)
	followClock(0)
	var events []followEvent
	for minute := range 6 * 60 {
		events = append(events, followEvent{time.Duration(minute)*time.Minute + time.Second, func() {
			b.add(cursorChats, lateAt(minute), lateSuffix, 1)
			if minute%30 == 20 {
				b.add(cursorChats, lateAt(minute-40), "A", 1)
			}
		}})
	}
	wait := followEvents(events...)
	s := qlogs.New(b, nil).Scan(qlogs.Query{})
	got := followLoop(t, s, 7*time.Hour, nil)
	wait()
	followSame(t, "records", followRecords(got), b.wanted())
	if n := len(got) - len(followRecords(got)); n != errs {
		t.Errorf("%d errors, want %d", n, errs)
	}
}

// The room for objects to be tried again is for those that fail at a time, not for
// all that ever failed.
func TestFollowPendingRoom(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		const each = 700
		times := testutil.Pick(2, 4)
		b := newFollowBucket()
		b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		failing := map[string]int{}
		b.openHook = followFailing(failing)
		followClock(0)
		var events []followEvent
		for i := range times {
			at := time.Duration(15*i+14)*time.Minute + 30*time.Second // a sweep is next
			for k := range each {
				failing[cursorChats.NewKey(cursorStart().Add(at), fmt.Sprint(k)).String()] = 1
			}
			events = append(events, followEvent{at, func() {
				for k := range each {
					b.add(cursorChats, cursorStart().Add(at), fmt.Sprint(k), 1)
				}
			}})
		}
		wait := followEvents(events...)
		s := qlogs.New(b, nil).Scan(qlogs.Query{})
		n, most := 0, 0
		got := followLoop(t, s, 3*time.Hour, func(followGot) bool {
			if n++; n%100 == 0 {
				most = max(most, cursorSize(t, s.Cursor()).Pending)
			}
			return true
		})
		wait()
		followSame(t, "records", followRecords(got), b.wanted())
		// And one error at the end of each sweep that has failures without room.
		if n := len(got) - len(followRecords(got)); n != (each+1)*times {
			t.Errorf("%d failures, want %d: one of each object", n, (each+1)*times)
		}
		if most < 400 || most > 500 {
			t.Errorf("the cursor held up to %d objects to be tried again, want about 500, and no more", most)
		}
		if size := cursorSize(t, s.Cursor()); size.Pending != 0 {
			t.Errorf("the cursor still holds something: %+v", size)
		}
	})
}

// followHang is a store of which some requests never answer: those of a prefix that is
// listed, or a key that is opened, that hangs reports.
func followHang(b *followBucket, hangs func(what string) bool) qlogs.Source {
	hang := func(ctx context.Context, what string) error {
		if hangs(what) {
			<-ctx.Done()
		}
		return ctx.Err()
	}
	w := sourcetest.Wrap(b)
	w.OnList = func(ctx context.Context, in qlogs.ListInput) error { return hang(ctx, in.Prefix) }
	w.OnOpen = func(ctx context.Context, o qlogs.Object, _ int64) error { return hang(ctx, o.Key) }
	return w
}

// Requests that hang end by the stall timeout, and the follow goes on; where its
// context ends first, so does the follow.
func TestFollowHangs(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		part := cursorChats.String()
		key := b.add(cursorChats, lateAt(-1), lateSuffix, 1)
		b.add(cursorOlder, lateAt(-1), lateSuffix, 1)
		src := followHang(b, func(what string) bool {
			minute := followMinute(time.Now())
			switch what {
			case part:
				return minute == 5 || minute >= 50
			case key:
				return minute < 20
			}
			return false
		})
		followClock(0)
		wait := followEvents(
			followEvent{4*time.Minute + 30*time.Second, func() { b.add(cursorChats, lateAt(4), lateSuffix, 1) }},
			followEvent{7*time.Minute + 30*time.Second, func() { b.add(cursorOlder, lateAt(7), lateSuffix, 1) }},
		)
		s := qlogs.New(src, &qlogs.Options{StallTimeout: 30 * time.Second}).Scan(qlogs.Query{})
		got := followLoop(t, s, 50*time.Minute+10*time.Second, nil)
		wait()
		followSame(t, "records", followRecords(got), b.wanted())
		want := []followTry{{0, 1, true}, {15, 2, true}, {minute: 30}}
		if tries := followTries(got, key); !slices.Equal(tries, want) {
			t.Errorf("the object that hangs: %+v, want %+v", tries, want)
		}
		stalls := 0
		for _, g := range got {
			if errors.Is(g.err, qlogs.ErrStalled) {
				stalls++
			}
		}
		if stalls != 3 || len(got) != 3+len(b.wanted()) {
			t.Errorf("%d stalls in %d pairs, want 3: of a listing and of two attempts", stalls, len(got))
		}
		if at := time.Since(cursorStart()); at != 50*time.Minute+10*time.Second {
			t.Errorf("the follow ended after %v, want with its context, within the listing that hangs", at)
		}
	})
}

// In a follow too, the counters add up, and what is no log counts once.
func TestFollowStats(t *testing.T) {
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		b := newFollowBucket()
		parts := []path.Partition{cursorChats, cursorOlder}
		for i, p := range parts {
			b.add(p, lateAt(-3-i), lateSuffix, 2)
			b.put(p.String()+"2026/03/02/09/note.txt", []byte("foreign"))
			b.put(p.String()+"2026/03/02/09/", nil)
			b.put(lateKey(p, 2), nil)
			b.put(lateKey(p, 3), []byte("damaged"))
		}
		b.putObject(lateKey(cursorChats, 4), cursorObject{body: []byte("x"), archived: true})
		b.put("logs/AWSLogs/111122223333/KiroLogs/01234567-89ab-cdef-0123-456789abcdef", []byte("probe"))
		b.put("top.txt", []byte("foreign"))
		failing := b.add(cursorChats, lateAt(-9), lateSuffix, 1)
		forbidden := b.add(cursorChats, lateAt(-8), lateSuffix, 1)
		tries := followFailing(map[string]int{failing: 2})
		b.openHook = func(ctx context.Context, key string) error {
			if key == forbidden {
				return fs.ErrPermission
			}
			return tries(ctx, key)
		}
		followClock(5 * time.Minute)
		wait := followEvents(followEvent{20*time.Minute + time.Second, func() {
			b.add(cursorChats, lateAt(20), lateSuffix, 3)
		}})
		to := lateAt(60)
		s := qlogs.New(b, nil).Scan(qlogs.Query{To: to})
		got := followLoop(t, s, 10*time.Hour, nil)
		wait()
		stats := s.Stats()
		failures := len(got) - len(followRecords(got))
		want := qlogs.Stats{
			Partitions: 2,
			Skipped:    path.Skips{Probe: 1, Folder: 2, Empty: 2, Foreign: 3},
			Read:       4,
			Failed:     int64(failures),
		}
		want.Listed = want.Skipped.Total() + want.Read + want.Failed
		if stats.Partitions != want.Partitions || stats.Skipped != want.Skipped || stats.Read != want.Read || stats.Failed != want.Failed || stats.Listed != want.Listed {
			t.Errorf("Stats = %+v, want %+v", stats, want)
		}
		// Sweeps at 5, 20, … and 110 minutes, and the last at 120.
		if forbid := len(followTries(got, forbidden)); failures != 2+1+2+forbid || forbid != 9 {
			t.Errorf("%d failures, %d of them of the forbidden object, want 14 and 9", failures, forbid)
		}
		if seen := int64(len(followRecords(got))); stats.RecordsYielded != seen || stats.RecordsSeen != seen || seen != 8 {
			t.Errorf("Stats = %+v, want 8 records, and got %d", stats, seen)
		}
	})
}
