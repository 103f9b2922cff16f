package qlogs_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A lateModel knows which records scans and follows of a bucket must yield, whose
// objects arrive in whatever order, and how often.
type lateModel struct {
	rng      *rand.Rand
	store    *cursorStore
	client   *qlogs.Client
	lookback time.Duration
	parts    []path.Partition

	// astray has the times of records disagree with their keys and with their order,
	// so that some may come again; and some objects are large, and break off.
	astray bool

	mu      sync.Mutex
	running bool                   // a loop, whose newest object is not known
	left    map[string]int         // by key, how often it has yet to fail
	breaks  map[string]int         // the same within the bodies of large objects
	keys    map[string][]time.Time // by partition, the hours of all that is stored
	want    map[cursorPair]int     // records
	beyond  map[cursorPair]bool    // of objects that came too late: wanted or not
	got     map[cursorPair]int
	late    int
}

func newLateModel(seed uint64, astray bool) *lateModel {
	west := cursorChats
	west.Region = "us-west-2"
	m := &lateModel{
		rng:    rand.New(rand.NewPCG(seed, 1)),
		store:  newCursorStore(),
		astray: astray,
		parts:  []path.Partition{cursorChats, west, cursorInline, cursorOlder},
		left:   map[string]int{},
		breaks: map[string]int{},
		keys:   map[string][]time.Time{},
		want:   map[cursorPair]int{},
		beyond: map[cursorPair]bool{},
		got:    map[cursorPair]int{},
	}
	opts := &qlogs.Options{
		InFlight:      1 + m.rng.IntN(8),
		MaxResumes:    -1,
		BytesInFlight: 1 + m.rng.Int64N(1<<20),
		Lookback:      []time.Duration{-1, 0, 30 * time.Minute, 3 * time.Hour}[m.rng.IntN(4)],
		ListPad:       []time.Duration{-1, 0, 3 * time.Hour}[m.rng.IntN(3)],
	}
	if m.lookback = max(opts.Lookback, 0); opts.Lookback == 0 {
		m.lookback = time.Hour
	}
	m.client = qlogs.New(m.store, opts)
	m.store.openHook = m.open
	m.store.bodyHook = m.body
	return m
}

// body takes one of the failures that a large object has left.
func (m *lateModel) body(key string, body io.Reader) io.Reader {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.breaks[key]--; m.breaks[key] < 0 {
		return body
	}
	return cursorBroken(body, int64(hash(fmt.Sprint(key, m.breaks[key])))%cursorLargeSize)
}

// open takes one of the failures that a key has left.
func (m *lateModel) open(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left[key]--; m.left[key] >= 0 {
		return errCursorNetwork
	}
	return nil
}

// lag is how long before now an object's key says that it was written.
func (m *lateModel) lag() time.Duration {
	switch n := m.rng.IntN(100); {
	case n < 50:
		return time.Duration(m.rng.Int64N(int64(5 * time.Minute)))
	case n < 75:
		return time.Duration(m.rng.Int64N(int64(60 * time.Minute)))
	case n < 90:
		return time.Duration(m.rng.Int64N(int64(6 * time.Hour)))
	case n < 99:
		return -time.Duration(m.rng.Int64N(int64(3 * time.Hour)))
	}
	return -73 * 365 * 24 * time.Hour
}

// arrive has n objects arrive.
func (m *lateModel) arrive(n int) {
	for range n {
		m.add(m.parts[m.rng.IntN(len(m.parts))], time.Now().Add(-m.lag()))
	}
}

func (m *lateModel) add(p path.Partition, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	part, key := p.String(), p.NewKey(at, followSuffix(m.rng)).String()
	m.keys[part] = append(m.keys[part], at.Truncate(time.Hour))
	var newest time.Time
	for _, hour := range m.keys[part] {
		if hour.After(newest) && !hour.After(time.Now()) {
			newest = hour
		}
	}
	// What is stored counts here as finished, which is on the safe side. What is
	// stored later, but finished before a scan comes to this object, is not: a
	// loop that runs may have newer ones, up to now.
	if m.running {
		newest = time.Now().Truncate(time.Hour)
	}
	beyond := at.Truncate(time.Hour).Before(newest.Add(-m.lookback).Truncate(time.Hour))
	if !beyond && at.Truncate(time.Hour).Before(newest) {
		m.late++
	}
	var records []string
	for i := range 1 + m.rng.IntN(4) {
		id := fmt.Sprintf("%s#%d", key, i)
		minute := followMinute(at) + 6*i
		if m.astray && m.rng.IntN(3) == 0 {
			minute += m.rng.IntN(6*60) - 3*60
		}
		records = append(records, cursorRecord(id, minute))
		m.want[cursorPair{key, i, id}] = 1
		m.beyond[cursorPair{key, i, id}] = beyond
	}
	if m.rng.IntN(6) == 0 {
		m.left[key] = 1 + m.rng.IntN(3)
	}
	if m.astray && m.rng.IntN(60) == 0 {
		m.breaks[key] = m.rng.IntN(3)
		m.store.put(key, cursorLarge(records...))
		return
	}
	m.store.put(key, cursorFile(records...))
}

