package event_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/event"
)

// The time to decode an event grows with its size, whatever bytes it has, and wherever.
func TestLinear(t *testing.T) {
	const record = `{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/a.json.gz","size":1}}}`
	list := func(unit string) func(n int) string {
		return func(n int) string {
			return strings.TrimSuffix(strings.Repeat(unit+",", n/(len(unit)+1)), ",")
		}
	}
	quoted := func(text string) string {
		b, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	events := map[string]func(n int) string{
		"records":     func(n int) string { return `{"Records":[` + list(record)(n) + `]}` },
		"bad records": func(n int) string { return `{"Records":[` + list("1")(n) + `]}` },
		"few bad records": func(n int) string {
			return `{"Records":[` + list(record)(n) + `,` + list("1")(1500) + `]}`
		},
		"other records":      func(n int) string { return `{"Records":[` + list(`{"eventSource":"x"}`)(n) + `]}` },
		"keys":               func(n int) string { return `{` + list(`"a":1`)(n) + `}` },
		"same key":           func(n int) string { return `{` + list(`"Records":[]`)(n) + `}` },
		"nested":             func(n int) string { return strings.Repeat(`{"Records":[`, n/12) },
		"brackets":           func(n int) string { return `{"Records":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` },
		"arrays":             func(n int) string { return strings.Repeat("[", n/2) + "7" + strings.Repeat("]", n/2) },
		"many arrays":        func(n int) string { return `[` + list(`[7]`)(n) + `]` },
		"records in records": func(n int) string { return strings.Repeat(`{"Records":[`, n/14) + strings.Repeat(`]}`, n/14) },
		"record in record":   func(n int) string { return strings.Repeat(`{"Records":`, n/12) + "7" + strings.Repeat(`}`, n/12) },
		"payloads": func(n int) string {
			return strings.Repeat(`{"requestPayload":`, n/19) + "7" + strings.Repeat(`}`, n/19)
		},
		"bodies": func(n int) string { return strings.Repeat(`{"Body":`, n/9) + "7" + strings.Repeat(`}`, n/9) },
		"details": func(n int) string {
			return strings.Repeat(`{"requestContext":1,"detail":`, n/30) + "7" + strings.Repeat(`}`, n/30)
		},
		"marks":    func(n int) string { return strings.Repeat("\ufeff ", n/4) + `{"Records":[]}` },
		"received": func(n int) string { return `{"Messages":[` + list(`{"Body":"{\"Records\":[]}"}`)(n) + `]}` },
		"pipe":     func(n int) string { return `[` + list(record)(n) + `]` },
		"spaces":   func(n int) string { return strings.Repeat(" ", n) + `{"Records":[]}` },
		"messages": func(n int) string {
			return `{"Records":[` + list(`{"eventSource":"aws:sqs","messageId":"m","body":`+quoted(`{"Records":[`+record+`]}`)+`}`)(n) + `]}`
		},
		"one message": func(n int) string { return `{"Body":` + quoted(`{"Records":[`+list(record)(n)+`]}`) + `}` },
		"messages in messages": func(n int) string {
			text := `{"Records":[` + list(record)(n/8) + `]}`
			for range 4 {
				text = `{"Body":` + quoted(text) + `}`
			}
			return text
		},
	}
	for _, class := range testutil.Bytes {
		for place, around := range map[string]string{
			"key":         strings.Replace(`{"Records":[`+record+`]}`, "a.json.gz", "%s.json.gz", 1),
			"name":        strings.Replace(`{"Records":[`+record+`]}`, "ObjectCreated:Put", "%s", 1),
			"source":      strings.Replace(`{"Records":[`+record+`]}`, "aws:s3", "%s:s3", 1),
			"size":        strings.Replace(`{"Records":[`+record+`]}`, `"size":1`, `"size":"%s"`, 1),
			"ARN":         strings.Replace(`{"Records":[`+record+`]}`, `"name":"b"`, `"arn":"arn:aws:s3:::%s"`, 1),
			"ETag":        strings.Replace(`{"Records":[`+record+`]}`, `"size":1`, `"eTag":"%s"`, 1),
			"time":        `{"source":"aws.s3","detail-type":"Object Created","time":"%s","detail":{}}`,
			"detail":      `{"source":"aws.s3","detail-type":"Object Created","detail":{"object":{"key":"%s"},"bucket":{"name":"b"}}}`,
			"body":        `{"Body":"%s"}`,
			"field":       `{"%s":1}`,
			"all of it":   `%s`,
			"in Records":  `{"Records":[{"%s":"%s"}]}`,
			"not decoded": `{"Records":[],"new":"%s"}`,
		} {
			events[class.Name+" as "+place] = func(n int) string {
				return strings.ReplaceAll(around, "%s", testutil.Repeat(class.Unit, n))
			}
		}
		events["%"+class.Name+" in a key"] = func(n int) string {
			return strings.Replace(`{"Records":[`+record+`]}`, "a.json.gz", testutil.Repeat("%41"+class.Unit, n)+".json.gz", 1)
		}
	}
	for _, digits := range []string{"0", "1", "9"} {
		for place, around := range map[string]string{"size": `"size":%s`, "fraction": `"size":1.%s`, "exponent": `"size":1e%s`, "string": `"size":"%s.0e-2"`} {
			events[digits+" as "+place] = func(n int) string {
				around := strings.Replace(`{"Records":[`+record+`]}`, `"size":1`, around, 1)
				return strings.Replace(around, "%s", "1"+strings.Repeat(digits, n), 1)
			}
		}
	}
	for i, name := range slices.Sorted(maps.Keys(events)) {
		text := events[name]
		if i%testutil.Pick(23, 1) != 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			testutil.Linear(t, "Decode", 24<<10, func(n int) func() {
				data := []byte(text(n))
				return func() {
					_, err := event.Decode(data)
					if err != nil {
						_ = err.Error()
					}
				}
			})
		})
	}
}
