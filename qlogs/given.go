package qlogs

import (
	"context"
	"io/fs"
	"iter"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// Read yields the records of the objects that are given, in that order, and is in
// all else what [Scan.Records] is: with the same bounds, errors and checks, and
// without anything left behind. Objects that are not logs are passed over, as a
// scan does; an object that is given twice is read twice.
//
// Each object needs its Key. A Size that is unknown, which is -1, or 0 without an ETag,
// is looked up with one listing. An object that the listing does not have is an
// [ObjectError] that wraps fs.ErrNotExist. With an ETag or a VersionID the object is read
// as it was, or is [ErrChanged]; without both, as it is now.
//
// There is no cursor that would hold what failed. An [ObjectError] that is Retryable says
// that another try may succeed: it is the caller who has to give the object again, or to
// put it aside.
//
// It is for objects that are known by other means than a listing: an event of S3
// (package event), a keep.DeadLetter, a list that a program keeps. The sequence may be
// ranged over more than once, and reads the objects each time.
func (c *Client) Read(ctx context.Context, objects ...Object) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if c.err != nil {
			yield(Entry{}, c.err)
			return
		}
		r := &reader{src: c.src, opts: c.opts}
		r.deliver(ctx, func(f *feed, ctx context.Context) error { return f.given(ctx, objects) }, yield)
	}
}

// given feeds the logs among objects.
func (f *feed) given(ctx context.Context, objects []Object) error {
	for _, o := range objects {
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
