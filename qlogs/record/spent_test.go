package record_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// spentFiles are records that take much more memory than their JSON has bytes, or just
// as much. Each has n times the same.
var spentFiles = map[string]func(n int) string{
	"text":                   func(n int) string { return spentChat(`"prompt":"`+strings.Repeat("p", n)+`"`, "") },
	"text with breaks":       func(n int) string { return spentChat(`"prompt":"`+strings.Repeat(`\n`, n)+`"`, "") },
	"0xff":                   func(n int) string { return spentChat(`"prompt":"`+strings.Repeat("\xff", n)+`"`, "") },
	"id":                     func(n int) string { return spentChat(`"userId":"`+strings.Repeat("i", n)+`"`, "") },
	"empty links":            func(n int) string { return spentLinks("{}", n) },
	"null links":             func(n int) string { return spentLinks("null", n) },
	"links with text":        func(n int) string { return spentLinks(`{"uri":"https://example.com/a"}`, n) },
	"links with new keys":    func(n int) string { return spentLinks(`{"a":1}`, n) },
	"links with 3 new keys":  func(n int) string { return spentLinks(`{"a":1,"bb":2,"ccc":"three"}`, n) },
	"prompts":                func(n int) string { return spentChat("", `"followupPrompts":[`+spentList(`""`, n)+`]`) },
	"null prompts":           func(n int) string { return spentChat("", `"followupPrompts":[`+spentList(`null`, n)+`]`) },
	"prompts as objects":     func(n int) string { return spentChat("", `"followupPrompts":[`+spentList(`{"content":"p"}`, n)+`]`) },
	"completions":            func(n int) string { return spentCompletions(`"return a + b"`, n) },
	"completions as objects": func(n int) string { return spentCompletions(`{"content":"return a + b"}`, n) },
	"new keys of a request":  func(n int) string { return spentChat(spentKeys(n), "") },
	"new keys of a response": func(n int) string { return spentChat("", spentKeys(n)) },
	"new keys of metadata":   func(n int) string { return spentChat("", `"messageMetadata":{`+spentKeys(n)+`}`) },
	"new keys of a record":   func(n int) string { return `{"generateAssistantResponseEventRequest":{},` + spentKeys(n) + `}` },
	"same new key":           func(n int) string { return spentChat(spentList(`"new":1`, n), "") },
	"unknown kind":           func(n int) string { return `{"new":"` + strings.Repeat("x", n) + `"}` },
	"drifted links":          func(n int) string { return spentLinks(`{"uri":1}`, n) },
	"links drifted thrice":   func(n int) string { return spentLinks(`{"uri":[1],"title":2,"snippet":{"a":3}}`, n) },
	"drifted text":           func(n int) string { return spentChat(`"prompt":[`+spentList("1", n)+`]`, "") },
	"drifted completions": func(n int) string {
		return spentCompletions(`"a"`, n-1)[:len(spentCompletions(`"a"`, n-1))-3] + `,1]}}`
	},
	"unknown kind with ids": func(n int) string { return `{"newEventRequest":{"userId":"u","new":"` + strings.Repeat("x", n) + `"}}` },
	"raw JSON":              func(n int) string { return spentChat("", `"codeReferenceEvents":[`+spentList("1", n)+`]`) },
}

func spentChat(request, response string) string {
	return `{"generateAssistantResponseEventRequest":{` + request + `},"generateAssistantResponseEventResponse":{` + response + `}}`
}

func spentLinks(one string, n int) string {
	return spentChat("", `"supplementaryWebLinksEvent":[`+spentList(one, n)+`]`)
}

func spentCompletions(one string, n int) string {
	return `{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":[` + spentList(one, n) + `]}}`
}

func spentList(one string, n int) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }

func spentKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"key%d":%d`, i, i)
	}
	return b.String()[1:]
}

// Spent is what a record really takes: no less, and not twice as much. What is measured
// is how much more is alive with twice as much of what the record has.
func TestSpent(t *testing.T) {
	if testutil.Race {
		t.Skip("measures what is alive, which the race detector changes")
	}
	some := testutil.Pick(5_000, 50_000)
	for i, name := range slices.Sorted(maps.Keys(spentFiles)) {
		file := spentFiles[name]
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var spent, alive [2]int64
			for i, n := range []int{some, 2 * some} {
				spent[i], alive[i] = spentMeasure(t, file(n))
			}
			told, taken := spent[1]-spent[0], alive[1]-alive[0]
			if told < taken*9/10 || told > taken*2 && name != "same new key" && name != "null prompts" {
				t.Errorf("Spent tells of %d bytes, %d are alive", told, taken)
			}
		})
	}
}

// spentMeasure decodes a record many times and returns what each takes.
func spentMeasure(t *testing.T, one string) (spent, alive int64) {
	t.Helper()
	file := []byte(`{"records":[` + one + `]}`)
	const copies = 3
	kept := make([]record.Record, copies)
	d := record.NewDecoder(nil, &record.DecoderOptions{MaxRecordBytes: 1 << 30})
	before := spentAlive()
	for i := range kept {
		d.ResetBytes(file)
		r, err := d.Next()
		if err != nil {
			t.Fatal(err)
		}
		kept[i], spent = r, d.Spent()
	}
	d.ResetBytes(nil)
	alive = (spentAlive() - before) / copies
	runtime.KeepAlive(kept)
	runtime.KeepAlive(file)
	return spent, alive
}

func spentAlive() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Grow is told of all that a record takes but the first 64 KiB, before it is taken, and
// an error of it ends the file.
func TestGrow(t *testing.T) {
	for i, name := range slices.Sorted(maps.Keys(spentFiles)) {
		file := spentFiles[name]
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			in := `{"records":[` + file(testutil.Pick(70_000, 100_000)) + `]}`
			var told int64
			d := record.NewDecoder(strings.NewReader(in), &record.DecoderOptions{MaxRecordBytes: 1 << 30, Grow: func(n int64) error {
				if n <= 0 {
					t.Errorf("Grow(%d)", n)
				}
				told += n
				return nil
			}})
			if _, err := d.Next(); err != nil {
				t.Fatal(err)
			}
			if d.Spent() > told+64<<10 {
				t.Errorf("Grow was called for %d bytes, Spent() = %d", told, d.Spent())
			}

			full := errors.New("full")
			d = record.NewDecoder(nil, &record.DecoderOptions{MaxRecordBytes: 1 << 30, Grow: func(int64) error { return full }})
			d.ResetBytes([]byte(in))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := d.Next(); err != full {
				t.Errorf("Next = %v, want the error of Grow", err)
			}
			if _, err := d.Next(); err != full {
				t.Errorf("Next again = %v, want the error of Grow", err)
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
				t.Errorf("%d bytes were allocated in spite of the error of Grow", used)
			}
		})
	}
}

// Small records cost no call.
func TestGrowSmall(t *testing.T) {
	d := record.NewDecoder(strings.NewReader(string(chatFile(1000, 2_000))), &record.DecoderOptions{Grow: func(n int64) error {
		t.Errorf("Grow(%d) for small records", n)
		return nil
	}})
	for {
		_, err := d.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := d.Spent(); n < 1800 || n > 4000 {
			t.Fatalf("Spent() = %d for a record of 2 KB", n)
		}
	}
}
