package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/promptlogs/qlogs/qlogs"
)

// TestGrace stops a worker that has a message.
func TestGrace(t *testing.T) {
	for _, c := range []struct {
		name          string
		sink          time.Duration
		want          time.Duration
		deleted, left int
	}{
		{"finished in time", 15 * time.Second, 10 * time.Second, 1, 0},
		{"given back", 2 * time.Minute, 20 * time.Second, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newBubble(t)
				w.send(w.put("a", logOf("a", 1)))
				stop := w.start(slow(w, c.sink))
				time.Sleep(5 * time.Second)
				stopped := time.Now()
				stop()
				if took := time.Since(stopped); took != c.want {
					t.Errorf("the worker ended after %v, want %v", took, c.want)
				}
				w.checkLeft(c.left)
				if n := len(w.queue.made("delete")); n != c.deleted {
					t.Errorf("%d messages deleted, want %d", n, c.deleted)
				}
				shown := w.queue.made("show")
				if len(shown) != c.left || c.left == 1 && shown[0].seconds != 0 {
					t.Errorf("visibility was changed by %v, want only what was not finished given back", shown)
				}
			})
		})
	}
}

// TestStoppedIdle stops a worker that waits for messages.
func TestStoppedIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t)
		stop := w.start(slow(w, 0))
		time.Sleep(25 * time.Second) // in the second request
		stopped := time.Now()
		stop()
		if took := time.Since(stopped); took != 0 {
			t.Errorf("the worker ended after %v, want at once", took)
		}
		if n := len(w.queue.made("receive")); n != 1 {
			t.Errorf("%d requests have ended, want 1", n)
		}
	})
}

// TestQueueFails has the queue fail while a message is worked on, which is finished.
func TestQueueFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t)
		w.send(w.put("a", logOf("a", 1)))
		w.queue.before = func(_ context.Context, made call) error {
			if made.op == "receive" && len(w.queue.made("receive")) > 0 {
				return errDown
			}
			return nil
		}
		began := time.Now()
		err := slow(w, 10*time.Second).run(t.Context())
		if !errors.Is(err, errDown) || !strings.HasPrefix(err.Error(), "receive messages: ") {
			t.Errorf("the worker ended with %v, want that messages cannot be received", err)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("the worker ended after %v, want 10s", took)
		}
		w.checkGot(map[string]int{"a/0": 1})
		w.checkLeft(0)
	})
}

// TestAtOnce has as many messages worked on as it may be, and no message taken that
// would have to wait.
func TestAtOnce(t *testing.T) {
	for _, atOnce := range []int{1, 4, 25} {
		t.Run(fmt.Sprint(atOnce), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newBubble(t)
				for i := range 60 {
					name := fmt.Sprintf("n%d", i)
					w.send(w.put(name, logOf(name, 1)))
				}
				var active, most atomic.Int32
				k := w.worker(func(ctx context.Context, e qlogs.Entry) error {
					most.Store(max(most.Load(), active.Add(1)))
					defer active.Add(-1)
					time.Sleep(time.Second + time.Duration(active.Load())*time.Millisecond)
					return w.take(ctx, e)
				})
				k.atOnce = atOnce
				k.queue = asked{w.queue, func(n int) {
					if free := atOnce - int(active.Load()); n < 1 || n > min(free, 10) {
						t.Errorf("asked for %d messages, with %d free slots", n, free)
					}
				}}
				stop := w.start(k)
				w.queue.wait("delete", 60)
				stop()
				if got := most.Load(); got != int32(atOnce) {
					t.Errorf("%d messages at once, want %d", got, atOnce)
				}
				w.checkLeft(0)
			})
		})
	}
}

// An asked queue tells how many messages are asked for.
type asked struct {
	*watched
	tell func(n int)
}

func (q asked) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	q.tell(int(in.MaxNumberOfMessages))
	return q.watched.ReceiveMessage(ctx, in, o...)
}
