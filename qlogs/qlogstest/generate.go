package qlogstest

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// Generate makes the objects that cfg describes, one after the other and not in the order
// of their keys. It holds one object in memory at a time. The sequence can be ranged over
// many times, by many goroutines at once, and is the same each time.
//
// The same cfg makes the same objects in every run. Another version of this module, of what
// it compresses with, or another processor may make others: compare with what the objects
// and their [Totals] say, not with figures of an earlier run.
func Generate(cfg Config) iter.Seq[Object] {
	cfg = cfg.withDefaults()
	cfg.check()
	return func(yield func(Object) bool) {
		g := generator{newMaker(cfg.Seed, cfg.Users, cfg.MaxText), cfg}
		for i := range cfg.Objects {
			if !yield(g.object(i)) {
				return
			}
		}
	}
}

type generator struct {
	maker
	cfg Config
}

// object makes the object of that number. Its content depends on the configuration and
// the number alone.
func (g generator) object(i int) Object {
	g.source.Seed(g.cfg.Seed, uint64(i)+1)
	turn := -1 // which of the damages it is
	if every := g.cfg.DamageEvery; every > 0 && i%every == every-1 {
		turn = i / every % (int(damages) + 1)
	}
	p := path.Partition{
		Prefix:  pick(g.dice, g.cfg.Prefixes),
		Account: pick(g.dice, g.cfg.Accounts),
		Product: pick(g.dice, g.cfg.Products),
		LogType: g.logType(),
		Region:  pick(g.dice, g.cfg.Regions),
	}
	minute := g.minute()
	o := Object{Key: p.NewKey(minute, g.pickBytes(suffixAlphabet, 16)).String(), Kind: path.Log}
	switch turn {
	case int(damages) - 1:
		o.Key, o.Kind = probeKey(p, g.uuid()), path.Probe
		o.Body = fmt.Appendf(nil, "Access validation successful. The log destination can be written.\nTimestamp: %s\n", minute.Format(time.RFC3339))
		return o
	case int(damages):
		o.Kind = path.Empty
		return o
	}
	o.Damage = Damage(turn + 1)
	if o.Damage == NotGzip {
		o.Body = []byte("Service unavailable, " + g.prose(200))
		o.Failed = true
		return o
	}
	drafts := g.drafts(p, minute, g.recordCount(o.Damage))
	if every := g.cfg.OddEvery; every > 0 && i%every == 0 {
		n := g.rng.IntN(len(drafts))
		drafts[n] = g.odd(drafts[n], 1+Odd(i/every)%(odds-1))
	}
	g.fill(&o, drafts)
	return o
}

// probeKey leaves out the slash after an empty prefix, and doubles none.
func probeKey(p path.Partition, id string) string {
	prefix := p.Prefix
	if prefix != "" && prefix[len(prefix)-1] != '/' {
		prefix += "/"
	}
	return fmt.Sprintf("%sAWSLogs/%s/%s/%s", prefix, p.Account, p.Product, id)
}

func (g generator) recordCount(damage Damage) int {
	n := 1
	if g.chance(0.12) {
		n = 2 + g.rng.IntN(2)
	}
	if damage == BadRecord {
		n = max(n, 2)
	}
	return n
}

// drafts makes n records that fall in one minute.
func (g generator) drafts(p path.Partition, minute time.Time, n int) []draft {
	var drafts []draft
	for _, at := range g.times(p.Product, minute, n) {
		d := g.record(p, at)
		d.want.Index = len(drafts)
		drafts = append(drafts, d)
	}
	return drafts
}

// times returns ascending times inside a minute, with 9 digits in Kiro's logs and 6 or 9
// in those of Q Developer.
func (g generator) times(product path.Product, minute time.Time, n int) []time.Time {
	unit := time.Nanosecond
	if product == path.QDeveloperLogs && g.chance(0.5) {
		unit = time.Microsecond
	}
	var out []time.Time
	for range n {
		out = append(out, minute.Add(time.Duration(g.rng.Int64N(int64(time.Minute))).Truncate(unit)))
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// minute is mostly in the working hours of a work day.
func (g generator) minute() time.Time {
	for {
		t := g.cfg.Start.AddDate(0, 0, g.rng.IntN(g.cfg.Days)).Add(time.Duration(g.rng.IntN(24*60)) * time.Minute)
		weight := 0.05
		if h := t.Hour(); h >= 7 && h < 18 {
			weight = 1
		} else if h >= 18 && h < 22 {
			weight = 0.3
		}
		if d := t.Weekday(); d == time.Saturday || d == time.Sunday {
			weight *= 0.15
		}
		if g.chance(weight) {
			return t
		}
	}
}

// logType prefers chats and completions: real buckets hold next to no others.
func (g generator) logType() path.LogType {
	weight := func(t path.LogType) int {
		switch t {
		case path.GenerateAssistantResponse:
			return 11
		case path.GenerateCompletions:
			return 8
		}
		return 1
	}
	sum := 0
	for _, t := range g.cfg.Types {
		sum += weight(t)
	}
	n := g.rng.IntN(sum)
	for _, t := range g.cfg.Types {
		if n -= weight(t); n < 0 {
			return t
		}
	}
	return g.cfg.Types[0]
}
