package qlogs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A feed makes steps in the order of delivery: what the cursor has pending, then what a
// listing meets and the cursor has not finished.
type feed struct {
	*reader
	steps steps
	// emit takes the next step; false ends the feed.
	emit func(*step) bool
	// object, if it is not nil, takes the objects that would be opened, in place of
	// their steps.
	object func(Object) bool
	// hungry reports whether whoever takes the steps could do with more of them.
	hungry func() bool

	walk    *listing.Walk
	follows bool // comes back to what it has listed
	sweep   bool // lists all within the lookback
	looked  bool // for logs, once
	met     bool // a partition
	missed  bool // a listing failed, so that partitions may not have been met
}

// errStop ends a feed whose taker wants no more.
var errStop = errors.New("stop")

// once feeds all that the query selects, once. Its error, if not errStop, ends the scan.
func (f *feed) once(ctx context.Context) error {
	f.begin(false)
	return f.all(ctx)
}

func (f *feed) begin(follow bool) {
	f.follows = follow
	c := f.listing()
	c.Enter, c.Bounds, c.Hungry, c.Follow = f.enter, f.bounds, f.hungry, follow
	f.walk = listing.New(c)
}

// all feeds what is pending and all that the query selects.
func (f *feed) all(ctx context.Context) error {
	f.sweep = true
	if err := f.pending(); err != nil {
		return err
	}
	if err := f.walk.Sweep(ctx, f.visit); err != nil {
		return err
	}
	if f.looked || f.met || f.missed || f.mayMiss {
		f.looked = true
		return nil
	}
	f.looked = true
	err := f.noLogs(ctx)
	if EndsScan(err) {
		return err
	}
	return f.send(&step{err: err})
}

// pending feeds the objects that a round tries again. They are requested as they
// were; one that was replaced meanwhile is looked up like any other.
func (f *feed) pending() error {
	items, err := f.tracker.Retries()
	if err != nil {
		return err
	}
	for _, item := range items {
		key, err := path.Parse(item.Object.Key)
		if err != nil {
			return err
		}
		f.counters.update(func(s *Stats) { s.Listed++ })
		if err := f.send(f.steps.of(item.Object, key, item)); err != nil {
			return err
		}
	}
	return nil
}

// enter begins a listing of a partition: what is finished is not listed.
func (f *feed) enter(p *listing.Partition) (after, end string) {
	f.met = true
	sent, met := p.State.(*resume.Sent)
	if !met {
		f.counters.update(func(s *Stats) { s.Partitions++ })
		sent = f.tracker.Sent(p.Name, f.follows)
		p.State = sent
	}
	return f.behind(sent.Begin(f.sweep), p.ID)
}

// bounds returns what enter would return now. A floor never falls, so that the walk finds
// between these bounds all that enter asks for later.
func (f *feed) bounds(id path.Partition) (after, end string) {
	return f.behind(f.tracker.Floor(id.String()), id)
}

// behind returns the bounds of a partition's keys from a floor on.
func (f *feed) behind(floor time.Time, id path.Partition) (after, end string) {
	after, end = f.sel.KeyRange(id)
	if !floor.IsZero() {
		first, _ := id.Range(floor, time.Time{})
		after = max(after, first)
	}
	return after, end
}

// visit takes what the walk meets.
func (f *feed) visit(e *listing.Event) error {
	switch e.Kind {
	case listing.Found:
		return f.found(e)
	case listing.Skipped:
		if !e.Again {
			f.counters.update(func(s *Stats) {
				s.Listed++
				s.Skipped.Add(e.What)
			})
		}
	case listing.Repeated:
		if !e.Again {
			f.counters.update(func(s *Stats) { s.Repeated++ })
		}
	case listing.FileFailed:
		return f.fileFailed(e)
	case listing.Failed:
		return f.failed(e)
	case listing.Done:
		return f.send(&step{partition: &partitionEnd{e.Partition.ID, e.Partition.Name}})
	}
	return nil
}

// found feeds a log that neither the cursor nor this scan has met.
func (f *feed) found(e *listing.Event) error {
	sent := e.Partition.State.(*resume.Sent)
	if f.object != nil && f.steps.refusal(e.Object) == nil {
		if !f.wanted(sent.Wants(e.Object, e.Key)) {
			return nil
		}
		if !f.object(e.Object) {
			return errStop
		}
		return nil
	}
	item, verdict := sent.Take(e.Object, e.Key)
	if !f.wanted(verdict) {
		return nil
	}
	return f.send(f.steps.of(e.Object, e.Key, item))
}

// wanted counts an object that was listed and reports whether it is to be read.
func (f *feed) wanted(v resume.Verdict) bool {
	switch v {
	case resume.Wanted:
		f.counters.update(func(s *Stats) { s.Listed++ })
	case resume.Rewritten:
		f.counters.update(func(s *Stats) { s.Rewritten++ })
	}
	return v == resume.Wanted
}

// fileFailed feeds the error of a file that the source could not look at. What the listing
// does not say differs from what will be there, so that a retry looks the file up again. Of a
// file that was read before there is no error: the next sweep looks at it again.
func (f *feed) fileFailed(e *listing.Event) error {
	item, verdict := e.Partition.State.(*resume.Sent).TakeUnlisted(e.Object.Key, e.Key)
	if verdict == resume.Unlisted {
		part, hour := e.Partition.Name, e.Key.Hour
		return f.send(&step{then: func() { f.tracker.Hold(part, hour) }})
	}
	if !f.wanted(verdict) {
		return nil
	}
	st := f.steps.of(e.Object, e.Key, item)
	if e.Failure.Final {
		f.steps.failForGood(st, "open", e.Failure.Err)
	} else {
		f.steps.fail(st, "open", -1, e.Failure.Err)
	}
	return f.send(st)
}

// failed makes an error of the listing of the query's own prefix the scan's end, and any
// other one a partition's. That of a folder in a partition is fed once as long as it
// stays, and keeps the partition's floor below the folder.
func (f *feed) failed(e *listing.Event) error {
	if e.Failure.Root {
		return fmt.Errorf("qlogs: list %q in %s: %w", e.Failure.Prefix, f.src.ID(), e.Failure.Err)
	}
	f.missed = true
	st := &step{}
	if !e.Again {
		st.err = &PartitionError{Partition: e.Failure.Partition, Prefix: e.Failure.Prefix, Err: e.Failure.Err}
	}
	if e.Failure.Timed {
		part, from := e.Partition.Name, e.Failure.From
		st.then = func() { f.tracker.Hold(part, from) }
	}
	if st.err == nil && st.then == nil {
		return nil
	}
	return f.send(st)
}

func (f *feed) send(st *step) error {
	if !f.emit(st) {
		return errStop
	}
	return nil
}
