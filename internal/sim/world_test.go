package sim_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

const (
	root    = "logs/"
	latency = 20 * time.Millisecond
	sweep   = 15 * time.Minute
	stalls  = 10 * time.Second
)

// A world is what happens to a store. Objects come, and change, by a sequence of random
// numbers. What a request meets is decided by what it asks for and how often that was asked
// for, so that it does not matter in which order requests come that are under way at the same
// time.
type world struct {
	traits
	store  store
	seed   uint64
	rng    *rand.Rand
	parts  []path.Partition
	number int
	offset time.Duration // of the clocks by which objects are named

	lookback time.Duration // of its reader
	locking  map[string]lock

	keys    []string // in the order in which they came
	growing []string

	mu         sync.Mutex
	objects    map[string]*object
	healthy    bool
	ailing     string               // an account that is not
	ailsListed bool                 // nor are its listings
	healed     time.Time            // when the last fault was over
	swept      map[string][]swept   // by prefix
	denied     map[string]time.Time // by account, until when
	drawn      map[[2]string]int64  // how often chance was asked
	faults     map[string]int       // what was injected
	wrong      map[string]int       // wrong answers about one object, in a row
	misled     map[string]bool      // objects of which there were two
	asked      calls
}

// A store is where the objects of a world lie. It asks the world what its requests meet.
type store interface {
	put(key, etag string, body []byte)
	remove(key string)
}

func newWorld(seed uint64) *world {
	w := &world{
		traits: traitsOf(seed), seed: seed, rng: rand.New(rand.NewPCG(seed, 0)),
		objects: map[string]*object{}, swept: map[string][]swept{}, drawn: map[[2]string]int64{}, asked: calls{open: map[string]bool{}, denied: map[string]bool{}, listing: map[string]int{}},
		denied: map[string]time.Time{}, locking: map[string]lock{}, faults: map[string]int{}, wrong: map[string]int{}, misled: map[string]bool{},
	}
	w.lookback = time.Duration(1+w.rng.IntN(4)) * time.Hour
	for i := range 1 + w.rng.IntN(3) {
		w.parts = append(w.parts, path.Partition{
			Prefix: strings.TrimSuffix(root, "/"), Account: fmt.Sprintf("%012d", 111122223333+i), Product: path.KiroLogs, Region: "us-east-1",
			LogType: []path.LogType{path.GenerateAssistantResponse, path.GenerateCompletions}[w.rng.IntN(2)],
		})
	}
	return w
}

// live lets things happen until stop is closed.
func (w *world) live(stop <-chan struct{}) {
	for {
		select {
		case <-time.After(time.Duration(w.rng.Int64N(int64(12 * time.Minute)))):
			w.step()
			if w.floods && w.rng.IntN(300) == 0 {
				w.flood(w.parts[w.rng.IntN(len(w.parts))])
			}
		case <-stop:
			return
		}
	}
}

// step lets something happen to the store.
func (w *world) step() {
	now := time.Now().Add(w.offset)
	if w.rng.IntN(2) == 0 {
		w.grow()
	}
	switch n := w.rng.IntN(1000); {
	case n < 700:
		w.add(now.Add(-w.within(10 * time.Minute)))
	case n < 800:
		w.add(now.Add(-w.within(5 * time.Hour)))
		w.count("late")
	case n < 820:
		w.add(now.Add(w.within(48 * time.Hour)))
		w.count("of the future")
	case n < 900:
		w.change()
	case n < 930:
		w.remove()
	case n < 932: // such as by a KMS key that is disabled: what comes now is denied, and nothing else
		p := w.parts[w.rng.IntN(len(w.parts))]
		w.locking[p.String()] = lock{time.Now().Add(w.within(2 * time.Hour)), time.Now().Add(w.within(24 * time.Hour))}
		w.count("objects denied from now on")
	case n < 940: // a clock jumps: the reader's, or those of all writers
		w.offset = []time.Duration{0, 0, w.within(w.lookback / 2), -w.within(w.lookback / 2), w.within(12 * time.Hour)}[w.rng.IntN(5)]
		w.count("clock jumped")
	default:
		w.deny(w.rng.IntN(len(w.parts)))
	}
}

// A lock denies the objects that come before a time, until another.
type lock struct{ before, until time.Time }

// flood brings more denied objects of one partition than a cursor has room for.
func (w *world) flood(p path.Partition) {
	w.locking[p.String()] = lock{time.Now().Add(time.Second), time.Now().Add(w.within(8 * time.Hour))}
	for range 510 + w.rng.IntN(300) {
		w.addTo(p, time.Now().Add(-w.within(10*time.Minute)))
	}
	w.count("flood of denied objects")
}

// fill brings a partition with so many keys that it is listed in pieces.
func (w *world) fill() {
	n := 6_000 + w.rng.IntN(3_000)
	for range n {
		w.addTo(w.parts[0], time.Now().Add(-w.within(20*24*time.Hour)))
	}
	for _, o := range w.objects {
		o.first = true
	}
}

func (w *world) within(d time.Duration) time.Duration { return time.Duration(w.rng.Int64N(int64(d))) }

func (w *world) deny(part int) {
	until := time.Now().Add(w.within(2 * time.Hour))
	w.count("account denied")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.denied[w.parts[part].Account] = until
}

func (w *world) add(at time.Time) { w.addTo(w.parts[w.rng.IntN(len(w.parts))], at) }

func (w *world) addTo(p path.Partition, at time.Time) {
	w.number++
	key := p.NewKey(at, fmt.Sprintf("%016d", w.number)).String()
	o := &object{part: p.String(), at: at, arrived: time.Now()}
	if l := w.locking[o.part]; o.arrived.Before(l.before) {
		o.locked = l.until
	}
	w.mu.Lock()
	w.objects[key] = o
	w.mu.Unlock()
	w.keys = append(w.keys, key)
	grows := w.rng.IntN(20) == 0
	w.write(key, o, !grows)
	if grows {
		w.growing = append(w.growing, key)
		w.count("growing")
	}
}

// pick returns one of the objects that came in the last hour.
func (w *world) pick() (string, *object) {
	for range 20 {
		if len(w.keys) == 0 {
			break
		}
		key := w.keys[max(0, len(w.keys)-1-w.rng.IntN(min(len(w.keys), 60)))]
		if o := w.objects[key]; !o.deleted && time.Since(o.arrived) < w.lookback/2 {
			return key, o
		}
	}
	return "", nil
}

func (w *world) change() {
	if key, o := w.pick(); o != nil {
		w.number++
		w.write(key, o, true)
		w.count("replaced")
	}
}

// grow has what grows come to its whole length.
func (w *world) grow() {
	for _, key := range w.growing {
		if o := w.objects[key]; !o.deleted {
			w.number++
			w.write(key, o, true)
		}
	}
	w.growing = nil
}

func (w *world) remove() {
	if key, o := w.pick(); o != nil {
		w.mu.Lock()
		o.deleted = true
		w.mu.Unlock()
		w.store.remove(key)
		w.count("deleted")
	}
}
