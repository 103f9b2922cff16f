package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// TestEnvelopes sends notifications on each way that leads to a queue, and what comes
// beside them.
func TestEnvelopes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bridge := func(name string) string {
			body := logOf(name, 1)
			w.store.Put(bucket, key(name), body)
			return mustJSON(m{"source": "aws.s3", "detail-type": "Object Created", "region": "us-east-1",
				"detail": m{"bucket": m{"name": bucket}, "object": m{"key": key(name), "size": len(body)}}})
		}
		sns := func(text string) string { return mustJSON(m{"Type": "Notification", "Message": text}) }
		w.send("hello "+canary, // first: they are worked on before all of the others are deleted
			notification("other-bucket", key("other"), logOf("other", 1)),
			w.put("direct", logOf("direct", 2)),
			sns(w.put("sns", logOf("sns", 1))),
			bridge("bridge"),
			sns(bridge("both")),
			`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"`+bucket+`"}`,
			mustJSON(m{"Records": []m{{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectRemoved:Delete"}}}),
		)
		stop := w.start(w.worker(nil))
		w.queue.wait("delete", 6)
		w.log.wait("message is left to come again", 2)
		stop()
		w.checkGot(map[string]int{"direct/0": 1, "direct/1": 1, "sns/0": 1, "bridge/0": 1, "both/0": 1})
		w.checkLeft(2)
		w.log.check(t, "not an event of S3", `another bucket than \"`+bucket+`\"`)
		if n := w.store.Requests()["ListObjectsV2"]; n != 0 {
			t.Errorf("%d listings, want none", n)
		}
	})
}

// TestFinished has objects that would be the same the next time: their messages are
// deleted.
func TestFinished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		damaged := strings.ReplaceAll(`{"records":[{"generateAssistantResponseEventRequest":{"prompt":"T","timeStamp":"T"},"generateAssistantResponseEventResponse":"T"}]}`, "T", canary)
		cut, gone, archived, replaced := logOf("cut", 3), w.put("gone", logOf("gone", 1)), w.put("archived", logOf("archived", 1)), w.put("replaced", logOf("replaced", 1))
		w.store.Delete(bucket, key("gone"))
		w.store.SetStorageClass(bucket, key("archived"), "GLACIER", false)
		w.send(w.put("plain", []byte(canary)), w.put("cut", cut[:len(cut)-6]), w.put("record", gzipped(damaged)), w.put("none", gzipped(`{"records":[]}`)),
			gone, archived, replaced, w.put("replaced", logOf("replaced", 2)))
		stop := w.start(w.worker(nil))
		w.queue.wait("delete", 8)
		stop()
		w.checkGot(map[string]int{"cut/0": 1, "cut/1": 1, "cut/2": 1, "replaced/0": 1, "replaced/1": 1})
		w.checkLeft(0)
		for _, name := range []string{"plain", "cut", "record", "gone", "archived", "replaced"} {
			w.log.check(t, "level=ERROR msg=object", "_"+name+".json.gz")
		}
	})
}

// TestOddRecords has every kind of odd record and of damage: all messages are deleted, and
// the sink gets all that can be read.
func TestOddRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const objects = 60
		records := map[string]int{}
		var want qlogstest.Totals
		for o := range qlogstest.Generate(qlogstest.Config{Objects: objects, OddEvery: 2, DamageEvery: 4, MaxText: 1 << 10}) {
			w.store.Put(bucket, o.Key, o.Body)
			w.send(notification(bucket, o.Key, o.Body))
			want.Add(o)
			for _, r := range o.Records {
				parsed, err := path.Parse(o.Key)
				if err != nil {
					t.Fatal(err)
				}
				records[place(qlogs.Entry{Key: parsed, Index: r.Index})] = 1
			}
		}
		stop := w.start(w.worker(nil))
		w.queue.wait("delete", objects)
		stop()
		w.checkGot(records)
		w.checkLeft(0)
		w.log.wait("level=ERROR msg=object", int(want.Failed+want.RecordsFailed))
	})
}

// TestDeletedAfterLoop looks into the queue while the last record is with the sink.
func TestDeletedAfterLoop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put("a", logOf("a", 2))
		w.put("b", logOf("b", 2))
		w.send(mustJSON(m{"Records": []m{created(bucket, key("a"), logOf("a", 2)), created(bucket, key("b"), logOf("b", 2))}}))
		stop := w.start(w.worker(func(ctx context.Context, e qlogs.Entry) error {
			if n := len(w.queue.made("delete")); n != 0 {
				t.Errorf("%d messages are deleted at %s, want none", n, place(e))
			}
			w.checkLeft(1)
			if e.Object.VersionID != "" || e.Object.ETag == "" {
				t.Errorf("version %q and ETag %q were asked for, want the ETag alone", e.Object.VersionID, e.Object.ETag)
			}
			return w.take(ctx, e)
		}))
		w.queue.wait("delete", 1)
		stop()
		w.checkGot(map[string]int{"a/0": 1, "a/1": 1, "b/0": 1, "b/1": 1})
		w.checkLeft(0)
	})
}

