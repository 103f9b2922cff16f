package qlogs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
)

// stopShapes are files that take long, in one thing each, whole or as a stream. Each is
// gzip of some KB.
func stopShapes(t *testing.T, size int) map[string][]byte {
	t.Helper()
	list := func(unit string, n int) string {
		return strings.TrimSuffix(strings.Repeat(unit+",", n/(len(unit)+1)), ",")
	}
	chat := func(request, response string) string {
		return `{"records":[{"generateAssistantResponseEventRequest":{` + request + `},"generateAssistantResponseEventResponse":{` + response + `}}]}`
	}
	files := map[string]string{
		"empty records":   `{"records":[` + list("{}", size/64) + `]}`,
		"bad records":     `{"records":[` + list("1", size/64) + `]}`,
		"records of 1970": `{"records":[` + list(`{"generateAssistantResponseEventRequest":{"timeStamp":"1970-01-01T00:00:00Z"}}`, size) + `]}`,
		"spaces":          strings.Repeat(" ", size) + `{"records":[]}`,
		"raw JSON":        chat("", `"codeReferenceEvents":[`+list(`{"a":1}`, size)+`]`),
		"links":           chat("", `"supplementaryWebLinksEvent":[`+list(`{"a":1}`, size/8)+`]`),
		"same key":        chat(list(`"prompt":"p"`, size), ""),
	}
	for i, class := range testutil.Bytes {
		if !class.Bad && (i%3 == 1 || testutil.Soak()) {
			files["prompt of "+class.Name] = chat(`"prompt":"`+testutil.Repeat(class.Unit, size)+`"`, "")
		}
	}
	zipped := map[string][]byte{}
	for name, file := range files {
		zipped[name] = contractGzip([]byte(file))
	}
	return zipped
}

// stopBucket has the same file n times.
func stopBucket(body []byte, n int, large bool) *contractSource {
	src := newContractSource()
	for i := range n {
		o := qlogs.Object{Key: windowKey(i), Size: int64(len(body))}
		if large {
			o.Size = windowLarge
		}
		src.putListed(o, body)
	}
	return src
}

// A scan that is cancelled, or left, ends long before what its workers are at would be
// done: the time is compared with that of the scan as a whole, in one run.
func TestScanStops(t *testing.T) {
	if raceEnabled {
		t.Skip("compares times, which are those of the race detector")
	}
	for name, body := range stopShapes(t, 1<<20) {
		if !testutil.Long() && !slices.Contains([]string{"links"}, name) {
			continue
		}
		for _, large := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " large ", large), func(t *testing.T) {
				src := stopBucket(body, 12, large)
				best := time.Duration(0)
				var whole time.Duration
				for range 8 {
					whole = stopTime(t, src, time.Hour)
					stopped := stopTime(t, src, whole/3) - whole/3
					if best == 0 || stopped < best {
						best = stopped
					}
					if best < whole/3 { // two thirds, if nothing stopped it
						return
					}
				}
				t.Errorf("a scan that takes %v and is cancelled after a third of it goes on for %v", whole, best)
			})
		}
	}
}

// stopTime is how long a scan takes that is cancelled after some time.
func stopTime(t *testing.T, src *contractSource, after time.Duration) time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begin := time.Now()
	timer := time.AfterFunc(after, cancel)
	defer timer.Stop()
	for range qlogs.New(src, nil).Scan(qlogs.Query{From: contractStart.Add(-time.Hour)}).Records(ctx) {
	}
	return time.Since(begin)
}

// Once a scan is cancelled no worker reads more than 1 MiB of a body, nor does the loop.
func TestScanStopsReading(t *testing.T) {
	big := []byte(`{"records":[{"new":"` + strings.Repeat("x", 7<<20) + `"}]}`)
	for _, large := range []bool{false, true} {
		for _, at := range []int{0, 1 << 20, 3 << 20} {
			src := stopBucket(big, 3, large)
			src.chunk = 256 << 10
			ctx, cancel := context.WithCancel(t.Context())
			var stopped, after atomic.Int64
			src.onRead = func(_ context.Context, key string, n int) error {
				if stopped.Load() > 0 {
					after.Add(int64(src.chunk))
				}
				if n >= at && stopped.CompareAndSwap(0, 1) {
					cancel()
				}
				return nil
			}
			for range qlogs.New(src, &qlogs.Options{InFlight: 1}).Scan(qlogs.Query{}).Records(ctx) {
			}
			cancel()
			if n := after.Load(); n > 1<<20 {
				t.Errorf("large %t: %d bytes were read after the scan was cancelled at byte %d", large, n, at)
			}
		}
	}
}

// TestSoakScanStops measures how long scans go on that are cancelled at some time: with
// the default bounds and every worker in the middle of something. What it logs is the
// real time; what it wants is a small part of the time that the scan would have taken.
func TestSoakScanStops(t *testing.T) {
	soak(t)
	rng := rand.New(rand.NewPCG(1, 2))
	worst := time.Duration(0)
	for name, body := range stopShapes(t, 15<<20) {
		for _, large := range []bool{false, true} {
			src := stopBucket(body, 100, large)
			whole := stopTime(t, src, 10*time.Second) // or rather more
			most := time.Duration(0)
			for range 20 {
				after := time.Duration(rng.Int64N(int64(min(whole, time.Second))))
				most = max(most, stopTime(t, src, after)-after)
			}
			t.Logf("%s, large %t: %v at most, of %v or more", name, large, most.Round(time.Microsecond), whole.Round(time.Millisecond))
			if most > whole/4 {
				t.Errorf("%s, large %t: a scan of %v or more goes on for %v after it was cancelled", name, large, whole, most)
			}
			worst = max(worst, most)
		}
	}
	t.Logf("%v at most in all", worst)
}
