package qlogs_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
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

// memoryQuick leaves the defaults, which take longest, to a long run.
func memoryQuick() []memoryLimit { return testutil.Pick(memoryLimits[1:], memoryLimits) }

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
	text := func(unit string, size func(l memoryLimit) int) func(l memoryLimit) string {
		return func(l memoryLimit) string {
			return chat(`"prompt":"`+strings.Repeat(unit, size(l)/len(unit))+`"`, "")
		}
	}
	whole := func(l memoryLimit) int { return l.record - 1000 }
	half := func(l memoryLimit) int { return l.record/2 - 1000 } // of bytes that count twice
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
		{"one text", true, text("p", whole)},
		{"one text of breaks", false, text(`\n`, whole)},
		{"one text of 0xff", true, text("\xff", half)},
		{"one text of CJK", false, text("漢", whole)},
		{"one text of 15 MB", false, text("p", func(l memoryLimit) int { return min(15_000_000, whole(l)) })},
		{"texts of 60 KiB of 0xff", false, text("\xff", func(memoryLimit) int { return 60 << 10 })},
		{"texts of 127 KiB of 0xff", false, text("\xff", func(memoryLimit) int { return 127 << 10 })},
		{"records of one text", false, func(l memoryLimit) string {
			return one(list(`{"generateAssistantResponseEventRequest":{"prompt":"`+strings.Repeat("p", whole(l))+`"}}`, 6))
		}},
		{"records of one text of 0xff", false, func(l memoryLimit) string {
			return one(list(`{"generateAssistantResponseEventRequest":{"prompt":"`+strings.Repeat("\xff", half(l))+`"}}`, 6))
		}},
		{"raw JSON", false, func(l memoryLimit) string {
			return chat("", `"codeReferenceEvents":[`+list("1", (l.record-1000)/2)+`]`)
		}},
		{"unknown kind", false, func(l memoryLimit) string { return one(`{"new":"` + strings.Repeat("x", l.record-1000) + `"}`) }},
		{"a long key", false, func(l memoryLimit) string { return chat(`"`+strings.Repeat("k", l.record-1000)+`":1`, "") }},
		{"spaces", false, func(l memoryLimit) string { return strings.Repeat(" ", l.object-1000) + one("{}") }},
	}
}

// memoryRun scans n objects with these bodies in turn and returns the peak memory of the
// process.
func memoryRun(t *testing.T, l memoryLimit, bodies [][]byte, n int, slow time.Duration) soakLine {
	t.Helper()
	server := s3mem.New()
	server.CreateBucket("memory")
	p := path.Partition{Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
	for i := range n {
		key := p.NewKey(time.Date(2026, 3, 2, 9, i/50, 0, 0, time.UTC), fmt.Sprintf("Memory%010d", i))
		server.Put("memory", key.String(), bodies[i%len(bodies)])
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
	for _, l := range memoryQuick() {
		for i, shape := range memoryShapes() {
			if quick && !shape.quick || i%testutil.Pick(2, 1) != 0 {
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
					if strings.HasPrefix(shape.name, "records of") { // each has as much as forty of the others
						n = min(n, 100)
						if quick {
							n = 2
						}
					}
					last := memoryRun(t, l, [][]byte{zipped.Bytes()}, n, slow)
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
	memoryCheck(t, true, []int{testutil.Pick(2, 12)}, 20*time.Millisecond)
}

// TestSoakMemory is the same for all shapes, with one object and with a thousand, or with
// a hundred where each has many large records.
func TestSoakMemory(t *testing.T) {
	soak(t)
	memoryCheck(t, false, []int{1, 1000}, 5*time.Millisecond)
}

// TestMemoryMixed: large objects among small ones, of which the window is full.
func TestMemoryMixed(t *testing.T) {
	for _, l := range memoryQuick() {
		filler := contractGzip([]byte(`{"records":[{"generateAssistantResponseEventRequest":{"prompt":"` + strings.Repeat("p", 100_000) + `"}}]}`))
		for _, shape := range memoryShapes() {
			if !slices.Contains([]string{"one text of 0xff", "records of 100 KB", "empty links", "one text"}[:testutil.Pick(2, 4)], shape.name) {
				continue
			}
			t.Run(l.name+", "+shape.name, func(t *testing.T) {
				bodies := append([][]byte{contractGzip([]byte(shape.file(l)))}, slices.Repeat([][]byte{filler}, 99)...)
				last := memoryRun(t, l, bodies, testutil.Pick(120, 600), time.Millisecond)
				// The head comes on top of a window that others have filled, and garbage on both.
				most := l.most + l.most/4
				if last.Peak > most && !raceEnabled {
					t.Errorf("peak memory %d MiB, want at most %d MiB", last.Peak>>20, most>>20)
				}
				t.Logf("peak memory %d MiB, %.1f s", last.Peak>>20, last.Seconds)
			})
		}
	}
}

// TestMemoryErrors: what stores say of objects that they refuse is bounded too.
func TestMemoryErrors(t *testing.T) {
	n := testutil.Pick(70, 500)
	for _, l := range memoryQuick() {
		server := s3mem.New()
		server.CreateBucket("memory")
		for i := range n {
			server.Put("memory", windowKey(i), []byte("body"))
		}
		message := strings.Repeat("m", 1<<20)
		server.Intercept(func(r s3mem.Request) *s3mem.Fault {
			if r.Op != "GetObject" {
				return nil
			}
			return &s3mem.Fault{Status: 403, Message: message}
		})
		web := httptest.NewServer(server)
		lines := soakScan(t, soakJob{Endpoint: web.URL, Access: "test", Secret: "test", Bucket: "memory", Silent: true, Options: &l.opts, Slow: 2 * time.Millisecond})
		web.Close()
		last := lines[len(lines)-1]
		if last.Stats.Failed != int64(n) || last.Peak > l.most && !raceEnabled {
			t.Errorf("%s: peak memory %d MiB for %d errors, want at most %d MiB for %d", l.name, last.Peak>>20, last.Stats.Failed, l.most>>20, n)
		}
		t.Logf("%s: peak memory %d MiB", l.name, last.Peak>>20)
	}
}
