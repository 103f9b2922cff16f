package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/promptlogs/qlogs/qlogs"
)

var errDown = errors.New("no such host")

// sleep waits as a sink does that heeds its context.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// slow returns a worker whose visibility timeout is two minutes and whose sink takes d.
func slow(w *world, d time.Duration) *worker {
	k := w.worker(func(ctx context.Context, e qlogs.Entry) error {
		if err := sleep(ctx, d); err != nil {
			return err
		}
		return w.take(ctx, e)
	})
	k.visibility, k.wait = 2*time.Minute, 20*time.Second
	return k
}

func times(calls []call) (at []time.Duration) {
	for _, c := range calls {
		at = append(at, c.at)
	}
	return at
}

// TestExtendedAtHalf has one message worked on for longer than four timeouts.
func TestExtendedAtHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t)
		w.send(w.put("a", logOf("a", 1)))
		stop := w.start(slow(w, 8*time.Minute+30*time.Second))
		w.queue.wait("delete", 1)
		stop()
		var want []time.Duration
		for i := 1; i <= 8; i++ {
			want = append(want, time.Duration(i)*time.Minute)
		}
		if got := times(w.queue.made("show")); !slices.Equal(got, want) {
			t.Errorf("extended at %v, want %v", got, want)
		}
		if got := times(w.queue.made("delete")); !slices.Equal(got, []time.Duration{8*time.Minute + 30*time.Second}) {
			t.Errorf("deleted at %v, want 8m30s", got)
		}
		w.checkGot(map[string]int{"a/0": 1})
	})
}

// TestExtendedInTime has extensions fail, or hang, less long than a message is held.
func TestExtendedInTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		tries int // that fail: at 60 and 90 s, or at 60 s and until 90 s
		fail  func(context.Context) error
	}{
		{"fails", 2, func(context.Context) error { return errDown }},
		{"hangs", 1, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newBubble(t)
				w.send(w.put("a", logOf("a", 1)))
				tries := 0
				w.queue.before = func(ctx context.Context, made call) error {
					if made.op != "show" {
						return nil
					}
					if tries++; tries <= c.tries {
						return c.fail(ctx)
					}
					return nil
				}
				stop := w.start(slow(w, 170*time.Second))
				w.queue.wait("delete", 1)
				stop()
				want := []time.Duration{105 * time.Second, 165 * time.Second}
				if got := times(w.queue.made("show")); !slices.Equal(got, want) {
					t.Errorf("extended at %v, want %v", got, want)
				}
				if tries != c.tries+2 {
					t.Errorf("%d tries, want %d", tries, c.tries+2)
				}
				w.log.check(t, "message could not be extended")
				w.checkGot(map[string]int{"a/0": 1})
				w.checkLeft(0)
			})
		})
	}
}

// TestLost has one worker lose a message that another one gets. The queue fails the test
// if the first does anything to the message then.
func TestLost(t *testing.T) {
	for _, c := range []struct {
		name string
		sink func(context.Context) error
		log  string
	}{
		{"sink heeds its context", func(ctx context.Context) error { return sleep(ctx, time.Hour) }, "message is left to come again"},
		{"sink ends late", func(context.Context) error { time.Sleep(125 * time.Second); return nil }, "message was lost to the queue"},
		{"sink fails late", func(context.Context) error { time.Sleep(125 * time.Second); return errDown }, "message was lost to the queue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newBubble(t)
				w.send(w.put("a", logOf("a", 1)))
				first, began := slow(w, 0), make(chan struct{})
				var cause error
				first.sink = func(ctx context.Context, e qlogs.Entry) error {
					close(began)
					context.AfterFunc(ctx, func() { cause = context.Cause(ctx) })
					return c.sink(ctx)
				}
				received := false
				limited := newWatched(t, w.queue.queue)
				limited.before = func(ctx context.Context, made call) error {
					switch {
					case made.op == "show":
						return errDown
					case made.op == "receive" && received: // it is the second one that gets it again
						<-ctx.Done()
						return ctx.Err()
					case made.op == "receive":
						received = true
					}
					return nil
				}
				first.queue = limited
				stopFirst := w.start(first)
				<-began
				stopSecond := w.start(slow(w, 10*time.Second))
				w.queue.wait("delete", 1) // by the second
				stopFirst()
				stopSecond()
				synctest.Wait()
				if !errors.Is(cause, errLost) {
					t.Errorf("the first worker's sink was cut off by %v, want %v", cause, errLost)
				}
				w.log.check(t, c.log)
				w.checkGot(map[string]int{"a/0": 1})
				w.checkLeft(0)
			})
		})
	}
}

// TestHeldFromRequest has SQS take the messages at the beginning of a long poll, and
// answer at its end: the timeout began when it took them. Extensions are late too.
func TestHeldFromRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t)
		w.send(w.put("a", logOf("a", 1)))
		k := slow(w, 170*time.Second)
		k.queue = lateQueue{w.queue}
		stop := w.start(k)
		w.queue.wait("delete", 1)
		stop()
		// At 20 s there are 100 s left, and at 80 s there are 110 s.
		want := []time.Duration{70 * time.Second, 135 * time.Second}
		if got := times(w.queue.made("show")); !slices.Equal(got, want) {
			t.Errorf("extended at %v, want %v", got, want)
		}
		w.checkLeft(0)
	})
}

// A lateQueue does what it is asked for at once and answers late.
type lateQueue struct{ *watched }

func (q lateQueue) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	out, err := q.watched.ReceiveMessage(ctx, in, o...)
	if err == nil && len(out.Messages) > 0 {
		time.Sleep(time.Duration(in.WaitTimeSeconds) * time.Second)
	}
	return out, err
}

func (q lateQueue) ChangeMessageVisibility(ctx context.Context, in *sqs.ChangeMessageVisibilityInput, o ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	out, err := q.watched.ChangeMessageVisibility(ctx, in, o...)
	time.Sleep(10 * time.Second)
	return out, err
}

// TestReleased ends the sink while an extension is under way, which has to be over
// before anything else is done to the message.
func TestReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t)
		w.send(w.put("a", logOf("a", 1)))
		k := slow(w, 55*time.Second)
		k.queue = lateQueue{w.queue} // gives the message at 20 s, and extends it from 70 to 80 s
		stop := w.start(k)
		w.queue.wait("delete", 1)
		stop()
		if got := times(w.queue.made("delete")); !slices.Equal(got, []time.Duration{80 * time.Second}) {
			t.Errorf("deleted at %v, want 1m20s", got)
		}
	})
}

// TestDeleteEnds has a request to delete that hangs: it ends with the time of the
// message, which is another worker's then.
func TestDeleteEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newBubble(t)
		w.send(w.put("a", logOf("a", 1)))
		hung := false
		w.queue.before = func(ctx context.Context, made call) error {
			if made.op != "delete" || hung {
				return nil
			}
			hung = true
			<-ctx.Done()
			return ctx.Err()
		}
		stop := w.start(slow(w, time.Second))
		w.queue.wait("delete", 1)
		stop()
		if got := times(w.queue.made("delete")); !slices.Equal(got, []time.Duration{2 * time.Minute}) {
			t.Errorf("deleted at %v, want as soon as it came again", got)
		}
		w.log.check(t, "message could not be deleted")
		w.checkGot(map[string]int{"a/0": 1}) // and was left out when it came again
		w.checkLeft(0)
	})
}
