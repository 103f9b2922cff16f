package record_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// linearPlaces are where a string may stand, at the place of %s.
var linearPlaces = []struct{ name, file string }{
	{"prompt", `{"records":[{"generateAssistantResponseEventRequest":{"prompt":"%s"}}]}`},
	{"id", `{"records":[{"generateAssistantResponseEventRequest":{"userId":"%s"}}]}`},
	{"time", `{"records":[{"generateAssistantResponseEventRequest":{"timeStamp":"%s"}}]}`},
	{"raw JSON", `{"records":[{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"codeReferenceEvents":["%s"]}}]}`},
	{"list", `{"records":[{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":["%s"]}}]}`},
	{"content", `{"records":[{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":[{"content":"%s"}]}}]}`},
	{"link", `{"records":[{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"supplementaryWebLinksEvent":[{"uri":"%s"}]}}]}`},
	{"unknown value", `{"records":[{"generateAssistantResponseEventRequest":{"new":"%s"}}]}`},
	{"unknown key", `{"records":[{"generateAssistantResponseEventRequest":{"%s":1}}]}`},
	{"key of raw JSON", `{"records":[{"generateAssistantResponseEventRequest":{"new":{"%s":1}}}]}`},
	{"unknown kind", `{"records":[{"new":"%s"}]}`},
	{"first key", `{"records":[{"%s":1,"generateAssistantResponseEventRequest":{}}]}`},
	{"second kind", `{"records":[{"generateCompletionsEventRequest":{"leftContext":"%s"},"generateAssistantResponseEventRequest":{}}]}`},
	{"wrong type", `{"records":["%s"]}`},
	{"beside the records", `{"new":"%s","records":[]}`},
	{"key beside the records", `{"%s":1,"records":[]}`},
	{"no log", `"%s"`},
	{"cut", `{"records":[{"generateAssistantResponseEventRequest":{"prompt":"%s`},
}

// linearValues are JSON values of n bytes that are more than one string.
var linearValues = map[string]func(n int) string{
	"elements":            func(n int) string { return "[" + linearList("1", n) + "]" },
	"objects":             func(n int) string { return "[" + linearList("{}", n) + "]" },
	"nulls":               func(n int) string { return "[" + linearList("null", n) + "]" },
	"strings":             func(n int) string { return "[" + linearList(`""`, n) + "]" },
	"strings with breaks": func(n int) string { return "[" + linearList(`"\n"`, n) + "]" },
	"nested lists":        func(n int) string { return strings.Repeat("[", n/2) + strings.Repeat("]", n/2) },
	"nested objects": func(n int) string {
		return strings.Repeat(`{"a":`, n/6) + "1" + strings.Repeat("}", n/6)
	},
	"lists of 900 levels": func(n int) string {
		return "[" + linearList(strings.Repeat("[", 900)+strings.Repeat("]", 900), n) + "]"
	},
	"open lists": func(n int) string { return strings.Repeat("[", n) },
	"same key":   func(n int) string { return "{" + linearList(`"same":1`, n) + "}" },
	"known key":  func(n int) string { return "{" + linearList(`"prompt":"text","uri":"text"`, n) + "}" },
	"known lists": func(n int) string {
		return "{" + linearList(`"supplementaryWebLinksEvent":[{},{}],"completions":["",null]`, n) + "}"
	},
	"drifted keys": func(n int) string {
		return "{" + linearList(`"prompt":1,"uri":[2],"timeStamp":"soon","userId":{}`, n) + "}"
	},
	"drifted lists": func(n int) string {
		return "{" + linearList(`"supplementaryWebLinksEvent":[{},1],"completions":["",1],"messageMetadata":""`, n) + "}"
	},
	"drifted links": func(n int) string { return "[" + linearList(`{"uri":1,"title":[]}`, n) + "]" },
	"ids": func(n int) string {
		return "{" + linearList(`"userId":"u","timeStamp":"2026-03-02T09:00:00z","requestId":"r","requestId":1`, n) + "}"
	},
	"times":      func(n int) string { return "{" + linearList(`"timeStamp":"2026-03-02T09:00:00.10Z"`, n) + "}" },
	"links":      func(n int) string { return "[" + linearList(`{"uri":"u","new":1}`, n) + "]" },
	"many keys":  linearKeys,
	"spaces":     func(n int) string { return "[" + strings.Repeat(" ", n) + "]" },
	"digits":     func(n int) string { return strings.Repeat("1", n) },
	"letters":    func(n int) string { return strings.Repeat("x", n) },
	"wrong ends": func(n int) string { return "[" + linearList("[}", n) + "]" },
	"bad values": func(n int) string { return "[" + linearList("nil", n) + "]" },
}

func linearList(unit string, n int) string {
	return strings.TrimSuffix(strings.Repeat(unit+",", max(n/(len(unit)+1), 1)), ",")
}

func linearKeys(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `,"k%d":%d`, i, i)
	}
	return "{" + b.String()[1:] + "}"
}

