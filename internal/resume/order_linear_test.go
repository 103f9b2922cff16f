package resume_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// In whichever order partitions are finished, the time grows with their number.
func TestOrderOfPartitionsLinear(t *testing.T) {
	for name, at := range map[string]func(i, n int) int{
		"ascending":  func(i, n int) int { return i },
		"descending": func(i, n int) int { return n - i },
		"outside in": func(i, n int) int {
			if i%2 == 0 {
				return i
			}
			return 2*n - i
		},
		"inside out": func(i, n int) int {
			if i%2 == 0 {
				return n + i
			}
			return n - i
		},
	} {
		t.Run(name, func(t *testing.T) {
			testutil.Linear(t, "to finish partitions", 500, func(n int) func() {
				objects := make([]source.Object, n)
				for i := range n {
					part := parts[0]
					part.Account = fmt.Sprintf("%012d", at(i, n))
					objects[i] = source.Object{Key: part.NewKey(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), "a1").String(), Size: 1, ETag: "e"}
				}
				return func() {
					tracker := newTracker(t, nil, time.Time{})
					for _, o := range objects {
						key := keyOf(t, o)
						sent := tracker.Sent(key.Partition.String(), false)
						sent.Begin(true)
						item, _ := sent.Take(o, key)
						tracker.Finish(item, &resume.Outcome{Left: -1})
					}
					if got := tracker.State().Size().Partitions; got != n {
						t.Fatalf("%d partitions, want %d", got, n)
					}
				}
			})
		})
	}
}
