package listing

import (
	"context"
	"slices"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

const (
	// piecesEach is how many chains list one partition, at the most, for each that may run:
	// those that are listed whole wait for the walk.
	piecesEach = 2

	// fewKeys are listed by one chain. Beyond them a partition has chainKeys keys for each
	// chain, so that what is listed for nothing, at most a page each, is little of all.
	fewKeys   = 4_000
	chainKeys = 2_000

	// pieceKeys is how many keys a piece is meant to have, 8 pages of S3's. Half a
	// page for each piece, on average, is listed twice, by the next one too.
	pieceKeys = 8_000

	// blindMost is how many pieces wait for their first keys, at the most: behind the last
	// key, or in a gap, they are listed for nothing.
	blindMost = 3
)

// chains list one partition: one chain of requests as a rule, and several side by side,
// each a piece of the partition's time, where the caller would have to wait for keys. Each
// holds chainAhead names, and those that are being visited.
//
// Pieces are cut by the minutes in the keys that AWS writes. Keys of other forms are
// listed as well, each once and in order, for every string is a bound.
type chains struct {
	ahead  *ahead
	folder string // what is listed: the partition's own, or one in it
	part   path.Partition
	now    time.Time

	list  []*chain      // in the order of keys
	most  int           // how many may run
	taken int           // keys, of the chains before
	ended *chain        // the last of these
	span  time.Duration // of the next piece; 0 before the first
	since time.Time     // where the last chain's range begins, if that is a cut
}

// visit visits the names that first lists, in order, and has others list with it.
func (c *chains) visit(ctx context.Context, first *chain, visit func(name) error) error {
	c.most = 1
	c.list = []*chain{first}
	defer func() { c.ahead.drop(c.list...) }()
	first.widen(chainAhead)
	var spare []source.Object
	for len(c.list) > 0 {
		if spare != nil && ctx.Err() != nil { // the source has no part in what is listed already
			return context.Cause(ctx)
		}
		head := c.list[0]
		c.ahead.lead(head)
		if c.ahead.lists > 1 && head.starves() && c.ahead.hungry() {
			c.grow()
			c.fill()
		}
		next, err := head.take(spare)
		if err := next.visit(visit); err != nil {
			return err
		}
		if err != nil {
			return err
		}
		if len(next.objects) == 0 {
			c.list = c.list[1:]
			c.taken += head.listed
			c.ended = head
			c.adapt(head)
			c.fill()
			continue
		}
		clear(next.objects)
		spare = next.objects
	}
	return nil
}

// start has a chain list from since to end, in the place i of all.
func (c *chains) start(i int, since time.Time, at, end string) {
	next := newChain(c.folder, chainAhead)
	next.place, next.from, next.end, next.piece, next.since = at, at, end, true, since
	next.bounds = func() (string, string) { return before(at), end }
	c.list = slices.Insert(c.list, i, next)
	c.ahead.add(next, nil)
}

// grow has more chains run as more keys are listed.
func (c *chains) grow() {
	n := c.taken
	for _, chain := range c.list {
		keys, _ := chain.page()
		n += keys
	}
	if n >= fewKeys {
		c.most = max(c.most, min(1+n/chainKeys, piecesEach*c.ahead.lists))
	}
}

// fill starts as many chains as may run, each with what it cuts off the last one.
func (c *chains) fill() {
	for len(c.list) > 0 && len(c.list) < c.most {
		if c.split() {
			continue
		}
		last := c.list[len(c.list)-1]
		if c.blind() >= blindMost || c.dry() && last.blind() {
			return
		}
		since, ok := c.position()
		if !ok {
			return
		}
		if c.span == 0 {
			c.span = spanOf(last, since)
		}
		to := since.Add(c.span).Truncate(time.Minute)
		if !to.Before(c.now) { // hardly any key is behind it
			return
		}
		at := minuteBound(c.part, to)
		end, ok := last.cut(at, c.span)
		if !ok {
			return
		}
		c.since = to
		c.start(len(c.list), to, at, end)
	}
}

// blind returns how many chains have not listed anything yet.
func (c *chains) blind() (n int) {
	for _, chain := range c.list {
		if chain.blind() {
			n++
		}
	}
	return n
}

// dry reports whether a range was empty, so that there may be nothing behind it either.
func (c *chains) dry() bool {
	return c.ended != nil && c.ended.empty() || slices.ContainsFunc(c.list, (*chain).empty)
}

// split starts a chain with the rest of one that has more keys than it was meant to have: it
// would have to wait for the walk.
func (c *chains) split() bool {
	for i, chain := range c.list[:len(c.list)-1] {
		keys, last := chain.page()
		met, ok := timeOf(last)
		if !ok || keys < pieceKeys || chain.since.IsZero() || !met.After(chain.since) {
			continue
		}
		// A page is on its way.
		to := met.Add(pieceSpan(met.Sub(chain.since), keys) / 8).Add(time.Minute).Truncate(time.Minute)
		at := minuteBound(c.part, to)
		if end, ok := chain.cut(at, to.Sub(chain.since)); ok {
			c.start(i+1, to, at, end)
			return true
		}
	}
	return false
}

// position returns how far the keys are known: where the last chain stands, or begins, or
// where another one has met a key behind its own end.
func (c *chains) position() (at time.Time, ok bool) {
	at = c.since
	for _, chain := range c.list {
		if t, ok := timeOf(chain.met()); ok && t.After(at) {
			at = t
		}
	}
	return at, !at.IsZero()
}

// spanOf returns the time that a piece is to have, by the keys that the first chain has
// listed.
func spanOf(c *chain, to time.Time) time.Duration {
	first, keys := c.size()
	from, _ := timeOf(first)
	return pieceSpan(to.Sub(from), keys)
}

// pieceSpan returns the time of a piece where that many keys are in a time. It divides
// first: a time of two weeks times the keys of a piece is no Duration any more.
func pieceSpan(in time.Duration, keys int) time.Duration {
	each := min(in/time.Duration(max(keys, 1)), 24*time.Hour)
	return max(each*pieceKeys, time.Minute)
}

// adapt sets the span of the next pieces by that of one that is finished.
func (c *chains) adapt(piece *chain) {
	if piece.span > 0 {
		span := pieceSpan(piece.span, piece.listed)
		c.span = max(min(span, 2*piece.span), piece.span/2, time.Minute)
	}
}
