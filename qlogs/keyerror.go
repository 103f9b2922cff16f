package qlogs

import (
	"errors"
	"fmt"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A KeyError is what the List of a [Source] yields, with a zero Object, for one name
// that it cannot look at: a file that cannot be examined, or a folder that cannot be
// read. It stands in the place of that name, in key order. It is not the last pair:
// the listing goes on behind it.
//
// A scan yields an [ObjectError] for a file in an hour folder and a [PartitionError]
// for all else. Its cursor stays where the name is read as soon as that is possible.
type KeyError struct {
	// Key is the name. That of a folder ends in "/".
	Key string

	// Err is the reason. It is never nil.
	Err error
}

func (e *KeyError) Error() string { return fmt.Sprintf("qlogs: list %q: %v", e.Key, e.Err) }

// Unwrap returns the reason.
func (e *KeyError) Unwrap() error { return e.Err }

// keyErrorOf returns nil for any other error.
func keyErrorOf(err error) *KeyError {
	if err == nil {
		return nil
	}
	var e *KeyError
	if !errors.As(err, &e) || e.Err == nil {
		return nil
	}
	return e
}

// errNoFile is the reason for what can be examined and can never be read: a link to a
// directory, a pipe, a name that is no key.
var errNoFile = errors.New("neither a file nor a folder with a valid name")

// notListed takes a name that a search for partitions could not look at.
func (l *lister) notListed(e *KeyError, parent path.Level, depth int) error {
	folder := withSlash(e.Key)
	loc := path.Locate(folder)
	if errors.Is(e, errNoFile) || !l.descends(parent, folder, depth) || !l.scan.sel.covers(loc.Partition) {
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
func (l *lister) notListedIn(e *KeyError, t *tail) error {
	key, err := path.Parse(e.Key)
	folder := e.Key != "" && e.Key[len(e.Key)-1] == '/'
	isLog := err == nil && !folder && isLogName(key.Name)
	switch {
	case errors.Is(e, errNoFile) && !isLog:
		if !t.again {
			l.foreign()
		}
		return nil
	case err != nil || folder:
		return l.folderNotListed(e, t)
	}
	at := newPlace(t.name, key, e.Key)
	if _, sent := t.sent[at.hour][at.print]; sent || at.hour < t.floor {
		return nil
	}
	if l.tails != nil {
		t.add(at.hour, at.print, newVersion(Object{}, true))
	}
	l.scan.counters.update(func(s *Stats) { s.Listed++ })
	// What the listing does not tell differs from what will be there: it is looked up
	// again when it is opened.
	j := l.job(Object{Key: e.Key}, key, at, portion{})
	j.fail("open", -1, e.Err)
	if !isLog || errors.Is(e, errNoFile) {
		j.finalFailure()
	}
	return l.send(j)
}

// folderNotListed sends the error of a folder in a partition, once as long as it stays,
// and keeps the partition's floor below it.
func (l *lister) folderNotListed(e *KeyError, t *tail) error {
	j := &job{err: &PartitionError{Partition: t.part, Prefix: e.Key, Err: e.Err}}
	if loc := path.Locate(withSlash(e.Key)); loc.Level >= path.LevelTime {
		j.held, j.place = true, place{part: t.name, hour: hourOf(loc.From)}
	}
	if l.tails != nil && t.unlisted(e.Key) {
		if !j.held {
			return nil
		}
		part, h := j.part, j.hour
		j = &job{mark: func() { l.scan.progress.hold(part, h) }}
	}
	return l.send(j)
}

func withSlash(key string) string {
	if key == "" || key[len(key)-1] == '/' {
		return key
	}
	return key + "/"
}
