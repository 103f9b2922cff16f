package source

import (
	"context"

	"github.com/promptlogs/qlogs/internal/stall"
)

// As returns what src can do beyond [Source] as a T, an interface such as [Local]. It
// asks src itself, then what src wraps, as long as there is a method Unwrap.
func As[T any](src Source) (T, bool) {
	for src != nil {
		if t, ok := src.(T); ok {
			return t, true
		}
		wrapper, ok := src.(interface{ Unwrap() Source })
		if !ok {
			break
		}
		src = wrapper.Unwrap()
	}
	var none T
	return none, false
}

// A Local source reports that it lies on this machine. Its listings take no time worth
// hiding, so a scan does not list a partition in pieces side by side, which would walk
// through it again for each. And nothing that it opens refers to the context that it was
// given, so that a scan may use one context for several objects.
type Local interface {
	Local() bool
}

// IsLocal reports whether src, or what it wraps, says that it is [Local].
func IsLocal(src Source) bool {
	local, ok := As[Local](src)
	return ok && local.Local()
}

// StartRequest tells the scan of ctx that a request begins, for qlogs.Stats. It is for
// sources whose List or Open sends several requests, such as one for each page. If a source
// never calls it, each List and each Open counts as one request. With a context that is not
// from a scan it does nothing.
func StartRequest(ctx context.Context) {
	if t := stall.From(ctx); t != nil {
		t.Request()
	}
}

// An Attempt is one attempt of a request; see [StartAttempt].
type Attempt struct{ timer *stall.Timer }

// StartAttempt tells the scan of ctx that an attempt of a request begins, so that the
// attempt has the whole of qlogs.Options.StallTimeout. It is for sources that send a request
// more than once and pause between: the pauses do not count. [Attempt.End] ends the attempt.
// With a context that is not from a scan it does nothing.
func StartAttempt(ctx context.Context) Attempt {
	a := Attempt{stall.From(ctx)}
	if a.timer != nil {
		a.timer.Attempt()
	}
	return a
}

// End ends the attempt. The stall timer stands still until the next one.
func (a Attempt) End() {
	if a.timer != nil {
		a.timer.Stop()
	}
}
