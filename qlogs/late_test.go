package qlogs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

const lateSuffix = "MmMmMmMmMmMmMmMm"

// lateTest runs a test whose clock stands at that time after cursorStart.
func lateTest(t *testing.T, clock time.Duration, test func(t *testing.T)) {
	t.Helper()
	testutil.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		followClock(clock)
		test(t)
	})
}

// lateAt is a time so many minutes after cursorStart.
func lateAt(minutes int) time.Time {
	return cursorStart().Add(time.Duration(minutes) * time.Minute)
}

// lateScan reads all that is left after c, checks it, and returns the next cursor.
func lateScan(t *testing.T, what string, client *qlogs.Client, c qlogs.Cursor, want []cursorPair) qlogs.Cursor {
	t.Helper()
	s := client.Scan(qlogs.Query{After: c})
	cursorWant(t, what, cursorAll(t, s), want)
	return cursorText(t, s.Cursor())
}

// lateSorted returns pairs in the order of a scan.
func lateSorted(pairs []cursorPair) []cursorPair {
	return slices.SortedFunc(slices.Values(pairs), followCompare)
}

// What was stored late is delivered by the next scan, once, down to the first hour
// folder that the lookback from the newest one's beginning touches; what lies before
// is not. Each partition has its own newest.
func TestLate(t *testing.T) {
	for i, test := range []struct {
		lookback time.Duration
		hours    int // before the newest
	}{
		{0, 1}, {-1, 0}, {time.Minute, 1}, {59 * time.Minute, 1}, {time.Hour, 1}, {61 * time.Minute, 2}, {3 * time.Hour, 3}, {1000 * time.Hour, 1000},
	} {
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(test.lookback.String(), func(t *testing.T) {
			lateTest(t, 100*time.Hour, func(t *testing.T) {
				b := newFollowBucket()
				newest := map[path.Partition]time.Time{cursorChats: lateAt(5*60 + 30), cursorOlder: lateAt(3*60 + 59)}
				for p, at := range newest {
					for i := range 12 * 60 / 7 {
						b.add(p, at.Add(-time.Duration(7*i)*time.Minute), lateSuffix, 1)
					}
				}
				client := qlogs.New(b, &qlogs.Options{Lookback: test.lookback})
				after := lateScan(t, "the first scan", client, qlogs.Cursor{}, lateSorted(b.wanted()))
				first := b.wanted()
				var want []cursorPair
				for p, at := range newest {
					bound := at.Truncate(time.Hour).Add(-time.Duration(test.hours) * time.Hour)
					for i := range 12 * 60 / 7 {
						for _, when := range []time.Time{at.Add(-time.Duration(7*i) * time.Minute), at.Add(-time.Duration(7*i+3) * time.Minute)} {
							n := len(b.wanted())
							b.add(p, when, strings.Repeat("A", i%3+1), 2) // sorts before
							if !when.Before(bound) {
								want = append(want, b.wanted()[n:]...)
							}
						}
					}
				}
				if len(want) < 8 || test.hours < 10 && len(want) > len(b.wanted())-len(first)-8 {
					t.Fatalf("%d of %d late records are wanted: the test is empty", len(want), len(b.wanted())-len(first))
				}
				after = lateScan(t, "the second scan", client, after, lateSorted(want))
				lateScan(t, "the third scan", client, after, nil)
			})
		})
	}
}

// What arrives while a scan runs, behind it and before it, comes once: now or next.
func TestLateWhileScanning(t *testing.T) {
	lateTest(t, 100*time.Hour, func(t *testing.T) {
		parts := []path.Partition{cursorChats, cursorInline, cursorOlder}
		for n := 0; n < 3*20; n += followStep(1) {
			b := newFollowBucket()
			for _, p := range parts {
				for i := range 10 {
					b.add(p, lateAt(6*i+1), lateSuffix, 2)
				}
			}
			client := qlogs.New(b, &qlogs.Options{InFlight: 1, BytesInFlight: 1})
			s := client.Scan(qlogs.Query{})
			var got []cursorPair
			for e, err := range s.Records(t.Context()) {
				got = append(got, cursorPairOf(e, err))
				if len(got) != n+1 {
					continue
				}
				for _, p := range parts {
					for i := range 11 {
						b.add(p, lateAt(6*i+1), "A", 1)
						b.add(p, lateAt(6*i+1), "Z", 1)
					}
				}
			}
			rest := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
			if len(rest) < 22*(n/20) {
				t.Fatalf("at pair %d: %d pairs are left to the second scan: nothing was late", n, len(rest))
			}
			followSame(t, fmt.Sprintf("arrivals at pair %d", n), slices.Concat(got, rest), b.wanted())
			after := cursorText(t, s.Cursor())
			if len(rest) > 0 { // and from the middle of what was late
				s = client.Scan(qlogs.Query{After: after})
				few := cursorLeave(t, s, len(rest)/2+1, "break")
				more := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
				cursorWant(t, fmt.Sprintf("arrivals at pair %d, in two parts", n), slices.Concat(few[:len(few)-1], more), rest)
			}
		}
	})
}

