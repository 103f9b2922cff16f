package event_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/event"
	"github.com/promptlogs/qlogs/qlogs/path"
)

const logFolder = "AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/"

// fixtures returns the names of the events in testdata, without ".json".
func fixtures(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/*.json: %v, %v", files, err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".json")
	}
	return files
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// describe writes all that Decode returned, one fact a line.
func describe(e event.Event, err error) string {
	var b strings.Builder
	for _, o := range e.Objects {
		fmt.Fprintf(&b, "object\n\tbucket %q\n\tregion %q\n\tkey %q\n\tsize %d\n\tetag %q\n\tversion %q\n\tname %q\n\tsequencer %q\n\ttime %s\n\tmessage %q\n",
			o.Bucket, o.Region, o.Key, o.Size, o.ETag, o.VersionID, o.Name, o.Sequencer, o.Time.Format("2006-01-02 15:04:05.999 MST"), o.MessageID)
	}
	fmt.Fprintf(&b, "skipped %+v\nignored %d\n", e.Skipped, e.Ignored)
	for _, bad := range badParts(err) {
		fmt.Fprintf(&b, "bad\n\tpath %q\n\tmessage %q\n\ttext %s\n", bad.Path, bad.MessageID, bad)
	}
	return b.String()
}

// badParts returns what err consists of. An error of another type is one part.
func badParts(err error) event.Errors {
	var bad event.Errors
	if err != nil && !errors.As(err, &bad) {
		return event.Errors{{Path: "not an event.Errors", Err: err}}
	}
	return bad
}

func mustJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

type m map[string]any

// notification is an event of S3 with one record for each key as it stands in the
// event.
func notification(keys ...string) string {
	var records []m
	for _, key := range keys {
		records = append(records, m{
			"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
			"s3": m{"bucket": m{"name": "logs"}, "object": m{"key": key, "size": 7}},
		})
	}
	return mustJSON(m{"Records": records})
}

func eventBridge(key string) string {
	return mustJSON(m{"source": "aws.s3", "detail-type": "Object Created",
		"detail": m{"bucket": m{"name": "logs"}, "object": m{"key": key, "size": 7}}})
}

// The envelopes that an event may lie in. In a raw one it lies as JSON, not in a string.
var envelopes = []struct {
	name         string
	raw, message bool
	wrap         func(inner string) string
}{
	{name: "SNS", wrap: func(s string) string { return mustJSON(m{"Type": "Notification", "Message": s}) }},
	{name: "SNS in Lambda", wrap: func(s string) string {
		return mustJSON(m{"Records": []m{{"EventSource": "aws:sns", "Sns": m{"Type": "Notification", "Message": s}}}})
	}},
	{name: "SQS", message: true, wrap: func(s string) string { return mustJSON(m{"MessageId": "outer", "Body": s}) }},
	{name: "SQS in Lambda", message: true, wrap: func(s string) string {
		return mustJSON(m{"Records": []m{{"messageId": "outer", "body": s, "eventSource": "aws:sqs"}}})
	}},
	{name: "SQS on a command line", message: true, wrap: func(s string) string {
		return mustJSON(m{"Messages": []m{{"MessageId": "outer", "ReceiptHandle": "AQEB", "Body": s}}})
	}},
	{name: "SQS in a pipe", message: true, wrap: func(s string) string {
		return mustJSON([]m{{"messageId": "outer", "body": s, "eventSource": "aws:sqs"}})
	}},
	{name: "SQS in a pipe that parses bodies", raw: true, message: true, wrap: func(s string) string {
		return `[{"messageId":"outer","eventSource":"aws:sqs","body":` + s + `}]`
	}},
	{name: "Lambda destination", raw: true, wrap: func(s string) string {
		return `{"version":"1.0","requestContext":{"condition":"RetriesExhausted"},"requestPayload":` + s + `,"responsePayload":{"errorType":"x"}}`
	}},
}

// wraps returns whether an envelope can hold a text, which has to be an object in a raw one.
func wraps(raw bool, inner string) bool {
	return !raw || json.Valid([]byte(inner)) && strings.HasPrefix(strings.TrimSpace(inner), "{")
}

// only returns the one object of an event.
func only(t *testing.T, data string) event.Object {
	t.Helper()
	e, err := event.Decode([]byte(data))
	if err != nil || len(e.Objects) != 1 || e.Ignored != 0 || e.Skipped != (path.Skips{}) {
		t.Fatalf("Decode(%s) is\n%swant one object and nothing else", data, describe(e, err))
	}
	return e.Objects[0]
}
