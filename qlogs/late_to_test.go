package qlogs_test

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
)

// An object that breaks off behind a record that is left to a later To has more that
// was not delivered: that comes as well.
func TestLateToBreaksOffBehind(t *testing.T) {
	lateTest(t, 48*time.Hour, func(t *testing.T) {
		for part := int64(1); part < 16; part += testutil.Pick[int64](8, 1) {
			b := newFollowBucket()
			key := lateKey(cursorChats, 0)
			b.put(key, cursorLarge(cursorRecord("a", 0), cursorRecord("late", 90), cursorRecord("b", 1), cursorRecord("c", 2), cursorRecord("d", 3)))
			b.bodyHook = func(_ string, body io.Reader) io.Reader { return cursorBroken(body, cursorLargeSize*part/16) }
			client := qlogs.New(b, &qlogs.Options{MaxResumes: -1})
			s := client.Scan(qlogs.Query{To: lateAt(60)})
			got := cursorAll(t, s)
			b.bodyHook = nil
			for _, to := range []time.Time{lateAt(60), lateAt(70), {}} {
				s = client.Scan(qlogs.Query{To: to, After: cursorText(t, s.Cursor())})
				got = append(got, cursorAll(t, s)...)
			}
			came := map[string]int{}
			for _, p := range got {
				came[p.what]++
			}
			for _, id := range []string{"a", "late", "b", "c", "d"} {
				if came[id] == 0 || came[id] > 1 && (id == "a" || id == "late") {
					t.Errorf("broken off after %d of 16 parts: record %q came %d times: %s", part, id, came[id], fmt.Sprint(got))
				}
			}
		}
	})
}
