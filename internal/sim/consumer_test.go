package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A consumer reads a world, is killed, and goes on. How it keeps its place is its kind.
type consumer struct {
	*ledger
	w     *world
	src   qlogs.Source
	rng   *rand.Rand
	every time.Duration        // a poll
	at    map[string]time.Time // when the first record of an object came

	place   qlogs.Cursor      // of sinks
	store   qlogs.CursorStore // of savers
	seen    []qlogs.Identity
	legs    int
	sweeps  int // of all legs, at most
	polls   int
	early   int // objects that were requested in vain, because a leg ended
	healthy bool
	to      time.Time // of the last query that had one

	streamed, unkept int // entries, and errors at a partition's end

	mu       sync.Mutex // also guards the ledger, where a sink has a goroutine of its own
	largest  int        // text of a cursor
	measured int
}

type kind int

const (
	saves   kind = iota // SaveTo: what was finished after the last save comes again
	sinks               // batch and cursor are stored together: nothing comes again
	tickers             // as sinks, by a timer too
	dedups              // as saves, with a Dedup that is seeded from the output: nothing comes again
	kinds
)

func newConsumer(t *testing.T, w *world) *consumer {
	c := &consumer{ledger: newLedger(t), w: w, rng: rand.New(rand.NewPCG(w.seed, 1)), store: &shelf{w: w}, at: map[string]time.Time{}}
	c.every = []time.Duration{time.Minute, 3 * time.Minute, 10 * time.Minute}[c.rng.IntN(3)]
	if !w.wire {
		c.src = counted{newMemory(w), w}
		return c
	}
	x := newWire(t, w)
	c.src = counted{x.Source, w}
	if w.bucket {
		c.store = s3keep.CursorObject(x.client, bucket, "cursor", nil)
	}
	return c
}

// leg reads for a time. A process that is killed before stores nothing any more.
func (c *consumer) leg(length time.Duration, follow bool) {
	c.legs++
	got := map[string]bool{}
	defer func() { c.early += c.w.openedBut(got) }()
	began := time.Now()
	defer func() {
		c.sweeps += 1 + int(time.Since(began)/sweep)
		c.polls += 1 + int(time.Since(began)/c.every)
	}()
	ctx, cancel := context.WithTimeout(c.t.Context(), length)
	defer cancel()

	q := qlogs.Query{Prefix: root, MayBeEmpty: true}
	if !follow && !c.healthy && c.rng.IntN(2) == 0 {
		if to := time.Now().Add(-time.Duration(c.rng.Int64N(int64(3 * time.Hour)))); to.After(c.to) {
			c.to = to
		}
		q.To = c.to
	}
	saving := c.w.kind == saves || c.w.kind == dedups
	if q.After = c.place; saving {
		var err error
		if q.After, err = c.store.Load(ctx); err != nil {
			if c.healthy {
				c.t.Errorf("Load: %v", err)
			}
			return
		}
	}
	inFlight, lists := 2000, 12
	if c.w.crowded {
		inFlight, lists = 1+c.rng.IntN(5), 1+c.rng.IntN(3)
	}
	bytes := int64(0)
	if c.w.large {
		bytes = 1 << 20
	}
	client := qlogs.New(c.src, &qlogs.Options{
		Lookback: c.w.lookback, PollInterval: c.every, SweepInterval: sweep, StallTimeout: stalls,
		InFlight: inFlight, Lists: lists,
		BytesInFlight: bytes,
	})
	scan := client.Scan(q)
	process := &cursors{CursorStore: c.store, c: c}
	if saving {
		opts := &qlogs.SaveOptions{Records: 1 + c.rng.IntN(30), Interval: -1}
		if process.byCount = c.rng.IntN(2) == 0; !process.byCount {
			opts = &qlogs.SaveOptions{Records: 1000, Interval: time.Duration(1 + c.rng.Int64N(int64(5*time.Minute)))}
		}
		scan.SaveTo(process, opts)
	}
	killed := -1 // after so many pairs
	if !c.healthy {
		switch c.rng.IntN(4) {
		case 0:
			killed = c.rng.IntN(300)
		case 1: // wherever it is by then
			after := time.Duration(c.rng.Int64N(int64(length)))
			timer := time.AfterFunc(after, func() { process.dead.Store(true); cancel() })
			defer timer.Stop()
		}
	}
	seq := scan.Records(ctx)
	if follow {
		seq = scan.Follow(ctx)
	}
	if c.w.kind == dedups {
		// What was not saved may go back to the oldest object.
		d := keep.NewDedup(&keep.DedupOptions{Window: 40 * 24 * time.Hour})
		d.Seed(c.seen...)
		seq = d.Records(seq)
	}
	var out *sink
	if !saving {
		out = newSink(c, process)
		defer out.close()
	}
	slow := c.rng.IntN(5) == 0 && !c.healthy
	ended := follow // for which there has to be a reason
	for e, err := range seq {
		if err != nil {
			if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
				c.met(err)
				ended = ended && !qlogs.EndsScan(err)
			}
			continue
		}
		if killed--; killed == 0 {
			process.dead.Store(true)
			ended = false
			break
		}
		c.w.look(c.t, e)
		got[e.Object.Key] = true
		if e.Tentative {
			c.streamed++
		}
		u := unit{e.Object.Key, e.Object.ETag, e.Index}
		if _, again := c.at[u.key]; !again {
			c.at[u.key] = time.Now()
		}
		if saving {
			c.mu.Lock()
			c.note(u)
			if c.w.kind == dedups {
				c.seen = append(c.seen, e.Identity())
			}
			c.mu.Unlock()
		} else {
			out.add(u, e)
		}
		if slow {
			time.Sleep(time.Duration(c.rng.Int64N(int64(time.Second))))
		}
	}
	if ended && ctx.Err() == nil {
		c.t.Error("a Follow ends, and says nothing")
	}
	if !saving && !process.dead.Load() {
		out.flush(scan.Cursor())
	}
	if c.w.kind == dedups {
		c.unsaved = nil // Dedup drops what comes again
	}
	c.lose()
}

