package listing

import "time"

// A progress is how far a chain has come in the time of its range.
type progress struct {
	keys int           // that were listed
	from time.Time     // where they begin; zero if it is not known
	at   time.Time     // where the chain stands
	page time.Duration // the time of a page: of the last one, or a guess before the first
	held int           // names that it holds, or may come to hold
	full bool          // it waits to be taken from
	done bool
}

// longest is the longest time that counts: eight of these are a Duration yet.
const longest = 30 * 365 * 24 * time.Hour

// turn notes the last key of a page, or the very first key.
func (p *progress) turn(keys int, key string) {
	before := p.at
	p.pass(key)
	if p.from.IsZero() {
		p.from = p.at
	}
	if keys >= aheadNames {
		p.keys, p.page = keys, min(max(p.at.Sub(before), time.Minute/4), longest) // keys tell minutes
	}
}

// pass notes a key that was met. Keys of other forms may go back in time.
func (p *progress) pass(key string) {
	if t, ok := timeOf(key); ok && t.After(p.at) {
		p.at = t
	}
}

// pages returns how many pages were listed.
func (p progress) pages() int { return p.keys / aheadNames }

// rest returns how many pages are left to an end, if they go on as the last one.
func (p progress) rest(end time.Time) int {
	if p.done || p.page == 0 || p.at.IsZero() {
		return 0
	}
	return int(end.Sub(p.at) / p.page)
}

// blind reports whether nothing is known of the range yet.
func (p progress) blind() bool { return p.keys == 0 && !p.done }

// busy reports whether the chain waits for the source, or to begin.
func (p progress) busy() bool { return !p.done && !p.full }
