package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// report is what a run found.
type report struct {
	config
	args     []string
	begin    time.Time
	took     time.Duration
	machine  machine
	peers    map[string]peer
	settings []*setting
}

// markdown writes the report: the figures first, then what they are made of.
func (r report) markdown() string {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\n")
	b.WriteString("Figures are ratios within one round, the median of the rounds with the least and the greatest. Memory is MiB, CPU is user and system time of the contender's process. The peak of a program that is not the benchmark's own is never less than the benchmark's itself.\n\n")
	if len(r.shrunk) > 0 {
		fmt.Fprintf(&b, "**The size of this run is not the usual one (%s): its verdicts are of that size.**\n\n", strings.Join(r.shrunk, ", "))
	}
	r.figures(&b)
	for _, s := range r.settings {
		s.markdown(&b)
	}
	r.about(&b)
	return b.String()
}

func (r report) figures(b *strings.Builder) {
	t := table{b}
	t.head("setting", "figure", "to reach", "measured: median (min–max)", "verdict")
	for _, s := range r.settings {
		for _, f := range s.figures {
			t.row(fmt.Sprintf("%d. %s", s.number, s.title), f.name, f.bound.String(), f.measured(), f.verdict())
		}
	}
	b.WriteByte('\n')
}

func (s *setting) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "## %d. %s\n\n%s\n\n", s.number, s.title, s.what)
	t := table{b}
	t.head("contender", "wall, s: median (min–max)", "a second", "MB/s", "CPU, µs each", "CPU, s", "peak, MiB", "mallocs each")
	for _, c := range s.contenders {
		name := c.name
		if c.note != "" {
			name += " (" + c.note + ")"
		}
		if c.few && len(s.rounds) > fewRounds {
			name += fmt.Sprintf(" (%d rounds)", fewRounds)
		}
		walls := figure{values: s.each(c.name, func(r result) float64 { return r.wall.Seconds() })}
		of := func(value func(result) float64) string {
			if v := median(s.each(c.name, value)); v > 0 {
				return number(v)
			}
			return "—"
		}
		t.row(name, walls.measured(), of(result.rate), of(result.megabytes), of(result.perUnit),
			of(func(r result) float64 { return r.cpu.Seconds() }),
			of(func(r result) float64 { return float64(r.peak) / (1 << 20) }),
			of(func(r result) float64 { return float64(r.Mallocs) / float64(r.Objects) }))
	}
	b.WriteByte('\n')
	for _, n := range s.notes {
		fmt.Fprintf(b, "%s\n\n", n)
	}
	fmt.Fprintf(b, "Rounds: %d, in %.0f s.\n\n", len(s.rounds), s.took.Seconds())
}

// each is a value of a contender in every round.
func (s *setting) each(name string, value func(result) float64) []float64 {
	var all []float64
	for _, r := range s.rounds {
		if got, ok := r[name]; ok {
			all = append(all, value(got))
		}
	}
	return all
}

func (r report) about(b *strings.Builder) {
	b.WriteString("## This run\n\n")
	t := table{b}
	t.head("what", "which")
	m := r.machine
	t.row("machine", fmt.Sprintf("%s, %d cores, %s of memory", m.cpu, m.cores, m.memory))
	t.row("system", m.system)
	t.row("load before", m.load)
	t.row("Go", runtime.Version())
	t.row("modules", strings.Join(m.modules, ", "))
	for _, name := range peerNames() {
		p := r.peers[name]
		if p.path == "" {
			t.row(name, p.absent)
			continue
		}
		t.row(name, p.version)
	}
	t.row("date", r.begin.UTC().Format(time.DateOnly))
	t.row("took", r.took.Round(time.Second).String())
	t.row("command", "`"+strings.Join(append([]string{"go -C internal/bench run ."}, r.args...), " ")+"`")
}

// table writes the rows of a Markdown table.
type table struct{ b *strings.Builder }

func (t table) head(cells ...string) {
	t.row(cells...)
	fmt.Fprintf(t.b, "|%s\n", strings.Repeat("---|", len(cells)))
}

func (t table) row(cells ...string) {
	for _, c := range cells {
		fmt.Fprintf(t.b, "| %s ", strings.ReplaceAll(c, "|", `\|`))
	}
	t.b.WriteString("|\n")
}
