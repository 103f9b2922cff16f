package listing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/internal/panics"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// chainAhead is how many names a chain lists beyond those that were taken from it, if the
// walk is in its partition: more keys than a piece is meant to have, so that it is listed
// whole before its turn. Any other has aheadNames, a page of S3's.
const (
	chainAhead = 10_000
	aheadNames = 1_000
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
	span    time.Duration // the time that it was cut to; 0 if it was not
	room    int           // for ready
	after   string        // what it began behind
	end     string        // the first key behind the range; "" if there is none
	ready   batch         // listed and not taken
	listed  int           // objects, taken or not
	paged   int           // of them, to the end of the last page of S3's
	turned  string        // key that was met last by then
	first   string        // key of them
	last    string        // key that was met, if only behind the end
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

// nothing reports whether no key of a folder is in a range.
func nothing(folder, after, end string) bool {
	return max(after, folder) >= end || after >= beyond(folder)
}

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
	case n.repeated:
		c.ready.again()
		return false, nil
	case n.Key < c.from:
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
		if c.listed == 0 {
			c.first = n.Key
		}
		c.listed++
		if c.listed%aheadNames == 0 {
			c.paged, c.turned = c.listed, n.Key
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
// the error of the listing if it failed. The chain goes on in the memory of spare. A panic
// of the listing is raised here.
func (c *chain) take(spare []source.Object) (taken batch, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.ready.objects) == 0 && !c.done {
		c.changed.Wait()
	}
	taken, c.ready = c.ready, batch{objects: spare[:0]}
	if len(taken.objects) == 0 {
		if p, ok := c.err.(*panics.Panic); ok {
			p.Raise()
		}
		return taken, c.err
	}
	c.changed.Broadcast()
	return taken, nil
}

// starves reports whether a take would have to wait.
func (c *chain) starves() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ready.objects) == 0 && !c.done
}

// met returns the last key of the last whole page, or at the end the first one behind it.
func (c *chain) met() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		return c.last
	}
	return c.turned
}

// cut ends the range at a key, and returns where it ended before. It does nothing
// if the chain has come that far.
func (c *chain) cut(at string, span time.Duration) (end string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done || at <= c.from || at <= c.last || at >= c.end {
		return "", false
	}
	end = c.end
	c.end, c.span = at, span
	return end, true
}

// size returns what is known of the range so far: its first key, and how many keys were
// listed.
func (c *chain) size() (first string, keys int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first, c.listed
}

// bound returns the range of a chain that has begun and is not cut.
func (c *chain) bound() (after, end string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.after, c.end
}

// page returns how many keys were listed with the last whole page, and the last of them. What
// is decided by these does not depend on how fast a page is taken from.
func (c *chain) page() (keys int, last string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paged, c.turned
}

// blind reports whether nothing is known of the range yet.
func (c *chain) blind() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paged == 0 && !c.done
}

// empty reports whether there is nothing in the range.
func (c *chain) empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done && c.listed == 0
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
