package listing_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A modelRun is one walk of a store.
type modelRun struct {
	rng    *rand.Rand
	store  *modelStore
	cfg    listing.Config
	walk   *listing.Walk
	known  map[string]path.Partition // by the folder that is listed
	newest map[string]time.Time      // by partition
	hours  [4]int                    // of Bounds and of Enter; 0 is no bound
	large  bool
	seen   *modelCounts
}

func testModel(t *testing.T, rng *rand.Rand, seen *modelCounts)       { modelOf(t, rng, seen, false) }
func testModelPieces(t *testing.T, rng *rand.Rand, seen *modelCounts) { modelOf(t, rng, seen, true) }

func modelOf(t *testing.T, rng *rand.Rand, seen *modelCounts, large bool) {
	time.Sleep(time.Until(start.AddDate(0, 0, 2)))
	r := &modelRun{rng: rng, store: newModelStore(rng), known: map[string]path.Partition{}, newest: map[string]time.Time{}, large: large, seen: seen}
	if large {
		r.store.growLarge(rng)
	}
	r.store.grow(rng)
	r.configure()
	for round := range 1 + rng.IntN(4) {
		if round > 0 {
			r.store.grow(rng)
			r.store.shrink(rng)
		}
		r.bounds()
		r.round(t, round > 0 && rng.IntN(2) == 0)
	}
}

func (r *modelRun) configure() {
	c := all(r.store)
	c.Lists = 1 + r.rng.IntN(12)
	c.Follow = r.rng.IntN(4) > 0
	c.SearchDepth = []int{8, 8, 8, 0, 1, 2}[r.rng.IntN(6)]
	c.Prefix = []string{"", "", "", "a/", "a/b/", "logs/", chats.String(), hour(chats, 2)}[r.rng.IntN(8)]
	if r.rng.IntN(3) == 0 {
		c.Covers = func(p path.Partition) bool {
			return p.Account != "222233334444" && p.LogType != "SomethingNew"
		}
	}
	switch r.rng.IntN(4) {
	case 0:
		c.Hungry = func() bool { return false }
	case 1:
		c.Hungry = func() bool { return time.Now().UnixMilli()%7 > 2 }
	}
	c.Enter = func(p *listing.Partition) (after, end string) {
		r.known[p.Folder] = p.ID
		return r.within(p.ID, r.hours[2], r.hours[3])
	}
	c.Bounds = func(p path.Partition) (after, end string) { return r.within(p, r.hours[0], r.hours[1]) }
	if r.large {
		c.Lists = 2 + r.rng.IntN(11)
		c.Prefix = []string{"", "logs/", chats.String()}[r.rng.IntN(3)]
		if r.rng.IntN(4) > 0 {
			c.Hungry = func() bool { return true }
		}
	}
	r.cfg, r.walk = c, listing.New(c)
}

// within returns the bounds of some hours of a partition.
func (r *modelRun) within(p path.Partition, from, to int) (after, end string) {
	after, end = p.Range(time.Time{}, time.Time{})
	if from != 0 {
		after = hour(p, from)
	}
	if to != 0 {
		end = hour(p, to)
	}
	return after, end
}

// bounds says what the next round is to list.
func (r *modelRun) bounds() {
	r.hours = [4]int{}
	if r.rng.IntN(2) == 0 {
		r.hours = [4]int{1 + r.rng.IntN(8), 4 + r.rng.IntN(14)}
	}
	r.hours[2], r.hours[3] = r.hours[0], r.hours[1]
	switch r.rng.IntN(6) {
	case 0:
		r.hours[2] += 1 + r.rng.IntN(3)
	case 1:
		r.hours[2] = max(r.hours[2]-2, 1)
		r.hours[3] = max(r.hours[3]-2, 1)
	case 2:
		r.hours[3] += r.hours[3] / 4
	}
}

func (r *modelRun) same() bool { return r.hours[0] == r.hours[2] && r.hours[1] == r.hours[3] }

// plain does what the walk has to do.
func (r *modelRun) plain(poll bool) *plainWalk {
	p := r.store.plain(r.cfg.SearchDepth, r.cfg.Covers, func(p path.Partition) (after, end string) { return r.within(p, r.hours[2], r.hours[3]) })
	if !poll {
		p.folder(r.cfg.Prefix, 0)
		return p
	}
	for _, folder := range slices.SortedFunc(maps.Keys(r.known), func(a, b string) int { return strings.Compare(r.known[a].String(), r.known[b].String()) }) {
		if p.fatal == 0 {
			p.partition(folder, recentBound(r.known[folder], r.newest[r.known[folder].String()]))
		}
	}
	return p
}