// linearWays are the ways to decode a file, and to do what comes after.
var linearWays = []struct {
	name    string
	size    int // within a piece, or of several
	prepare func(file []byte) func()
}{
	{"whole", linearSmall, linearWhole},
	{"whole", linearLarge, linearWhole},
	{"streamed", linearLarge, func(file []byte) func() {
		d := record.NewDecoder(nil, nil)
		return func() { d.Reset(bytes.NewReader(file)); linearDrain(d) }
	}},
	{"one record", linearSmall, func(file []byte) func() {
		one := bytes.TrimSuffix(bytes.TrimPrefix(file, []byte(`{"records":[`)), []byte(`]}`))
		return func() { _, _ = record.Unmarshal(one) }
	}},
	{"encoded", linearSmall, func(file []byte) func() {
		var all []record.Record
		for r, err := range record.Decode(bytes.NewReader(file), nil) {
			if err == nil {
				all = append(all, r)
			}
		}
		return func() {
			for _, r := range all {
				_, _ = r.MarshalJSON()
				_, _ = fmt.Fprint(io.Discard, r)
				if u, ok := r.(*record.Unknown); ok {
					u.LogType()
					u.State("none")
					(&record.Unknown{Raw: u.Raw[:len(u.Raw):len(u.Raw)]}).RequestID()
				} else {
					record.DriftedFields(r)
				}
			}
		}
	}},
}

const (
	linearSmall = 6 << 10
	linearLarge = 136 << 10
)

func linearWhole(file []byte) func() {
	d := record.NewDecoder(nil, nil)
	return func() { d.ResetBytes(file); linearDrain(d) }
}

func linearDrain(d *record.Decoder) {
	for {
		if _, err := d.Next(); err == io.EOF || err != nil && !isRecordError(err) {
			return
		}
	}
}

func isRecordError(err error) bool {
	_, ok := err.(*record.Error)
	return ok
}

// linear checks a file in all ways. For most places of a string those that take long are
// for the soak, since all of them lead to the same code.
func linear(t *testing.T, place string, file func(n int) string) {
	t.Helper()
	full := testutil.Soak() || slices.Contains([]string{"prompt", "unknown key", "unknown value", "record", "links", "key beside the records"}, place)
	for _, way := range linearWays {
		if way.size == linearLarge && !full {
			continue
		}
		testutil.Linear(t, way.name, way.size, func(n int) func() { return way.prepare([]byte(file(n))) })
	}
}

// The time to decode a file grows with its size, whatever bytes it has, and wherever.
func TestLinearStrings(t *testing.T) {
	for i, class := range testutil.Bytes {
		for j, place := range linearPlaces {
			if (i+j)%testutil.Pick(14, 1) != 0 {
				continue // a quick run has each class and each place, but not all pairs
			}
			t.Run(class.Name+" in "+place.name, func(t *testing.T) {
				linear(t, place.name, func(n int) string {
					return strings.Replace(place.file, "%s", testutil.Repeat(class.Unit, n), 1)
				})
			})
		}
	}
}

// And so it does with the number of values and keys, and with their depth.
func TestLinearValues(t *testing.T) {
	for i, name := range slices.Sorted(maps.Keys(linearValues)) {
		value := linearValues[name]
		for j, place := range append(linearPlaces,
			struct{ name, file string }{"response", `{"records":[{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":"%s"}]}`},
			struct{ name, file string }{"links", `{"records":[{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"supplementaryWebLinksEvent":"%s"}}]}`},
			struct{ name, file string }{"prompts", `{"records":[{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"followupPrompts":"%s"}}]}`},
			struct{ name, file string }{"completions", `{"records":[{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":"%s"}}]}`},
			struct{ name, file string }{"request", `{"records":[{"generateAssistantResponseEventRequest":"%s"}]}`},
			struct{ name, file string }{"record", `{"records":["%s"]}`},
			struct{ name, file string }{"records", `{"records":"%s"}`},
			struct{ name, file string }{"document", `"%s"`},
		) {
			if strings.Contains(place.name, "key") || !strings.Contains(place.file, `"%s"`) || (i+j)%testutil.Pick(16, 1) != 0 {
				continue
			}
			t.Run(name+" in "+place.name, func(t *testing.T) {
				linear(t, place.name, func(n int) string { return strings.Replace(place.file, `"%s"`, value(n), 1) })
			})
		}
	}
}

// Many records and many documents take time in proportion too, good ones and bad ones.
func TestLinearRecords(t *testing.T) {
	for i, unit := range []string{
		`{"generateAssistantResponseEventRequest":{}}`, `{}`, `1`, `{"a":"b"}`, `{"generateAssistantResponseEventRequest":1}`,
		`{"a":[}`, `{"a":1}{`, `"`, `{"a":"\x"}`, ` `,
	} {
		if i%testutil.Pick(5, 1) != 0 {
			continue
		}
		t.Run(unit, func(t *testing.T) {
			linear(t, "record", func(n int) string { return `{"records":[` + linearList(unit, n) + `]}` })
			linear(t, "record", func(n int) string { return strings.Repeat(`{"records":[`+unit+`]}`, n/(14+len(unit))) })
		})
	}
}
