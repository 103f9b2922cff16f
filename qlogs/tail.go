package qlogs

import (
	"strings"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A tail is what a lister knows of one partition: what it need not send again.
type tail struct {
	prefix string // what is listed: the partition, or a folder in it
	part   path.Partition
	name   string // of part, as it is listed
	sent   *resume.Sent
	newest time.Time // by the minutes in the keys; zero if none was met
	folder string    // of the key that was parsed last, to its final slash
	parsed path.Key  // that one
	again  bool      // listed before in this scan
	failed bool      // the last listing

	// Folders that could not be listed, now and in the sweep before.
	odd, oddBefore map[string]struct{}
}

func newTail(prefix string, p path.Partition, sent *resume.Sent) *tail {
	return &tail{prefix: prefix, part: p, name: p.String(), sent: sent}
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
