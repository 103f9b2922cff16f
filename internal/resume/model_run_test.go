package resume_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A saved state comes with the model of the same moment.
type saved func() (*resume.State, *model)

// A run is one scan, or one that follows: a tracker, and a loop that does what it likes.
type run struct {
	t        *testing.T
	rng      *rand.Rand
	store    *modelStore
	m        *model
	tracker  *resume.Tracker
	cfg      resume.Config
	lookback time.Duration
	to       time.Time
	end      int64 // hour before which it lists
	follows  bool
	smooth   bool // nothing fails

	round   roundLimit
	left    map[string]int64 // by partition, what was left to a later To
	waiting map[string]bool  // keys that are tried again in this sweep
	sents   map[string]*resume.Sent
	sent    map[string]source.Object
	broken  map[string]bool   // sent without having been looked at
	missed  map[string]bool   // failed and found no room: sent again by the next sweep
	counted map[string]string // ETags of good objects that were rewritten
	polled  map[string]int64  // by partition, the newest hour that was listed
	queues  []*queue
	kept    []saved
	seen    *modelCounts
}

// modelCounts are how often what the test is about has happened.
type modelCounts struct {
	late, begun, retried, rewritten, replaced, left, astray, held, unlisted, uncompared, given, raised, unkept int
}

// A queue has what a run has to do for one partition, in the order of keys, or one object
// that is tried again.
type queue struct {
	part   string // empty for a retry
	listed bool
	todo   []*todo
}

// A todo is one object, or the hour of a folder that cannot be listed.
type todo struct {
	item    *resume.Item // nil for a folder
	retry   bool         // it is pending
	anew    bool         // and was listed as another version
	hour    int64
	planned bool
	records []time.Time
	met     int // so many records are met before it ends
	ending  ending
	stream  bool // what follows a record is not known when the loop gets it
	next    int
	out     resume.Outcome
}

type ending int

const (
	sound     ending = iota
	fails            // and is tried again
	failsLast        // for a reason that does not pass, behind its records
	givenUp
)

func newRun(t *testing.T, store *modelStore, from *resume.State, m *model, cfg resume.Config, seen *modelCounts) *run {
	t.Helper()
	r := &run{
		t: t, rng: store.rng, store: store, m: m.clone(), cfg: cfg, lookback: cfg.Lookback, to: cfg.To, end: math.MaxInt64, seen: seen,
		left: map[string]int64{}, sents: map[string]*resume.Sent{}, sent: map[string]source.Object{}, broken: map[string]bool{}, missed: map[string]bool{},
		counted: map[string]string{}, polled: map[string]int64{},
	}
	if !cfg.To.IsZero() {
		r.end = hourNumber(cfg.To) + 1
	}
	tracker, err := resume.New(cfg, from)
	if err != nil {
		t.Fatal(err)
	}
	r.tracker = tracker
	return r
}

// begin begins a round.
func (r *run) begin(first, sweep bool) {
	r.t.Helper()
	now := hourNumber(time.Now())
	next := roundLimit{lookback: r.lookback, sweep: sweep, newest: map[string]int64{}, held: maps.Clone(r.left)}
	for _, p := range parts {
		part := p.String()
		next.newest[part] = now
		if newest := r.m.newest(r.store, part, now); !first && newest != math.MinInt64 {
			next.newest[part] = newest
		}
		r.queues = append(r.queues, &queue{part: part})
	}
	if !first {
		r.tracker.Next(sweep)
	}
	if r.round = next; sweep {
		r.retry()
	}
}

// retry takes what is pending and checks that it is what it should be.
func (r *run) retry() {
	r.t.Helper()
	items, err := r.tracker.Retries()
	if err != nil {
		r.t.Fatal(err)
	}
	r.waiting = map[string]bool{}
	for _, key := range r.m.pending {
		f := r.m.fates[key]
		if !f.until.IsZero() && !r.to.IsZero() && !f.until.Before(r.to) {
			continue
		}
		r.waiting[key] = true
		if len(items) == 0 {
			r.t.Fatalf("%s is not tried again", key)
		}
		item := items[0]
		items = items[1:]
		records := r.store.objects[key].records[f.tag]
		if item.Object.Key != key || item.Object.ETag != f.tag || item.Attempt != f.tries+1 || finishedOf(item.Before, records) != f.given {
			r.t.Fatalf("%s is tried again as %+v, want %s of %q, with the records %b finished, for the time %d", item.Object.Key, item, key, f.tag, f.given, f.tries+1)
		}
		r.queues = append(r.queues, &queue{listed: true, todo: []*todo{{item: item, retry: true, out: resume.Outcome{Left: -1}}}})
		r.seen.retried++
	}
	if len(items) > 0 {
		r.t.Fatalf("%s is tried again and is not pending", items[0].Object.Key)
	}
}

