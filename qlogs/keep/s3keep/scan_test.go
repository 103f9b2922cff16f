package s3keep_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
)

// A scan that saves to a bucket is interrupted again and again, while every third request
// for the cursor fails in some way. Together the runs deliver each record, and twice only
// what no save covers.
func TestScanIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const records, each, most = 60, 7, 3
		server, client := direct()
		reader := qlogs.New(bucketOf(records), nil)
		var requests atomic.Int32
		faults := []*s3mem.Fault{{Lose: true}, {Status: 503}, {Drop: true}, {Status: 409, Code: "ConditionalRequestConflict"}, {Stall: true}, {Lose: true, Stall: true}}
		server.Intercept(func(r s3mem.Request) *s3mem.Fault {
			n := int(requests.Add(1))
			if n%3 != 0 || r.Op == "GetObject" && n%2 == 0 {
				return nil
			}
			return faults[n/3%len(faults)]
		})
		times := map[string]int{}
		runs := 0
		for done := false; !done && runs < 100; runs++ {
			store := s3keep.CursorObject(client, bucket, key, nil)
			after, err := store.Load(t.Context())
			if err != nil {
				continue // as a scheduler does that starts the next run
			}
			scan := reader.Scan(qlogs.Query{After: after})
			scan.SaveTo(store, &qlogs.SaveOptions{Records: most})
			n := 0
			done = true
			for e, err := range scan.Records(t.Context()) {
				if err != nil {
					if errors.Is(err, s3keep.ErrConflict) {
						t.Fatal(err)
					}
					done = false
					break
				}
				times[e.Record.RequestID()]++
				if n++; n == each {
					done = false
					break
				}
			}
		}
		if len(times) != records || runs == 100 {
			t.Errorf("%d runs have delivered %d records, want %d", runs, len(times), records)
		}
		again := 0
		for _, n := range times {
			again += n - 1
		}
		// A loop that is left has not finished its last record; a save that fails costs up to
		// most records more.
		if limit := runs * (most + 1); again > limit {
			t.Errorf("%d records came again in %d runs, want at most %d", again, runs, limit)
		}
		t.Logf("%d runs, %d records came again, %v requests", runs, again, server.Requests())
	})
}

// Two scans under one key: the one that saves second ends, and the cursor is the other's.
func TestScanConflict(t *testing.T) {
	_, client := direct()
	reader := qlogs.New(bucketOf(10), nil)
	begin := func() *qlogs.Scan {
		store := s3keep.CursorObject(client, bucket, key, nil)
		scan := reader.Scan(qlogs.Query{After: mustLoad(t, store)})
		scan.SaveTo(store, &qlogs.SaveOptions{Records: 2, Interval: -1})
		return scan
	}
	one, two := begin(), begin()
	var ids []string
	for e, err := range one.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.Record.RequestID())
	}
	if len(ids) != 10 {
		t.Errorf("the first scan has delivered %d records, want 10", len(ids))
	}
	var last error
	n := 0
	for _, err := range two.Records(t.Context()) {
		if last = err; err == nil {
			n++
		}
	}
	if !errors.Is(last, s3keep.ErrConflict) || !qlogs.EndsScan(last) || n != 2 {
		t.Errorf("the second scan has delivered %d records and ended with %v, want 2 and %v", n, last, s3keep.ErrConflict)
	}
	wantStored(t, client, one.Cursor())
	want := make([]string, 10)
	for i := range want {
		want[i] = fmt.Sprintf("r%04d", i)
	}
	if !slices.Equal(ids, want) {
		t.Errorf("records %q, want %q", ids, want)
	}
}

// A function's loop ends with a context that ends before the function. The last save still
// happens, and the next run goes on behind it.
func TestScanEndsEarlier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const records, each = 12, 5
		server, client := direct()
		reader := qlogs.New(bucketOf(records), nil)
		errTime := errors.New("time is nearly over")
		var ids []string
		for run := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			loop, stop := context.WithTimeoutCause(ctx, 20*time.Second, errTime)
			store := s3keep.CursorObject(client, bucket, key, nil)
			scan := reader.Scan(qlogs.Query{After: mustLoad(t, store)})
			scan.SaveTo(store, &qlogs.SaveOptions{Interval: -1})
			n := 0
			for e, err := range scan.Records(loop) {
				switch {
				case err == nil:
					ids = append(ids, e.Record.RequestID())
					if n++; n == each {
						time.Sleep(25 * time.Second) // the loop is slow
					}
				case !errors.Is(err, errTime):
					t.Error(err)
				}
			}
			if ctx.Err() != nil {
				t.Errorf("run %d has not ended before the function", run)
			}
			wantStored(t, client, scan.Cursor())
			stop()
			cancel()
		}
		for i, id := range ids {
			if want := fmt.Sprintf("r%04d", i); id != want {
				t.Errorf("record %d is %s, want %s", i, id, want)
			}
		}
		if len(ids) != records {
			t.Errorf("the runs have delivered %d records, want %d", len(ids), records)
		}
		if n := server.Requests()["PutObject"]; n != 3+3 {
			t.Errorf("%d PUT requests, want one for each of 3 runs and the three of the trial", n)
		}
	})
}