// faults has some of the listings go wrong that a plain walk has made.
func (r *modelRun) faults(p *plainWalk) {
	prefixes := slices.Sorted(maps.Keys(p.listings))
	if len(prefixes) == 0 {
		return
	}
	pick := func() (prefix, name string) {
		prefix = prefixes[r.rng.IntN(len(prefixes))]
		if names := p.listings[prefix]; len(names) > 0 {
			name = names[r.rng.IntN(len(names))]
		}
		return prefix, name
	}
	for range r.rng.IntN(3) {
		prefix, name := pick()
		how := []int{endDenied, endDenied, endDenied, endHangs, endHangs, endPanics, endLies}[r.rng.IntN(7)]
		if r.rng.IntN(3) == 0 {
			name = ""
		}
		if name == "" && how == endLies {
			how = endDenied
		}
		r.store.ends[prefix] = modelEnd{name, how}
	}
	for range r.rng.IntN(4) {
		prefix, name := pick()
		if name == "" {
			continue
		}
		if n := len(prefix) + 1 + r.rng.IntN(len(name)-len(prefix)); n < len(name) && r.same() {
			name = name[:n+strings.IndexByte(name[n:]+"/", '/')] // a folder that it lies in, or itself
			if n := strings.LastIndexByte(name, '/'); name != p.listings[prefix][0] && n > len(prefix) && len(name) > n+1 && r.rng.IntN(2) == 0 {
				name = name[:n+1]
			}
		}
		r.store.broken[name] = []error{errBroken, source.ErrNoFile}[r.rng.IntN(2)]
	}
	for range r.rng.IntN(3) {
		if _, name := pick(); name != "" {
			r.store.repeats[name] = 1 + r.rng.IntN(2)
		}
	}
	if keys := slices.Sorted(maps.Keys(r.store.keys)); len(keys) > 0 && r.rng.IntN(2) == 0 {
		r.store.repeats[keys[r.rng.IntN(len(keys))]] = 1
		for _, key := range keys {
			if strings.HasSuffix(key, "!") { // those just before the cuts
				r.store.repeats[key] = 1
			}
		}
	}
	prefixes = slices.DeleteFunc(prefixes, func(prefix string) bool {
		return path.Locate(prefix).Level < path.LevelRegion || len(p.listings[prefix]) == 0
	})
	for range len(prefixes) * r.rng.IntN(3) * r.rng.IntN(2) {
		prefix, name := pick()
		if k, err := path.Parse(name); err == nil && !strings.HasSuffix(name, "/") {
			minutes := int(k.Hour.Sub(start)/time.Minute) + r.rng.IntN(60)
			key := strings.Replace(key(k.Partition, minutes), "0123456789abcdef", "fedcba9876543210", 1)
			if strings.HasPrefix(key, prefix) {
				r.store.flicker = append(r.store.flicker, key)
			}
		}
	}
}

// round sweeps or polls once, and compares that with the plain walk.
func (r *modelRun) round(t *testing.T, poll bool) {
	t.Helper()
	s := r.store
	s.clear()
	if !r.cfg.Follow {
		clear(r.known)
	}
	r.faults(r.plain(poll))
	want := r.plain(poll)
	s.asked, s.most, s.parts = 0, 0, 0
	stop := make(chan struct{})
	flickers := rand.New(rand.NewPCG(r.rng.Uint64(), 0))
	go s.changes(flickers, stop)
	got := r.do(t, poll, want)
	s.mu.Lock()
	now, open := s.now, s.open
	s.mu.Unlock()
	close(stop)
	synctest.Wait()

	what := fmt.Sprintf("Prefix %q, Lists %d, poll %t, hours %v, ends %v, broken %v, %d repeats", r.cfg.Prefix, r.cfg.Lists, poll, r.hours, s.ends, s.broken, len(s.repeats))
	if now != 0 || open != 0 || s.most > r.cfg.Lists {
		t.Fatalf("%s: %d requests and %d listings go on, %d requests at the same time", what, now, open, s.most)
	}
	if !slices.Equal(got.events, want.events[:min(len(got.events), len(want.events))]) {
		i := 0
		for i < min(len(got.events), len(want.events)) && got.events[i] == want.events[i] {
			i++
		}
		t.Fatalf("%s: event %d of %d is %q, want\n%q", what, i, len(got.events), got.events[i], want.events[max(i-2, 0):min(i+2, len(want.events))])
	}
	if got.whole && (len(got.events) != len(want.events) || got.fatal != want.fatal) {
		t.Fatalf("%s: %d events, ends as %d, want %d and %d:\n%q", what, len(got.events), got.fatal, len(want.events), want.fatal, want.events[len(got.events):min(len(want.events), len(got.events)+3)])
	}
	r.checkCalls(t, what, got, want)
}

// A modelGot is what a round has come to.
type modelGot struct {
	events []string // but those of keys that flicker
	whole  bool     // nobody ended it
	fatal  int
}

