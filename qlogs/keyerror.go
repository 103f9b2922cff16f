package qlogs

import (
	"errors"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// keyErrorOf returns nil for any other error.
func keyErrorOf(err error) *source.KeyError {
	if err == nil {
		return nil
	}
	var e *source.KeyError
	if !errors.As(err, &e) || e.Err == nil {
		return nil
	}
	return e
}

// notListed takes a name that a search for partitions could not look at.
func (l *lister) notListed(e *source.KeyError, parent path.Level, depth int) error {
	folder := withSlash(e.Key)
	loc := path.Locate(folder)
	if errors.Is(e, source.ErrNoFile) || !l.descends(parent, folder, depth) || !l.scan.sel.Covers(loc.Partition) {
		if !l.later { // counted before
			l.foreign()
		}
		return nil
	}
	return l.send(&job{err: &PartitionError{Partition: l.above(folder, loc), Prefix: e.Key, Err: e.Err}})
}

// foreign counts a name that is not a log's.
func (l *lister) foreign() {
	l.scan.counters.update(func(s *Stats) {
		s.Listed++
		s.Skipped.Foreign++
	})
}

// notListedIn takes a name in a partition that could not be looked at.
func (l *lister) notListedIn(e *source.KeyError, t *tail) error {
	key, err := path.Parse(e.Key)
	folder := e.Key != "" && e.Key[len(e.Key)-1] == '/'
	isLog := err == nil && !folder && key.Kind(-1) == path.Log
	switch {
	case errors.Is(e, source.ErrNoFile) && !isLog:
		if !t.again {
			l.foreign()
		}
		return nil
	case err != nil || folder:
		return l.folderNotListed(e, t)
	}
	item, verdict := t.sent.TakeUnlisted(e.Key, key)
	if verdict != resume.Wanted {
		return nil
	}
	l.scan.counters.update(func(s *Stats) { s.Listed++ })
	// What the listing does not tell differs from what will be there: it is looked up
	// again when it is opened.
	j := l.job(Object{Key: e.Key}, key, item)
	j.fail("open", -1, e.Err)
	if !isLog || errors.Is(e, source.ErrNoFile) {
		j.finalFailure()
	}
	return l.send(j)
}

// folderNotListed sends the error of a folder in a partition, once as long as it stays,
// and keeps the partition's floor below it.
func (l *lister) folderNotListed(e *source.KeyError, t *tail) error {
	j := &job{err: &PartitionError{Partition: t.part, Prefix: e.Key, Err: e.Err}}
	if loc := path.Locate(withSlash(e.Key)); loc.Level >= path.LevelTime {
		j.hold = func() { l.scan.tracker.Hold(t.name, loc.From) }
	}
	if l.tails != nil && t.unlisted(e.Key) {
		if j.hold == nil {
			return nil
		}
		j = &job{mark: j.hold}
	}
	return l.send(j)
}

func withSlash(key string) string {
	if key == "" || key[len(key)-1] == '/' {
		return key
	}
	return key + "/"
}