// leg reads a random part of what is left, up to a random time, and leaves in a
// random way. It returns the cursor to go on from.
func (m *lateModel) leg(t *testing.T, after qlogs.Cursor) qlogs.Cursor {
	t.Helper()
	n := 1 + m.rng.IntN(30)
	q := qlogs.Query{After: after}
	if m.rng.IntN(2) == 0 {
		q.To = time.Now().Add(-time.Duration(m.rng.IntN(5*60)-90) * time.Minute)
	}
	s := m.client.Scan(q)
	how := append(cursorHows, "arrive", "all", "commit now", "commit later")[m.rng.IntN(len(cursorHows)+4)]
	switch how {
	case "all":
		m.count(cursorAll(t, s))
		return cursorText(t, s.Cursor())
	case "arrive":
		var pairs []cursorPair
		for e, err := range s.Records(t.Context()) {
			if pairs = append(pairs, cursorPairOf(e, err)); len(pairs) == n {
				m.running = true
				m.arrive(10)
				m.running = false
			}
		}
		m.count(pairs)
		return cursorText(t, s.Cursor())
	case "commit now", "commit later":
		steps := cursorSteps(t, s, 2*n)
		return m.commit(t, s, steps, n, how == "commit now")
	}
	pairs := cursorLeave(t, s, n, how)
	ended := len(pairs) < n
	if how == "cancel" && !ended {
		pairs = pairs[:len(pairs)-1] // the context's error
	}
	m.count(pairs)
	if how != "cancel" && !ended {
		m.again(pairs[len(pairs)-1:])
	}
	return cursorText(t, s.Cursor())
}

// commit goes on from one of the first n entries of steps, whatever came after it.
func (m *lateModel) commit(t *testing.T, s *qlogs.Scan, steps []cursorStep, n int, now bool) qlogs.Cursor {
	t.Helper()
	var pairs []cursorPair
	for _, step := range steps {
		pairs = append(pairs, step.pair)
	}
	m.count(pairs)
	for i := min(n, len(steps)) - 1; i >= 0; i-- {
		step := steps[i]
		if step.entry.Record == nil {
			continue
		}
		m.again(pairs[i+1:])
		if now {
			return cursorText(t, step.now)
		}
		return cursorText(t, step.entry.Cursor())
	}
	if len(steps) == 2*n {
		m.again(pairs[len(pairs)-1:])
	}
	return cursorText(t, s.Cursor())
}

// count notes what a loop got. Errors that pass come as often as they like.
func (m *lateModel) count(pairs []cursorPair) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range pairs {
		if p.index >= 0 {
			m.got[p]++
		}
	}
}

// again tells that these pairs are not finished, so that they come once more.
func (m *lateModel) again(pairs []cursorPair) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range pairs {
		if _, record := m.want[p]; record {
			m.want[p]++
		}
	}
}

func (m *lateModel) check(t *testing.T) {
	t.Helper()
	for p, n := range m.want {
		got := m.got[p]
		switch {
		case m.beyond[p] && got <= n: // found or not
			continue
		case m.astray && got > n, m.astray && got > 0 && n > 1: // again, or not
			continue
		}
		if got != n {
			t.Errorf("%+v came %d times, want %d", p, got, n)
		}
	}
	for p, n := range m.got {
		if m.want[p] == 0 {
			t.Errorf("%+v came %d times, want none", p, n)
		}
	}
}

// rest reads until nothing is left.
func (m *lateModel) rest(t *testing.T, after qlogs.Cursor) {
	t.Helper()
	for range 8 { // more often than an object fails
		s := m.client.Scan(qlogs.Query{After: after})
		m.count(cursorAll(t, s))
		after = cursorText(t, s.Cursor())
	}
	cursorWant(t, "a scan after the last", cursorAll(t, m.client.Scan(qlogs.Query{After: after})), nil)
}

// lateSeeds is how many random histories a model test goes through. What a cursor says of
// late and of pending objects has a model test of its own in package resume: here it is
// that scans do what it says.
func lateSeeds() uint64 { return testutil.Pick(followSome(25)/2, followSome(25)) }

// Whatever arrives late within the bound, whatever interrupts scans and up to
// whichever time they read, each record comes once, and again only if it was not
// finished when a scan was interrupted.
func TestLateModel(t *testing.T) {
	late, beyond := uint64(0), uint64(0)
	seeds := lateSeeds()
	for seed := range seeds {
		lateTest(t, time.Hour, func(t *testing.T) {
			m := newLateModel(seed, seed%3 == 2)
			for range 20 {
				m.add(m.parts[m.rng.IntN(4)], lateAt(-m.rng.IntN(12*60)))
			}
			var after qlogs.Cursor
			for range 30 {
				time.Sleep(time.Duration(m.rng.Int64N(int64(40 * time.Minute))))
				m.arrive(m.rng.IntN(15))
				after = m.leg(t, after)
			}
			m.rest(t, after)
			if m.check(t); t.Failed() {
				t.Fatalf("seed %d, lookback %v", seed, m.lookback)
			}
			late += uint64(m.late)
			for _, b := range m.beyond {
				if b {
					beyond++
				}
			}
		})
	}
	if late < 9*seeds || beyond < 9*seeds {
		t.Errorf("%d objects were late, %d records too late: the test has become empty", late, beyond)
	}
}
