package resume_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A modelStore is a store in which objects arrive and are replaced.
type modelStore struct {
	rng     *rand.Rand
	keys    []string // in order
	objects map[string]*modelObject
	number  int // of objects and versions
}

type modelObject struct {
	key     path.Key
	part    string
	hour    int64
	listed  source.Object          // as it is now
	records map[string][]time.Time // by the ETag of each version
}

func hourNumber(t time.Time) int64 { return t.Unix() / 3600 }

func newModelStore(rng *rand.Rand) *modelStore {
	return &modelStore{rng: rng, objects: map[string]*modelObject{}}
}

// arrive stores an object whose key says that it was written some time ago: most often a
// little, now and then hours, and by a wrong clock in times to come.
func (s *modelStore) arrive() {
	lag := time.Duration(s.rng.Int64N(int64(30 * time.Minute)))
	switch n := s.rng.IntN(100); {
	case n < 40:
		lag += time.Duration(s.rng.Int64N(int64(6 * time.Hour)))
	case n < 48:
		lag -= time.Duration(s.rng.Int64N(int64(3 * time.Hour)))
	case n < 49:
		lag = -70 * 365 * 24 * time.Hour
	}
	s.add(time.Now().Add(-lag))
}

func (s *modelStore) add(at time.Time) {
	s.number++
	part := parts[s.rng.IntN(len(parts))]
	o := &modelObject{key: part.NewKey(at, fmt.Sprintf("%016d", s.number)), part: part.String(), records: map[string][]time.Time{}}
	o.hour = hourNumber(o.key.Hour)
	o.listed.Key = o.key.String()
	s.objects[o.listed.Key] = o
	i, _ := slices.BinarySearch(s.keys, o.listed.Key)
	s.keys = slices.Insert(s.keys, i, o.listed.Key)
	s.write(o)
}

// write makes another version of an object. Its records' times are near the key's, or not.
func (s *modelStore) write(o *modelObject) {
	var records []time.Time
	minute, _ := o.key.Minute()
	for range s.rng.IntN(5) {
		at := minute.Add(time.Duration(s.rng.IntN(10)) * time.Minute)
		if s.rng.IntN(4) == 0 {
			at = at.Add(time.Duration(s.rng.IntN(8*60)-4*60) * time.Minute)
		}
		records = append(records, at)
	}
	s.number++
	o.listed.Size, o.listed.ETag = int64(100+s.number), fmt.Sprint("e", s.number)
	o.records[o.listed.ETag] = records
}

// change has one object replaced, by one of the same size and records or by another.
func (s *modelStore) change() {
	o := s.objects[s.keys[s.rng.IntN(len(s.keys))]]
	if s.rng.IntN(2) == 0 {
		s.write(o)
		return
	}
	s.number++
	records := o.records[o.listed.ETag]
	o.listed.ETag = fmt.Sprint("e", s.number)
	o.records[o.listed.ETag] = records
}
