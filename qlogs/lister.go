package qlogs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A lister finds what a scan reads, in the order in which it is delivered: what
// the cursor has pending, then log roots and partitions folder by folder, depth
// first, which is the bytewise order of all keys.
type lister struct {
	scan *Scan
	// emit takes the next job; false ends the listing.
	emit func(*job) bool
	// hungry tells whether whoever takes the jobs could do with more of them.
	hungry func() bool
	dry    bool // nothing that is sent is read; a job is valid until the next one
	only   job  // if dry

	// tails are the partitions that a follow comes back to; nil otherwise.
	tails map[string]*tail
	later bool // the first round is over
	sweep bool // lists all within the lookback
}

var (
	// errStop ends a listing whose taker wants no more.
	errStop = errors.New("stop")

	// errRange ends one folder's listing: what follows is not asked for.
	errRange = errors.New("end of range")
)

// A listError tells an error of the source from one of a visit.
type listError struct{ error }

// run lists all that the query selects. Its error, if not errStop, ends the scan.
func (l *lister) run(ctx context.Context) error {
	l.sweep = true
	if err := l.pending(); err != nil {
		return err
	}
	return l.folder(ctx, l.scan.sel.Prefix, 0)
}

// objects is the source's listing under a stall timer's eye. All that follows, the
// cursor above all, relies on its order, so that is checked.
//
// What the source could not look at goes to odd.
func (l *lister) objects(ctx context.Context, in ListInput, visit func(Object) error, odd func(*source.KeyError) error) error {
	watch := stall.New(ctx, l.scan.opts.StallTimeout)
	defer watch.Release()
	watch.Start()
	met := sequence{in: in, source: l.scan.src}
	for o, err := range l.scan.src.List(watch, in) {
		watch.Stop()
		name := keyErrorOf(err)
		if name != nil && watch.Err() == nil {
			o = Object{Key: name.Key}
		} else if err != nil {
			return listError{stall.Cause(watch, err)}
		}
		next, err := met.next(o)
		if err != nil {
			return err
		}
		if next == repeated && !l.later {
			l.scan.counters.update(func(s *Stats) { s.Repeated++ })
		}
		// A folder that sorts before what was asked for may hold that.
		if next == repeated || next == early && name == nil {
			watch.Start()
			continue
		}
		if name != nil {
			err = odd(name)
		} else {
			err = visit(o)
		}
		if err == errRange {
			return nil
		} else if err != nil {
			return err
		}
		watch.Start()
	}
	return nil
}

