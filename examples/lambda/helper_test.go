package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

const (
	bucket = "prompt-logs"
	canary = "canary 7391" // stands for what users typed
)

// A world is a handler with the bucket that it reads, and what its sink got.
type world struct {
	handler
	store *s3mem.Server
	got   []string // "object/index" of each record
	log   *bytes.Buffer
}

// newWorld returns a world that logs into its own buffer.
func newWorld(t *testing.T) *world {
	testutil.NoLeaks(t)
	store, client := stores.MemS3(t)
	store.CreateBucket(bucket)
	w := &world{store: store, log: &bytes.Buffer{}}
	w.handler = handler{
		client: qlogs.New(s3source.New(client, bucket, nil), &qlogs.Options{InFlight: 4}),
		bucket: bucket,
		sink:   w.take,
	}
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(w.log, nil)))
	t.Cleanup(func() {
		slog.SetDefault(old)
		if strings.Contains(w.log.String(), "canary") {
			t.Errorf("a user's text was logged:\n%s", w.log)
		}
	})
	return w
}

func (w *world) take(ctx context.Context, e qlogs.Entry) error {
	if err := logRecord(ctx, e); err != nil {
		return err
	}
	w.got = append(w.got, place(e))
	return nil
}

// handled handles a batch and returns the IDs of the messages that have failed.
func (w *world) handled(t *testing.T, ctx context.Context, messages ...events.SQSMessage) []string {
	t.Helper()
	out, err := w.handle(ctx, events.SQSEvent{Records: messages})
	if err != nil {
		t.Fatalf("handle: %v", err)
	}
	return failures(out)
}

func failures(out events.SQSEventResponse) []string {
	var ids []string
	for _, f := range out.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

func message(id, body string) events.SQSMessage {
	return events.SQSMessage{MessageId: id, Body: body, EventSource: "aws:sqs"}
}

// put stores an object and returns the notification of it.
func (w *world) put(name string, body []byte) string {
	w.store.Put(bucket, key(name), body)
	return notification(bucket, key(name), body)
}

// place is the name that put was given, and the index.
func place(e qlogs.Entry) string {
	name := strings.TrimSuffix(e.Key.Name, ".json.gz")
	return fmt.Sprintf("%s/%d", name[strings.LastIndexByte(name, '_')+1:], e.Index)
}

// key has a prefix that is written otherwise in a notification.
func key(name string) string {
	p := path.Partition{Prefix: "prompt logs+", Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
	return p.NewKey(time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC), name).String()
}

// logOf returns an object of n records.
func logOf(n int) []byte {
	var records []json.Marshaler
	for i := range n {
		records = append(records, qlogstest.Chat{
			Prompt: canary, AssistantResponse: canary, UserID: "d-1234567890.ana", RequestID: "64d13ea7-0000-4000-8000-000000000001",
			TimeStamp: qlogstest.Time(time.Date(2026, 3, 2, 9, 15, i, 0, time.UTC)),
		})
	}
	return qlogstest.File(records...)
}

func gzipped(text string) []byte {
	var body bytes.Buffer
	gz := gzip.NewWriter(&body)
	gz.Write([]byte(text))
	gz.Close()
	return body.Bytes()
}

type m map[string]any

// notification is what S3 sends when an object is stored.
func notification(bucket, key string, body []byte) string {
	return records(created(bucket, key, body))
}

func created(bucket, key string, body []byte) m {
	return m{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-03-02T09:15:27.114Z", "eventName": "ObjectCreated:Put",
		"s3": m{"bucket": m{"name": bucket}, "object": m{"key": url.QueryEscape(key), "size": len(body), "eTag": fmt.Sprintf("%x", md5.Sum(body)), "versionId": "null", "sequencer": "0069A55F6F000000A5"}}}
}

func records(records ...m) string { return mustJSON(m{"Records": records}) }

func mustJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func check(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (w *world) checkLogged(t *testing.T, want ...string) {
	t.Helper()
	for _, text := range want {
		if !strings.Contains(w.log.String(), text) {
			t.Errorf("%q was not logged:\n%s", text, w.log)
		}
	}
}
