package qlogs

import (
	"context"
	"io"
	"time"
)

// A watchdog cancels a context with ErrStalled when a wait for the store takes
// too long. It runs only between start and stop, so that the loop's own time,
// or a wait for the byte budget, does not count. It is the context that it
// cancels, as whoever has that can see.
type watchdog struct {
	context.Context
	limit  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func newWatchdog(ctx context.Context, limit time.Duration) *watchdog {
	w := &watchdog{limit: limit}
	w.Context, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(limit, w.bark)
	w.timer.Stop()
	return w
}

func (w *watchdog) bark() { w.cancel(ErrStalled) }

// Value has w for watchdogKey.
func (w *watchdog) Value(key any) any {
	if key == (watchdogKey{}) {
		return w
	}
	return w.Context.Value(key)
}

// watchdogKey is for sources whose requests are more than one wait for the store.
type watchdogKey struct{}

func (w *watchdog) start() { w.timer.Reset(w.limit) }

// stop tells whether the timer was still running.
func (w *watchdog) stop() bool { return w.timer.Stop() }

// release stops the timer and frees the context.
func (w *watchdog) release() {
	w.timer.Stop()
	w.cancel(nil)
}

// cause replaces the error of a wait that the watchdog ended, or that the scan's
// own end did, by the reason for that end.
func cause(ctx context.Context, err error) error {
	if err != nil && err != io.EOF && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// sleep waits for d or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
