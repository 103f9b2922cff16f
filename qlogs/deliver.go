package qlogs

import (
	"context"
	"errors"
	"fmt"

	"github.com/promptlogs/qlogs/internal/resume"
)

// A delivery hands jobs to the loop and tells the scan's progress what the loop
// has finished.
type delivery struct {
	*pipeline
	yield func(Entry, error) bool
}

// deliver yields everything in order.
func (p *pipeline) deliver(yield func(Entry, error) bool) {
	d := delivery{pipeline: p, yield: yield}
	for {
		j, ok := d.next()
		if !ok {
			break
		}
		if !d.job(j) {
			return
		}
		p.window.release(j.charged)
		p.window.advance()
	}
	if p.ctx.Err() != nil {
		d.canceled()
	}
}

// canceled yields why the scan's context is done, as the last pair. It always reports
// false.
func (d *delivery) canceled() bool {
	if d.panic.Load() == nil { // which is raised instead
		d.yield(Entry{}, context.Cause(d.ctx))
	}
	return false
}

// next waits for the next job to be ready. It reports false at the end, and when
// the scan's context is done.
func (d *delivery) next() (*job, bool) {
	var j *job
	select {
	case j = <-d.order:
		if j == nil {
			return nil, false
		}
	case <-d.ctx.Done():
		return nil, false
	}
	select {
	case <-j.ready:
		return j, d.ctx.Err() == nil
	case <-d.ctx.Done():
		return nil, false
	}
}

// job yields all that is of one job. It reports false when the loop was left, or
// has had its last pair.
func (d *delivery) job(j *job) bool {
	if j.mark != nil {
		j.mark()
		return true
	}
	if j.large && j.err == nil {
		if !d.stream(j) {
			return false
		}
	}
	if j.data != nil && !d.rest(j) {
		return false
	}
	if len(j.results) > 0 && !d.results(j) {
		return false
	}
	return d.end(j)
}

// results yields what a worker or a stream has put into j and empties it.
func (d *delivery) results(j *job) bool {
	for i := range j.results {
		r := j.results[i]
		j.results[i] = result{}
		last := i == len(j.results)-1 && j.err == nil && j.out.Left < 0 && !j.streaming
		if !d.result(j, r, last) {
			return false
		}
	}
	j.results = j.results[:0]
	return true
}

func (d *delivery) result(j *job, r result, last bool) bool {
	if d.ctx.Err() != nil {
		return d.canceled()
	}
	if r.err != nil {
		if !d.yield(Entry{}, r.err) {
			return false
		}
	} else if !d.entry(j, r, last) {
		return false
	}
	if j.item != nil {
		d.scan.tracker.FinishRecord(j.item, &j.out, r.index)
	}
	return true
}

func (d *delivery) entry(j *job, r result, last bool) bool {
	d.scan.counters.update(func(s *Stats) { s.RecordsYielded++ })
	var at resume.Mark
	if j.item != nil {
		at = d.scan.tracker.Mark(j.item, &j.out, r.index, last)
	}
	return d.yield(Entry{
		Record:    r.record,
		Key:       j.key,
		Object:    j.object,
		Index:     r.index,
		Offset:    r.offset,
		Tentative: r.tentative,
		at:        at,
	}, nil)
}

// end counts j and yields its error, if it has one.
func (d *delivery) end(j *job) bool {
	if j.err != nil && d.ctx.Err() != nil {
		return d.canceled()
	}
	isObject := j.object.Key != ""
	d.scan.counters.update(func(s *Stats) {
		j.tally.addTo(s)
		switch {
		case isObject && j.empty:
			s.Skipped.Empty++
		case isObject && j.err == nil:
			s.Read++
		case isObject:
			s.Failed++
		}
	})
	if j.err != nil && !d.failed(j) {
		return false
	}
	if j.hold != nil {
		j.hold()
	}
	if j.item != nil && !j.passing {
		j.out.Damaged = j.out.Damaged || j.err != nil
		d.scan.tracker.Finish(j.item, &j.out)
	}
	return true
}

// failed yields j's error. It reports false when that was the last pair.
func (d *delivery) failed(j *job) bool {
	if !d.yield(Entry{}, j.err) {
		return false
	}
	var partition *PartitionError
	if j.object.Key == "" {
		return errors.As(j.err, &partition)
	}
	if j.passing && j.item != nil && !d.scan.tracker.Fail(j.item, &j.out, max(j.reached, j.item.Before.Done)) {
		d.yield(Entry{}, fmt.Errorf("qlogs: %w: more than %d: find the cause in the errors before and go on from the cursor, or give such objects up with Options.MaxAttempts", ErrPendingFull, resume.MaxPending))
		return false
	}
	return true
}
