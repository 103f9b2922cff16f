package listing

import (
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A Partition is one that a [Walk] has met.
type Partition struct {
	// ID is the partition.
	ID path.Partition

	// Name is the prefix of the partition's keys. It ends in "/".
	Name string

	// Folder is what is listed: the partition's own folder, which is Name, or a folder
	// of a time in it if [Config].Prefix names one. It ends in "/".
	Folder string

	// State is for the caller. With [Config].Follow it lives as long as the Walk,
	// otherwise as long as the sweep is in the partition.
	State any

	listed bool      // at least once, by this walk
	failed bool      // in the last listing
	newest time.Time // of the keys, by their minutes; zero if none was met

	// Folders that the source could not look at: in the last sweep and the polls since,
	// and in the sweep before that and its polls.
	unlisted, unlistedBefore map[string]struct{}
}

// recentMinutes is how far behind the newest key each poll looks.
const recentMinutes = 10 * time.Minute

// meet notes that a key was listed. A key of a time after now does not count: it would
// move the polls behind all keys that are to come.
func (p *Partition) meet(key path.Key, now time.Time) {
	if when := minuteOf(key); when.After(p.newest) && !when.After(now) {
		p.newest = when
	}
}

// recent returns the key after which a poll lists, or "" if no key is known. It relies on
// names of the form that AWS gives them; other names may lie before it, and wait for a
// sweep.
func (p *Partition) recent() string {
	if p.newest.IsZero() {
		return ""
	}
	return minuteBound(p.ID, p.newest.Add(-recentMinutes))
}

// sweepBegins begins a new set of folders that fail.
func (p *Partition) sweepBegins() {
	p.unlisted, p.unlistedBefore = nil, p.unlisted
}

// folderFailed notes a folder that the source could not look at. It reports whether that
// was known.
func (p *Partition) folderFailed(folder string) (known bool) {
	_, now := p.unlisted[folder]
	_, before := p.unlistedBefore[folder]
	if p.unlisted == nil {
		p.unlisted = map[string]struct{}{}
	}
	p.unlisted[folder] = struct{}{}
	return now || before
}
