package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// TestEnvelopes sends notifications on each way that leads to a queue, as Lambda
// itself calls a handler.
func TestEnvelopes(t *testing.T) {
	w := newWorld(t)
	direct := w.put("a", logOf(1))
	bridge := logOf(2)
	w.store.Put(bucket, key("c"), bridge)
	payload := mustJSON(m{"Records": []m{
		{"messageId": "direct", "eventSource": "aws:sqs", "body": direct},
		{"messageId": "sns", "eventSource": "aws:sqs", "body": mustJSON(m{"Type": "Notification", "Message": w.put("b", logOf(1))})},
		{"messageId": "eventbridge", "eventSource": "aws:sqs", "body": mustJSON(m{"source": "aws.s3", "detail-type": "Object Created", "region": "us-east-1",
			"detail": m{"bucket": m{"name": bucket}, "object": m{"key": key("c"), "size": len(bridge)}}})},
		{"messageId": "none", "eventSource": "aws:sqs", "body": "hello " + canary},
	}})
	answer, err := lambda.NewHandler(w.handle).Invoke(t.Context(), []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"batchItemFailures":[{"itemIdentifier":"none"}]}`; string(answer) != want {
		t.Errorf("the answer is %s, want %s", answer, want)
	}
	check(t, "records", w.got, "a/0", "b/0", "c/0", "c/1")
}

// TestMessages has what comes through a queue beside new logs.
func TestMessages(t *testing.T) {
	w := newWorld(t)
	a, b := w.put("a", logOf(2)), w.put("b", logOf(1))
	report := `prompt-logs/AWSLogs/111122223333/KiroLogs/user_report/us-east-1/2026/03/02/00/111122223333_user_report_202603020000_r.csv`
	failed := w.handled(t, t.Context(),
		message("a", a),
		message("empty", ""),
		message("test", `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"`+bucket+`"}`),
		message("a again", a),
		message("elsewhere", notification("other-bucket", key("b"), logOf(1))),
		message("both", records(created(bucket, key("c"), logOf(1)), created("other-bucket", key("c"), logOf(1)))),
		message("deleted", records(m{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectRemoved:Delete"})),
		message("report", notification(bucket, report, []byte("a,b"))),
		message("half", records(created(bucket, key("d"), logOf(1)), m{"eventSource": canary})),
		message("b", b),
	)
	check(t, "failed", failed, "empty", "elsewhere", "both", "half")
	check(t, "records", w.got, "a/0", "a/1", "b/0")
	w.checkLogged(t, "message=empty", "message=elsewhere", "message=both", "message=half", `another bucket than \"`+bucket+`\"`)
	if n := w.store.Requests(); n["GetObject"] != 2 || n["ListObjectsV2"] != 0 {
		t.Errorf("requests: %v, want 2 GETs and no listing", n)
	}
}

// TestFinished has objects that would be the same the next time: no message fails.
func TestFinished(t *testing.T) {
	w := newWorld(t)
	damaged := strings.Replace(`{"records":[{"generateAssistantResponseEventRequest":{"prompt":"T","timeStamp":"T"},"generateAssistantResponseEventResponse":"T"}]}`, "T", canary, -1)
	cut, gone, archived, replaced := logOf(3), w.put("gone", logOf(1)), w.put("archived", logOf(1)), w.put("replaced", logOf(1))
	w.store.Delete(bucket, key("gone"))
	w.store.SetStorageClass(bucket, key("archived"), "GLACIER", false)
	newer := w.put("replaced", logOf(2))

	failed := w.handled(t, t.Context(),
		message("first", w.put("first", logOf(1))),
		message("plain", w.put("plain", []byte(canary))),
		message("cut", w.put("cut", cut[:len(cut)-6])),
		message("record", w.put("record", gzipped(damaged))),
		message("no records", w.put("none", gzipped(`{"records":[]}`))),
		message("gone", gone),
		message("archived", archived),
		message("replaced", replaced),
		message("newer", newer),
		message("last", w.put("last", logOf(1))),
	)
	check(t, "failed", failed)
	check(t, "records", w.got, "first/0", "cut/0", "cut/1", "cut/2", "replaced/0", "replaced/1", "last/0")
	for _, name := range []string{"plain", "cut", "record", "gone", "archived", "replaced"} {
		w.checkLogged(t, "level=ERROR msg=object error=\"qlogs: ", "_"+name+".json.gz")
	}
	if n := strings.Count(w.log.String(), "level=ERROR"); n != 6 {
		t.Errorf("%d errors were logged, want 6:\n%s", n, w.log)
	}
}

