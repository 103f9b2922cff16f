package qlogs

import (
	"context"
	"io"
	"time"
)

// A watchdog cancels a context with ErrStalled when a wait for the store takes
// too long. It runs only between start and stop, so that the loop's own time,
// or a wait for the byte budget, does not count.
type watchdog struct {
	limit  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func newWatchdog(ctx context.Context, limit time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watchdog{limit: limit, cancel: cancel}
	w.timer = time.AfterFunc(limit, func() { cancel(ErrStalled) })
	w.timer.Stop()
	return context.WithValue(ctx, watchdogKey{}, w), w
}

// watchdogKey is for sources whose requests are more than one wait for the store.
type watchdogKey struct{}

func (w *watchdog) start() { w.timer.Reset(w.limit) }
func (w *watchdog) stop()  { w.timer.Stop() }

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