// A key with a year to come is read, once, and neither ends its partition nor
// moves the bound for what is late.
func TestLateFuture(t *testing.T) {
	lateTest(t, 30*time.Minute, func(t *testing.T) {
		b := newFollowBucket()
		client := qlogs.New(b, nil)
		b.add(cursorChats, lateAt(1), lateSuffix, 1)
		b.add(cursorChats, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), lateSuffix, 2)
		after := lateScan(t, "with a key of 2099", client, qlogs.Cursor{}, b.wanted())
		for hour := range 8 {
			n := len(b.wanted())
			b.add(cursorChats, lateAt(60*hour+20), lateSuffix, 2)
			b.add(cursorChats, lateAt(60*hour+70), lateSuffix, 1)
			after = lateScan(t, fmt.Sprint("hour ", hour), client, after, b.wanted()[n:])
			n = len(b.wanted())
			b.add(cursorChats, lateAt(60*(hour-1)+3), lateSuffix, 1)
			after = lateScan(t, fmt.Sprint("late in hour ", hour), client, after, b.wanted()[n:])
			followClock(time.Duration(hour+1)*time.Hour + 30*time.Minute)
		}
		b.add(cursorChats, lateAt(60*4+5), lateSuffix, 1) // the newest one is of 8:10
		b.add(cursorChats, time.Date(2098, 1, 1, 0, 0, 0, 0, time.UTC), lateSuffix, 1)
		lateScan(t, "beyond the bound, and another year to come", client, after, b.wanted()[len(b.wanted())-1:])
	})
}

// lateEach leaves a scan from c at each pair in several ways, and compares what a
// scan from its cursor yields with the rest. It takes Entry.Cursor of each too.
func lateEach(t *testing.T, client *qlogs.Client, c qlogs.Cursor, all []cursorPair) {
	t.Helper()
	cursorWant(t, "all at once", cursorAll(t, client.Scan(qlogs.Query{After: c})), all)
	for n := 1; n <= len(all); n++ {
		for _, how := range []string{"break", "cancel"} {
			s := client.Scan(qlogs.Query{After: c})
			cursorLeave(t, s, n, how)
			left := all[n-1:]
			if how == "cancel" {
				left = all[n:]
			}
			lateRest(t, fmt.Sprintf("%s at pair %d of %d", how, n, len(all)), client, s.Cursor(), left)
		}
	}
	s := client.Scan(qlogs.Query{After: c})
	for i, step := range cursorSteps(t, s, len(all)+1) {
		lateRest(t, fmt.Sprintf("Entry.Cursor of pair %d, at once", i), client, step.now, all[i+1:])
		lateRest(t, fmt.Sprintf("Entry.Cursor of pair %d, at the end", i), client, step.entry.Cursor(), all[i+1:])
	}
}

// lateRest compares what is left after c, by way of its text, with want.
func lateRest(t *testing.T, what string, client *qlogs.Client, c qlogs.Cursor, want []cursorPair) {
	t.Helper()
	var back qlogs.Cursor
	if err := back.UnmarshalText([]byte(c.String())); err != nil {
		t.Errorf("%s: the cursor's own text: %v", what, err)
		return
	}
	if got := cursorAll(t, client.Scan(qlogs.Query{After: back})); !slices.Equal(got, want) {
		t.Errorf("%s: %d pairs are left, want %d", what, len(got), len(want))
	}
}

