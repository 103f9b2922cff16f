package qlogs

import (
	"context"
	"io/fs"
	"iter"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// given feeds the logs among the objects of seq.
func (f *feed) given(ctx context.Context, seq iter.Seq2[Object, error]) error {
	for o, err := range seq {
		if EndsScan(err) {
			return err
		}
		if err != nil { // of a scan's Objects, or of the like
			if err := f.send(&step{err: err}); err != nil {
				return err
			}
			continue
		}
		st, err := f.givenStep(ctx, o)
		if err != nil {
			return err
		}
		if st == nil {
			continue
		}
		if err := f.send(st); err != nil {
			return err
		}
	}
	return nil
}

// givenStep returns the step of an object that was given, or nil if it is not a log.
func (f *feed) givenStep(ctx context.Context, o Object) (*step, error) {
	pinned := o.ETag != "" || o.VersionID != ""
	var failed error
	if _, notLog := path.Parse(o.Key); notLog == nil && (o.Size < 0 || o.Size == 0 && o.ETag == "") {
		if o, failed = f.complete(ctx, o); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	size := o.Size
	if failed != nil { // what is not known is not empty
		size = -1
	}
	kind, key := path.KindOf(o.Key, size)
	f.counters.update(func(s *Stats) {
		s.Listed++
		s.Skipped.Add(kind)
	})
	if kind != path.Log {
		return nil, nil
	}
	st := f.steps.of(o, key, nil)
	st.Pinned = pinned
	if failed != nil {
		f.steps.fail(st, "open", -1, failed)
	}
	return st, nil
}

// complete looks up an object of unknown size. What is known of it already stays.
func (r *reader) complete(ctx context.Context, o Object) (Object, error) {
	now, found, err := r.find(ctx, o.Key)
	if err != nil {
		return o, err
	}
	if !found {
		return o, fs.ErrNotExist
	}
	if o.ETag != "" {
		now.ETag = o.ETag
	}
	now.VersionID = o.VersionID
	return now, nil
}