// TestOddRecords has every kind of odd record and of damage: no message fails, and the sink
// gets all that can be read.
func TestOddRecords(t *testing.T) {
	w := newWorld(t)
	var batch []events.SQSMessage
	var want qlogstest.Totals
	for o := range qlogstest.Generate(qlogstest.Config{Objects: 60, OddEvery: 2, DamageEvery: 4, MaxText: 1 << 10}) {
		w.store.Put(bucket, o.Key, o.Body)
		batch = append(batch, message(o.Key, notification(bucket, o.Key, o.Body)))
		want.Add(o)
	}
	check(t, "failed", w.handled(t, t.Context(), batch...))
	if n := int64(len(w.got)); n != want.RecordsYielded {
		t.Errorf("the sink got %d records, want %d", n, want.RecordsYielded)
	}
	if n := int64(strings.Count(w.log.String(), "level=ERROR")); n != want.Failed+want.RecordsFailed {
		t.Errorf("%d errors were logged, want %d of objects and %d of records:\n%s", n, want.Failed, want.RecordsFailed, w.log)
	}
}

// TestPassingFault has S3 deny an object for a while.
func TestPassingFault(t *testing.T) {
	w := newWorld(t)
	denied := w.put("denied", logOf(1))
	batch := []events.SQSMessage{
		message("a", w.put("a", logOf(1))),
		message("denied", denied),
		message("two", records(created(bucket, key("denied"), logOf(1)), created(bucket, key("b"), logOf(1)))),
		message("b", w.put("b", logOf(1))),
		message("denied again", denied),
	}
	w.store.Intercept(func(r s3mem.Request) *s3mem.Fault {
		if r.Key == key("denied") {
			return &s3mem.Fault{Status: http.StatusForbidden}
		}
		return nil
	})
	check(t, "failed", w.handled(t, t.Context(), batch...), "denied", "two", "denied again")
	check(t, "records", w.got, "a/0", "b/0")
	w.checkLogged(t, "s3:GetObject")

	w.store.Intercept(nil)
	w.got = nil
	check(t, "failed", w.handled(t, t.Context(), batch[1], batch[2]))
	check(t, "records", w.got, "denied/0", "b/0")
}

// TestSinkFails stops handing on what comes again.
func TestSinkFails(t *testing.T) {
	w := newWorld(t)
	w.sink = func(ctx context.Context, e qlogs.Entry) error {
		if w.take(ctx, e); place(e) == "b/1" {
			return errors.New("table is locked")
		}
		return nil
	}
	failed := w.handled(t, t.Context(),
		message("a", w.put("a", logOf(2))),
		message("b", w.put("b", logOf(4))),
		message("b and c", records(created(bucket, key("b"), logOf(4)), created(bucket, key("c"), logOf(2)))),
		message("d", w.put("d", logOf(2))),
	)
	check(t, "failed", failed, "b", "b and c")
	check(t, "records", w.got, "a/0", "a/1", "b/0", "b/1", "d/0", "d/1")
	w.checkLogged(t, "table is locked", "index=1")
}

// TestCutOff ends the context in the middle of the batch: what was not finished
// has failed, and nothing else.
func TestCutOff(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.sink = func(ctx context.Context, e qlogs.Entry) error {
		if err := w.take(ctx, e); place(e) != "c/1" {
			return err
		}
		cancel()
		return nil
	}
	failed := w.handled(t, ctx,
		message("a", w.put("a", logOf(1))),
		message("test", `{"Event":"s3:TestEvent"}`),
		message("b", w.put("b", logOf(2))),
		message("c", w.put("c", logOf(3))),
		message("d", w.put("d", logOf(1))),
		message("b and d", records(created(bucket, key("b"), logOf(2)), created(bucket, key("d"), logOf(1)))),
	)
	check(t, "failed", failed, "c", "d", "b and d")
	check(t, "records", w.got, "a/0", "b/0", "b/1", "c/0", "c/1")
}

