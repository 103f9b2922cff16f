package listing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/internal/panics"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// How many names a chain lists beyond those that were taken from it.
const (
	// aheadNames is a page of S3's.
	aheadNames = 1_000

	// chainAhead is for the chain of the partition that the walk is in.
	chainAhead = 10_000

	// pieceAhead is for a piece of that: more keys than it is meant to have, by half, so that
	// it is listed whole before its turn.
	pieceAhead = 12_000
)

// A chain lists the names of one range, ahead of whoever takes them. Each of its
// requests needs the answer to the one before.
type chain struct {
	folder  string // what is listed
	folders bool   // which are folded
	place   string // see ahead

	// Of a piece of a partition that the walk is in.
	piece bool
	from  string    // keys before it belong to another chain
	since time.Time // the same
	rest  bool      // of a piece that has more keys than it was meant to

	// bounds returns which keys it lists, when it begins: after < key < end. It is nil for
	// all of them.
	bounds func() (after, end string)

	// note, if it is not nil, is told of each object and folder.
	note func(source.Object)

	// Under the lock of ahead.
	begun, queued, running, dropped bool

	ahead  bool          // of the walk, which has not come to it
	wake   chan struct{} // nil if it has not paused
	cancel context.CancelFunc

	mu      sync.Mutex
	changed sync.Cond
	room    int      // for ready
	after   string   // what it began behind
	end     string   // the first key behind the range; "" if there is none
	ready   batch    // listed and not taken
	listed  int      // objects, taken or not
	last    string   // key that was met, if only behind the end
	met     progress // to the end of the last page of S3's
	done    bool
	err     error
	left    bool
}

// errLeft ends the listing of a chain from which nothing is taken any more.
var errLeft = errors.New("chain left")

func newChain(folder string, room int) *chain {
	c := &chain{folder: folder, place: folder, room: room}
	c.changed.L = &c.mu
	return c
}

// begin returns what the source is to list. It reports false if that can be nothing.
func (c *chain) begin() (in source.ListInput, some bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	in = source.ListInput{Prefix: c.folder, Folders: c.folders}
	if c.bounds == nil {
		return in, true
	}
	after, end := c.bounds()
	end = min(end, beyond(c.folder))
	c.after = after
	if c.end == "" || end < c.end { // it may be cut already
		c.end = end
	}
	if nothing(c.folder, after, end) {
		c.done = true
		c.changed.Broadcast()
		return in, false
	}
	if after >= c.folder {
		in.After = after
	}
	return in, true
}

// nothing reports whether no key of a folder is in a range, which ends with the folder's.
func nothing(folder, after, end string) bool { return max(after, folder) >= end }

// run lists until the end of the range, or until the chain is left. If there is no room, it
// calls pause, which reports whether to go on.
func (c *chain) run(ctx context.Context, p pages, in source.ListInput, pause func() bool) {
	var err error
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.done, c.err = true, err
		c.changed.Broadcast()
	}()
	panics.Catch(func() {
		err = p.list(ctx, in, func(n name) error {
			full, err := c.put(n)
			if err == nil && full && !pause() {
				err = errLeft
			}
			return err
		})
	}, func(p *panics.Panic) { err = p })
}

// put takes a name, and reports whether there is no room for another one.
func (c *chain) put(n name) (full bool, err error) {
	if c.note != nil && n.failed == nil && !n.repeated {
		c.note(n.Object)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.left:
		return false, errLeft
	case n.Key < c.from:
		return false, nil
	case n.repeated:
		c.ready.again()
		return false, nil
	}
	c.last = n.Key
	if c.end != "" && n.Key >= c.end {
		return false, errEnd
	}
	if n.failed != nil {
		n.Size = noSize
		c.ready.failed = append(c.ready.failed, n.failed)
	} else {
		if c.listed++; c.listed == 1 && c.since.IsZero() || c.listed%aheadNames == 0 {
			c.met.turn(c.listed, n.Key)
		}
	}
	c.ready.objects = append(c.ready.objects, n.Object)
	if len(c.ready.objects) == 1 {
		c.changed.Broadcast()
	}
	return len(c.ready.objects) >= c.room, nil
}

// hasRoom waits until there is room, and reports false if the chain was left.
func (c *chain) hasRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.ready.objects) >= c.room && !c.left {
		c.changed.Wait()
	}
	return !c.left
}

// widen gives the chain more room.
func (c *chain) widen(room int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room = max(c.room, room)
	c.changed.Broadcast()
}

// take waits for objects and returns all that are there. There are none at the end, with
// the error of the listing if it failed, which is for raise. The chain goes on in the memory
// of spare.
func (c *chain) take(spare []source.Object) (taken batch, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.ready.objects) == 0 && !c.done {
		c.changed.Wait()
	}
	taken, c.ready = c.ready, batch{objects: spare[:0]}
	if len(taken.objects) == 0 { // there may be repeats yet
		return taken, c.err
	}
	c.changed.Broadcast()
	return taken, nil
}

// raise raises the panic of a listing, and returns any other error.
func raise(err error) error {
	if p, ok := err.(*panics.Panic); ok {
		p.Raise()
	}
	return err
}

// starves reports whether a take would have to wait.
func (c *chain) starves() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ready.objects) == 0 && !c.done
}

// progress returns how far the chain has come, by whole pages. What is decided by these does
// not depend on how fast a page is taken from.
func (c *chain) progress() progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.met
	if p.done = c.done; c.done {
		p.keys = c.listed
		p.pass(c.last)
	}
	p.full = len(c.ready.objects) >= c.room
	p.held = c.room
	if c.done {
		p.held = len(c.ready.objects)
	}
	return p
}

// cut ends the range at a key, and returns where it ended before. It does nothing
// if the chain has come that far.
func (c *chain) cut(at string) (end string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done || at <= c.from || at <= c.last || at >= c.end {
		return "", false
	}
	end = c.end
	c.end = at
	return end, true
}

// bound returns the range of a chain that has begun and is not cut.
func (c *chain) bound() (after, end string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.after, c.end
}

// leave ends the listing and all waiting for it.
func (c *chain) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = true
	c.changed.Broadcast()
}

func (c *chain) isLeft() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}
