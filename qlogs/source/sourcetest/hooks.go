package sourcetest

import (
	"context"
	"errors"
	"io"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// Hooks change what a [Memory], or a [Wrapped] source, answers. A nil hook changes
// nothing. Hooks only change while nothing uses the source.
//
// They are called from the goroutines that use the source, many at once, without a lock:
// they may take their time, panic, and call the source.
type Hooks struct {
	// OnList is called for each request of a listing. A Memory makes one for each page,
	// with in.After set to the last key of the page before; a Wrapped source makes one.
	// An error ends the listing.
	OnList func(ctx context.Context, in source.ListInput) error

	// OnObject is called for each object and folder before a listing yields it, and
	// returns what the listing yields in its place. The zero Object stands for nothing.
	// An error is yielded behind the object and, if it is no [source.KeyError], ends
	// the listing.
	OnObject func(ctx context.Context, in source.ListInput, o source.Object) (source.Object, error)

	// OnOpen is called for each Open. An error is Open's.
	OnOpen func(ctx context.Context, o source.Object, offset int64) error

	// OnBody returns what a body that was opened brings: the body that it is given, or one
	// that reads from it, or another. ctx is that of Open.
	OnBody func(ctx context.Context, o source.Object, offset int64, body io.Reader) io.Reader
}

// ask is for the hooks that are called before an answer.
func ask(ctx context.Context, hook func() error) error {
	if err := hook(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

func (h *Hooks) askList(ctx context.Context, in source.ListInput) error {
	return ask(ctx, func() error {
		if h.OnList == nil {
			return nil
		}
		return h.OnList(ctx, in)
	})
}

func (h *Hooks) askOpen(ctx context.Context, o source.Object, offset int64) error {
	return ask(ctx, func() error {
		if h.OnOpen == nil {
			return nil
		}
		return h.OnOpen(ctx, o, offset)
	})
}

func (h *Hooks) askBody(ctx context.Context, o source.Object, offset int64, r io.Reader) io.Reader {
	if h.OnBody == nil {
		return r
	}
	return h.OnBody(ctx, o, offset, r)
}

// pass yields what the hook makes of an object. It reports whether the listing goes on.
func (h *Hooks) pass(ctx context.Context, in source.ListInput, o source.Object, yield func(source.Object, error) bool) bool {
	var err error
	if h.OnObject != nil {
		o, err = h.OnObject(ctx, in, o)
	}
	if o != (source.Object{}) && !yield(o, nil) {
		return false
	}
	if err == nil {
		return true
	}
	return yield(source.Object{}, err) && isKeyError(err)
}

func isKeyError(err error) bool {
	var e *source.KeyError
	return errors.As(err, &e)
}
