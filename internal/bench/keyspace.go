package main

import (
	"sort"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A keyspace is a partition of many keys, laid out over its hours as AWS does it,
// none of which is stored: each is computed from its number.
type keyspace struct {
	part  path.Partition
	hours []time.Time
	first []int // number of each hour's first key, and how many keys there are
}

const (
	keyspaceDays = 60
	base62       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// newKeyspace spreads n keys over 60 days: of a million, about 1,100 in an hour by
// day, fewer in the evening, and a fifth of that at night.
func newKeyspace(n int) *keyspace {
	k := &keyspace{part: path.Partition{
		Prefix: "prompt-logs", Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1",
	}}
	weight := func(hour int) float64 {
		switch {
		case hour >= 7 && hour < 18:
			return 1
		case hour >= 18 && hour < 22:
			return 0.6
		}
		return 0.2
	}
	var day, sum float64
	for h := range 24 {
		day += weight(h)
	}
	start := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	for i := range keyspaceDays * 24 {
		k.hours = append(k.hours, start.Add(time.Duration(i)*time.Hour))
		k.first = append(k.first, int(float64(n)*sum/(day*keyspaceDays)))
		sum += weight(i % 24)
	}
	k.first = append(k.first, n)
	return k
}

func (k *keyspace) len() int { return k.first[len(k.first)-1] }

// key returns the key of number i. Keys ascend with their numbers.
func (k *keyspace) key(i int) string {
	h := sort.SearchInts(k.first, i+1) - 1
	n := i - k.first[h]
	minute := k.hours[h].Add(time.Duration(n*60/(k.first[h+1]-k.first[h])) * time.Minute)
	var suffix [16]byte
	for p, rest := 3, n; p >= 0; p, rest = p-1, rest/62 {
		suffix[p] = base62[rest%62]
	}
	for p, random := 4, mix(uint64(i)); p < len(suffix); p, random = p+1, mix(random) {
		suffix[p] = base62[random%62]
	}
	return k.part.NewKey(minute, string(suffix[:])).String()
}

// size is the stored size of the object of number i, when nothing else tells it.
func (k *keyspace) size(i int) int64 { return 400 + int64(mix(uint64(i))%3000) }

// search returns the number of the first key that is not before s.
func (k *keyspace) search(s string) int {
	return sort.Search(k.len(), func(i int) bool { return k.key(i) >= s })
}

// mix is a hash of n, by the finisher of splitmix64.
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
