package listing

import (
	"context"
	"slices"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

const (
	// fewKeys are listed by one chain. Beyond them a partition has fewChains, and one more for
	// each chainKeys keys, so that what is listed for nothing, at most a page each, is little
	// of all.
	fewKeys   = 4_000
	fewChains = 3
	chainKeys = 1_000

	// piecePages is how many pages of S3's a piece is meant to have. Half a page for each
	// piece, on average, is listed twice, by the next one too.
	piecePages = 8

	// heldEach is how many names the chains of one partition hold together, at the most, for
	// each listing that may run.
	heldEach = 20_000

	// waitMost is how many chains wait for others to end, at the most.
	waitMost = 4

	// blindMost is how many pieces wait for their first keys, at the most, and one more for
	// each blindKeys keys that were listed: behind the last key, or in a gap, they are listed
	// for nothing. splitMost is the same for a piece to be cut again, which is in doubt.
	blindMost = 3
	blindKeys = 10_000
	splitMost = 2

	// Once there are no more pieces to begin, those that are left are cut if they have at
	// least tailPages, of a partition of manyKeys.
	tailPages = 4
	manyKeys  = 50_000
)

// chains list one partition: one chain of requests as a rule, and several side by side,
// each a piece of the partition's time, where the caller would have to wait for keys.
//
// Pieces are cut by the minutes in the keys that AWS writes. Keys of other forms are
// listed as well, each once and in order, for every string is a bound. How long the time of
// a piece is goes by the keys that are listed: the next one by all of these, so that days
// and nights are nothing but larger and smaller pieces, and the rest of one that turns out
// too large by its own last page.
type chains struct {
	ahead  *ahead
	folder string // what is listed: the partition's own, or one in it
	part   path.Partition
	now    time.Time

	list  []*chain      // in the order of keys
	met   []progress    // of these
	most  int           // how many may be busy
	taken int           // keys, of the chains before
	keys  int           // that were listed, in all
	time  time.Duration // of those that are finished
	in    int           // keys in it
	blind int           // how many chains are
	dry   bool          // a range was empty: there may be nothing behind it either
	over  bool          // nothing can be cut off the last chain
}

// visit visits the names that first lists, in order, and has others list with it.
func (c *chains) visit(ctx context.Context, first *chain, visit func(name) error) error {
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
		if c.ahead.lists > 1 && !c.ahead.pages.whole.Load() && head.starves() && c.ahead.hungry() {
			c.fill(true)
		}
		next, err := head.take(spare)
		if err := next.visit(visit); err != nil {
			return err
		}
		if err != nil {
			return raise(err)
		}
		if len(next.objects) == 0 {
			c.average(head.progress(), c.end(0))
			c.list = c.list[1:]
			c.taken += head.listed
			if !c.ahead.pages.whole.Load() {
				c.fill(false)
			}
			continue
		}
		clear(next.objects)
		spare = next.objects
	}
	return nil
}

// fill starts as many chains as may be busy: more as more keys are listed, if the caller waits
// for them.
func (c *chains) fill(waits bool) {
	for len(c.list) > 0 {
		busy, held := c.look()
		if waits && c.keys >= fewKeys {
			c.most = max(c.most, min(fewChains+(c.keys-fewKeys)/chainKeys, c.ahead.lists+waitMost))
		}
		if busy >= c.most || held+pieceAhead > heldEach*c.ahead.lists {
			return
		}
		if !c.split(false) && !c.extend() && !(c.over && c.split(true)) {
			return
		}
	}
}

// look finds out how far the chains have come. It returns how many are busy, and how many
// names they hold, or may come to hold.
func (c *chains) look() (busy, held int) {
	c.met, c.blind, c.keys = c.met[:0], 0, c.taken
	for _, chain := range c.list {
		p := chain.progress()
		c.met = append(c.met, p)
		c.keys += p.keys
		held += p.held
		if p.busy() {
			busy++
		}
		if p.blind() {
			c.blind++
		}
		c.dry = c.dry || p.done && p.keys == 0
	}
	return busy, held
}

// average has a chain that is finished count in the time of a page. Older ones count less and
// less.
func (c *chains) average(p progress, end time.Time) {
	if !p.from.IsZero() {
		c.time, c.in = c.time/8*7+min(end.Sub(p.from), longest), c.in*7/8+p.keys
	}
}

// end returns the time in which the range of the chain i ends.
func (c *chains) end(i int) time.Time {
	if i+1 < len(c.list) {
		return c.list[i+1].since
	}
	return c.now
}

// extend starts a chain with what it cuts off the last one.
func (c *chains) extend() bool {
	last := len(c.list) - 1
	if c.blind >= blindMost+c.keys/blindKeys || c.dry && c.met[last].blind() {
		return false
	}
	var at time.Time // how far the keys are known: one may have met a key behind its end
	for _, p := range c.met {
		if p.at.After(at) {
			at = p.at
		}
	}
	if c.in < aheadNames {
		c.average(c.met[0], c.met[0].at)
	}
	each := min(c.time/time.Duration(max(c.in, 1)), 24*time.Hour)
	page := max(each*aheadNames, time.Minute/8)
	span := piecePages * page
	if span < 10*time.Minute { // less would be many more pieces
		span = max(span.Round(time.Minute), time.Minute)
	}
	c.over = at.IsZero() || !c.cut(last, at.Add(span), page)
	return !c.over
}

// split starts a chain with the rest of one that has more keys than it was meant to: it would
// have to wait for the walk. Unless tail is set, it has come so far that this is known, or is
// itself such a rest.
func (c *chains) split(tail bool) bool {
	if c.blind >= splitMost {
		return false
	}
	for i, p := range c.met {
		rest := p.rest(c.end(i))
		all := p.pages() + rest
		if rest < tailPages {
			continue
		}
		if tail && c.keys < manyKeys && all < 3*piecePages {
			continue
		}
		if !tail && (!p.full && !c.list[i].rest || all < piecePages*3/2) {
			continue
		}
		has := min(max(piecePages-p.pages(), 1), rest/2) // a page is on its way
		if c.cut(i, p.at.Add(max(time.Duration(has)*p.page, time.Minute)), p.page) {
			c.list[i+1].rest = true
			return true
		}
	}
	return false
}

// cut starts a chain with what the chain i has behind a time, where a page has about that time.
func (c *chains) cut(i int, to time.Time, page time.Duration) bool {
	to = to.Truncate(time.Minute)
	if !to.Before(c.now) { // hardly any key is behind it
		return false
	}
	at := minuteBound(c.part, to)
	end, ok := c.list[i].cut(at)
	if !ok {
		return false
	}
	next := newChain(c.folder, pieceAhead)
	next.place, next.from, next.end, next.piece, next.since = at, at, end, true, to
	next.met = progress{from: to, at: to, page: page}
	next.bounds = func() (string, string) { return before(at), end }
	c.list = slices.Insert(c.list, i+1, next)
	c.ahead.add(next, nil)
	return true
}
