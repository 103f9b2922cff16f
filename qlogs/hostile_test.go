package qlogs_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// TestHostileMemory: objects of some KB whose values are many times as large as
// their JSON, and that many times as large as the object, several at once.
func TestHostileMemory(t *testing.T) {
	n := testutil.Pick[int64](300_000, 2_000_000)
	objects := testutil.Pick[int64](1, 3)
	l := testutil.Pick(memoryLimits[1], memoryLimit{most: maxPeak})
	links := `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"supplementaryWebLinksEvent":[%s]}}`
	completions := `{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":[%s]}}`
	for _, tt := range []struct {
		name           string
		head, one, end string
		yielded, bad   int64
	}{
		{"empty records", "", "{}", "", n, 0},
		{"bad records", "", "1", "", 0, n},
		{"links", links[:strings.Index(links, "%s")], "{}", "]}}", 0, 1},
		{"completions", completions[:strings.Index(completions, "%s")], `""`, "]}}", 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "empty records" {
				testutil.NeedLong(t) // TestMemory has them, too
			}
			body := hostileGzip(t, tt.head, tt.one, tt.end, int(n))
			server := s3test.New()
			server.CreateBucket("hostile")
			p := path.Partition{Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
			for i := range int(objects) {
				server.Put("hostile", p.NewKey(time.Date(2026, 3, 2, 9, i, 0, 0, time.UTC), "HostileHostile01").String(), body)
			}
			web := httptest.NewServer(server)
			defer web.Close()
			lines := soakScan(t, soakJob{Endpoint: web.URL, Access: "test", Secret: "test", Bucket: "hostile", Silent: true, Options: &l.opts})
			last := lines[len(lines)-1]
			if s := last.Stats; s.RecordsYielded != objects*tt.yielded || s.RecordsFailed != objects*tt.bad || s.Read != objects {
				t.Errorf("Stats() = %+v, want %d records and %d bad ones of each object", s, tt.yielded, tt.bad)
			}
			// More than the limit, since the collector comes late on a busy machine.
			most := l.most + l.most/4
			if last.Peak > most && !raceEnabled {
				t.Errorf("peak memory %d MiB, want at most %d MiB", last.Peak>>20, most>>20)
			}
			t.Logf("%d objects of %d bytes: peak memory %d MiB, %.1f s", objects, len(body), last.Peak>>20, last.Seconds)
		})
	}
}

// hostileGzip is a file of n ones, between head and end if these are not empty.
func hostileGzip(t *testing.T, head, one, end string, n int) []byte {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	fmt.Fprintf(w, `{"records":[%s%s`, head, one)
	rest := strings.Repeat(","+one, 1000)
	for left := n - 1; left > 0; left -= 1000 {
		io.WriteString(w, rest[:min(left, 1000)*len(one)+min(left, 1000)])
	}
	fmt.Fprintf(w, `%s]}`, end)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}
