package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// TestInterrupted is a small TestSoakInterrupted.
func TestInterrupted(t *testing.T) {
	testutil.NoLeaks(t)
	interrupted(t, newInterruptedMem(t), 250, testutil.Pick(4, 15))
}

// TestSoakInterrupted cancels one scan at 200 random points and breaks out of it
// at 200 more, and goes on from its cursor each time, while objects are added. With
// QLOGS_TEST_S3=1 it does so on a real S3 server, and it is made for the race detector.
func TestSoakInterrupted(t *testing.T) {
	soak(t)
	testutil.NoLeaks(t)
	api := newInterruptedMem
	if os.Getenv("QLOGS_TEST_S3") == "1" {
		api = newInterruptedReal
	}
	interrupted(t, api(t), 3000, 200)
}

// interrupted reads a bucket of so many objects with so many scans that are
// cancelled, as many that are left by break, and at last one that is not.
func interrupted(t *testing.T, api *interruptedS3, objects, points int) {
	m := newInterruptedModel(t, api, objects)
	var after qlogs.Cursor
	cancelled, left := 0, 0
	for cancelled < points || left < points {
		m.addBetween()
		leg := interruptedLeg{pairs: 1 + m.rng.IntN(2*m.total/(2*points))}
		switch {
		case cancelled >= points || left < points && m.rng.IntN(2) == 0:
		case m.rng.IntN(2) == 0:
			leg.cancels = true
		default:
			leg.pairs, leg.requests = 0, 1+m.rng.IntN(60)
		}
		next, reached := m.read(leg, after)
		after = next
		switch {
		case !reached: // it came to the end before
		case leg.cancels || leg.requests > 0:
			cancelled++
		default:
			left++
		}
	}
	api.failing.Store(false)
	for range 2 { // the second one finds nothing
		m.checkTwice = m.delivered
		after, _ = m.read(interruptedLeg{}, after)
	}
	if m.delivered != m.checkTwice {
		t.Errorf("a finished scan that was resumed yields %d pairs, want none", m.delivered-m.checkTwice)
	}
	m.check()
	t.Logf("%d cancelled, %d left; %d pairs of %d objects, %d of them added meanwhile, %d failures that passed; cursor of %d bytes",
		cancelled, left, m.delivered, m.total, m.added, api.failures.Load(), len(after.String()))
	api.checkConnections(t)
}

// An interruptedLeg says where a scan ends: in the loop at a pair, which cancels
// or breaks, or elsewhere at a request; at its end if both are 0.
type interruptedLeg struct {
	pairs    int
	cancels  bool
	requests int
}

// An interruptedModel knows the bucket and what the scans must yield.
type interruptedModel struct {
	t    *testing.T
	api  *interruptedS3
	rng  *rand.Rand
	more func() (qlogstest.Object, bool)

	want, got map[cursorPair]int
	parts     []path.Partition
	furthest  map[path.Partition]string // by partition, the last key of which a loop had a pair

	total, added, delivered, checkTwice int
}

func newInterruptedModel(t *testing.T, api *interruptedS3, objects int) *interruptedModel {
	t.Helper()
	m := &interruptedModel{
		t:        t,
		api:      api,
		rng:      rand.New(rand.NewPCG(uint64(objects), 7)),
		want:     map[cursorPair]int{},
		got:      map[cursorPair]int{},
		furthest: map[path.Partition]string{},
	}
	cfg := qlogstest.Config{Objects: objects, Accounts: []string{"111122223333", "222233334444"}, DamageEvery: 40, OddEvery: 30, MaxText: 3000}
	known := map[path.Partition]bool{}
	err := stores.Upload(t.Context(), api.plain, interruptedBucket, func(yield func(qlogstest.Object) bool) {
		for o := range qlogstest.Generate(cfg) {
			m.expect(o)
			if key, err := path.Parse(o.Key); err == nil && !known[key.Partition] {
				known[key.Partition] = true
				m.parts = append(m.parts, key.Partition)
			}
			if !yield(o) {
				return
			}
		}
	}, 16)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.parts) != 12 {
		t.Fatalf("the bucket has %d partitions, want 12", len(m.parts))
	}
	m.more = interruptedSupply(t, cfg)
	return m
}

// interruptedSupply yields other objects like those of cfg, without end.
func interruptedSupply(t *testing.T, cfg qlogstest.Config) func() (qlogstest.Object, bool) {
	cfg.Seed, cfg.Objects = 99, 1<<30
	objects := make(chan qlogstest.Object)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for o := range qlogstest.Generate(cfg) {
			select {
			case objects <- o:
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-done })
	return func() (qlogstest.Object, bool) {
		for o := range objects {
			if o.Kind == path.Log {
				return o, true
			}
		}
		return qlogstest.Object{}, false
	}
}

