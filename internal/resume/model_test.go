package resume_test

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/testutil"
)

// step does something of what is left in the round. It reports false when nothing is, or
// when the loop is left.
func (r *run) step() bool {
	r.t.Helper()
	if len(r.queues) == 0 {
		return false
	}
	i := r.rng.IntN(len(r.queues))
	q := r.queues[i]
	if !q.listed {
		r.list(q)
	}
	if len(q.todo) > 0 {
		return r.do(q)
	}
	r.queues = append(r.queues[:i], r.queues[i+1:]...)
	if q.part == "" || !r.round.sweep {
		return true
	}
	end := time.Time{}
	if r.end != math.MaxInt64 {
		end = time.Unix(r.end*3600, 0)
	}
	r.tracker.Listed(q.part, end)
	before := r.m.floor(q.part)
	least := r.round.raise(r.m, r.store, q.part, r.end)
	if r.m.floor(q.part) > before {
		r.seen.raised++
	}
	// It rises as high as it may: what lies below takes no room.
	if got := floorOf(r.t, r.tracker.State(), q.part); got < least || got > r.m.floor(q.part) {
		r.t.Fatalf("a partition that was listed has its floor at hour %d, want %d to %d", got, least, r.m.floor(q.part))
	}
	return true
}

// floorOf returns the floor of a partition in a state.
func floorOf(t *testing.T, s *resume.State, part string) int64 {
	t.Helper()
	floor := newTracker(t, s, time.Time{}).Sent(part, false).Begin(true)
	if floor.IsZero() {
		return math.MinInt64
	}
	return hourNumber(floor)
}

// do goes on with one of the first objects of a queue: those of one hour may be under way
// at the same time.
func (r *run) do(q *queue) bool {
	r.t.Helper()
	if q.todo[0].item == nil {
		r.tracker.Hold(q.part, time.Unix(q.todo[0].hour*3600, 0))
		r.round.hold(q.part, q.todo[0].hour)
		q.todo = q.todo[1:]
		r.seen.held++
		return true
	}
	n := 1
	for n < min(3, len(q.todo)) && q.todo[n].item != nil && q.todo[n].hour == q.todo[0].hour {
		n++
	}
	i := r.rng.IntN(n)
	d := q.todo[i]
	if !d.planned {
		r.plan(d)
	}
	for ; d.next < d.met; d.next++ {
		switch {
		case finishedOf(d.item.Before, d.records)&(1<<d.next) != 0:
		case recordsBefore(d.records, r.to)&(1<<d.next) == 0:
			if d.out.Left < 0 {
				d.out.Left, d.out.Astray = d.next, r.rng.IntN(2) == 0
			}
		default:
			d.out.Behind = d.out.Behind || d.out.Left >= 0
			return r.record(q, d)
		}
	}
	q.todo = append(q.todo[:i:i], q.todo[i+1:]...)
	r.finish(q, d)
	return true
}

// plan says what reading an object comes to.
func (r *run) plan(d *todo) {
	d.planned = true
	o := r.store.objects[d.item.Object.Key]
	if d.item.Object.ETag == "" || r.rng.IntN(4) == 0 {
		d.item.Replace(o.listed)
	}
	d.records = o.records[d.item.Object.ETag]
	d.met = len(d.records)
	d.stream = r.rng.IntN(2) == 0
	if !r.smooth {
		switch r.rng.IntN(16) {
		case 0, 1:
			d.ending, d.met = fails, r.rng.IntN(d.met+1)
		case 2:
			d.ending = failsLast
		case 3:
			d.ending, d.met = givenUp, r.rng.IntN(d.met+1)
		case 4:
			d.out.Damaged = true
		}
	}
	if d.stream {
		return
	}
	for i := range d.met { // all is decoded before the loop gets the first record
		switch {
		case finishedOf(d.item.Before, d.records)&(1<<i) != 0:
		case recordsBefore(d.records, r.to)&(1<<i) == 0:
			if d.out.Left < 0 {
				d.out.Left, d.out.Astray = i, r.rng.IntN(2) == 0
			}
		default:
			d.out.Behind = d.out.Behind || d.out.Left >= 0
		}
	}
}

