package listing_test

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A plainWalk lists a modelStore one folder after the other, and writes down what a walk has
// to meet there.
type plainWalk struct {
	store  *modelStore
	stored []string // all keys that stay and all ghosts, in order
	depth  int
	covers func(path.Partition) bool
	enter  func(path.Partition) (after, end string)

	events   []string
	calls    int
	fatal    int // how it ended before its end, if that is not 0: a modelEnd's how
	listings map[string][]string
}

func (s *modelStore) plain(depth int, covers func(path.Partition) bool, enter func(path.Partition) (after, end string)) *plainWalk {
	stored := slices.AppendSeq(slices.Collect(maps.Keys(s.keys)), maps.Keys(s.ghosts))
	slices.Sort(stored)
	return &plainWalk{store: s, stored: slices.Compact(stored), depth: depth, covers: covers, enter: enter, listings: map[string][]string{}}
}

func (w *plainWalk) tell(event string) { w.events = append(w.events, event) }

// list visits what one listing shows, and tells of how it fails. It reports whether it came to
// its end.
func (w *plainWalk) list(prefix string, folders bool, after, end string, visit func(name string, err error)) bool {
	stop, stops := w.store.ends[prefix]
	met, failed, last := 0, "", ""
	w.listings[prefix] = nil
	defer func() { w.calls += max(1, (met+w.store.PageSize-1)/w.store.PageSize) }()
	if stops && stop.at == "" {
		return w.ends(prefix, stop)
	}
	from := after
	if w.store.fromStart {
		from = ""
	}
	i, _ := slices.BinarySearch(w.stored, max(prefix, from))
	for _, key := range w.stored[i:] {
		if !strings.HasPrefix(key, prefix) {
			break
		}
		if name, _, below := strings.Cut(key[len(prefix):], "/"); folders && below {
			key = prefix + name + "/"
		}
		if key <= from || key == last {
			continue
		}
		last = key
		met++
		if w.store.ghosts[key] {
			continue
		}
		if stops && key >= stop.at && key > after {
			return w.ends(prefix, stop)
		}
		name, err := w.store.look(prefix, key)
		if err != nil && name == failed { // it was met
			continue
		}
		if key <= after && !(strings.HasSuffix(name, "/") && strings.HasPrefix(after, name)) {
			failed = name
			continue
		}
		if cmp.Or(name, key) >= end {
			return true
		}
		w.listings[prefix] = append(w.listings[prefix], key)
		if failed = name; err != nil {
			visit(name, err)
		} else {
			visit(key, nil)
			if w.fatal != 0 {
				return false
			}
			for range w.store.repeats[key] {
				w.tell("repeated")
			}
		}
	}
	return true
}

func (w *plainWalk) ends(prefix string, e modelEnd) bool {
	switch e.how {
	case endDenied:
		w.tell("failed " + prefix + ": denied")
	case endHangs:
		w.tell("failed " + prefix + ": stalled")
	default:
		w.fatal = e.how
	}
	return false
}

// folder lists a folder above partitions.
func (w *plainWalk) folder(prefix string, depth int) {
	loc := path.Locate(prefix)
	if loc.Level == path.LevelForeign || !w.covers(loc.Partition) {
		return
	}
	if loc.Level >= path.LevelRegion {
		if w.partition(prefix, "") {
			w.tell("done " + prefix)
		}
		return
	}
	w.list(prefix, true, "", "\xff", func(name string, err error) {
		folder := strings.HasSuffix(name, "/") && name != prefix
		within := w.within(loc.Level, strings.TrimSuffix(name, "/")+"/", depth+1)
		switch {
		case err != nil && within && !errors.Is(err, source.ErrNoFile):
			w.tell("failed " + name + ": broken")
		case err != nil || !folder:
			w.tell("skipped " + name)
		case within:
			w.folder(name, depth+1)
		}
	})
}

// within reports whether logs may lie in a folder, met in one of a level.
func (w *plainWalk) within(parent path.Level, folder string, depth int) bool {
	loc := path.Locate(folder)
	switch {
	case loc.Level == path.LevelForeign || !w.covers(loc.Partition):
		return false
	case loc.Level == path.LevelAbove:
		return parent == path.LevelAbove && depth <= w.depth
	case loc.Level == path.LevelRoot:
		return depth-1 <= w.depth
	}
	return true
}

// partition lists what is wanted of a partition, and reports whether it could.
func (w *plainWalk) partition(folder, from string) bool {
	after, end := w.enter(path.Locate(folder).Partition)
	after = max(after, from)
	end = min(end, strings.TrimSuffix(folder, "/")+"0")
	if max(after, folder) >= end || after >= strings.TrimSuffix(folder, "/")+"0" {
		return true
	}
	return w.list(folder, false, after, end, func(name string, err error) {
		k, parseErr := path.Parse(name)
		isLog := parseErr == nil && !strings.HasSuffix(name, "/") && k.Kind(-1) == path.Log
		isFile := parseErr == nil && !strings.HasSuffix(name, "/")
		kind, _ := path.KindOf(name, object(name).Size)
		switch {
		case err == nil && kind == path.Log:
			w.tell("found " + name)
		case err == nil, errors.Is(err, source.ErrNoFile) && !isLog:
			w.tell("skipped " + name)
		case isFile:
			w.tell("file failed " + name)
		default:
			w.tell("failed " + name + ": broken")
		}
	})
}

// parts is how many partitions were listed.
func (w *plainWalk) parts() (n int) {
	for prefix := range w.listings {
		if path.Locate(prefix).Level >= path.LevelRegion {
			n++
		}
	}
	return n
}

// recentBound is where a poll begins, behind a partition's newest key.
func recentBound(p path.Partition, newest time.Time) string {
	if newest.IsZero() {
		return ""
	}
	return strings.TrimSuffix(p.NewKey(newest.Add(-10*time.Minute), "").String(), ".json.gz")
}
