package resume_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A finished object takes its 20 bytes, and little more, in the memory of a state.
func TestFinishedMemory(t *testing.T) {
	if testutil.Race {
		t.Skip("the memory would be the race detector's")
	}
	const n = 20_000
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	var each float64
	for range 3 { // something else may let go of memory meanwhile
		before := heap()
		tracker := newTracker(t, nil, time.Time{})
		sent := tracker.Sent(parts[0].String(), false)
		sent.Begin(true)
		for i := range n {
			o := source.Object{Key: parts[0].NewKey(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), fmt.Sprintf("%016d", i)).String(), Size: 1, ETag: "e"}
			item, verdict := sent.Take(o, keyOf(t, o))
			if verdict != resume.Wanted {
				t.Fatalf("object %d: %v", i, verdict)
			}
			tracker.Finish(item, &resume.Outcome{Left: -1})
		}
		each = float64(heap()-before) / n
		runtime.KeepAlive(tracker)
		if each <= 60 {
			return
		}
	}
	t.Errorf("%.0f bytes of memory for each of %d finished objects, want 60 at most", each, n)
}
