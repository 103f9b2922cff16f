package qlogs_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A resumeModel knows what scans must yield, and how often.
type resumeModel struct {
	rng   *rand.Rand
	store *cursorStore
	left  map[string]int     // by key, how often it has yet to fail
	want  map[cursorPair]int // records and lasting errors
	got   map[cursorPair]int

	mu sync.Mutex // over left
}

func newResumeModel(seed uint64) *resumeModel {
	m := &resumeModel{
		rng:   rand.New(rand.NewPCG(seed, 0)),
		store: newCursorStore(),
		left:  map[string]int{},
		want:  map[cursorPair]int{},
		got:   map[cursorPair]int{},
	}
	parts := []path.Partition{cursorChats, cursorInline, cursorOlder}
	for range 10 + m.rng.IntN(40) {
		m.add(cursorKey(parts[m.rng.IntN(len(parts))], m.rng.IntN(5000)))
	}
	m.store.openHook = m.open
	m.store.bodyHook = m.body
	return m
}

// add puts a random object into the bucket, if there is none of that key.
func (m *resumeModel) add(key string) {
	if _, _, ok := m.store.Object(key); ok {
		return
	}
	var records []string
	for i := range m.rng.IntN(5) {
		id := fmt.Sprintf("%s#%d", key, i)
		if m.rng.IntN(8) == 0 {
			records = append(records, cursorBad)
			m.want[cursorPair{key, i, "error: decode"}] = 1
			continue
		}
		records = append(records, cursorRecord(id, 0))
		m.want[cursorPair{key, i, id}] = 1
	}
	if m.rng.IntN(6) == 0 {
		m.left[key] = 1 + m.rng.IntN(4)
	}
	switch m.rng.IntN(40) {
	case 0, 1, 2:
		records = append(records, `{"x":`) // neither quotes nor braces balance
		m.want[cursorPair{key, -1, "error: decode"}] = 1
		m.store.put(key, cursorFile(records...))
	case 3:
		m.store.put(key, cursorLarge(records...))
	default:
		m.store.put(key, cursorFile(records...))
	}
}

// fails takes one of the failures that a key has left.
func (m *resumeModel) fails(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left[key]--
	return m.left[key] >= 0
}

func (m *resumeModel) open(_ context.Context, key string) error {
	if hash(key)%2 == 0 && m.fails(key) {
		return errCursorNetwork
	}
	return nil
}

func (m *resumeModel) body(key string, body io.Reader) io.Reader {
	if hash(key)%2 == 0 || !m.fails(key) {
		return body
	}
	limit := int64(hash(key) % 100)
	if o, _, _ := m.store.Object(key); o.Size > cursorLargeSize {
		limit = int64(hash(key)) % o.Size
	}
	return cursorBroken(body, limit)
}

func hash(s string) uint32 {
	h := fnv.New32a()
	io.WriteString(h, s)
	return h.Sum32()
}

// leg reads a random part of what is left and leaves in a random way. It returns
// the cursor to go on from, and whether it got to the end.
func (m *resumeModel) leg(t *testing.T, client *qlogs.Client, after qlogs.Cursor) (next qlogs.Cursor, ended bool) {
	t.Helper()
	hows := append(cursorHows, "commit")
	n, how := 1+m.rng.IntN(12), hows[m.rng.IntN(len(hows))]
	s := client.Scan(qlogs.Query{After: after})
	if how == "commit" {
		return m.commit(t, s, n)
	}
	pairs := cursorLeave(t, s, n, how)
	ended = len(pairs) < n
	if how == "cancel" && !ended {
		pairs = pairs[:len(pairs)-1] // the context's error
	}
	m.count(pairs)
	if how != "cancel" && !ended {
		m.again(pairs[len(pairs)-1:])
	}
	return cursorText(t, s.Cursor()), ended
}

// commit goes on from one of the first n entries, whatever came after it.
func (m *resumeModel) commit(t *testing.T, s *qlogs.Scan, n int) (next qlogs.Cursor, ended bool) {
	t.Helper()
	steps := cursorSteps(t, s, 2*n)
	var pairs []cursorPair
	for _, step := range steps {
		pairs = append(pairs, step.pair)
	}
	m.count(pairs)
	ended = len(steps) < 2*n
	steps = steps[:min(n, len(steps))]
	for i, step := range slices.Backward(steps) {
		if step.entry.Record != nil {
			m.again(pairs[i+1:])
			return cursorText(t, step.entry.Cursor()), false
		}
	}
	if !ended {
		m.again(pairs[len(pairs)-1:])
	}
	return cursorText(t, s.Cursor()), ended
}

// count notes what a loop got. Errors that pass come as often as they like.
func (m *resumeModel) count(pairs []cursorPair) {
	for _, p := range pairs {
		if _, lasting := m.want[p]; lasting || p.index >= 0 {
			m.got[p]++
		}
	}
}

// again tells that these pairs are not finished, so that they come once more.
func (m *resumeModel) again(pairs []cursorPair) {
	for _, p := range pairs {
		if _, lasting := m.want[p]; lasting {
			m.want[p]++
		}
	}
}

func (m *resumeModel) check(t *testing.T) {
	t.Helper()
	for p, n := range m.want {
		if m.got[p] != n {
			t.Errorf("%+v came %d times, want %d", p, m.got[p], n)
		}
	}
	for p, n := range m.got {
		if m.want[p] == 0 {
			t.Errorf("%+v came %d times, want none", p, n)
		}
	}
}

// Whatever interrupts scans, each record and each lasting error is delivered,
// and again only if it was not finished when a scan was interrupted.
func TestResumeModel(t *testing.T) {
	for seed := range testutil.Pick[uint64](4, 25) {
		m := newResumeModel(seed)
		client := qlogs.New(m.store, &qlogs.Options{InFlight: 1 + m.rng.IntN(8), BytesInFlight: 1 + m.rng.Int64N(1<<20)})
		var after qlogs.Cursor
		for quiet := 0; quiet < 6; { // so often nothing was left but what fails
			next, ended := m.leg(t, client, after)
			if after = next; ended {
				quiet++
			} else {
				quiet = 0
			}
		}
		if m.check(t); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
