package qlogs_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A memoryLimit is a set of options and the memory that a process may take with them.
type memoryLimit struct {
	name   string
	opts   qlogs.Options
	record int   // bytes of one record
	object int   // bytes of an object that is not streamed
	most   int64 // of the process
}

var memoryLimits = []memoryLimit{
	{"default", qlogs.Options{}, 16 << 20, 32 << 20, 200 << 20},
	{"small", qlogs.Options{InFlight: 1, BytesInFlight: 1 << 20, MaxRecordBytes: 4 << 20}, 4 << 20, 1 << 20, 64 << 20},
}

// memoryMember is what package record counts for an element of a list or a key.
const memoryMember = 64

// A memoryShape makes a file that is right below a cap.
type memoryShape struct {
	name  string
	quick bool // for the short test
	file  func(l memoryLimit) string
}

func memoryShapes() []memoryShape {
	list := func(unit string, n int) string { return strings.TrimSuffix(strings.Repeat(unit+",", n), ",") }
	one := func(record string) string { return `{"records":[` + record + `]}` }
	chat := func(request, response string) string {
		return one(`{"generateAssistantResponseEventRequest":{` + request + `},"generateAssistantResponseEventResponse":{` + response + `}}`)
	}
	links := func(unit string, members int) func(l memoryLimit) string {
		return func(l memoryLimit) string {
			return chat("", `"supplementaryWebLinksEvent":[`+list(unit, l.record/memoryMember/members)+`]`)
		}
	}
	prompts := func(unit string) func(l memoryLimit) string {
		return func(l memoryLimit) string {
			return chat("", `"followupPrompts":[`+list(unit, l.record/memoryMember)+`]`)
		}
	}
	completions := func(unit string) func(l memoryLimit) string {
		return func(l memoryLimit) string {
			return one(`{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":[` + list(unit, l.record/memoryMember) + `]}}`)
		}
	}
	keys := func(l memoryLimit) string {
		var b strings.Builder
		for i := range l.record/memoryMember - 2 {
			fmt.Fprintf(&b, `,"k%d":%d`, i, i)
		}
		return b.String()[1:]
	}
	text := func(unit string) func(l memoryLimit) string {
		return func(l memoryLimit) string {
			return chat(`"prompt":"`+strings.Repeat(unit, (l.record-1<<20)/len(unit))+`"`, "")
		}
	}
	return []memoryShape{
		{"empty links", true, links("{}", 1)},
		{"records of empty links", true, func(l memoryLimit) string {
			n := l.record / memoryMember
			record := `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"supplementaryWebLinksEvent":[` + list("{}", n) + `]}}`
			return one(list(record, max((l.object-1000)/(len(record)+1), 1)))
		}},
		{"null links", false, links("null", 1)},
		{"links with a new key", true, links(`{"a":1}`, 2)},
		{"links with three new keys", false, links(`{"a":1,"b":2,"c":3}`, 4)},
		{"empty prompts", false, prompts(`""`)},
		{"null prompts", false, prompts("null")},
		{"prompts as objects", false, prompts(`{"content":"text"}`)},
		{"completions", true, completions(`"return a + b + c + d"`)},
		{"completions as objects", true, completions(`{"content":"return a + b + c + d"}`)},
		{"new keys of a record", false, func(l memoryLimit) string {
			return one(`{"generateAssistantResponseEventRequest":{},` + keys(l) + `}`)
		}},
		{"new keys of a request", true, func(l memoryLimit) string { return chat(keys(l), "") }},
		{"new keys of a response", false, func(l memoryLimit) string { return chat("", keys(l)) }},
		{"new keys of metadata", false, func(l memoryLimit) string { return chat("", `"messageMetadata":{`+keys(l)+`}`) }},
		{"new keys of a link", false, func(l memoryLimit) string { return chat("", `"supplementaryWebLinksEvent":[{`+keys(l)+`}]`) }},
		{"keys of an unknown kind", false, func(l memoryLimit) string { return one(`{` + keys(l) + `}`) }},
		{"keys beside the records", false, func(l memoryLimit) string { return `{` + keys(l) + `,"records":[{}]}` }},
		{"empty records", true, func(l memoryLimit) string { return one(list("{}", l.object/300)[3:]) }},
		{"small records", false, func(l memoryLimit) string {
			return one(list(`{"generateAssistantResponseEventRequest":{"userId":"u"}}`, l.object/600))
		}},
		{"records of 100 KB", false, func(l memoryLimit) string {
			return one(list(`{"generateAssistantResponseEventRequest":{"prompt":"`+strings.Repeat("p", 100_000)+`"}}`, l.object/102_000))
		}},
		{"one text", true, text("p")},
		{"one text of breaks", false, text(`\n`)},
		{"one text of 0xff", false, text("\xff")},
		{"one text of CJK", false, text("漢")},
		{"raw JSON", false, func(l memoryLimit) string {
			return chat("", `"codeReferenceEvents":[`+list("1", (l.record-1<<20)/2)+`]`)
		}},
		{"unknown kind", false, func(l memoryLimit) string { return one(`{"new":"` + strings.Repeat("x", l.record-1<<20) + `"}`) }},
		{"a long key", false, func(l memoryLimit) string { return chat(`"`+strings.Repeat("k", l.record-1<<20)+`":1`, "") }},
		{"spaces", false, func(l memoryLimit) string { return strings.Repeat(" ", l.object-1000) + one("{}") }},
	}
}

