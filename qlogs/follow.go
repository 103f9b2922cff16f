package qlogs

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/promptlogs/qlogs/internal/stall"
)

// Follow yields what Records yields, and then goes on with the objects that
// arrive, until the context is done or the loop is left. Nothing is missed or
// comes twice where the one passes into the other.
//
// Every [Options].PollInterval it lists, in each partition that it knows, the keys
// of the last 10 minutes before the newest one; every [Options].SweepInterval it
// lists all within [Options].Lookback, which finds what was stored late and what has to
// be read again, looks for new partitions, and tries again the objects that the cursor has pending. Within a
// partition each of these yields its objects in key order. Time is told by the keys,
// so that a clock that is wrong, or a bucket that is copied with a delay, costs no
// object.
//
// What it costs: one LIST call for each partition and poll, which is 1,440 a day
// with the defaults, and with each sweep, 96 a day, one more for each folder from
// the query's prefix down to those of the log types; further ones only where over
// 1,000 keys lie in what is listed.
//
// A new poll waits until the loop has finished with what the last one brought. If the
// query has a To, Follow ends once the clock is an [Options].ListPad past it, after one
// last sweep. A listing that fails is a [*PartitionError], and the next poll, or for
// a folder above partitions the next sweep, tries again, except that the first
// listing of the query's own prefix ends the scan as it does in Records. An object in
// a local directory should be renamed into place when it is whole; one that is still
// written counts as it then is, until a sweep finds it changed.
//
// [Scan.Stats] counts the objects that are not logs once, when it first meets their
// partition. The sequence is single use, as that of Records.
func (s *Scan) Follow(ctx context.Context) iter.Seq2[Entry, error] {
	return s.entries(ctx, func(f *feed, ctx context.Context) error {
		if s.given != nil {
			return errGivenFollow
		}
		return f.follow(ctx)
	})
}

var errGivenFollow = errors.New("qlogs: a scan of given objects cannot be followed: range over Records, or follow a Client.Scan")

// follow feeds round after round. Each begins when the loop has finished the one before: by
// then the tracker knows every finished object. Objects that wait for a later To are not
// finished; what was sent is remembered for them.
func (f *feed) follow(ctx context.Context) error {
	f.begin(true)
	opts := f.opts
	swept := time.Now()
	first := true
	for now := swept; ; now = time.Now() {
		end := f.sel.Until // nothing before To arrives after it
		last := !end.IsZero() && !now.Before(end)
		sweep := first || last || now.Sub(swept) >= opts.SweepInterval
		if !first {
			f.tracker.Next(sweep)
		}
		if err := f.round(ctx, sweep); err != nil || last {
			return err
		}
		if sweep {
			swept = now
		}
		first = false
		if err := f.delivered(ctx); err != nil {
			return err
		}
		next := now.Add(opts.PollInterval)
		if !end.IsZero() && end.Before(next) {
			next = end
		}
		if err := stall.Sleep(ctx, time.Until(next)); err != nil {
			return err
		}
	}
}

// round lists once: all that the query selects, or the newest objects alone.
func (f *feed) round(ctx context.Context, sweep bool) error {
	if sweep {
		return f.all(ctx)
	}
	f.sweep = false
	return f.walk.Poll(ctx, f.visit)
}

// delivered waits until the loop has finished with all that was fed.
func (f *feed) delivered(ctx context.Context) error {
	reached := make(chan struct{})
	if err := f.send(&step{then: func() { close(reached) }}); err != nil {
		return err
	}
	select {
	case <-reached:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
