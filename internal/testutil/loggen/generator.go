package loggen

import (
	"bytes"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// Objects makes the objects that cfg describes, one after the other and not in
// key order. It holds one object at a time. The sequence can be ranged over
// more than once, at the same time too, and is the same each time.
func Objects(cfg Config) iter.Seq[Object] {
	cfg = cfg.withDefaults()
	return func(yield func(Object) bool) {
		g := newGenerator(cfg)
		for i := range cfg.Objects {
			if !yield(g.object(i)) {
				return
			}
		}
	}
}

type generator struct {
	cfg    Config
	source *rand.PCG
	rng    *rand.Rand
	users  []string
	zip    *gzip.Writer
}

func newGenerator(cfg Config) *generator {
	g := &generator{cfg: cfg, source: rand.NewPCG(cfg.Seed, 0), zip: gzip.NewWriter(nil)}
	g.rng = rand.New(g.source)
	directory := "d-" + g.pickBytes(idAlphabet, 10)
	for range cfg.Users {
		user := g.uuid()
		if g.chance(0.1) {
			user = g.pickBytes("0123456789abcdef", 10) + "-" + user // the form of old directories
		}
		g.users = append(g.users, directory+"."+user)
	}
	return g
}

// object makes the object of that number. Its content depends on the seed and
// the number alone.
func (g *generator) object(i int) Object {
	g.source.Seed(g.cfg.Seed, uint64(i)+1)
	damage := None
	if every := g.cfg.DamageEvery; every > 0 && i%every == every-1 {
		damage = 1 + Damage(i/every)%(damages-1)
	}
	p := path.Partition{
		Prefix:  pick(g.rng, g.cfg.Prefixes),
		Account: pick(g.rng, g.cfg.Accounts),
		Product: pick(g.rng, g.cfg.Products),
		LogType: g.logType(),
		Region:  pick(g.rng, g.cfg.Regions),
	}
	minute := g.minute()
	o := Object{Key: p.NewKey(minute, g.pickBytes(suffixAlphabet, 16)).String(), Damage: damage}
	switch damage {
	case NotGzip:
		o.Body = []byte("Service unavailable, " + g.prose(200))
		o.ObjectError = true
		return o
	case Probe:
		o.Key = probeKey(p, g.uuid())
		o.Body = fmt.Appendf(nil, "Access validation successful. The log destination can be written.\nTimestamp: %s\n", minute.Format(time.RFC3339))
		o.Skip = "probe"
		return o
	case Empty:
		o.Skip = "empty"
		return o
	}
	g.fill(&o, g.file(p, minute, g.recordCount(damage)))
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

// file is a document and where its records end.
type file struct {
	json   []byte
	starts []int
	ends   []int
	wants  []Want
	drafts []draft
}

// draft is a record before it is encoded.
type draft struct {
	value object
	want  Want
}

func (g *generator) recordCount(damage Damage) int {
	n := 1
	if g.chance(0.12) {
		n = 2 + g.rng.IntN(2)
	}
	if damage == BadRecord {
		n = max(n, 2)
	}
	return n
}

// file makes a document of n records that fall in one minute.
func (g *generator) file(p path.Partition, minute time.Time, n int) *file {
	f := &file{}
	for _, at := range g.times(p.Product, minute, n) {
		d := g.record(p, at)
		d.want.Index = len(f.drafts)
		f.drafts = append(f.drafts, d)
		f.wants = append(f.wants, d.want)
	}
	return f
}

// encode writes the document, now and then with line breaks and indentation.
func (f *file) encode(values []any, indent bool) {
	var b bytes.Buffer
	b.WriteString(`{"records":[`)
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		if indent {
			b.WriteString("\n  ")
		}
		f.starts = append(f.starts, b.Len())
		appendValue(&b, v, indent)
		f.ends = append(f.ends, b.Len())
	}
	b.WriteString("]}")
	f.json = b.Bytes()
}

// times returns ascending times inside a minute, with 9 digits in Kiro's logs
// and 6 or 9 in those of Q Developer.
func (g *generator) times(product path.Product, minute time.Time, n int) []time.Time {
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
func (g *generator) minute() time.Time {
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
func (g *generator) logType() path.LogType {
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
