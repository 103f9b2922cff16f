// Package stall cancels a context when one wait takes too long.
//
// The timer of a scan runs only while the scan waits for its store. The time that the
// caller's loop takes, a wait for memory and the pauses between two attempts of a
// request do not count.
package stall

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// Err is the cause of a context that a Timer has cancelled.
var Err = errors.New("no byte arrived within the stall timeout")

// A Timer cancels itself, as a context, when a wait takes longer than its limit. It runs
// between Start and Stop. One goroutine at a time may wait with it; what counts requests may
// be called by many.
type Timer struct {
	context.Context
	limit  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc

	// A client of the caller's may send a request twice, at the same time.
	calls *Calls
	told  atomic.Bool // the source has told of a request since the last Answered
	tried atomic.Bool // the request that it told of last
}

// New returns a Timer that does not run yet, whose requests count in calls, if that is not
// nil. It has to be released.
func New(ctx context.Context, limit time.Duration, calls *Calls) *Timer {
	if calls == nil {
		calls = new(Calls)
	}
	t := &Timer{limit: limit, calls: calls}
	t.Context, t.cancel = context.WithCancelCause(ctx)
	t.timer = time.AfterFunc(limit, t.expire)
	t.timer.Stop()
	return t
}

func (t *Timer) expire() { t.cancel(Err) }

// Value returns t for [From], and else what the context below has.
func (t *Timer) Value(key any) any {
	if key == (timerKey{}) {
		return t
	}
	return t.Context.Value(key)
}

type timerKey struct{}

// From returns the Timer that ctx comes from, or nil.
func From(ctx context.Context) *Timer {
	t, _ := ctx.Value(timerKey{}).(*Timer)
	return t
}

// Start begins a wait.
func (t *Timer) Start() { t.timer.Reset(t.limit) }

// Stop ends a wait, and reports whether the timer was still running.
func (t *Timer) Stop() bool { return t.timer.Stop() }

// Interrupt cancels the context, so that a wait that is under way ends.
func (t *Timer) Interrupt() { t.cancel(context.Canceled) }

// Release stops the timer and frees the context.
func (t *Timer) Release() {
	t.timer.Stop()
	t.cancel(nil)
}

// Cause returns the reason why ctx is done in place of an error of a wait that this has
// ended, and any other error as it is.
func Cause(ctx context.Context, err error) error {
	if err != nil && err != io.EOF && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Sleep waits for d, or until ctx is done.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