// listFailed makes an error of the listing of prefix the scan's end if nothing
// was asked for but that prefix, else one partition's. What worked in a follow's first
// round may fail for a while later.
func (l *lister) listFailed(ctx context.Context, prefix string, p path.Partition, err error) error {
	var failed listError
	if !errors.As(err, &failed) {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if prefix == l.scan.sel.Prefix && p.Region == "" && !l.later {
		return fmt.Errorf("qlogs: list %q in %s: %w", prefix, l.scan.src.ID(), failed.error)
	}
	return l.send(&job{err: &PartitionError{Partition: p, Prefix: prefix, Err: failed.error}})
}

func (l *lister) send(j *job) error {
	if !l.emit(j) {
		return errStop
	}
	return nil
}

// folder visits what lies below prefix, which is depth folders below the query's.
func (l *lister) folder(ctx context.Context, prefix string, depth int) error {
	loc := path.Locate(prefix)
	if !l.scan.sel.Covers(loc.Partition) || loc.Level == path.LevelForeign {
		return nil
	}
	if loc.Level >= path.LevelRegion {
		return l.partition(ctx, prefix, loc.Partition)
	}
	err := l.objects(ctx, ListInput{Prefix: prefix, Folders: true}, func(o Object) error {
		if !o.Folder && l.later {
			return nil // counted before
		}
		if !o.Folder {
			isLog := false
			l.scan.counters.update(func(s *Stats) {
				s.Listed++
				kind, _ := path.KindOf(o.Key, o.Size)
				isLog = kind == path.Log
				s.Skipped.Add(kind)
			})
			if isLog { // which lies deeper: its partition would not be met
				return listError{fmt.Errorf("%w: the source does not fold keys into folders, and gives %q", errors.ErrUnsupported, o.Key)}
			}
			return nil
		}
		if !l.descends(loc.Level, o.Key, depth+1) {
			return nil
		}
		return l.folder(ctx, o.Key, depth+1)
	}, func(e *source.KeyError) error { return l.notListed(e, loc.Level, depth+1) })
	return l.listFailed(ctx, prefix, l.above(prefix, loc), err)
}

// above is what is known of the partitions below a folder.
func (l *lister) above(prefix string, loc path.Location) path.Partition {
	if loc.Level == path.LevelAbove {
		return path.Partition{Prefix: strings.TrimSuffix(prefix, "/")}
	}
	return loc.Partition
}

// descends reports whether a search for log roots goes into a folder that it met
// in a folder of level parent, depth folders below the query's prefix. Inside AWSLogs/
// it follows accounts and a further AWSLogs/ alone: other services keep whole trees of
// day folders there.
func (l *lister) descends(parent path.Level, folder string, depth int) bool {
	switch path.Locate(folder).Level {
	case path.LevelAbove:
		return parent == path.LevelAbove && depth <= l.scan.opts.Depth
	case path.LevelForeign:
		return false
	case path.LevelRoot: // wherever it lies, which may be inside another one
		return depth-1 <= l.scan.opts.Depth
	}
	return true
}

// partition lists the objects of one partition, or of one time folder in it.
func (l *lister) partition(ctx context.Context, prefix string, p path.Partition) error {
	part := p.String()
	t := l.tails[part]
	if t == nil {
		l.scan.counters.update(func(s *Stats) { s.Partitions++ })
		t = newTail(prefix, p, l.scan.tracker.Sent(part, l.tails != nil))
		if l.tails != nil {
			l.tails[part] = t
		}
	}
	t.odd, t.oddBefore = nil, t.odd
	if err := l.tail(ctx, t, ""); err != nil || t.failed {
		return err
	}
	return l.send(&job{mark: func() { l.scan.tracker.Listed(part, l.scan.sel.Until) }})
}

// tail lists what is to be listed of a partition, from the key after on if that is
// not empty.
func (l *lister) tail(ctx context.Context, t *tail, after string) error {
	floor := t.sent.Begin(l.sweep)
	start, end := l.scan.sel.KeyRange(t.part)
	if !floor.IsZero() {
		first, _ := t.part.Range(floor, time.Time{})
		start = max(start, first)
	}
	after = max(after, start)
	if max(after, t.prefix) >= end || after >= beyond(t.prefix) {
		return nil
	}
	now := time.Now()
	err := l.keys(ctx, t.prefix, t.part, after, end,
		func(o Object) error { return l.object(o, t, now) },
		func(e *source.KeyError) error { return l.notListedIn(e, t) })
	t.again, t.failed = true, err != nil
	return l.listFailed(ctx, t.prefix, t.part, err)
}

// object sends o on if it is a log that neither the cursor nor this scan has met.
func (l *lister) object(o Object, t *tail, now time.Time) error {
	kind, key := t.kindOf(o)
	if kind != path.Log {
		if !t.again {
			l.scan.counters.update(func(s *Stats) {
				s.Listed++
				s.Skipped.Add(kind)
			})
		}
		return nil
	}
	if l.tails != nil {
		t.meet(key, now)
	}
	item, verdict := (*resume.Item)(nil), resume.Wanted
	if l.dry {
		verdict = t.sent.Wants(o, key)
	} else {
		item, verdict = t.sent.Take(o, key)
	}
	switch verdict {
	case resume.Finished:
		return nil
	case resume.Rewritten:
		l.scan.counters.update(func(s *Stats) { s.Rewritten++ })
		return nil
	}
	l.scan.counters.update(func(s *Stats) { s.Listed++ })
	return l.send(l.job(o, key, item))
}

func (l *lister) job(o Object, key path.Key, item *resume.Item) *job {
	j := &l.only
	if !l.dry {
		j = new(job)
	}
	*j = job{
		object: o, key: key, item: item, out: resume.Outcome{Left: -1},
		large: l.scan.opts.isLarge(o.Size), limit: l.scan.opts.MaxAttempts,
	}
	switch {
	case o.Archived:
		j.fail("open", -1, ErrArchived)
	case o.Size > l.scan.opts.MaxObjectBytes:
		j.fail("open", -1, ErrTooLarge)
	}
	return j
}

// before returns a string that sorts before key, with hardly any key between.
func before(key string) string {
	return key[:len(key)-1]
}

// beyond returns the smallest string that sorts after every key below a folder.
func beyond(folder string) string {
	return strings.TrimSuffix(folder, "/") + "0"
}