// However far ahead objects are finished, a cursor covers none that is not: not
// those that waited for a later To behind an empty file, not those behind a key
// whose time has come, and not those that a wider Lookback had reached.
func TestLateCursorCoversNoOther(t *testing.T) {
	fill := func(b *followBucket, from int) {
		for i := range 4 {
			b.add(cursorChats, lateAt(from+50*i), lateSuffix, 2)
			b.add(cursorOlder, lateAt(from+50*i), lateSuffix, 1)
		}
	}
	t.Run("later To", func(t *testing.T) {
		for _, lookback := range []time.Duration{-1, 0} {
			lateTest(t, 48*time.Hour, func(t *testing.T) {
				b := newFollowBucket()
				fill(b, 60)
				b.put(cursorKey(cursorChats, 60*3+59), cursorFile())
				b.put(cursorKey(cursorOlder, 60*3+59), []byte("damaged"))
				client := qlogs.New(b, &qlogs.Options{Lookback: lookback, ListPad: 3 * time.Hour})
				s := client.Scan(qlogs.Query{To: lateAt(60)})
				cursorWant(t, "the first scan", cursorAll(t, s), []cursorPair{{cursorKey(cursorOlder, 60*3+59), -1, "error: decode"}})
				lateEach(t, client, cursorText(t, s.Cursor()), lateSorted(b.wanted()))
			})
		}
	})
	t.Run("a key whose time has come", func(t *testing.T) {
		lateTest(t, 0, func(t *testing.T) {
			b := newFollowBucket()
			b.add(cursorChats, lateAt(7*60), lateSuffix, 1)
			b.add(cursorOlder, lateAt(7*60), lateSuffix, 1)
			client := qlogs.New(b, nil)
			after := lateScan(t, "the first scan", client, qlogs.Cursor{}, b.wanted())
			n := len(b.wanted())
			fill(b, 60)
			lateEach(t, client, after, lateSorted(b.wanted()[n:])) // its time has not come
			followClock(8 * time.Hour)
			lateEach(t, client, after, lateSorted(b.wanted()[n:]))
		})
	})
	t.Run("less Lookback", func(t *testing.T) {
		lateTest(t, 48*time.Hour, func(t *testing.T) {
			b := newFollowBucket()
			b.add(cursorChats, lateAt(7*60), lateSuffix, 1)
			b.add(cursorOlder, lateAt(7*60), lateSuffix, 1)
			after := lateScan(t, "the first scan", qlogs.New(b, &qlogs.Options{Lookback: 7 * time.Hour}), qlogs.Cursor{}, b.wanted())
			n := len(b.wanted())
			fill(b, 60)
			lateEach(t, qlogs.New(b, &qlogs.Options{Lookback: -1}), after, lateSorted(b.wanted()[n:]))
		})
	})
	t.Run("time passes before Entry.Cursor", func(t *testing.T) {
		lateTest(t, 0, func(t *testing.T) {
			b := newFollowBucket()
			b.add(cursorChats, lateAt(7*60), lateSuffix, 1)
			client := qlogs.New(b, &qlogs.Options{InFlight: 1})
			after := lateScan(t, "the first scan", client, qlogs.Cursor{}, b.wanted())
			n := len(b.wanted())
			for i := range 4 {
				b.add(cursorChats, lateAt(60+50*i), lateSuffix, 2)
			}
			want := b.wanted()[n:]
			s := client.Scan(qlogs.Query{After: after})
			steps := cursorSteps(t, s, 100)
			followClock(9 * time.Hour)
			for i, step := range steps {
				lateRest(t, fmt.Sprint("Entry.Cursor of pair ", i), client, step.entry.Cursor(), want[i+1:])
			}
		})
	})
}

// A good object that comes under another ETag after it was finished, as long as before, is
// not read again, within the lookback or not. One of another size is, within the lookback.
func TestLateOverwritten(t *testing.T) {
	lateTest(t, 48*time.Hour, func(t *testing.T) {
		b := newFollowBucket()
		for i := range 10 {
			b.add(cursorChats, lateAt(20*i), lateSuffix, 2)
		}
		client := qlogs.New(b, nil)
		after := lateScan(t, "the first scan", client, qlogs.Cursor{}, b.wanted())
		for i := range 10 {
			key := lateKey(cursorChats, 20*i)
			_, body, _ := b.Object(key)
			b.putObject(key, cursorObject{body: body, etag: "second"})
		}
		opens, _ := b.requests()
		after = lateScan(t, "all overwritten", client, after, nil)
		if now, _ := b.requests(); now != opens {
			t.Errorf("%d objects were opened again, want none", now-opens)
		}
		b.add(cursorChats, lateAt(20*9), "A", 1)
		after = lateScan(t, "beside a late one", client, after, b.wanted()[20:])
		for i := range 10 {
			b.putObject(lateKey(cursorChats, 20*i), cursorObject{body: cursorFile(cursorRecord("other", 20*i)), etag: "third"})
		}
		var want []cursorPair
		for i := 6; i < 10; i++ { // the newest hour and the one before
			want = append(want, cursorPair{lateKey(cursorChats, 20*i), 0, "other"})
		}
		got := cursorAll(t, client.Scan(qlogs.Query{After: after}))
		cursorWant(t, "of another size", got[max(len(got)-4, 0):], want)
	})
}

