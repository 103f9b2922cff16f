package event_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

var exampleKeys = []string{exampleKey("2026-07-01T09:00:12Z"), exampleKey("2026-07-01T09:20:40Z")}

func exampleKey(at string) string {
	minute, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	p := path.Partition{Prefix: "prompt logs", Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
	return p.NewKey(minute, "3tbIeIrGJNDFbfVx").String()
}

// exampleMirror makes a directory with two logs. The first has a record without a request
// and one of an unknown kind beside a chat, and the second is cut off.
func exampleMirror() (dir string) {
	dir, err := os.MkdirTemp("", "event")
	if err != nil {
		panic(err)
	}
	for i, key := range exampleKeys {
		var body bytes.Buffer
		gz := gzip.NewWriter(&body)
		fmt.Fprintf(gz, `{"records":[{"generateAssistantResponseEventRequest":{"prompt":"add a test","userId":"d-1234567890.ana","timeStamp":"2026-07-01T09:%d0:12Z"},`+
			`"generateAssistantResponseEventResponse":{"assistantResponse":"done","requestId":"64d13ea7-0000-4000-8000-000000000001"}},`+
			`{"generateAssistantResponseEventRequest":null,"generateAssistantResponseEventResponse":{"requestId":"64d13ea7-0000-4000-8000-000000000002"}},`+
			`{"reviewCodeEventRequest":{"userId":"d-1234567890.ben","timeStamp":"2026-07-01T09:%d0:40Z"}}]}`, 2*i, 2*i)
		gz.Close()
		file := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			panic(err)
		}
		if err := os.WriteFile(file, body.Bytes()[:body.Len()-40*i], 0o644); err != nil {
			panic(err)
		}
	}
	return dir
}

// exampleNotification is what S3 sends when the key is stored in the bucket.
func exampleNotification(bucket, key string) string {
	return fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"2026-07-01T09:01:30.114Z",
		"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}]}`, bucket, url.QueryEscape(key))
}

// exampleBatch is what Lambda gets from a queue: a log, a damaged one, a deletion
// and something that is no event of S3.
func exampleBatch() []byte {
	deletion := `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete"}]}`
	message := func(id, body string) m { return m{"messageId": id, "eventSource": "aws:sqs", "body": body} }
	return []byte(mustJSON(m{"Records": []m{
		message("first", exampleNotification("my-bucket", exampleKeys[0])),
		message("second", exampleNotification("my-bucket", exampleKeys[1])),
		message("third", deletion),
		message("fourth", "hello"),
	}}))
}

// exampleTwoBuckets is a batch with three messages for two buckets.
func exampleTwoBuckets() []byte {
	var messages []m
	for i, bucket := range []string{"logs-us", "logs-eu", "logs-us"} {
		messages = append(messages, m{"messageId": fmt.Sprint(i), "eventSource": "aws:sqs", "body": exampleNotification(bucket, exampleKeys[i%2])})
	}
	return []byte(mustJSON(m{"Records": messages}))
}
