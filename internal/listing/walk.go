package listing

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Config says what a [Walk] lists. The functions are needed. Enter is called on the goroutine of
// the sweep or poll; the others may be called on any goroutine, several at the same time.
type Config struct {
	// Source is what is listed.
	Source source.Source

	// Prefix is where the walk begins: "" for the root, or the name of a folder with
	// its final "/".
	Prefix string

	// Covers reports whether a folder, of which that much of the partition is known,
	// may hold what is wanted. Elements that are not known are empty.
	Covers func(path.Partition) bool

	// Enter is called when a listing of a partition begins, before its first event, and
	// returns the bounds of the keys to list: after < key < end.
	Enter func(*Partition) (after, end string)

	// Bounds returns what Enter would return for a partition if the walk came to it now.
	// The walk lists ahead what it says, and tells of what is in the bounds of Enter as
	// well. If those are wider, it lists the partition again.
	Bounds func(path.Partition) (after, end string)

	// Lists is how many listings may wait for the source at the same time. If it is less
	// than 2, or the source is local, they come one after the other.
	Lists int

	// SearchDepth is how many folders below Prefix log roots are searched for.
	SearchDepth int

	// StallTimeout is how long the walk waits for the next answer of the source. The
	// error of a listing that takes longer wraps [stall.Err].
	StallTimeout time.Duration

	// Calls counts the requests for listings, if it is not nil.
	Calls *stall.Calls

	// Hungry reports whether whoever takes the objects could do with more of them. No
	// listing begins ahead of the walk otherwise, and no partition is listed in pieces side
	// by side.
	Hungry func() bool

	// Follow makes the walk remember the partitions that it meets, for [Walk.Poll] and
	// the next sweep.
	Follow bool
}

// A Walk lists a source. Its methods must not be called at the same time.
type Walk struct {
	cfg        Config
	pages      pages
	partitions map[string]*Partition // by name; with Follow only
	swept      bool                  // a sweep came to its end
	parser     parser
	passed     Passed

	ahead *ahead             // of the call that is under way
	emit  func(*Event) error // of that call
	event Event              // for all calls of emit
}

// New returns a walk that has met nothing yet.
func New(c Config) *Walk {
	w := &Walk{cfg: c, pages: pages{c.Source, c.StallTimeout, c.Calls, new(atomic.Bool)}}
	if c.Follow {
		w.partitions = map[string]*Partition{}
	}
	return w
}

// begin begins a sweep or a poll. What it returns ends that.
func (w *Walk) begin(ctx context.Context, emit func(*Event) error) (end func()) {
	w.emit, w.ahead = emit, newAhead(ctx, w.pages, w.cfg.Lists, w.cfg.Hungry)
	return w.ahead.stop
}

// tell hands an event on.
func (w *Walk) tell(e Event) error {
	w.event = e
	return w.emit(&w.event)
}

// listFailed tells of a listing that failed with an error of the source. It returns any
// other error as it is.
func (w *Walk) listFailed(ctx context.Context, err error, p *Partition, f Failure) error {
	failed, ok := err.(sourceError)
	if !ok {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f.Err = failed.error
	return w.tell(Event{Kind: Failed, Partition: p, Failure: &f})
}
