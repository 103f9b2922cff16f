package qlogs

import (
	"context"
	"time"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/internal/resume"
)

// A delivery gives the loop what is read, and tells the scan's tracker what the loop has
// finished.
type delivery struct {
	*reader
	steps steps
	tasks *reading.Pipeline
	yield func(Entry, error) bool
	wait  time.Duration

	unkept unkept // failures
}

// deliver reads the steps that list puts into a feed, and yields everything in order.
func (r *reader) deliver(ctx context.Context, list func(*feed, context.Context) error, yield func(Entry, error) bool) {
	tasks := reading.Start(ctx, r.reading(filter{r.sel}), func(ctx context.Context, to *reading.Feed) {
		f := &feed{reader: r, steps: r.steps(), hungry: to.Hungry, emit: func(st *step) bool {
			st.Ref, st.Skip = st, st.err != nil || st.Object.Key == ""
			return to.Put(&st.Task)
		}}
		if err := list(f, ctx); err != nil && err != errStop {
			f.emit(&step{err: err})
		}
	})
	defer tasks.Stop()
	d := delivery{reader: r, steps: r.steps(), tasks: tasks, yield: yield, unkept: unkept{}}
	for t := tasks.Next(); t != nil; t = tasks.Next() {
		d.waited()
		if !d.step(t.Ref.(*step)) {
			return
		}
	}
	d.waited()
	if tasks.Cause() != nil {
		d.canceled()
	}
}

// waited counts how long the loop has waited.
func (d *delivery) waited() {
	if w := d.tasks.Waited(); w != d.wait {
		d.wait = w
		d.counters.update(func(s *Stats) { s.Waited = w })
	}
}

// canceled yields why the scan's context is done, as the last pair. It always reports
// false.
func (d *delivery) canceled() bool {
	if !d.tasks.Panicked() { // which is raised instead
		d.yield(Entry{}, d.tasks.Cause())
	}
	return false
}

// step yields all that there is of one step. It reports false when the loop was left, or
// has had its last pair.
func (d *delivery) step(st *step) bool {
	for r := range d.tasks.Records(&st.Task) {
		if !d.record(st, r) {
			return false
		}
	}
	if f := st.Failure; f.Err != nil {
		d.steps.fail(st, f.Op, f.Offset, f.Err)
	}
	return d.end(st)
}

func (d *delivery) record(st *step, r reading.Record) bool {
	if r.Err != nil {
		if !d.yield(Entry{}, r.Err) {
			return false
		}
	} else if !d.entry(st, r) {
		return false
	}
	if st.item != nil {
		d.tracker.FinishRecord(st.item, &st.out, r.Index)
	}
	return true
}

func (d *delivery) entry(st *step, r reading.Record) bool {
	d.counters.update(func(s *Stats) { s.RecordsYielded++ })
	var at resume.Mark
	if st.item != nil {
		at = d.tracker.Mark(st.item, &st.out, r.Index, r.Last && st.out.Left < 0)
	}
	return d.yield(Entry{
		Record:    r.Record,
		Key:       st.key,
		Object:    st.Object,
		Index:     r.Index,
		Offset:    r.Offset,
		Tentative: r.Tentative,
		at:        at,
	}, nil)
}

// end counts st and yields its error, if it has one.
func (d *delivery) end(st *step) bool {
	if st.err != nil && d.tasks.Cause() != nil {
		return d.canceled()
	}
	isObject := st.Object.Key != ""
	if isObject {
		d.counters.update(st.addTo)
	}
	if st.err != nil && !d.yield(Entry{}, st.err) {
		return false
	}
	switch {
	case !isObject && EndsScan(st.err):
		return false
	case st.item != nil:
		d.finish(st)
	case st.partition != nil:
		return d.partition(st.partition)
	case st.then != nil:
		if st.ends {
			clear(d.unkept) // the next sweep meets them again
		}
		st.then()
	}
	return true
}

// finish tells the tracker what the object has come to.
func (d *delivery) finish(st *step) {
	if !st.retryable {
		st.out.Damaged = st.out.Damaged || st.err != nil
		d.tracker.Finish(st.item, &st.out)
		return
	}
	if !d.tracker.Fail(st.item, &st.out, max(st.reached, st.item.Before.Done)) {
		d.unkept.add(st.key.Partition.String(), ClassOf(st.err))
	}
}

// partition ends a partition, and yields an error if objects of it failed that the cursor
// does not keep.
func (d *delivery) partition(p *partitionEnd) bool {
	from := d.tracker.Listed(p.name, d.sel.Until)
	err := d.unkept.take(p.name)
	if err == nil {
		return true
	}
	err.From = from
	return d.yield(Entry{}, &PartitionError{Partition: p.id, Prefix: p.name, Err: err})
}

// addTo counts an object that the loop is finished with.
func (st *step) addTo(s *Stats) {
	s.BytesStored += st.Stored
	s.BytesDecompressed += st.Decompressed
	s.RecordsSeen += st.tally.seen
	s.RecordsFiltered += st.tally.filtered
	s.RecordsFailed += st.tally.failed
	s.RecordsDrifted += st.tally.drifted
	switch {
	case st.err != nil:
		s.Failed++
	case st.Empty:
		s.Skipped.Empty++
	default:
		s.Read++
	}
}