// do sweeps or polls.
func (r *modelRun) do(t *testing.T, poll bool, want *plainWalk) (got modelGot) {
	t.Helper()
	s, rng := r.store, r.rng
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stopAt, cancelAt, n := 0, 0, 0
	errCancel := errors.New("cancelled")
	switch rng.IntN(8) {
	case 0, 1:
		stopAt = 1 + rng.IntN(len(want.events)+1)
	case 2:
		cancelAt = 1 + rng.IntN(len(want.events)+1)
	case 3:
		defer time.AfterFunc(time.Duration(rng.IntN(500))*time.Millisecond, func() { cancel(errCancel) }).Stop()
	}
	last := ""
	emit := func(e *listing.Event) error {
		if n++; n == cancelAt {
			cancel(errCancel)
		}
		if rng.IntN(16) == 0 && !r.large || rng.IntN(10_000) == 0 {
			time.Sleep(time.Duration(rng.IntN(200)) * time.Millisecond)
		}
		if e.Kind == listing.Found || e.Kind == listing.Skipped {
			if e.Object.Key <= last {
				t.Errorf("%q follows %q", e.Object.Key, last)
			}
			last = e.Object.Key
		}
		if e.Kind == listing.Found {
			r.meet(e)
		}
		if !slices.Contains(s.flicker, e.Object.Key) {
			got.events = append(got.events, modelText(e))
		} else {
			r.seen.flickered++
		}
		if n == stopAt {
			return errStop
		}
		return nil
	}
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				if !strings.Contains(fmt.Sprint(p), errModelPanic.Error()) {
					panic(p)
				}
				got.fatal = endPanics
			}
		}()
		if poll {
			return r.walk.Poll(ctx, emit)
		}
		return r.walk.Sweep(ctx, emit)
	}()
	got.whole = true
	switch {
	case err == errStop && n == stopAt, err == errCancel && ctx.Err() != nil:
		got.whole = false
	case err != nil && (strings.Contains(err.Error(), "key order") || strings.Contains(err.Error(), "without folders") || strings.Contains(err.Error(), "a size of -1")):
		got.fatal = endLies
	case err != nil:
		t.Fatalf("error %v after %d events", err, n)
	}
	r.count(poll, got, want)
	return got
}

// meet notes the newest key of a partition.
func (r *modelRun) meet(e *listing.Event) {
	minute, ok := e.Key.Minute()
	if !ok || !minute.Truncate(time.Hour).Equal(e.Key.Hour) {
		minute = e.Key.Hour
	}
	if part := e.Partition.ID.String(); minute.After(r.newest[part]) && !minute.After(time.Now()) {
		r.newest[part] = minute
	}
}

// checkCalls checks what a round has cost: what the plain walk costs, and at most a request
// more for each piece of a partition.
func (r *modelRun) checkCalls(t *testing.T, what string, got modelGot, want *plainWalk) {
	t.Helper()
	if r.store.fromStart || len(r.store.flicker) > 0 || !r.same() || got.fatal != 0 || want.fatal != 0 {
		return
	}
	for name := range r.store.broken {
		if r.large && strings.HasSuffix(name, "/") {
			return // each piece passes the rest of the folder
		}
	}
	pieces := 0
	if r.large {
		pieces = max(r.store.parts-want.parts(), 0)
	}
	if r.store.asked > want.calls+pieces || got.whole && r.store.asked < want.calls {
		t.Fatalf("%s: %d requests, want %d, and one for each of %d pieces at most", what, r.store.asked, want.calls, pieces)
	}
}

func (r *modelRun) count(poll bool, got modelGot, want *plainWalk) {
	r.seen.events += len(got.events)
	r.seen.calls += r.store.asked
	switch {
	case poll:
		r.seen.polls++
	default:
		r.seen.sweeps++
	}
	switch {
	case !got.whole:
		r.seen.left++
	case got.fatal == endPanics:
		r.seen.panicked++
	case got.fatal == endLies:
		r.seen.disordered++
	default:
		r.seen.whole++
	}
	if r.large && r.same() && r.store.parts > want.parts() {
		r.seen.pieces++
	}
	for _, e := range got.events {
		switch {
		case strings.HasPrefix(e, "failed "), strings.HasPrefix(e, "file failed "):
			r.seen.failed++
		case e == "repeated":
			r.seen.repeated++
		}
	}
}

// modelText is an event as the plain walk has it.
func modelText(e *listing.Event) string {
	switch e.Kind {
	case listing.Found:
		return "found " + e.Object.Key
	case listing.Skipped:
		return "skipped " + e.Object.Key
	case listing.Repeated:
		return "repeated"
	case listing.FileFailed:
		return "file failed " + e.Object.Key
	case listing.Done:
		return "done " + e.Partition.Folder
	}
	why := fmt.Sprint(e.Failure.Err)
	switch err := e.Failure.Err; {
	case errors.Is(err, errDenied):
		why = "denied"
	case errors.Is(err, stall.Err):
		why = "stalled"
	case errors.Is(err, errBroken):
		why = "broken"
	}
	return "failed " + e.Failure.Prefix + ": " + why
}