// met checks that an error is one that the world has caused. Only a listing that does not begin,
// or is out of order, may end a scan.
func (c *consumer) met(err error) {
	var object *qlogs.ObjectError
	var unkept *qlogs.UnkeptError
	switch {
	case qlogs.EndsScan(err):
		first := strings.Contains(err.Error(), fmt.Sprintf("list %q in ", root))
		disordered := strings.Contains(err.Error(), "does not list in key order")
		saving := c.w.bucket || c.w.kind == saves || c.w.kind == dedups
		if !first && !disordered && !(saving && strings.Contains(err.Error(), "save")) {
			c.t.Errorf("error %v ends a scan", err)
		}
	case errors.As(err, &unkept):
		c.unkept++
	case errors.As(err, &object) && object.Retryable:
	case errors.As(err, &object):
		c.finished(object)
		return
	}
	if errors.Is(err, s3keep.ErrConflict) {
		c.t.Errorf("error %v, want none: nobody else saves", err)
	}
	if c.healthy && !c.w.ails(err.Error()) {
		c.t.Errorf("error %v, where nothing fails", err)
	}
}

// finished checks that an object which will not be tried again is one that no try can help.
func (c *consumer) finished(err *qlogs.ObjectError) {
	c.w.mu.Lock()
	o := c.w.objects[err.Key]
	deleted, whole := o.deleted, true
	for _, v := range o.versions {
		whole = whole && v.whole
	}
	c.w.mu.Unlock()
	switch {
	case errors.Is(err, fs.ErrNotExist) && deleted:
	case errors.Is(err, io.ErrUnexpectedEOF) && !whole:
	case (errors.Is(err, qlogs.ErrInconsistent) || errors.Is(err, source.ErrAnonymous)) && c.w.mayEnd(err.Key):
		c.givenUp[err.Key] = true
	default:
		c.t.Errorf("error %v ends an object for good", err)
	}
}
