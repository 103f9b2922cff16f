package listing

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// pages make one listing, however many pages it has.
type pages struct {
	source       source.Source
	stallTimeout time.Duration
	calls        *stall.Calls

	// whole, if not nil, is set when the source turns out to give a listing whole, wherever it is
	// to begin. Its listings are not shared out then: each of them would take the same time.
	whole *atomic.Bool
}

// A name is what a listing gives.
type name struct {
	source.Object
	failed   *source.KeyError // why the source could not look at it; nil if it could
	repeated bool             // it is the name before once more
}

// within reports whether a name is in a range, or may hold keys that are.
func (n name) within(after, end string) bool {
	return n.Key < end && (n.Key > after || n.mayHold(after))
}

// mayHold reports whether a name is a folder that the source could not look at, and what
// sorts before a key and behind it may lie there.
func (n name) mayHold(key string) bool {
	return n.failed != nil && strings.HasPrefix(key, withSlash(n.Key))
}

// A sourceError is an error of the source, which concerns one listing. All other errors
// of a listing end the walk.
type sourceError struct{ error }

// errEnd ends one listing: nothing behind the name that was met is wanted.
var errEnd = errors.New("end of range")

// list visits all that the source has, in order. The time that visit takes does not count
// as a wait for the source.
func (p pages) list(ctx context.Context, in source.ListInput, visit func(name) error) error {
	watch := stall.New(ctx, p.stallTimeout, p.calls)
	defer watch.Release()
	defer watch.Answered()
	watch.Start()
	met := sequence{in: in, source: p.source}
	for o, err := range p.source.List(watch, in) {
		watch.Stop()
		n := name{Object: o, failed: keyError(err)}
		if n.failed != nil && watch.Err() == nil {
			n.Object = source.Object{Key: n.failed.Key}
		} else if err != nil {
			return sourceError{stall.Cause(watch, err)}
		}
		if n.repeated, err = met.next(n.Object); err != nil {
			return err
		}
		if n.Key <= in.After && (n.repeated || !n.mayHold(in.After)) { // some stores cannot start in the middle
			if p.whole != nil && n.Key < in.After && !n.repeated {
				p.whole.Store(true)
			}
			watch.Start()
			continue
		}
		if err := visit(n); err == errEnd {
			return nil
		} else if err != nil {
			return err
		}
		watch.Start()
	}
	return nil
}

// keyError returns nil for any other error.
func keyError(err error) *source.KeyError {
	if err == nil {
		return nil
	}
	var e *source.KeyError
	if !errors.As(err, &e) || e.Err == nil {
		return nil
	}
	return e
}
