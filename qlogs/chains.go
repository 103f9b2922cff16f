package qlogs

import (
	"context"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

const (
	// maxChains is how many chains list one partition side by side, at the most.
	maxChains = 12

	// chainKeys is how many keys a partition has for each further chain, so that
	// what is listed for nothing, at most a page each, is little of all.
	chainKeys = 4_000

	// pieceKeys is how many keys a piece is meant to have, 8 pages of S3's. Half a
	// page for each piece, on average, is listed twice, by the next one too.
	pieceKeys = 8_000
)

// chains list one partition: one chain of requests as a rule, and several side by
// side, each a piece of the partition's time, where the scan would have to wait for
// keys. They hold chainAhead objects each, and those that are being visited.
//
// Pieces are cut by the minutes in the keys that AWS writes. Keys of other forms are
// listed as well, each once and in order, for every string is a bound.
type chains struct {
	lister *lister
	ctx    context.Context
	wg     sync.WaitGroup
	prefix string // what is listed: the partition, or a folder in it
	part   path.Partition

	list  []*chain      // in the order of keys
	most  int           // how many may run
	span  time.Duration // of the next piece; 0 before the first
	since time.Time     // where the last chain's range begins, if that is a cut
	now   time.Time
}

// keys visits the objects of a partition, or of the folder prefix in it, with
// after < key < end, in order.
func (l *lister) keys(ctx context.Context, prefix string, p path.Partition, after, end string, visit func(Object) error, odd func(*source.KeyError) error) error {
	ctx, cancel := context.WithCancel(ctx)
	c := &chains{lister: l, ctx: ctx, prefix: prefix, part: p, most: 1, now: time.Now()}
	defer c.wg.Wait()
	defer c.leave()
	defer cancel()
	c.start(newChain("", min(end, beyond(prefix))), after)
	files := source.IsLocal(l.scan.src) // which would be walked anew by each chain
	var spare []Object
	taken := 0
	for len(c.list) > 0 {
		head := c.list[0]
		if !files && head.starves() && l.hungry() {
			c.most = max(c.most, min(1+taken/chainKeys, maxChains))
			c.fill()
		}
		next, err := head.take(spare)
		if err != nil {
			return err
		}
		if len(next) == 0 {
			c.list = c.list[1:]
			c.adapt(head)
			c.fill()
			continue
		}
		for _, o := range next {
			var err error
			if o.Size == oddSize {
				err = odd(head.odd(o.Key))
			} else {
				err = visit(o)
			}
			if err != nil {
				return err
			}
		}
		taken += len(next)
		clear(next)
		spare = next
	}
	return nil
}

// start runs a chain behind all others.
func (c *chains) start(next *chain, after string) {
	c.list = append(c.list, next)
	if after < c.prefix {
		after = ""
	}
	c.wg.Go(func() { next.run(c.ctx, c.lister, ListInput{Prefix: c.prefix, After: after}) })
}

func (c *chains) leave() {
	for _, chain := range c.list {
		chain.leave()
	}
}

// fill starts as many chains as may run, each with what it cuts off the last one.
func (c *chains) fill() {
	for len(c.list) > 0 && len(c.list) < c.most {
		last := c.list[len(c.list)-1]
		since, ok := c.position(last)
		if !ok {
			return
		}
		if c.span == 0 {
			c.span = spanOf(last, since)
		}
		to := since.Add(c.span).Truncate(time.Minute)
		if !to.Before(c.now) { // there is hardly anything behind
			return
		}
		at := minuteBound(c.part, to)
		end, ok := last.cut(at, c.span)
		if !ok {
			return
		}
		c.since = to
		c.start(newChain(at, end), before(at))
	}
}

// position is how far the keys are known: where the last chain stands, or begins, or
// where another one has met a key behind its own end.
func (c *chains) position(last *chain) (time.Time, bool) {
	at := c.since
	for _, chain := range c.list {
		if t, ok := timeOf(chain.met()); ok && t.After(at) {
			at = t
		}
	}
	return at, !at.IsZero()
}

// spanOf is the time that a piece is to have, by the keys which a first chain has listed.
func spanOf(c *chain, to time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	from, _ := timeOf(c.first)
	return pieceSpan(to.Sub(from), c.listed)
}

// pieceSpan is the time of a piece where that many keys are in a time. It divides
// first: a time of two weeks times the keys of a piece is no Duration any more.
func pieceSpan(in time.Duration, keys int) time.Duration {
	each := min(in/time.Duration(max(keys, 1)), 24*time.Hour)
	return max(each*pieceKeys, time.Minute)
}

// adapt sets the span of the next pieces by what one had, which is finished.
func (c *chains) adapt(piece *chain) {
	if piece.span > 0 {
		span := pieceSpan(piece.span, piece.listed)
		c.span = max(min(span, 2*piece.span), piece.span/2, time.Minute)
	}
}

// timeOf is the minute in the name of a key, or else its hour.
func timeOf(key string) (time.Time, bool) {
	k, err := path.Parse(key)
	if err != nil {
		return time.Time{}, false
	}
	return minuteOf(k), true
}

func minuteOf(k path.Key) time.Time {
	minute, ok := k.Minute()
	if !ok || !minute.Truncate(time.Hour).Equal(k.Hour) {
		return k.Hour
	}
	return minute
}

// minuteBound is what sorts before the keys of a minute, and after those of the
// minute before.
func minuteBound(p path.Partition, minute time.Time) string {
	key := p.NewKey(minute, "").String()
	return key[:len(key)-len(".json.gz")]
}
