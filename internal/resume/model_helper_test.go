package resume_test

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A recordSet is a set of the records of one object, by their indexes.
type recordSet uint

// firstRecords are the records before n.
func firstRecords(n int) recordSet { return 1<<n - 1 }

// recordsBefore are the records whose times are before to, or all if it is zero.
func recordsBefore(records []time.Time, to time.Time) (set recordSet) {
	for i, at := range records {
		if to.IsZero() || at.Before(to) {
			set |= 1 << i
		}
	}
	return set
}

// finishedOf are the records that a portion says are finished.
func finishedOf(p resume.Portion, records []time.Time) (set recordSet) {
	for i, at := range records {
		if p.Finished(i, at.Before) {
			set |= 1 << i
		}
	}
	return set
}

// coveredBy are the records that are finished once those before index are, by a scan with that
// To, except those from left on that are at or after To. What another scan with another To has
// finished farther on hides what this one finishes.
func coveredBy(p resume.Portion, records []time.Time, index, left int, to time.Time) recordSet {
	set := finishedOf(p, records)
	if left < 0 || index <= left {
		return set | firstRecords(index)
	}
	set |= firstRecords(left)
	if index > p.Reached && !p.Inside.After(to) {
		set |= firstRecords(index) & recordsBefore(records, to)
	}
	return set & firstRecords(len(records))
}

// A fate is what has become of one object, as far as a state should know.
type fate struct {
	finished bool // a version of it, which need not be the last one
	version  source.Object
	damaged  bool // that version

	// given are the records of the version with the ETag tag that are finished, while the
	// rest is not.
	given recordSet
	tag   string
	size  int64 // of that version, if it is pending

	pending bool
	tries   int
	until   time.Time // to which the rest has nothing to deliver
}

// begun is what is finished of a version that is not finished as a whole.
func (f fate) begun(etag string) recordSet {
	if f.tag == etag {
		return f.given
	}
	return 0
}

// A model is what a state should know, written plainly.
type model struct {
	fates   map[string]fate
	pending []string         // keys, in the order in which they became pending
	floors  map[string]int64 // by partition, the highest floor that loses nothing
}

func newModel() *model {
	return &model{fates: map[string]fate{}, floors: map[string]int64{}}
}

func (m *model) clone() *model {
	return &model{fates: maps.Clone(m.fates), pending: slices.Clone(m.pending), floors: maps.Clone(m.floors)}
}

// floor is the highest floor that a partition may have.
func (m *model) floor(part string) int64 {
	if floor, ok := m.floors[part]; ok {
		return floor
	}
	return math.MinInt64
}

// newest is the newest hour, up to now, of the finished objects of a partition.
func (m *model) newest(s *modelStore, part string, now int64) int64 {
	newest := int64(math.MinInt64)
	for key, f := range m.fates {
		if o := s.objects[key]; f.finished && o.part == part && o.hour <= now {
			newest = max(newest, o.hour)
		}
	}
	return newest
}

// finish notes that an object, as it is in item, is finished.
func (m *model) finish(item *resume.Item, damaged bool) {
	key := item.Object.Key
	f := m.fates[key]
	if f.pending {
		m.pending = slices.DeleteFunc(m.pending, func(k string) bool { return k == key })
	}
	m.fates[key] = fate{finished: true, version: item.Object, damaged: damaged}
}

// pend notes that what is left of an object comes again.
func (m *model) pend(item *resume.Item, given recordSet, tries int, until time.Time) {
	key := item.Object.Key
	f := m.fates[key]
	if !f.pending {
		m.pending = append(m.pending, key)
		f = fate{finished: true, version: item.Object, damaged: true, pending: true}
	}
	f.given, f.tag, f.size, f.tries, f.until = given, item.Object.ETag, item.Object.Size, tries, until
	m.fates[key] = f
}

// amend notes that a pending object was listed as another version, which is tried now.
func (m *model) amend(item *resume.Item) {
	f := m.fates[item.Object.Key]
	f.version, f.damaged = item.Object, true
	m.fates[item.Object.Key] = f
}

// begin notes that these records of an object are finished, and the rest is not.
func (m *model) begin(item *resume.Item, given recordSet) {
	f := m.fates[item.Object.Key]
	f.given, f.tag = given, item.Object.ETag
	m.fates[item.Object.Key] = f
}

// A roundLimit is what floors do not pass in one round of a run.
type roundLimit struct {
	lookback time.Duration
	sweep    bool
	newest   map[string]int64 // by partition, when the round began
	held     map[string]int64 // by partition, what could not be listed or was left
}

func (l roundLimit) clone() roundLimit {
	l.held = maps.Clone(l.held)
	return l
}

func (l roundLimit) hold(part string, hour int64) {
	if held, ok := l.held[part]; !ok || hour < held {
		l.held[part] = hour
	}
}

// raise lets the floor of a partition rise to the lookback behind its newest object, but no
// higher than first, an hour in which something is left to do. It returns how high that is.
func (l roundLimit) raise(m *model, s *modelStore, part string, first int64) (floor int64) {
	done := m.newest(s, part, hourNumber(time.Now()))
	if !l.sweep || done == math.MinInt64 {
		return math.MinInt64
	}
	newest := time.Unix(min(done, l.newest[part])*3600, 0)
	floor = min(first, hourNumber(newest.Add(-l.lookback)))
	if held, ok := l.held[part]; ok {
		floor = min(floor, held)
	}
	m.floors[part] = max(m.floor(part), floor)
	return floor
}
