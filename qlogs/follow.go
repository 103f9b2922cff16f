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
// comes twice between the two.
//
// A poll, every [Options].PollInterval, lists in each known partition the keys of the
// 10 minutes before the newest key. A sweep, every [Options].SweepInterval, lists all
// within [Options].Lookback, which finds what was stored late and what has to be read
// again. A sweep also looks for new partitions, and retries the objects that the cursor
// holds. Within a partition each poll and each sweep yields its objects in key order. The
// keys give the time, not the clock, so a wrong clock, or a bucket that is copied with a
// delay, costs no object.
//
// A poll costs one LIST call for each partition, which is 1,440 a day with the defaults.
// A sweep, 96 a day, costs one more call for each folder from the query's prefix down to
// the folders of log types. Where more than 1,000 keys are listed, a listing takes further
// calls.
//
// The next poll waits until the loop has finished what the last one brought. If the query
// has a To, Follow ends when the clock is [Options].ListPad past it, after one last sweep.
// A listing that fails is a [*PartitionError]. The next poll tries it again, or the next
// sweep if the folder lies above partitions. Only a failure of the first listing of the
// query's own prefix ends the scan, as in Records. Rename a file of a local directory into
// place when it is whole: a file that is still being written is read as it is then, until
// a sweep finds that it has changed.
//
// [Scan.Stats] counts the objects that are not logs once, when it first meets their
// partition. [Client.ScanOf] cannot be followed. The sequence is single use, as that of
// Records.
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
	if err := f.send(&step{ends: true, then: func() { close(reached) }}); err != nil {
		return err
	}
	select {
	case <-reached:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