// record gives the loop a record. The loop may be left there.
func (r *run) record(q *queue, d *todo) bool {
	r.t.Helper()
	index := d.next
	rest := recordsBefore(d.records, r.to) &^ finishedOf(d.item.Before, d.records) &^ firstRecords(index+1)
	last := d.ending == sound && rest == 0 && r.rng.IntN(2) == 0
	if last && d.stream { // all is decoded when this is known
		for i := index + 1; i < d.met; i++ {
			last = last && finishedOf(d.item.Before, d.records)&(1<<i) != 0
		}
	}
	last = last && d.out.Left < 0
	mark := r.tracker.Mark(d.item, &d.out, index, last)
	r.seen.given++
	if r.rng.IntN(12) == 0 {
		r.keep(q, d, mark, last)
	}
	if !r.smooth && r.rng.IntN(200) == 0 {
		return false // which does not finish it
	}
	r.tracker.FinishRecord(d.item, &d.out, index)
	r.cover(r.m, d, index)
	d.next++
	return true
}

// cover notes in m that the loop is finished with the record at index.
func (r *run) cover(m *model, d *todo, index int) {
	given := coveredBy(d.item.Before, d.records, index+1, d.out.Left, r.to)
	if f := m.fates[d.item.Object.Key]; d.retry {
		m.pend(d.item, given, f.tries, f.until)
		return
	}
	m.begin(d.item, given)
}

// keep keeps the state of a mark, and what it should be, for later.
func (r *run) keep(q *queue, d *todo, mark resume.Mark, last bool) {
	m, round, out := r.m.clone(), r.round.clone(), d.out
	first := r.end
	for _, other := range q.todo {
		if other != d {
			first = min(first, other.hour)
		}
	}
	index, item := d.next, *d.item
	cover := &todo{item: &item, retry: d.retry, records: d.records, out: out}
	r.kept = append(r.kept, func() (*resume.State, *model) {
		m := m.clone()
		switch {
		case last:
			m.finish(&item, out.Damaged)
			if !d.retry {
				round.raise(m, r.store, q.part, first)
			}
		default:
			r.cover(m, cover, index)
		}
		return mark.State(), m
	})
}

// finish ends an object.
func (r *run) finish(q *queue, d *todo) {
	r.t.Helper()
	item, before, retry := d.item, finishedOf(d.item.Before, d.records), d.retry
	first := r.end
	if len(q.todo) > 0 {
		first = q.todo[0].hour
	}
	switch d.ending {
	case fails:
		done := max(d.met, item.Before.Done)
		room := retry || r.room(q.part, 1)
		if got := r.tracker.Fail(item, &d.out, done); got != room {
			r.t.Fatalf("Fail(%s) has room: %t, with %d pending; want %t", item.Object.Key, got, len(r.m.pending), room)
		}
		given := coveredBy(item.Before, d.records, done, d.out.Left, r.to)
		if room {
			r.m.pend(item, given, item.Attempt, item.Before.Until)
			break
		}
		if given != 0 {
			r.m.begin(item, given)
		}
		r.round.hold(q.part, d.hour)
		r.missed[item.Object.Key] = true
		r.seen.unkept++
		return
	case failsLast, givenUp, sound:
		d.out.Damaged = d.out.Damaged || d.ending != sound
		d.out.GivenUp = d.ending == givenUp
		over := d.out.Left >= 0 && d.out.GivenUp && (retry || r.room(q.part, 2))
		r.tracker.Finish(item, &d.out)
		if d.out.Left < 0 || d.out.GivenUp && !over {
			r.m.finish(item, d.out.Damaged)
			break
		}
		// It is left to a scan with a later To.
		given := before | firstRecords(d.out.Left) | recordsBefore(d.records, r.to)
		until := r.to
		if item.Before.Until.After(until) {
			until = item.Before.Until
		}
		r.seen.left++
		switch {
		case over:
			r.m.pend(item, given, 0, until)
		case retry || d.out.Astray && r.room(q.part, 2):
			r.m.pend(item, given, item.Attempt-1, until)
			r.seen.astray++
		default:
			if given != 0 {
				r.m.begin(item, given)
			}
			r.round.hold(q.part, d.hour)
			if left, ok := r.left[q.part]; !ok || d.hour < left {
				r.left[q.part] = d.hour
			}
			return
		}
	}
	if d.anew && r.m.fates[item.Object.Key].pending {
		r.m.amend(item)
	}
	if !retry {
		r.round.raise(r.m, r.store, q.part, first)
	}
}