func lateKey(p path.Partition, minute int) string {
	return p.NewKey(lateAt(minute), lateSuffix).String()
}

// Scans from one cursor, without its text between, do not disturb each other, nor
// those that made it.
func TestLateScansShareCursor(t *testing.T) {
	lateTest(t, 48*time.Hour, func(t *testing.T) {
		for n := 1; n < 10; n++ { // whatever room the memory that they share has
			b := newFollowBucket()
			for i := range n {
				b.add(cursorChats, lateAt(i), lateSuffix, 1)
			}
			client := qlogs.New(b, nil)
			s := client.Scan(qlogs.Query{})
			cursorAll(t, s)
			start := s.Cursor()
			b.add(cursorChats, lateAt(30), "B", 1)
			b.add(cursorChats, lateAt(31), "B", 1)
			first := client.Scan(qlogs.Query{After: start})
			cursorWant(t, "the first scan", cursorAll(t, first), b.wanted()[n:])
			b.add(cursorChats, lateAt(0), "A", 1)
			b.add(cursorChats, lateAt(32), "C", 1)
			second := client.Scan(qlogs.Query{After: start})
			steps := cursorSteps(t, second, 100)
			if len(steps) != 4 {
				t.Fatalf("the second scan has %d pairs, want 4", len(steps))
			}
			lateScan(t, "after the first scan", client, first.Cursor(), lateSorted(b.wanted()[n+2:]))
			for i, step := range steps {
				lateScan(t, fmt.Sprint("after pair ", i, " of the second scan"), client, step.entry.Cursor(), lateSorted(b.wanted()[n:])[i+1:])
			}
			lateScan(t, "after the second scan", client, second.Cursor(), nil)
			lateScan(t, "after the one before both", client, start, lateSorted(b.wanted()[n:]))
		}
	})
}

// An object that was finished in part is no longer told of once it is finished.
func TestLateCursorForgets(t *testing.T) {
	lateTest(t, 48*time.Hour, func(t *testing.T) {
		b := newFollowBucket()
		for i := range 4 {
			b.add(cursorChats, lateAt(i), lateSuffix, 3)
		}
		client := qlogs.New(b, nil)
		whole := client.Scan(qlogs.Query{})
		all := cursorAll(t, whole)
		var after qlogs.Cursor
		for range all {
			s := client.Scan(qlogs.Query{After: after})
			cursorLeave(t, s, 2, "break") // one is finished
			after = cursorText(t, s.Cursor())
		}
		lateScan(t, "at the end", client, after, nil)
		if after.String() != whole.Cursor().String() {
			t.Errorf("the cursor of many scans = %+v, want that of one, %+v", cursorSize(t, after), cursorSize(t, whole.Cursor()))
		}
	})
}

// The text of a cursor is bounded by what lies within the lookback, scan for scan.
func TestLateCursorSize(t *testing.T) {
	const perHour, hours = 12, 50
	for _, test := range []struct {
		lookback time.Duration
		folders  int // that the cursor names the objects of
	}{{-1, 1}, {0, 2}, {5 * time.Hour, 6}} {
		lateTest(t, -time.Hour, func(t *testing.T) {
			b := newFollowBucket()
			client := qlogs.New(b, &qlogs.Options{Lookback: test.lookback})
			var after qlogs.Cursor
			base := 0
			for hour := range hours {
				n := len(b.wanted())
				for i := range perHour {
					b.add(cursorChats, lateAt(60*hour+5*i), lateSuffix, 1)
				}
				followClock(time.Duration(hour+1) * time.Hour)
				after = lateScan(t, fmt.Sprint("hour ", hour), client, after, b.wanted()[n:])
				size := len(after.String()) - 27*perHour*min(hour+1, test.folders)
				if hour == 0 {
					base = size
				}
				// Each hour folder has a few bytes of its own.
				if size < base-10 || size > base+20+10*test.folders {
					t.Fatalf("lookback %v: after %d hours the text has %d bytes beside 27 for each object of %d hours, want hardly more than the %d after one",
						test.lookback, hour+1, size, test.folders, base)
				}
			}
		})
	}
}
