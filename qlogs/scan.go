package qlogs

import (
	"context"
	"iter"
	"sync/atomic"
)

// A Scan is one pass over the logs that a [Query] selects, or over the objects that are given
// to [Client.ScanOf]. It can be ranged over once, with [Scan.Records], [Scan.Follow] or
// [Scan.Objects]. [Scan.SaveTo] is called before the loop. [Scan.Stats] and [Scan.Cursor] may
// be called at any time, from any goroutine.
type Scan struct {
	reader
	err   error
	used  atomic.Bool
	saves *saves // nil if the cursor is not saved

	misuse atomic.Pointer[error] // of a method, which the loop is told of

	// given are the objects to read; nil if they are listed.
	given iter.Seq2[Object, error]
}

// Records yields the records of the selected logs in the bytewise order of their
// objects' keys, and within an object in the order of the file. A scan that goes on
// from a cursor first yields those of the objects that the cursor holds to be retried.
// The objects of [Client.ScanOf] keep the order in which they are given.
//
// An error comes with a zero Entry. An [*ObjectError] concerns one object or one
// record, a [*PartitionError] one listing: after these the loop may continue, and
// everything else is still delivered. Any other error, such as the context's, is
// the last pair. [EndsScan] reports whether an error is.
//
// Objects are fetched and decoded ahead of the loop, within the bounds of [Options].
// When the loop is left, in any way, all of that ends before the range statement is
// over. The sequence is single use: a second range yields [ErrScanUsed].
func (s *Scan) Records(ctx context.Context) iter.Seq2[Entry, error] {
	return s.entries(ctx, s.list)
}

// list feeds all that the scan reads, once.
func (s *Scan) list(f *feed, ctx context.Context) error {
	if s.given != nil {
		return f.given(ctx, s.given)
	}
	return f.once(ctx)
}

// entries yields the entries of the steps that list feeds.
func (s *Scan) entries(ctx context.Context, list func(*feed, context.Context) error) iter.Seq2[Entry, error] {
	read := func(yield func(Entry, error) bool) {
		over := false // there is no further pair
		s.deliver(ctx, list, func(e Entry, err error) bool {
			if misuse := s.misuse.Load(); misuse != nil {
				over = true
				yield(Entry{}, *misuse)
				return false
			}
			over = !yield(e, err) || EndsScan(err)
			return !over
		})
		if misuse := s.misuse.Load(); misuse != nil && !over {
			yield(Entry{}, *misuse)
		}
	}
	return func(yield func(Entry, error) bool) {
		if err := s.begin(); err != nil {
			yield(Entry{}, err)
			return
		}
		if s.saves != nil {
			s.saves.around(ctx, s, read)(yield)
			return
		}
		read(yield)
	}
}

// Objects yields the objects that Records would open, in the same order, and opens
// none of them. It yields only those errors that a listing shows. It does not move the
// scan's cursor. The sequence is single use, as that of Records.
func (s *Scan) Objects(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		if err := s.begin(); err != nil {
			yield(Object{}, err)
			return
		}
		left := false
		give := func(o Object, err error) bool {
			if ctx.Err() != nil {
				return false
			}
			left = !yield(o, err)
			return !left
		}
		f := &feed{
			reader: &s.reader,
			steps:  s.steps(),
			hungry: func() bool { return true },
			object: func(o Object) bool { return give(o, nil) },
			emit: func(st *step) bool {
				switch {
				case st.err != nil:
					return give(Object{}, st.err)
				case st.Object.Key == "":
					return ctx.Err() == nil
				}
				return give(st.Object, nil)
			},
		}
		switch err := s.list(f, ctx); {
		case left:
		case ctx.Err() != nil:
			yield(Object{}, context.Cause(ctx))
		case err != nil:
			yield(Object{}, err)
		}
	}
}

func (s *Scan) begin() error {
	if s.err != nil {
		return s.err
	}
	if misuse := s.misuse.Load(); misuse != nil {
		return *misuse
	}
	if s.used.Swap(true) {
		return ErrScanUsed
	}
	return nil
}

// nameless reports whether the scan's cursor has no text.
func (s *Scan) nameless() bool { return s.src != nil && s.src.ID() == "" }

// Stats returns the counters as they are now.
func (s *Scan) Stats() Stats { return s.counters.snapshot() }

// Cursor returns where the scan stands. The cursor covers every pair that the loop has
// finished. A pair is finished when the loop asks for the next one. After break, return or
// a panic the last pair is not finished, and a scan that goes on from the cursor yields it
// again.
//
// It is the zero Cursor if the options or the query are bad, and for [Client.ScanOf].
func (s *Scan) Cursor() Cursor {
	if s.tracker == nil {
		return Cursor{}
	}
	return Cursor{s.tracker.State()}
}
