package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

const (
	bucket = "prompt-logs"
	canary = "canary 7391" // stands for what users typed

	queueURL = "https://sqs.us-east-1.amazonaws.com/111122223333/prompt-logs"
)

// A queue is what tests need of *sqs.Client.
type queue interface {
	Queue
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// A world is a bucket with its queue, and what sinks got.
type world struct {
	t      *testing.T
	store  *s3mem.Server // nil in bubbles of synctest
	files  fstest.MapFS  // in these
	client *qlogs.Client
	queue  *watched
	url    string
	left   func() int
	log    *logBuffer

	// The visibility timeout that tests wait for: short, but not so short that a slow
	// machine loses messages.
	short time.Duration

	mu  sync.Mutex
	got map[string]int // how often each record came, by place
}

// each runs a test with a queue in process and, if it is asked for, with one on a server.
func each(t *testing.T, f func(*testing.T, *world)) {
	t.Run("in process", func(t *testing.T) {
		w := newWorld(t)
		fake := newFakeQueue(t)
		w.queue, w.left, w.short = newWatched(t, fake), fake.left, 2*time.Second
		f(t, w)
	})
	if onServer() {
		t.Run("server", func(t *testing.T) {
			w := newWorld(t)
			client, url, left := newServerQueue(t)
			w.queue, w.url, w.left, w.short = newWatched(t, client), url, left, 4*time.Second
			f(t, w)
		})
	}
}

// newWorld returns a world without a queue.
func newWorld(t *testing.T) *world {
	testutil.NoLeaks(t)
	store, client := stores.MemS3(t)
	store.CreateBucket(bucket)
	return &world{
		t:      t,
		store:  store,
		client: qlogs.New(s3source.New(client, bucket, nil), &qlogs.Options{InFlight: inFlight}),
		url:    queueURL,
		log:    newLogBuffer(t),
		got:    map[string]int{},
	}
}

// newBubble returns a world without a network, for synctest.
func newBubble(t *testing.T) *world {
	fake := newFakeQueue(t)
	files := fstest.MapFS{}
	w := &world{
		t:      t,
		files:  files,
		client: qlogs.New(source.FS("fs:", files), nil),
		queue:  newWatched(t, fake),
		url:    queueURL,
		left:   fake.left,
		log:    newLogBuffer(t),
		got:    map[string]int{},
	}
	w.queue.patience = time.Hour // of a clock that costs nothing
	return w
}

// worker returns a worker with that sink, or with one that only takes records.
func (w *world) worker(sink Sink) *worker {
	if sink == nil {
		sink = w.take
	}
	return &worker{queue: w.queue, url: w.url, client: w.client, bucket: bucket, dedup: keep.NewDedup(nil), sink: sink,
		atOnce: 4, wait: time.Second, visibility: 30 * time.Second, grace: 20 * time.Second}
}

// take is a Sink.
func (w *world) take(ctx context.Context, e qlogs.Entry) error {
	if err := logRecord(ctx, e); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got[place(e)]++
	return nil
}

// start runs a worker until the function that it returns is called, which stops it and
// waits for its end.
func (w *world) start(k *worker) (stop func()) {
	w.t.Helper()
	if err := k.check(); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.run(ctx) }()
	stop = sync.OnceFunc(func() {
		w.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("the worker ended with %v", err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

func (w *world) send(bodies ...string) {
	w.t.Helper()
	for _, body := range bodies {
		if _, err := w.queue.SendMessage(w.t.Context(), &sqs.SendMessageInput{QueueUrl: &w.url, MessageBody: &body}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// checkGot compares how often each record came.
func (w *world) checkGot(want map[string]int) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !maps.Equal(w.got, want) {
		w.t.Errorf("records: %v, want %v", w.got, want)
	}
}

func (w *world) checkLeft(want int) {
	w.t.Helper()
	if got := w.left(); got != want {
		w.t.Errorf("%d messages are left, want %d", got, want)
	}
}

// put stores an object and returns the notification of it.
func (w *world) put(name string, body []byte) string {
	if w.store == nil {
		w.files[key(name)] = &fstest.MapFile{Data: body}
		return strings.Replace(notification(bucket, key(name), body), `"eTag"`, `"noTag"`, 1)
	}
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

// logOf returns an object of n records, whose request ids differ from those of other names.
func logOf(name string, n int) []byte {
	var records []json.Marshaler
	for i := range n {
		id := md5.Sum(fmt.Append(nil, name, i))
		records = append(records, qlogstest.Chat{
			Prompt: canary, AssistantResponse: canary, UserID: "d-1234567890.ana", RequestID: qlogstest.Value(fmt.Sprintf("64d13ea7-0000-4000-8000-%x", id[:6])),
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
	return mustJSON(m{"Records": []m{created(bucket, key, body)}})
}

func created(bucket, key string, body []byte) m {
	return m{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-03-02T09:15:27.114Z", "eventName": "ObjectCreated:Put",
		"s3": m{"bucket": m{"name": bucket}, "object": m{"key": url.QueryEscape(key), "size": len(body), "eTag": fmt.Sprintf("%x", md5.Sum(body)), "versionId": "exampleVersion.0001", "sequencer": "0069A55F6F000000A5"}}}
}

func mustJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// A waiter waits for what is guarded by its lock, but not for ever.
type waiter struct {
	t        *testing.T
	patience time.Duration // if it is not half a minute
	mu       sync.Mutex
	changed  chan struct{}
}

// notify has those who wait look again. The lock is held.
func (w *waiter) notify() {
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// wait waits until done tells so, which is called with the lock held.
func (w *waiter) wait(what string, done func() bool) {
	w.t.Helper()
	limit := time.After(cmp.Or(w.patience, 30*time.Second))
	w.mu.Lock()
	defer w.mu.Unlock()
	for !done() {
		if w.changed == nil {
			w.changed = make(chan struct{})
		}
		changed := w.changed
		w.mu.Unlock()
		select {
		case <-changed:
			w.mu.Lock()
		case <-limit:
			w.mu.Lock()
			w.t.Errorf("waited too long for %s", what)
			return
		}
	}
}

// A logBuffer is the log of a test.
type logBuffer struct {
	waiter
	text  bytes.Buffer
	ended bool
}

// newLogBuffer has the default logger write to a buffer until the test ends, when no
// user's text may be in it.
func newLogBuffer(t *testing.T) *logBuffer {
	l := &logBuffer{waiter: waiter{t: t}}
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(l, nil)))
	t.Cleanup(func() {
		slog.SetDefault(old)
		if strings.Contains(l.text.String(), "canary") {
			t.Errorf("a user's text was logged:\n%s", &l.text)
		}
	})
	return l
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notify()
	return l.text.Write(p)
}

// end tells that nothing more comes.
func (l *logBuffer) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.notify()
}

// wait waits until the log has a text n times, or has ended.
func (l *logBuffer) wait(text string, n int) {
	l.t.Helper()
	l.waiter.wait(text, func() bool { return l.ended || strings.Count(l.text.String(), text) >= n })
}

func (l *logBuffer) check(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range want {
		if !strings.Contains(l.text.String(), text) {
			t.Errorf("%q was not logged:\n%s", text, &l.text)
		}
	}
}

// A call is one request to a queue that succeeded.
type call struct {
	op      string // "receive", "show" or "delete"
	at      time.Duration
	seconds int32
	receipt string
}

// A watched queue notes what is asked of it.
type watched struct {
	queue
	waiter

	// before is called before each request, if it is not nil. An error fails the request.
	before func(ctx context.Context, c call) error

	start time.Time
	calls []call
}

func newWatched(t *testing.T, q queue) *watched {
	return &watched{queue: q, waiter: waiter{t: t}, start: time.Now()}
}

func (q *watched) do(ctx context.Context, c call, request func() error) error {
	c.at = time.Since(q.start)
	if q.before != nil {
		if err := q.before(ctx, c); err != nil {
			return err
		}
	}
	err := request()
	if err == nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.calls = append(q.calls, c)
		q.notify()
	}
	return err
}

// wait waits until a request succeeded n times.
func (q *watched) wait(op string, n int) {
	q.t.Helper()
	q.waiter.wait(fmt.Sprintf("%d times %s", n, op), func() bool {
		found := 0
		for _, c := range q.calls {
			if c.op == op {
				found++
			}
		}
		return found >= n
	})
}

// made returns the requests that succeeded, of one kind.
func (q *watched) made(op string) []call {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(q.calls), func(c call) bool { return c.op != op })
}

func (q *watched) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (out *sqs.ReceiveMessageOutput, err error) {
	err = q.do(ctx, call{op: "receive", seconds: in.VisibilityTimeout}, func() error {
		out, err = q.queue.ReceiveMessage(ctx, in, o...)
		return err
	})
	return out, err
}

func (q *watched) ChangeMessageVisibility(ctx context.Context, in *sqs.ChangeMessageVisibilityInput, o ...func(*sqs.Options)) (out *sqs.ChangeMessageVisibilityOutput, err error) {
	err = q.do(ctx, call{op: "show", seconds: in.VisibilityTimeout, receipt: *in.ReceiptHandle}, func() error {
		out, err = q.queue.ChangeMessageVisibility(ctx, in, o...)
		return err
	})
	return out, err
}

func (q *watched) DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, o ...func(*sqs.Options)) (out *sqs.DeleteMessageOutput, err error) {
	err = q.do(ctx, call{op: "delete", receipt: *in.ReceiptHandle}, func() error {
		out, err = q.queue.DeleteMessage(ctx, in, o...)
		return err
	})
	return out, err
}
