package sourcetest

import (
	"context"
	"io"
	"iter"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A Wrapped source asks another source, and its hooks. It is safe for use by many
// goroutines at once if that source is.
type Wrapped struct {
	Hooks
	calls
	bodies

	src source.Source
}

// Wrap returns src with hooks around it, none of which is set.
func Wrap(src source.Source) *Wrapped { return &Wrapped{src: src} }

// Unwrap returns the source that was given to Wrap.
func (w *Wrapped) Unwrap() source.Source { return w.src }

// ID returns the ID of the source that was given to Wrap.
func (w *Wrapped) ID() string { return w.src.ID() }

// List yields what the source lists and the hooks make of it.
func (w *Wrapped) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		defer w.listing()()
		end := w.begin(Call{In: in})
		var n int64
		var failed error
		defer func() { end(n, failed) }()
		if failed = w.askList(ctx, in); failed != nil {
			yield(source.Object{}, failed)
			return
		}
		for o, err := range w.src.List(ctx, in) {
			if err != nil {
				if !isKeyError(err) {
					failed = err
				}
				if !yield(source.Object{}, err) {
					return
				}
				continue
			}
			n++
			if !w.pass(ctx, in, o, yield) {
				return
			}
		}
	}
}

// Open opens an object of the source.
func (w *Wrapped) Open(ctx context.Context, o source.Object, offset int64) (rc io.ReadCloser, err error) {
	defer w.opening()(&rc)
	end := w.begin(Call{Get: true, Object: o, Offset: offset})
	var in io.ReadCloser
	if err = w.askOpen(ctx, o, offset); err == nil {
		in, err = w.src.Open(ctx, o, offset)
	}
	end(o.Size-offset, err)
	if err != nil {
		return nil, err
	}
	return &body{Reader: w.askBody(ctx, o, offset, in), in: in, ctx: ctx, key: o.Key, count: &w.bodies}, nil
}