// TestDeadline has S3 hang until the function's time is nearly up: the answer comes
// before it is, and names all that was not read.
func TestDeadline(t *testing.T) {
	w := newWorld(t)
	w.store.Intercept(func(r s3mem.Request) *s3mem.Fault {
		if r.Key == key("hangs") {
			return &s3mem.Fault{Stall: true}
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), spare+time.Second/2)
	defer cancel()
	failed := w.handled(t, ctx,
		message("a", w.put("a", logOf(1))),
		message("b", w.put("b", logOf(1))),
		message("hangs", w.put("hangs", logOf(1))),
		message("c", w.put("c", logOf(1))),
	)
	if ctx.Err() != nil {
		t.Error("the answer came after the function's time was up")
	}
	// a and b are read unless this machine is very slow. Whether the last one that was
	// read has ended is not known until the next one is met.
	n := len(w.got)
	check(t, "records", w.got, []string{"a/0", "b/0"}[:n]...)
	check(t, "failed", failed, []string{"a", "b", "hangs", "c"}[max(n-1, 0):]...)
	w.checkLogged(t, "batch was not read to its end")
}

// TestSinkDeadline leaves time for the answer.
func TestSinkDeadline(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	end, _ := ctx.Deadline()
	w.sink = func(ctx context.Context, e qlogs.Entry) error {
		if inSink, _ := ctx.Deadline(); end.Sub(inSink) != spare {
			t.Errorf("the sink's time ends %v before the function's, want %v", end.Sub(inSink), spare)
		}
		return w.take(ctx, e)
	}
	check(t, "failed", w.handled(t, ctx, message("a", w.put("a", logOf(1)))))
	check(t, "records", w.got, "a/0")
}

// TestVersions reads no version, which would take a permission more.
func TestVersions(t *testing.T) {
	w := newWorld(t)
	w.sink = func(ctx context.Context, e qlogs.Entry) error {
		if e.Object.VersionID != "" || e.Object.ETag == "" {
			t.Errorf("version %q and ETag %q were asked for, want the ETag alone", e.Object.VersionID, e.Object.ETag)
		}
		return w.take(ctx, e)
	}
	body := strings.ReplaceAll(w.put("a", logOf(1)), `"versionId":"null"`, `"versionId":"exampleVersion.0001"`)
	check(t, "failed", w.handled(t, t.Context(), message("a", body)))
	check(t, "records", w.got, "a/0")
}

// TestLate has no time left at all.
func TestLate(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), spare/2)
	defer cancel()
	failed := w.handled(t, ctx, message("a", w.put("a", logOf(1))), message("test", `{"Event":"s3:TestEvent"}`), message("none", "{}"))
	check(t, "failed", failed, "a", "none")
	check(t, "records", w.got)
	if n := w.store.Requests()["GetObject"]; n != 0 {
		t.Errorf("%d GETs, want none", n)
	}
}

// TestBound reads a batch of many messages with the requests of one scan.
func TestBound(t *testing.T) {
	w := newWorld(t)
	var batch []events.SQSMessage
	for i := range 200 {
		name := "n" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		batch = append(batch, message(name, w.put(name, logOf(1))))
	}
	const limit = 4 // Options.InFlight
	var mu sync.Mutex
	active, most, full := 0, 0, make(chan struct{})
	w.store.Intercept(func(s3mem.Request) *s3mem.Fault {
		mu.Lock()
		if active++; active == limit && most < limit {
			close(full)
		}
		most = max(most, active)
		mu.Unlock()
		<-full
		mu.Lock()
		active--
		mu.Unlock()
		return nil
	})
	check(t, "failed", w.handled(t, t.Context(), batch...))
	if len(w.got) != 200 || most != limit {
		t.Errorf("%d records and %d requests at once, want 200 and %d", len(w.got), most, limit)
	}
}

func TestLogRecordShowsNoText(t *testing.T) {
	w := newWorld(t) // checks the log
	check(t, "failed", w.handled(t, t.Context(), message("a", w.put("a", logOf(1)))))
	w.checkLogged(t, "entry.record.response.requestId=64d13ea7-0000-4000-8000-000000000001")
}

// TestOtherStores reads the creations of stores that write them in another way.
func TestOtherStores(t *testing.T) {
	for _, other := range [][]string{
		{`"ObjectCreated:Put"`, `"s3:ObjectCreated:Put"`},
		{`"aws:s3"`, `"minio:s3"`, `"ObjectCreated:Put"`, `"s3:ObjectCreated:CompleteMultipartUpload"`},
		{`"eventSource":"aws:s3",`, ``, `"ObjectCreated:Put"`, `"OBJECTCREATED:PUT"`},
	} {
		w := newWorld(t)
		body := strings.NewReplacer(other...).Replace(w.put("a", logOf(1)))
		check(t, "failed", w.handled(t, t.Context(), message("a", body)))
		check(t, "records", w.got, "a/0")
	}
}