// room reports whether another object of a partition may become pending in a share of the
// room.
func (r *run) room(part string, share int) bool {
	n := 0
	for _, key := range r.m.pending {
		if r.store.objects[key].part == part {
			n++
		}
	}
	return len(r.m.pending) < r.cfg.Room/share && n < r.cfg.RoomOf/share
}

// save keeps the state of now.
func (r *run) save() saved {
	state, m := r.tracker.State(), r.m.clone()
	return func() (*resume.State, *model) { return state, m }
}

// check asks a state what is left to read, and compares that with the model. It returns how
// much that is.
func (s *modelStore) check(t *testing.T, state *resume.State, m *model, cfg resume.Config) (left int) {
	t.Helper()
	cfg.To = time.Time{}
	r := newRun(t, s, state, m, cfg, &modelCounts{})
	r.smooth = true
	r.begin(true, true)
	for _, q := range r.queues {
		if !q.listed {
			r.list(q)
		}
		left += len(q.todo)
	}
	s.checkSize(t, state, m)
	return left
}

// checkSize checks that a state is not larger than it is documented to be.
func (s *modelStore) checkSize(t *testing.T, state *resume.State, m *model) {
	t.Helper()
	floors := map[string]int64{}
	for _, p := range parts {
		floors[p.String()] = floorOf(t, state, p.String())
	}
	text, err := state.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	most := 200 + 200*len(parts)
	type partHour struct {
		part string
		hour int64
	}
	hours := map[partHour]bool{}
	for key, f := range m.fates {
		o := s.objects[key]
		within := o.hour >= floors[o.part]
		if f.finished && within {
			most += 27
			hours[partHour{o.part, o.hour}] = true
		}
		if f.pending || f.given != 0 && within {
			most += 2*len(key) + 300
		}
	}
	if most += 40 * len(hours); len(text) > most {
		t.Fatalf("the text of a state has %d bytes, want %d at most", len(text), most)
	}
}

// TestModel has random scans and follows of a store in which objects arrive, early and late,
// and are replaced. A loop does what it likes with them: it fails, leaves things to a later
// To, gives up, goes on with several partitions at once, and stops anywhere. A later scan goes
// on from the last state, from that of a mark, or from one of long ago. Each has to know
// exactly what is finished: nothing is lost, and nothing comes twice.
//
// Within a partition, the loop finishes the objects of one hour before those of the next: the
// floor relies on it.
func TestModel(t *testing.T) {
	runModel(t, modelSize{12, 20, 400, 4, 40 * time.Minute}, testutil.Pick[uint64](8, 300))
}

// TestModelSmall has short stories of few objects: thousands of them in a second.
func TestModelSmall(t *testing.T) {
	runModel(t, modelSize{3, 3, 12, 1, 3 * time.Hour}, testutil.Pick[uint64](500, 20_000))
}

// A modelSize is how large the story of one seed is.
type modelSize struct {
	runs    int
	objects int // that are there at first
	steps   int // of a run, about
	room    int // for what fails, now and then
	pause   time.Duration
}

// runModel runs that many seeds, or the one in QLOGS_MODEL_SEED.
func runModel(t *testing.T, size modelSize, seeds uint64) {
	var seen modelCounts
	one := func(seed uint64) bool {
		synctest.Test(t, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("run it again: QLOGS_MODEL_SEED=%d go test -run '%s$' ./internal/resume", seed, t.Name())
				}
			}()
			testModel(t, rand.New(rand.NewPCG(seed, 7)), size, &seen)
		})
		return !t.Failed()
	}
	if text := os.Getenv("QLOGS_MODEL_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		one(seed)
		return
	}
	for seed := range seeds {
		if !one(seed) {
			return
		}
	}
	for what, n := range map[string]int{
		"late objects": seen.late, "objects begun before": seen.begun, "retries": seen.retried, "objects rewritten": seen.rewritten,
		"objects replaced": seen.replaced, "objects left": seen.left, "objects left far from To": seen.astray, "folders that fail": seen.held,
		"files that fail": seen.unlisted, "finished files that fail": seen.uncompared, "floors raised": seen.raised, "failures without room": seen.unkept,
	} {
		if n < int(seeds)*size.steps/2000 {
			t.Errorf("%d %s: the test has become empty", n, what)
		}
	}
	t.Logf("%+v", seen)
}

