package qlogs

import (
	"context"
	"io/fs"
	"iter"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// ScanOf prepares one pass over the objects of seq, in its order: with the same bounds,
// errors and checks as [Client.Scan], and without a listing. It is for objects that are known
// by other means: an event of S3 (package event), a keep.DeadLetter, a manifest of millions
// of objects, which are taken one by one as they are needed. Objects that are not logs are
// passed over, as a scan does; an object that is given twice is read twice.
//
// Each object needs its Key. A Size that is unknown, which is -1, or 0 without an ETag,
// is looked up with one listing. An object that the listing does not have is an
// [ObjectError] that wraps fs.ErrNotExist. With an ETag or a VersionID the object is read
// as it was, or is [ErrChanged]; without both, as it is now.
//
// The scan has no cursor that would hold what failed: [Scan.Cursor] and that of its entries
// are zero, and [Scan.SaveTo] is refused. An [ObjectError] that is Retryable says that
// another try may succeed: the caller has to give the object again, or to put it aside.
// [Scan.Follow] is refused too.
//
// An error of seq is yielded as it is, and ends the scan. The scan ranges over seq on a
// goroutine of its own, ahead of its loop.
func (c *Client) ScanOf(seq iter.Seq2[Object, error]) *Scan {
	return &Scan{reader: reader{src: c.src, opts: c.opts}, err: c.err, given: seq}
}

// Read yields the records of the objects that are given: it is [Client.ScanOf] for those who
// have a few of them and do not ask for counters. The sequence may be ranged over more than
// once, and reads the objects each time.
func (c *Client) Read(ctx context.Context, objects ...Object) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		c.ScanOf(func(give func(Object, error) bool) {
			for _, o := range objects {
				if !give(o, nil) {
					return
				}
			}
		}).Records(ctx)(yield)
	}
}

// given feeds the logs among the objects of seq.
func (f *feed) given(ctx context.Context, seq iter.Seq2[Object, error]) error {
	for o, err := range seq {
		if err != nil {
			return err
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
