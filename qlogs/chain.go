package qlogs

import (
	"context"
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
	from string        // what sorts before it is another chain's
	span time.Duration // the time that it was cut to; 0 if it was not

	mu      sync.Mutex
	changed sync.Cond
	end     string   // the first key behind the range
	ready   []Object // listed and not taken
	listed  int
	first   string // key that was listed
	last    string // key that was met, if only behind the end
	done    bool
	err     error
	left    bool

	oddities map[string]*source.KeyError // by the keys of objects of oddSize
}

// oddSize marks what could not be looked at among objects, of which none has that size.
const oddSize = -1

func newChain(from, end string) *chain {
	c := &chain{from: from, end: end}
	c.changed.L = &c.mu
	return c
}

// run lists until the end of the range, or until the chain is left.
func (c *chain) run(ctx context.Context, l *lister, in ListInput) {
	var err error
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.done, c.err = true, err
		c.changed.Broadcast()
	}()
	panics.Catch(func() { err = l.objects(ctx, in, c.put, c.putOdd) }, func(p *panics.Panic) { err = p })
}

// putOdd puts what could not be looked at in its place.
func (c *chain) putOdd(e *source.KeyError) error {
	c.mu.Lock()
	if c.oddities == nil {
		c.oddities = map[string]*source.KeyError{}
	}
	c.oddities[e.Key] = e
	c.mu.Unlock()
	return c.put(Object{Key: e.Key, Size: oddSize})
}

// odd returns, once, what could not be looked at.
func (c *chain) odd(key string) *source.KeyError {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.oddities[key]
	delete(c.oddities, key)
	return e
}

// put waits until there is room for an object.
func (c *chain) put(o Object) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.ready) >= chainAhead && !c.left {
		c.changed.Wait()
	}
	if c.left {
		return errStop
	}
	if o.Key < c.from {
		return nil
	}
	c.last = o.Key
	if o.Key >= c.end {
		return errRange
	}
	if o.Size != oddSize {
		if c.listed == 0 {
			c.first = o.Key
		}
		c.listed++
	}
	c.ready = append(c.ready, o)
	if len(c.ready) == 1 {
		c.changed.Broadcast()
	}
	return nil
}

// take waits for objects and returns all that are there, none at the end. The
// chain goes on in the memory of spare. A panic of the listing is raised here.
func (c *chain) take(spare []Object) ([]Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.ready) == 0 && !c.done {
		c.changed.Wait()
	}
	if len(c.ready) == 0 {
		if p, ok := c.err.(*panics.Panic); ok {
			p.Raise()
		}
		return nil, c.err
	}
	taken := c.ready
	c.ready = spare[:0]
	c.changed.Broadcast()
	return taken, nil
}

// starves tells whether a take would have to wait.
func (c *chain) starves() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ready) == 0 && !c.done
}

// met is the last key that was listed, or the first one behind the end.
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

// leave ends all waiting.
func (c *chain) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = true
	c.changed.Broadcast()
}