func testModel(t *testing.T, rng *rand.Rand, size modelSize, seen *modelCounts) {
	store := newModelStore(rng)
	time.Sleep(24 * time.Hour)
	for range size.objects {
		store.add(time.Now().Add(-time.Duration(rng.IntN(12*60)) * time.Minute))
	}
	cfg := resume.Config{
		Scope:    scope,
		Lookback: []time.Duration{0, 30 * time.Minute, time.Hour, 3 * time.Hour}[rng.IntN(4)],
		Room:     resume.MaxPending, RoomOf: resume.MaxPendingOf,
	}
	if rng.IntN(2) == 0 {
		cfg.Room, cfg.RoomOf = size.room+rng.IntN(size.room+1), (size.room+1)/2+rng.IntN(size.room)
	}
	last := saved(func() (*resume.State, *model) { return nil, newModel() })
	var kept []saved
	for range size.runs {
		from := last
		if len(kept) > 0 && rng.IntN(4) == 0 {
			from = kept[rng.IntN(len(kept))]
		}
		state, m := from()
		if state != nil && rng.IntN(2) == 0 {
			state = stored(t, state)
		}
		cfg.To = time.Time{}
		if rng.IntN(2) == 0 {
			cfg.To = time.Now().Add(time.Duration(rng.IntN(6*60)-5*60) * time.Minute).Truncate(time.Minute)
		}
		r := newRun(t, store, state, m, cfg, seen)
		r.follows = rng.IntN(3) == 0
		r.leg(size.steps)
		last = r.save()
		kept = append(append(kept, r.kept...), last)
		state, m = last()
		store.check(t, stored(t, state), m, cfg)
		time.Sleep(time.Duration(rng.Int64N(int64(size.pause))))
		for range rng.IntN(10) {
			store.arrive()
		}
	}
	// All states are what they were, whatever was built on them.
	rng.Shuffle(len(kept), func(i, j int) { kept[i], kept[j] = kept[j], kept[i] })
	for _, s := range kept[:min(30, len(kept))] {
		state, m := s()
		store.check(t, state, m, cfg)
	}
	// Without failures, a scan reads all that is left.
	cfg.To = time.Time{}
	for range 2 {
		state, m := last()
		r := newRun(t, store, state, m, cfg, seen)
		r.smooth = true
		r.begin(true, true)
		for r.step() {
		}
		last = r.save()
	}
	state, m := last()
	if left := store.check(t, state, m, cfg); left > 0 {
		t.Fatalf("%d objects are left after all were read", left)
	}
	for key, o := range store.objects {
		if f := m.fates[key]; (!f.finished || f.pending) && o.hour >= m.floor(o.part) {
			t.Fatalf("%s was never finished: %+v", key, f)
		}
	}
}

// leg runs until the loop ends, or is left.
func (r *run) leg(steps int) {
	r.t.Helper()
	most := steps/20 + r.rng.IntN(steps)
	r.begin(true, true)
	for range most {
		switch r.rng.IntN(40) {
		case 0:
			r.store.arrive()
		case 1:
			r.store.change()
		case 2:
			time.Sleep(time.Duration(r.rng.Int64N(int64(10 * time.Minute))))
		case 3:
			r.kept = append(r.kept, r.save())
		}
		if r.step() {
			continue
		}
		if len(r.queues) > 0 || !r.follows {
			return
		}
		time.Sleep(time.Duration(r.rng.Int64N(int64(20 * time.Minute))))
		r.begin(false, r.rng.IntN(3) == 0)
	}
}
