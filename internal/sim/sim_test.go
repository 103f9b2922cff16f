package sim_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
)

// firstSeed is where the seeds begin, if nothing is asked for.
const firstSeed = 101

// TestSimulation runs seeds. Each is a world of its own for some days, and a consumer that is
// killed every few hours. Nothing is lost but what came too late, and nothing comes twice but
// what was not saved.
func TestSimulation(t *testing.T) {
	if text := os.Getenv("QLOGS_SIM_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) { simulate(t, seed, &total{}) })
		return
	}
	var sum total
	begin := time.Now()
	first, length := uint64(firstSeed), time.Duration(0)
	if text := os.Getenv("QLOGS_SIM_FOR"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
		first = uint64(begin.UnixNano())
	}
	const together = 4
	for n := uint64(0); n < testutil.Pick[uint64](together, 16) || time.Since(begin) < length; n += together {
		ok := t.Run("seeds", func(t *testing.T) {
			for seed := first + n; seed < first+n+together; seed++ {
				t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
					t.Parallel()
					defer func() {
						if t.Failed() {
							t.Logf("run it again: QLOGS_SIM_SEED=%d go test -run TestSimulation ./internal/sim", seed)
						}
					}()
					synctest.Test(t, func(t *testing.T) { simulate(t, seed, &sum) })
				})
			}
		})
		if !ok {
			return
		}
	}
	t.Logf("%v in %v", &sum, time.Since(begin).Round(time.Second))
	for what, n := range sum.met() {
		if n == 0 && sum.seeds >= 100 {
			t.Errorf("%d seeds had no %s", sum.seeds, what)
		}
	}
}

// TestReplay checks that a seed decides what happens.
func TestReplay(t *testing.T) {
	for seed, n := uint64(firstSeed), 0; n < testutil.Pick(1, 12); seed++ {
		if !traitsOf(seed).replays() {
			continue
		}
		n++
		var was uint64
		for n := range 2 {
			synctest.Test(t, func(t *testing.T) {
				if now := simulate(t, seed, &total{}); n > 0 && now != was {
					t.Errorf("seed %d: the second run is another one", seed)
				} else {
					was = now
				}
			})
		}
	}
}

// simulate runs one seed, and returns a hash of what the consumer has got.
func simulate(t *testing.T, seed uint64, sum *total) uint64 {
	begin := time.Now()
	w := newWorld(seed)
	c := newConsumer(t, w)
	end := begin.Add(time.Duration(1+w.rng.IntN(6)) * 24 * time.Hour)
	if m, ok := w.store.(*memory); ok && w.rng.IntN(12) == 0 {
		m.PageSize = 0
		w.fill()
	}
	stop := make(chan struct{})
	var life sync.WaitGroup
	life.Go(func() { w.live(stop) })
	for time.Now().Before(end) && !t.Failed() {
		c.leg(time.Duration(1+c.rng.Int64N(int64(5*time.Hour))), c.rng.IntN(4) > 0)
		time.Sleep(time.Duration(c.rng.Int64N(int64(30 * time.Minute))))
	}
	close(stop)
	life.Wait()
	if len(w.parts) > 1 {
		c.calm(w.parts[0].Account, 4*sweep)
	}
	c.calm("", w.lookback+4*sweep)
	if m, ok := w.store.(*memory); ok {
		m.CheckClosed(t)
	}
	c.check(w)
	c.cost()
	sum.add(c, time.Since(begin))
	return c.order
}

// A total is what the runs of many seeds have come to.
type total struct {
	mu                                   sync.Mutex
	time                                 time.Duration
	seeds, legs, records, twice, largest int
	objects, owed                        int
	streamed, unkept, pieces             int
	faults                               map[string]int
	kinds                                [kinds]int
	wires, buckets, crowded              int
}

// met returns how often there was what seldom comes.
func (s *total) met() map[string]int {
	return map[string]int{
		"error of objects without room": s.unkept, "streamed record": s.streamed, "LIST in a piece": s.pieces,
		"saves": s.kinds[saves], "sinks": s.kinds[sinks], "tickers": s.kinds[tickers], "dedups": s.kinds[dedups],
		"store behind HTTP": s.wires, "cursor in a bucket": s.buckets, "crowd": s.crowded, "record again after a kill": s.twice,
	}
}

func (s *total) add(c *consumer, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seeds++
	s.time += d
	s.legs += c.legs
	s.objects += len(c.w.objects)
	s.owed += c.owed
	s.kinds[c.w.kind]++
	for n, is := range map[*int]bool{&s.wires: c.w.wire, &s.buckets: c.w.bucket, &s.crowded: c.w.crowded} {
		if is {
			*n++
		}
	}
	s.streamed += c.streamed
	s.unkept += c.unkept
	s.pieces += c.w.asked.pieces
	s.largest = max(s.largest, c.largest)
	for _, n := range c.count {
		s.records += n
		s.twice += n - 1
	}
	if s.faults == nil {
		s.faults = map[string]int{}
	}
	for what, n := range c.w.faults {
		s.faults[what] += n
	}
}

func (s *total) String() string {
	var b strings.Builder
	faults := 0
	for _, what := range slices.Sorted(maps.Keys(s.faults)) {
		fmt.Fprintf(&b, "\n%8d %s", s.faults[what], what)
		if !strings.HasPrefix(what, again) {
			faults += s.faults[what]
		}
	}
	return fmt.Sprintf("%.1f simulated years: %d seeds, %d legs, %d records, %d of them again after a kill, %d of %d objects owed and none lost, %d streamed records, %d times no room, %d LISTs in pieces, %d faults, the largest cursor %d bytes%s",
		s.time.Hours()/24/365, s.seeds, s.legs, s.records, s.twice, s.owed, s.objects, s.streamed, s.unkept, s.pieces, faults, s.largest, b.String())
}