// TestExtended has a sink that takes longer than the visibility timeout, and a second
// worker that would get the message then.
func TestExtended(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.send(w.put("slow", logOf("slow", 1)))
		slow := w.worker(func(ctx context.Context, e qlogs.Entry) error {
			w.queue.wait("show", 3) // one and a half times the timeout
			return w.take(ctx, e)
		})
		slow.visibility = w.short
		defer w.start(slow)()
		defer w.start(slow)()
		w.queue.wait("delete", 1)
		w.checkGot(map[string]int{"slow/0": 1})
		w.checkLeft(0)
		for _, c := range w.queue.made("show") {
			if c.seconds != int32(w.short.Seconds()) {
				t.Errorf("extended by %d s, want %v", c.seconds, w.short)
			}
		}
	})
}

// TestComesBack has S3 and the sink fail once. What the sink took before is left out.
func TestComesBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.send(w.put("denied", logOf("denied", 1)), w.put("failing", logOf("failing", 3)), w.put("good", logOf("good", 1)))
		var denied, failed atomic.Bool
		w.store.Intercept(func(r s3mem.Request) *s3mem.Fault {
			if r.Key == key("denied") && denied.CompareAndSwap(false, true) {
				return &s3mem.Fault{Status: http.StatusForbidden}
			}
			return nil
		})
		k := w.worker(func(ctx context.Context, e qlogs.Entry) error {
			if place(e) == "failing/1" && failed.CompareAndSwap(false, true) {
				return errors.New("table is locked")
			}
			return w.take(ctx, e)
		})
		k.visibility = w.short
		stop := w.start(k)
		w.log.wait("message is left to come again", 2)
		w.log.check(t, "table is locked", "record 1", "s3:GetObject")
		w.queue.wait("delete", 3)
		stop()
		w.checkGot(map[string]int{"denied/0": 1, "failing/0": 1, "failing/1": 1, "failing/2": 1, "good/0": 1})
		w.checkLeft(0)
	})
}

// TestStopped stops a worker whose sink does not get on. What it has is another
// worker's at once, long before its visibility timeout ends.
func TestStopped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var want = map[string]int{}
		for i := range 12 {
			name := fmt.Sprintf("n%d", i)
			w.send(w.put(name, logOf(name, 1)))
			want[name+"/0"] = 1
		}
		var began atomic.Int32
		blocked := make(chan struct{}, 4)
		k := w.worker(func(ctx context.Context, e qlogs.Entry) error {
			if began.Add(1) <= 2 {
				return w.take(ctx, e)
			}
			blocked <- struct{}{}
			<-ctx.Done()
			return context.Cause(ctx)
		})
		k.visibility, k.grace = time.Hour, 0
		stop := w.start(k)
		for range 4 {
			<-blocked
		}
		w.queue.wait("delete", 2)
		stop()
		w.checkLeft(10)
		given := w.queue.made("show")
		for _, c := range given {
			if c.seconds != 0 {
				t.Errorf("a message is visible after %d s, want 0", c.seconds)
			}
		}
		if len(given) != 4 {
			t.Errorf("%d messages were given back, want 4", len(given))
		}
		w.log.check(t, "message is given back")

		stop = w.start(w.worker(nil))
		w.queue.wait("delete", 12)
		stop()
		w.checkGot(want)
		w.checkLeft(0)
	})
}

// TestMany has two workers share many messages.
func TestMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		want := map[string]int{}
		for i := range 500 {
			name := fmt.Sprintf("n%d", i)
			w.send(w.put(name, logOf(name, 1+i%3)))
			for j := range 1 + i%3 {
				want[fmt.Sprintf("%s/%d", name, j)] = 1
			}
		}
		var active, most atomic.Int32
		sink := func(ctx context.Context, e qlogs.Entry) error {
			n := active.Add(1)
			defer active.Add(-1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			return w.take(ctx, e)
		}
		first, second := w.worker(sink), w.worker(sink)
		first.atOnce, second.atOnce = 10, 3
		stopFirst, stopSecond := w.start(first), w.start(second)
		w.queue.wait("delete", 500)
		stopFirst()
		stopSecond()
		w.checkGot(want)
		w.checkLeft(0)
		if n := most.Load(); n > 13 {
			t.Errorf("%d sinks at once, want 13 at most", n)
		}
		if n := len(w.queue.made("delete")); n != 500 {
			t.Errorf("%d messages deleted, want 500", n)
		}
	})
}

// TestRedriven has the server's redrive policy take a message that cannot be read.
func TestRedriven(t *testing.T) {
	if !onServer() {
		t.Skip("set QLOGS_TEST_SQS=1 to have a queue with a redrive policy")
	}
	w := newWorld(t)
	client, url, left := newServerQueue(t)
	w.queue, w.url = newWatched(t, client), url
	dead, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("dead")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:dead","maxReceiveCount":"2"}`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.send(w.put("good", logOf("good", 1)), "hello "+canary)
	k := w.worker(nil)
	k.visibility = 2 * time.Second
	stop := w.start(k)
	w.queue.wait("delete", 1)
	w.log.wait("message is left to come again", 2)
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: dead.QueueUrl, WaitTimeSeconds: 20})
	if err != nil || len(out.Messages) != 1 || *out.Messages[0].Body != "hello "+canary {
		t.Errorf("the dead-letter queue has %d messages, %v, want the one that is no event", len(out.Messages), err)
	}
	stop()
	w.checkGot(map[string]int{"good/0": 1})
	if n := left(); n != 0 {
		t.Errorf("%d messages are left, want 0", n)
	}
}
