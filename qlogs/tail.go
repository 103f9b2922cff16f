package qlogs

import (
	"strings"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A tail is what a lister knows of one partition: what it need not send again.
type tail struct {
	prefix string // what is listed: the partition, or a folder in it
	part   path.Partition
	name   string                           // of part, as it is listed
	sent   map[hour]map[fingerprint]version // finished before, or sent
	floor  hour
	newest time.Time // by the minutes in the keys; zero if none was met
	hour   hour      // of the object that was sent last
	folder string    // of the key that was parsed last, to its final slash
	parsed path.Key  // that one
	again  bool      // listed before in this scan
	failed bool      // the last listing

	// Folders that could not be listed, now and in the sweep before.
	odd, oddBefore map[string]struct{}
}

// newTail returns the tail of a partition of which r is finished.
func newTail(prefix string, p path.Partition, r *reach) *tail {
	t := &tail{prefix: prefix, part: p, name: p.String(), sent: map[hour]map[fingerprint]version{}}
	t.learn(r)
	t.raise(r.floor)
	return t
}

// learn takes how the objects have ended that r has finished. One that was rewritten since
// stays as it was counted.
func (t *tail) learn(r *reach) {
	for _, s := range r.seen {
		for _, o := range s.objects {
			if t.sent[s.hour][o.print].tag&countedMark == 0 {
				t.add(s.hour, o.print, o.version)
			}
		}
	}
}

// kindOf is path.KindOf. Most keys differ from the one before in their name alone.
func (t *tail) kindOf(o Object) (path.Kind, path.Key) {
	if name, ok := strings.CutPrefix(o.Key, t.folder); ok && t.folder != "" && name != "" && !strings.Contains(name, "/") {
		t.parsed.Name = name
		return t.parsed.Kind(o.Size), t.parsed
	}
	kind, k := path.KindOf(o.Key, o.Size)
	if kind == path.Log {
		t.folder, t.parsed = o.Key[:len(o.Key)-len(k.Name)], k
	}
	return kind, k
}

// unlisted notes a folder that cannot be listed. It reports whether that is no news.
func (t *tail) unlisted(folder string) bool {
	_, known := t.odd[folder]
	if _, before := t.oddBefore[folder]; before {
		known = true
	}
	if t.odd == nil {
		t.odd = map[string]struct{}{}
	}
	t.odd[folder] = struct{}{}
	return known
}

func (t *tail) add(h hour, print fingerprint, v version) {
	if t.sent[h] == nil {
		t.sent[h] = map[fingerprint]version{}
	}
	t.sent[h][print] = v
}

// raise forgets the hours that are finished.
func (t *tail) raise(floor hour) {
	t.floor = floor
	for h := range t.sent {
		if h < floor {
			delete(t.sent, h)
		}
	}
}

// meet notes that a key was listed.
func (t *tail) meet(key path.Key, now time.Time) {
	if when := minuteOf(key); when.After(t.newest) && !when.After(now) {
		t.newest = when
	}
}

// recent is what a poll lists after: the keys of the last minutes, counted from
// the newest, whose names are of the form that AWS gives them.
func (t *tail) recent() string {
	if t.newest.IsZero() {
		return ""
	}
	return minuteBound(t.part, t.newest.Add(-recentMinutes))
}

// recentMinutes is how far behind the newest key each poll looks.
const recentMinutes = 10 * time.Minute