// memoryRun scans n objects with that body and returns the peak memory of the process.
func memoryRun(t *testing.T, l memoryLimit, body []byte, n int, slow time.Duration) soakLine {
	t.Helper()
	server := s3mem.New()
	server.CreateBucket("memory")
	p := path.Partition{Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
	for i := range n {
		key := p.NewKey(time.Date(2026, 3, 2, 9, i/50, 0, 0, time.UTC), fmt.Sprintf("Memory%010d", i))
		server.Put("memory", key.String(), body)
	}
	web := httptest.NewServer(server)
	defer web.Close()
	lines := soakScan(t, soakJob{Endpoint: web.URL, Access: "test", Secret: "test", Bucket: "memory", Silent: true, Options: &l.opts, Slow: slow})
	last := lines[len(lines)-1]
	if s := last.Stats; s.Read+s.Failed != int64(n) || s.RecordsSeen < int64(n) {
		t.Errorf("Stats() = %+v, want %d objects", s, n)
	}
	return last
}

// memoryCheck runs the shapes in all limits.
func memoryCheck(t *testing.T, quick bool, counts []int, slow time.Duration) {
	t.Helper()
	for _, l := range memoryLimits {
		for _, shape := range memoryShapes() {
			if quick && !shape.quick {
				continue
			}
			t.Run(l.name+", "+shape.name, func(t *testing.T) {
				var zipped bytes.Buffer
				w := gzip.NewWriter(&zipped)
				_, _ = w.Write([]byte(shape.file(l)))
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				for _, n := range counts {
					if quick && strings.HasPrefix(shape.name, "records of") {
						n = 2 // each has as much as forty of the others
					}
					last := memoryRun(t, l, zipped.Bytes(), n, slow)
					if last.Peak > l.most && !raceEnabled {
						t.Errorf("%d objects: peak memory %d MiB, want at most %d MiB", n, last.Peak>>20, l.most>>20)
					}
					t.Logf("%d objects of %d bytes: peak memory %d MiB, %.1f s; %d records, %d failed",
						n, zipped.Len(), last.Peak>>20, last.Seconds, last.Stats.RecordsYielded, last.Stats.RecordsFailed)
				}
			})
		}
	}
}

// TestMemory: what a scan takes is bounded whatever the records are that the bounds let
// through, for one object and for many, with a loop that is slow.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process for each of some shapes; run without -short, and all of them with make soak")
	}
	memoryCheck(t, true, []int{12}, 20*time.Millisecond)
}

// TestSoakMemory is the same for all shapes, with a thousand objects.
func TestSoakMemory(t *testing.T) {
	soak(t)
	memoryCheck(t, false, []int{1, 1000}, 5*time.Millisecond)
}
