package keep

import (
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
)

// DedupOptions bounds what a [Dedup] remembers. A field that is 0 or less stands
// for the default named here.
type DedupOptions struct {
	// Window is how far apart, by [qlogs.Entry.Time], a record and its duplicate may
	// be; 24 hours.
	Window time.Duration

	// MaxRecords is how many records are remembered; 1 million. Each takes at most
	// 64 bytes.
	MaxRecords int
}

// A Dedup drops records that were finished before: those that come again after a crash,
// and those that the store has twice. The zero value has the default bounds. A Dedup is safe
// for use by many goroutines, and for many scans one after the other. It lives in memory: see
// [Dedup.Seed].
//
// A record is a duplicate if a record with the same log type and request id was finished
// before, within [DedupOptions].Window. A record without a request id is a duplicate if the
// record at the same index of the same object was finished before. Objects are the same if
// key and ETag are equal or, without an ETag, key and version. A record that has no request
// id, no ETag and no version is never a duplicate.
//
// A Dedup holds 128-bit fingerprints and no text, in at most 64 bytes for each record: 64 MB
// for a million. It forgets the oldest records, an eighth at a time, when it has MaxRecords,
// and when records come that are newer by the window. A record that is dated later than the
// clock counts as one of now. A duplicate of a forgotten record is not dropped. Nothing but
// duplicates is ever dropped.
type Dedup struct {
	opts DedupOptions

	mu          sync.Mutex
	generations []*dedupGeneration // the oldest first
	count       int
	now         int64 // the latest record's time so far, up to the clock's; in milliseconds as all times here
	dropped     int64
}

// A dedupGeneration is what was remembered at about the same time. It is forgotten as
// one, since a map that is deleted from all along grows.
type dedupGeneration struct {
	begun int64 // now, when it was begun
	times map[identityPrint]int64
}

// Generations within the bounds.
const dedupParts = 8

// NewDedup returns a Dedup that remembers nothing yet. If opts is nil, the
// defaults are used.
func NewDedup(opts *DedupOptions) *Dedup {
	d := new(Dedup)
	if opts != nil {
		d.opts = *opts
	}
	return d
}

// window is in milliseconds.
func (d *Dedup) window() int64 {
	if d.opts.Window <= 0 {
		return (24 * time.Hour).Milliseconds()
	}
	return max(d.opts.Window.Milliseconds(), 1)
}

func (d *Dedup) most() int {
	if d.opts.MaxRecords <= 0 {
		return 1_000_000
	}
	return d.opts.MaxRecords
}

// Records yields the entries of seq that are no duplicates, and all errors. An entry is
// remembered when the loop asks for the next pair. After break, return or a panic the last
// entry is not remembered, and is no duplicate when it comes again. If two loops have the
// same record at the same time, both get it.
//
// This is right if the loop has written an entry when it asks for the next. If your loop
// writes in batches with [qlogs.Entry.Cursor], and goes on from an older cursor in the same
// process, use a new Dedup, seeded with what was written.
func (d *Dedup) Records(seq iter.Seq2[qlogs.Entry, error]) iter.Seq2[qlogs.Entry, error] {
	return func(yield func(qlogs.Entry, error) bool) {
		for e, err := range seq {
			if err != nil {
				if !yield(qlogs.Entry{}, err) {
					return
				}
				continue
			}
			id := e.Identity()
			if d.drop(id) {
				continue
			}
			if !yield(e, nil) {
				return
			}
			d.Seed(id)
		}
	}
}

// Seed remembers records as finished. After a crash, give it the identities that the program
// finds in its own output, the oldest first. Those that were written after the last save of
// the cursor are enough. Before the program appends to its output, remove a line that the
// crash has cut off at the end.
func (d *Dedup) Seed(ids ...qlogs.Identity) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		print, ok := printOf(id)
		if !ok {
			continue
		}
		if at := id.Time.UnixMilli(); !d.known(print, at) {
			d.remember(print, at)
		}
	}
}

// Dropped returns how many duplicates were dropped so far.
func (d *Dedup) Dropped() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dropped
}

// drop reports whether the record is a duplicate, and counts it if it is.
func (d *Dedup) drop(id qlogs.Identity) bool {
	print, ok := printOf(id)
	if !ok {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.known(print, id.Time.UnixMilli()) {
		return false
	}
	d.dropped++
	return true
}

// known looks for the print at times within the window. A print is kept with the
// number of the window that its time is in, so that one that came twice, further
// apart, is kept twice.
func (d *Dedup) known(print identityPrint, at int64) bool {
	for n := d.number(at) - 1; n <= d.number(at)+1; n++ {
		for _, g := range d.generations {
			if t, ok := g.times[print.numbered(n)]; ok && max(at-t, t-at) <= d.window() {
				return true
			}
		}
	}
	return false
}

// number counts windows from 1970.
func (d *Dedup) number(at int64) int64 {
	n := at / d.window()
	if at%d.window() < 0 {
		n--
	}
	return n
}

func (d *Dedup) remember(print identityPrint, at int64) {
	now := min(at, time.Now().UnixMilli())
	if len(d.generations) == 0 {
		d.now = now
	}
	d.now = max(d.now, now)
	d.generation().times[print.numbered(d.number(at))] = at
	d.count++
}

// generation returns the one to add to, and makes room. The window costs no more than
// the oldest each time: a single record whose time is far ahead does not make all be
// forgotten.
func (d *Dedup) generation() *dedupGeneration {
	if d.count >= d.most() {
		d.forget()
	}
	if n := len(d.generations); n > 0 {
		g := d.generations[n-1]
		if len(g.times) < max(d.most()/dedupParts, 1) && d.now-g.begun <= d.window()/dedupParts {
			return g
		}
	}
	// All of the oldest one is as old as the beginning of the next one.
	if len(d.generations) > 1 && d.now-d.generations[1].begun > d.window() {
		d.forget()
	}
	g := &dedupGeneration{begun: d.now, times: map[identityPrint]int64{}}
	d.generations = append(d.generations, g)
	return g
}

// forget drops the oldest generation.
func (d *Dedup) forget() {
	d.count -= len(d.generations[0].times)
	d.generations = slices.Delete(d.generations, 0, 1)
}
