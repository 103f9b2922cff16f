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
	return ctx, w
}

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

// A body is an object's body under a watchdog's eye. It ends with ErrChanged
// where the object was listed to end, if more follows.
type body struct {
	io.ReadCloser
	ctx   context.Context
	watch *watchdog
	size  int64
	read  int64
	ended bool // Read returned io.EOF
}

// open opens o from its first byte. On success the body owns the watchdog.
func open(ctx context.Context, src Source, o Object, limit time.Duration) (*body, error) {
	ctx, watch := newWatchdog(ctx, limit)
	watch.start()
	rc, err := src.Open(ctx, o, 0)
	watch.stop()
	if err != nil {
		err = cause(ctx, err)
		watch.release()
		return nil, err
	}
	return &body{ReadCloser: rc, ctx: ctx, watch: watch, size: o.Size}, nil
}

func (b *body) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil { // a file does not ask
		return 0, context.Cause(b.ctx)
	}
	b.watch.start()
	n, err := b.ReadCloser.Read(p)
	b.watch.stop()
	b.read += int64(n)
	if over := b.read - b.size; over > 0 {
		b.read = b.size
		return n - int(over), ErrChanged
	}
	b.ended = err == io.EOF
	return n, cause(b.ctx, err)
}

// interrupt makes a Read that is under way return.
func (b *body) interrupt() { b.watch.cancel(context.Canceled) }

func (b *body) Close() error {
	defer b.watch.release()
	return b.ReadCloser.Close()
}
