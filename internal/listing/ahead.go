package listing

import (
	"context"
	"sync"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// aheadEach is how many folders and partitions, for each listing that may run, are listed
// before the walk comes to them. The path to one partition is four folders long as a rule,
// each of which is known only by the one before.
const aheadEach = 4

// ahead runs the listings of one sweep or poll: those of the folders and partitions that the
// walk has yet to come to, and the one that it takes from, which is the head.
//
// Bytes order the prefixes of folders as the walk meets them: a folder's prefix begins with
// that of the folder that it lies in. So whatever waits goes on in the order of its place,
// and what the walk needs first is listed first.
type ahead struct {
	pages  pages
	hungry func() bool
	lists  int // how many chains may run
	most   int // how many may have begun ahead of the walk
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex // goes before that of a chain
	running int
	begun   int    // ahead of the walk, which has not come to them
	head    *chain // nil at first
	fresh   queue  // have not begun
	paused  queue  // have room again
	live    map[*chain]struct{}
	stopped bool
}

func newAhead(ctx context.Context, p pages, lists int, hungry func() bool) *ahead {
	a := &ahead{pages: p, hungry: hungry, lists: max(lists, 1), live: map[*chain]struct{}{}}
	if source.IsLocal(p.source) { // a disk answers one as soon as many
		a.lists = 1
	}
	a.most = aheadEach * a.lists
	a.ctx, a.cancel = context.WithCancel(ctx)
	return a
}

// stop ends all listings, and waits for their ends.
func (a *ahead) stop() {
	a.mu.Lock()
	a.stopped = true
	a.cancel()
	for _, c := range a.paused {
		c.wake <- struct{}{}
	}
	for c := range a.live {
		c.leave()
	}
	a.mu.Unlock()
	a.wg.Wait()
}

// add has a chain begin when its turn comes, if wanted, which is called under the lock,
// reports so.
func (a *ahead) add(c *chain, wanted func() bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wanted == nil || wanted() {
		a.queue(c)
		a.next()
	}
}

// setBounds says what a chain is to list. It reports false if the chain has begun.
func (a *ahead) setBounds(c *chain, after, end string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.begun {
		return false
	}
	c.bounds = func() (string, string) { return after, end }
	return true
}

func (a *ahead) queue(c *chain) {
	if c.begun {
		a.paused.push(c)
	} else {
		a.fresh.push(c)
	}
	c.queued = true
}

// lead makes a chain the head.
func (a *ahead) lead(c *chain) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.head != c {
		a.head = c
		a.reached(c)
		if !c.begun && !c.queued {
			a.queue(c)
		}
	}
	a.next()
}

// reached notes that the walk has come to a chain.
func (a *ahead) reached(c *chain) {
	if c.ahead {
		c.ahead = false
		a.begun--
	}
}

// next has those chains run that may.
func (a *ahead) next() {
	for !a.stopped {
		c := a.pick()
		if c == nil {
			return
		}
		c.queued = false
		if !c.begun && !a.begin(c) {
			continue
		}
		c.running = true
		a.running++
		if c.wake != nil {
			c.wake <- struct{}{}
		}
	}
}

// pick takes the chain out of its queue that is to run next. It returns nil if none may: one
// place is kept for the head, so that the walk never waits for an answer that it does not
// need yet. None begins ahead of a walk that brings more than its caller can take.
func (a *ahead) pick() *chain {
	free := a.lists - a.running
	head := a.head
	if head != nil && head.queued {
		if free < 1 {
			return nil
		}
		if head.begun {
			return a.paused.remove(head)
		}
		return a.fresh.remove(head)
	}
	if head == nil || !head.running {
		free--
	}
	if free < 1 || a.ctx.Err() != nil {
		return nil
	}
	fresh, paused := a.fresh.first(), a.paused.first()
	if fresh != nil && !fresh.piece && (a.begun >= a.most || !a.hungry()) {
		fresh = nil
	}
	switch {
	case fresh != nil && (paused == nil || fresh.place < paused.place):
		return a.fresh.remove(fresh)
	case paused != nil:
		return a.paused.remove(paused)
	}
	return nil
}

// begin starts the listing of a chain. It reports false if there is nothing to list.
func (a *ahead) begin(c *chain) bool {
	c.begun = true
	if c != a.head && !c.piece {
		c.ahead = true
		a.begun++
	}
	in, some := c.begin()
	if !some {
		return false
	}
	var ctx context.Context
	ctx, c.cancel = context.WithCancel(a.ctx)
	a.live[c] = struct{}{}
	a.wg.Go(func() {
		defer a.end(c)
		c.run(ctx, a.pages, in, func() bool { return a.pause(c) })
	})
	return true
}

// pause has others run until c, which is full, has room again. It reports false if c was left
// meanwhile.
func (a *ahead) pause(c *chain) bool {
	a.mu.Lock()
	if c.wake == nil {
		c.wake = make(chan struct{}, 1)
	}
	a.rest(c)
	a.mu.Unlock()
	if !c.hasRoom() {
		return false
	}
	a.mu.Lock()
	if a.stopped {
		a.mu.Unlock()
		return false
	}
	a.queue(c)
	a.next()
	a.mu.Unlock()
	<-c.wake
	return !c.isLeft()
}

// rest has others run in place of c.
func (a *ahead) rest(c *chain) {
	if c.running {
		c.running = false
		a.running--
	}
	a.next()
}

// end notes that the listing of c is over.
func (a *ahead) end(c *chain) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.cancel()
	delete(a.live, c)
	a.rest(c)
}

// drop ends chains of which the walk needs no more.
func (a *ahead) drop(chains ...*chain) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range chains {
		a.reached(c)
		c.dropped = true
		if c.queued && !c.begun {
			a.fresh.remove(c)
			c.queued = false
		}
		c.leave()
		if c.cancel != nil {
			c.cancel()
		}
	}
	a.next()
}
