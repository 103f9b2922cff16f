package listing_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A modelStore is a store in memory whose answers go wrong, as the faults of a round say. What
// it does depends on what it is asked alone, and not on when.
type modelStore struct {
	*sourcetest.Memory
	keys      map[string]bool // that stay for a round
	ghosts    map[string]bool // which fill pages and are not shown
	fromStart bool            // it cannot begin in the middle
	slowest   time.Duration
	seed      uint64

	// The faults of a round.
	ends    map[string]modelEnd // by the prefix that is listed
	broken  map[string]error    // why a name cannot be looked at
	repeats map[string]int      // how often a name comes again
	flicker []string            // keys that come and go

	mu    sync.Mutex
	now   int // requests
	most  int // of these
	open  int // listings
	parts int // listings of partitions, in all
	asked int // requests, in all
}

// A modelEnd is how a listing ends, in place of the first name from a key on. If that is
// empty, nothing comes at all.
type modelEnd struct {
	at  string
	how int
}

const (
	endDenied = iota
	endHangs
	endPanics
	endLies // it goes on out of order
)

var errModelPanic = errors.New("the source is broken")

func newModelStore(rng *rand.Rand) *modelStore {
	s := &modelStore{
		Memory:    sourcetest.NewMemory("mem://model"),
		keys:      map[string]bool{},
		ghosts:    map[string]bool{},
		fromStart: rng.IntN(8) == 0,
		slowest:   time.Duration(rng.IntN(3)) * 40 * time.Millisecond,
		seed:      rng.Uint64(),
	}
	s.PageSize = 1 + rng.IntN(5)
	s.OnList = s.answer
	return s
}

func (s *modelStore) add(key string) {
	s.keys[key] = true
	s.PutObject(object(key), nil)
}

// clear removes what a round has left.
func (s *modelStore) clear() {
	for _, key := range s.flicker {
		s.Delete(key)
	}
	s.ends, s.broken, s.repeats, s.flicker = map[string]modelEnd{}, map[string]error{}, map[string]int{}, nil
}