// expect notes what scans must yield of o.
func (m *interruptedModel) expect(o qlogstest.Object) {
	m.total++
	for _, r := range o.Records {
		m.want[cursorPair{o.Key, r.Index, r.RequestID}] = 1
	}
	for _, i := range o.BadRecords {
		m.want[cursorPair{o.Key, i, "error"}] = 1
	}
	if o.Failed {
		m.want[cursorPair{o.Key, -1, "error"}] = 1
	}
}

// addBetween adds an object to every partition while no scan runs: right behind
// what was read, or anywhere if nothing was.
func (m *interruptedModel) addBetween() {
	if m.rng.IntN(8) != 0 {
		return
	}
	for _, p := range m.parts {
		last, begun := m.furthest[p]
		minute := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Add(time.Duration(m.rng.IntN(3*24*60)) * time.Minute)
		key := p.NewKey(minute, fmt.Sprintf("Z%015d", m.added)).String()
		if begun {
			key = fmt.Sprintf("%sz%06d.json.gz", strings.TrimSuffix(last, ".json.gz"), m.added)
		}
		m.add(key)
	}
}

// addMeanwhile adds an object to the end of every partition while a scan runs,
// which may or may not find it.
func (m *interruptedModel) addMeanwhile() {
	for _, p := range m.parts {
		later := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(m.added) * time.Minute)
		m.add(p.NewKey(later, "AddedMeanwhile00").String())
	}
}

func (m *interruptedModel) add(key string) {
	o, ok := m.more()
	if !ok {
		m.t.Fatal("no more objects")
	}
	o.Key = key
	m.added++
	m.expect(o)
	one := func(yield func(qlogstest.Object) bool) { yield(o) }
	if err := stores.Upload(m.t.Context(), m.api.plain, interruptedBucket, one, 1); err != nil {
		m.t.Fatal(err)
	}
}

// read reads one leg. It returns the cursor to go on from, as it comes back from
// its text, and whether the leg's point was reached.
func (m *interruptedModel) read(leg interruptedLeg, after qlogs.Cursor) (next qlogs.Cursor, reached bool) {
	ctx, cancel := context.WithCancel(m.t.Context())
	defer cancel()
	m.api.cancelAt(leg.requests, cancel)
	s := qlogs.New(s3source.New(m.api, interruptedBucket, nil), nil).Scan(qlogs.Query{After: after})
	pairs := 0
	for e, err := range s.Records(ctx) {
		if errors.Is(err, context.Canceled) {
			reached = true
			continue // it has to be the last pair
		}
		if reached && !leg.cancels {
			m.t.Errorf("pair %v after the context's error", cursorPairOf(e, err))
		}
		p := m.pair(e, err)
		if m.api.failing.Load() && m.rng.IntN(400) == 0 {
			m.addMeanwhile()
		}
		if pairs++; pairs != leg.pairs {
			continue
		}
		if leg.cancels {
			cancel()
			continue
		}
		if m.want[p] > 0 { // it was not finished
			m.want[p]++
		}
		reached = true
		break
	}
	m.api.checkLeg(m.t)
	return cursorText(m.t, s.Cursor()), reached
}

// pair notes a pair that a loop got.
func (m *interruptedModel) pair(e qlogs.Entry, err error) cursorPair {
	p := cursorPairOf(e, err)
	if strings.HasPrefix(p.what, "end: ") && !errors.Is(err, errCursorNetwork) {
		m.t.Errorf("scan ends with %v", err)
	}
	var object *qlogs.ObjectError
	if errors.As(err, &object) {
		p.what = "error"
	}
	if !errors.Is(err, errCursorNetwork) {
		m.got[p]++
		m.delivered++
	}
	if key, err := path.Parse(p.key); err == nil {
		m.furthest[key.Partition] = max(m.furthest[key.Partition], p.key)
	}
	return p
}

func (m *interruptedModel) check() {
	m.t.Helper()
	wrong := 0
	for p, n := range m.want {
		if m.got[p] != n {
			if wrong++; wrong < 20 {
				m.t.Errorf("%+v came %d times, want %d", p, m.got[p], n)
			}
		}
	}
	for p, n := range m.got {
		if m.want[p] == 0 {
			if wrong++; wrong < 20 {
				m.t.Errorf("%+v came %d times, want none", p, n)
			}
		}
	}
}
