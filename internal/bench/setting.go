package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// setting is a race of contenders, and what came of it.
type setting struct {
	number     int
	title      string
	what       string // sentences under the title
	contenders []*contender
	rounds     []round
	figures    []figure
	notes      []string
	took       time.Duration
}

// round has the results of one round by the names of the contenders.
type round map[string]result

// fewRounds is how many rounds contenders run in that are in few.
const fewRounds = 3

// race runs n rounds of the setting's contenders. Each round begins with another
// one, so that none is always the one after the same other.
func (b *bench) race(ctx context.Context, s *setting, n int) error {
	begin := time.Now()
	for i := range n {
		r := round{}
		var times []string
		for j := range s.contenders {
			c := s.contenders[(i+j)%len(s.contenders)]
			if c.few && i >= fewRounds {
				continue
			}
			got, err := c.run(ctx, b)
			if err != nil {
				return fmt.Errorf("round %d: %w", i+1, err)
			}
			if _, twice := r[c.name]; twice {
				return fmt.Errorf("two contenders are named %q", c.name)
			}
			r[c.name] = got
			times = append(times, fmt.Sprintf("%s %.2fs", c.name, got.wall.Seconds()))
		}
		s.rounds = append(s.rounds, r)
		b.say("setting %d, round %d of %d: %s", s.number, i+1, n, strings.Join(times, ", "))
	}
	s.took += time.Since(begin)
	return nil
}

// has tells whether a contender runs.
func (s *setting) has(name string) bool {
	for _, c := range s.contenders {
		if c.name == name {
			return true
		}
	}
	return false
}

// figure adds a figure of the setting, of the rounds in which the contenders ran that
// it needs. Where one never runs, it is not measured.
func (s *setting) figure(name string, reach bound, value func(round) float64, needs ...string) {
	f := figure{name: name, bound: reach}
	for _, n := range needs {
		if !s.has(n) {
			f.missing = n
		}
	}
	if f.missing == "" {
		for _, r := range s.rounds {
			if r.has(needs) {
				f.values = append(f.values, value(r))
			}
		}
	}
	s.figures = append(s.figures, f)
}

func (r round) has(names []string) bool {
	for _, n := range names {
		if _, ok := r[n]; !ok {
			return false
		}
	}
	return true
}

// faster is how many times more objects a second a does than b.
func (s *setting) faster(name string, reach bound, a, b string) {
	s.figure(name, reach, func(r round) float64 { return r[a].rate() / r[b].rate() }, a, b)
}

// note adds a line under the setting's tables.
func (s *setting) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}