// answer lets the time of a request pass.
func (s *modelStore) answer(ctx context.Context, in source.ListInput) error {
	s.count(&s.asked, +1)
	s.count(&s.now, +1)
	defer s.count(&s.now, -1)
	if s.slowest > 0 {
		wait := time.NewTimer(s.wait(in))
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if end, ok := s.ends[in.Prefix]; ok && end.at == "" {
		return end.fail(ctx)
	}
	return nil
}

// wait is how long a request takes.
func (s *modelStore) wait(in source.ListInput) time.Duration {
	h := fnv.New64a()
	fmt.Fprint(h, s.seed, in)
	return time.Duration(h.Sum64()>>1) % s.slowest
}

func (s *modelStore) count(n *int, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n += by
	s.most = max(s.most, s.now)
}

func (e modelEnd) fail(ctx context.Context) error {
	switch e.how {
	case endPanics:
		panic(errModelPanic)
	case endHangs:
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return errDenied
}

// List lists the memory, with the faults.
func (s *modelStore) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		s.count(&s.open, +1)
		if !in.Folders {
			s.count(&s.parts, +1)
		}
		defer s.count(&s.open, -1)
		end, ends := s.ends[in.Prefix]
		failed := ""
		all := in
		if s.fromStart {
			all.After = ""
		}
		for o, err := range s.Memory.List(ctx, all) {
			if err != nil {
				yield(o, err)
				return
			}
			if s.ghosts[o.Key] {
				continue
			}
			if ends && o.Key >= end.at {
				if end.how != endLies {
					yield(source.Object{}, end.fail(ctx))
					return
				}
				yield(lie(in, o), nil)
				return
			}
			if name, err := s.look(in.Prefix, o.Key); err != nil {
				if slices.Contains(s.flicker, o.Key) { // what stays tells of its folder
					continue
				}
				if name != failed && !yield(source.Object{}, &source.KeyError{Key: name, Err: err}) {
					return
				}
				failed = name
				continue
			}
			for range 1 + s.repeats[o.Key] {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

// lie returns a name that cannot be in its place.
func lie(in source.ListInput, o source.Object) source.Object {
	switch n := len(o.Key) % 3; {
	case n == 0 && in.Prefix != "":
		return source.Object{Key: "zzz/" + o.Key, Size: 1}
	case n == 1 && !in.Folders:
		return source.Object{Key: o.Key + "/", Folder: true}
	}
	return source.Object{Key: o.Key, Size: -1}
}

// look returns why a name below a prefix, or a folder that it lies in, cannot be looked at.
func (s *modelStore) look(prefix, key string) (name string, err error) {
	for at := len(prefix); at < len(key); { // the outermost folder is the one
		if n := strings.IndexByte(key[at:], '/'); n >= 0 {
			at += n + 1
		} else {
			at = len(key)
		}
		if err := s.broken[key[:at]]; err != nil {
			return key[:at], err
		}
	}
	return "", nil
}

// changes has the keys that flicker come and go until stop is closed.
func (s *modelStore) changes(rng *rand.Rand, stop chan struct{}) {
	for len(s.flicker) > 0 {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(rng.IntN(50)) * time.Millisecond):
		}
		if key := s.flicker[rng.IntN(len(s.flicker))]; rng.IntN(2) == 0 {
			s.PutObject(object(key), nil)
		} else {
			s.Delete(key)
		}
	}
}

// grow adds partitions, keys of them and other things.
func (s *modelStore) grow(rng *rand.Rand) {
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	for range rng.IntN(10) {
		p := path.Partition{
			Prefix:  pick("", "a", "a-b", "a/b", "a/b/c", "z"),
			Account: pick("111122223333", "222233334444", "333344445555"),
			Product: path.Product(pick(string(path.KiroLogs), string(path.QDeveloperLogs))),
			LogType: path.LogType(pick("GenerateAssistantResponse", "GenerateCompletions", "SomethingNew")),
			Region:  pick("us-east-1", "eu-central-1"),
		}
		for range rng.IntN(8) {
			key := key(p, rng.IntN(1000))
			switch rng.IntN(16) {
			case 0:
				key = p.NewKey(start.AddDate(3, 0, 0), "0123456789abcdef").String()
			case 1:
				key += pick(".odd", "empty", "/", "/logFile.json")
			case 2:
				s.ghosts[key+"~"] = true
				s.PutObject(object(key+"~"), nil)
				continue
			}
			s.add(key)
		}
	}
	for range rng.IntN(6) {
		s.add(pick("a/", "a/b/", "AWSLogs/", "z/", "a/AWSLogs/111122223333/") + pick("notes", "empty", "CloudTrail/x", "m/n/o", "AWSLogs/p"))
	}
}

// growLarge adds a partition that is listed in pieces.
func (s *modelStore) growLarge(rng *rand.Rand) {
	s.PageSize, s.slowest = 1000, 50*time.Millisecond
	n, hours := 6_000+rng.IntN(16_000), 1+rng.IntN(30)
	for i := range n {
		at := start.Add(time.Duration(hours) * time.Hour * time.Duration(i) / time.Duration(n))
		if i%2 == 1 && n%3 == 0 {
			at = at.Truncate(time.Hour) // more at the beginning of an hour
		}
		key := chats.NewKey(at, fmt.Sprintf("%016d", i)).String()
		switch {
		case i%97 == 0:
			key = strings.TrimSuffix(key, fmt.Sprintf("_%016d.json.gz", i)) + "!" // just before a minute
		case i%89 == 0:
			s.ghosts[key+"~"] = true
			s.PutObject(object(key+"~"), nil)
		}
		s.add(key)
	}
}

// shrink removes some keys.
func (s *modelStore) shrink(rng *rand.Rand) {
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		if rng.IntN(10) == 0 {
			delete(s.keys, key)
			s.Delete(key)
		}
	}
}