// list takes all that a listing of a partition shows.
func (r *run) list(q *queue) {
	r.t.Helper()
	q.listed = true
	sent := r.sents[q.part]
	if sent == nil {
		sent = r.tracker.Sent(q.part, r.follows)
		r.sents[q.part] = sent
	}
	if r.round.sweep {
		for key := range r.missed {
			if r.store.objects[key].part == q.part {
				delete(r.missed, key)
				delete(r.sent, key)
				delete(r.broken, key)
				delete(r.counted, key)
			}
		}
	}
	checkFloor(r.t, q.part, sent.Begin(r.round.sweep), r.m)
	look := r.tracker.Sent(q.part, false)
	look.Begin(r.round.sweep)
	newest, lost := int64(math.MinInt64), int64(-1)
	if r.round.sweep && !r.smooth && r.rng.IntN(6) == 0 { // a folder that fails
		lost = hourNumber(time.Now()) - r.rng.Int64N(8)
	}
	folder := false
	for _, key := range r.store.keys {
		o := r.store.objects[key]
		if o.part != q.part || o.hour >= r.end || !r.round.sweep && o.hour < r.polled[q.part] {
			continue
		}
		newest = max(newest, o.hour)
		if !folder && lost >= 0 && o.hour >= lost {
			q.todo = append(q.todo, &todo{hour: lost})
			folder = true
		}
		if o.hour != lost {
			r.take(q, sent, look, o)
		}
	}
	r.polled[q.part] = newest
}

// take asks for one object that was listed, and checks the answer.
func (r *run) take(q *queue, sent, look *resume.Sent, o *modelObject) {
	r.t.Helper()
	key := o.listed.Key
	if r.round.sweep && !r.smooth && r.rng.IntN(60) == 0 {
		_, known := r.sent[key]
		item, verdict := sent.TakeUnlisted(key, o.key)
		known = known || r.m.fates[key].finished
		if known != (verdict != resume.Wanted) && o.hour >= r.m.floor(q.part) {
			r.t.Fatalf("TakeUnlisted(%s) = %v, known: %t", key, verdict, known)
		}
		if verdict == resume.Unlisted {
			q.todo = append(q.todo, &todo{hour: o.hour})
			r.seen.uncompared++
		}
		if verdict == resume.Wanted {
			f := r.m.fates[key]
			if begun := finishedOf(item.Before, o.records[item.Object.ETag]); begun != f.given || begun != 0 && item.Object.ETag != f.tag {
				r.t.Fatalf("TakeUnlisted(%s) returns %+v, want the records %b of %q finished", key, item, f.given, f.tag)
			}
			r.send(q, item, o)
			r.broken[key] = true
			r.seen.unlisted++
		}
		return
	}
	want := r.verdict(o)
	if !r.follows {
		if wants := look.Wants(o.listed, o.key); wants != want && (wants != resume.Finished || o.hour >= r.m.floor(q.part)) {
			r.t.Fatalf("Wants(%s) = %v, want %v", key, wants, want)
		}
	}
	item, verdict := sent.Take(o.listed, o.key)
	if verdict != want && o.hour >= r.m.floor(q.part) || verdict != want && verdict != resume.Finished {
		r.t.Fatalf("Take(%s), of hour %d and with the floor at %d at most: %v, want %v; %+v", key, o.hour, r.m.floor(q.part), verdict, want, r.m.fates[key])
	}
	switch verdict {
	case resume.Rewritten:
		r.counted[key] = o.listed.ETag
		r.seen.rewritten++
	case resume.Wanted:
		f := r.m.fates[key]
		given := f.begun(o.listed.ETag)
		if item.Attempt != 1 || finishedOf(item.Before, o.records[o.listed.ETag]) != given {
			r.t.Fatalf("Take(%s) returns %+v, want the records %b finished: %+v", key, item, given, f)
		}
		if given != 0 {
			r.seen.begun++
		}
		if f.finished {
			r.seen.replaced++
		}
		if o.hour < r.m.newest(r.store, q.part, hourNumber(time.Now())) {
			r.seen.late++
		}
		r.send(q, item, o)
	}
}

func (r *run) send(q *queue, item *resume.Item, o *modelObject) {
	delete(r.broken, o.listed.Key)
	delete(r.counted, o.listed.Key)
	if r.follows {
		r.sent[o.listed.Key] = item.Object
	}
	waits := r.m.fates[o.listed.Key].pending
	q.todo = append(q.todo, &todo{item: item, retry: waits, anew: waits, hour: o.hour, out: resume.Outcome{Left: -1}})
}

// verdict is what Take should say of an object, as long as it is not below the floor.
func (r *run) verdict(o *modelObject) resume.Verdict {
	key := o.listed.Key
	f := r.m.fates[key]
	version, known := r.sent[key]
	damaged := r.broken[key]
	if f.finished {
		version, known, damaged = f.version, true, f.damaged
	}
	if etag, ok := r.counted[key]; ok {
		version.ETag, damaged = etag, false
	}
	switch {
	case !known:
		return resume.Wanted
	case !r.round.sweep, version.ETag == o.listed.ETag && version.Size == o.listed.Size:
		return resume.Finished
	case version.Size == o.listed.Size && !damaged:
		return resume.Rewritten
	case r.waiting[key], f.pending && f.size == o.listed.Size:
		return resume.Finished
	}
	return resume.Wanted
}

// checkFloor checks that a floor loses nothing.
func checkFloor(t *testing.T, part string, floor time.Time, m *model) {
	t.Helper()
	if !floor.IsZero() && hourNumber(floor) > m.floor(part) {
		t.Fatalf("the floor of %s is at hour %d, want %d at most", part, hourNumber(floor), m.floor(part))
	}
}
