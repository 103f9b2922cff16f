package listing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/internal/panics"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// chainAhead is how many keys a chain lists beyond those that were taken from it:
// more than a piece is meant to have, so that it is listed whole before its turn.
const chainAhead = 10_000

// A chain lists the keys of one range, ahead of whoever takes them. Each of its
// requests needs the answer to the one before.
type chain struct {
	from string        // keys before it belong to another chain
	span time.Duration // the time that it was cut to; 0 if it was not

	mu      sync.Mutex
	changed sync.Cond
	end     string // the first key behind the range
	ready   batch  // listed and not taken
	listed  int    // objects, taken or not
	first   string // key of them
	last    string // key that was met, if only behind the end
	done    bool
	err     error
	left    bool
}

// A batch is a part of a chain's range. An object of the size noSize stands for the next
// one of failed. Few names fail, so that they take no room in the objects.
type batch struct {
	objects []source.Object
	failed  []*source.KeyError
	repeats int // keys that came again
}

const noSize = -1

// visit visits all names of the batch, in order but for the repeats.
func (b batch) visit(visit func(name) error) error {
	for range b.repeats {
		if err := visit(name{repeated: true}); err != nil {
			return err
		}
	}
	failed := b.failed
	for i := range b.objects {
		n := name{Object: b.objects[i]}
		if n.Size == noSize {
			n.failed, failed = failed[0], failed[1:]
		}
		if err := visit(n); err != nil {
			return err
		}
	}
	return nil
}

// errLeft ends the listing of a chain from which nothing is taken any more.
var errLeft = errors.New("chain left")

func newChain(from, end string) *chain {
	c := &chain{from: from, end: end}
	c.changed.L = &c.mu
	return c
}

// run lists until the end of the range, or until the chain is left.
func (c *chain) run(ctx context.Context, p pages, in source.ListInput) {
	var err error
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.done, c.err = true, err
		c.changed.Broadcast()
	}()
	panics.Catch(func() { err = p.list(ctx, in, c.put) }, func(p *panics.Panic) { err = p })
}

// put waits until there is room for a name.
func (c *chain) put(n name) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n.repeated {
		c.ready.repeats++
		return nil
	}
	for len(c.ready.objects) >= chainAhead && !c.left {
		c.changed.Wait()
	}
	if c.left {
		return errLeft
	}
	if n.Key < c.from {
		return nil
	}
	c.last = n.Key
	if n.Key >= c.end {
		return errEnd
	}
	if n.failed != nil {
		n.Size = noSize
		c.ready.failed = append(c.ready.failed, n.failed)
	} else {
		if c.listed == 0 {
			c.first = n.Key
		}
		c.listed++
	}
	c.ready.objects = append(c.ready.objects, n.Object)
	if len(c.ready.objects) == 1 {
		c.changed.Broadcast()
	}
	return nil
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

// met returns the last key that was listed, or the first one behind the end.
func (c *chain) met() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
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

// leave ends all waiting.
func (c *chain) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = true
	c.changed.Broadcast()
}
