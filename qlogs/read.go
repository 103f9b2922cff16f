package qlogs

import (
	"context"
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
// There is no cursor that would hold what failed. An [ObjectError] that is Pending says
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
		s := &Scan{src: c.src, opts: c.opts}
		p := newPipeline(ctx, s, func(l *lister, ctx context.Context) error { return l.given(ctx, objects) })
		defer p.stop()
		p.deliver(yield)
	}
}

// given sends the logs among objects.
func (l *lister) given(ctx context.Context, objects []Object) error {
	for _, o := range objects {
		var err error
		pinned := o.ETag != "" || o.VersionID != ""
		_, notLog := path.Parse(o.Key)
		if notLog == nil && (o.Size < 0 || o.Size == 0 && o.ETag == "") {
			if o, err = l.lookUp(ctx, o); ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
		var key path.Key
		var kind path.Kind
		l.scan.counters.update(func(s *Stats) {
			s.Listed++
			size := o.Size
			if err != nil {
				size = -1
			}
			kind, key = path.KindOf(o.Key, size)
			s.Skipped.Add(kind)
		})
		if kind != path.Log {
			continue
		}
		j := l.job(o, key, nil)
		j.pinned = pinned
		if err != nil {
			j.fail("open", -1, err)
		}
		if err := l.send(j); err != nil {
			return err
		}
	}
	return nil
}
