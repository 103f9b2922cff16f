package qlogs

import (
	"errors"
	"time"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/selection"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// A filter decides which records the loop gets.
type filter struct{ sel selection.Selection }

// keep counts a record, and keeps it if the loop gets it.
func (f filter) keep(t *reading.Task, r *reading.Record) reading.Verdict {
	st := t.Ref.(*step)
	st.reached = r.Index + 1
	st.out.Damaged = st.out.Damaged || r.Err != nil
	if st.finished(r) {
		return reading.Drop
	}
	st.tally.seen++
	if r.Err != nil {
		st.tally.failed++
		var bad *record.Error
		if errors.As(r.Err, &bad) {
			r.Err = &ObjectError{Op: "decode", Key: st.Object.Key, Object: st.Object, Index: r.Index, Offset: r.Offset, Err: bad}
		}
	} else {
		when := f.sel.Compare(r.Record, st.key)
		if when > 0 && st.out.Left < 0 {
			st.out.Left = r.Index
			st.out.Astray = !f.sel.NearEnd(st.key)
		}
		if when != 0 {
			st.tally.filtered++
			return reading.Drop
		}
		if r.Drifted {
			st.tally.drifted++
		}
	}
	st.out.Behind = st.out.Behind || st.out.Left >= 0
	return reading.Keep
}

// finished reports whether a record, or its error, was delivered by another scan, from
// whose cursor this one goes on.
func (st *step) finished(r *reading.Record) bool {
	if st.item == nil {
		return false
	}
	return st.item.Before.Finished(r.Index, func(t time.Time) bool {
		return r.Err != nil || selection.Selection{To: t}.Compare(r.Record, st.key) == 0
	})
}

// restart forgets all records of an object that is read again from its start, as it is now.
func (filter) restart(t *reading.Task, _ Object) {
	st := t.Ref.(*step)
	st.reached, st.out, st.tally = 0, resume.Outcome{Left: -1}, tally{}
	if st.item != nil {
		st.item.Replace(st.Object)
	}
}
