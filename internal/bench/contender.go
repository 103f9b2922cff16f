package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// contender is one way of doing a setting's job.
type contender struct {
	// name tells it from the setting's others, in the tables too.
	name string

	// job is what a process of the benchmark's own does. Other commands have argv.
	job  job
	argv []string
	env  []string

	// binary is another build of the benchmark, if not empty.
	binary string

	// table says that the command prints a line per user, as parseTable reads it,
	// and not an outcome.
	table bool

	// silent says that it prints nothing that is looked at.
	silent bool

	// own says that time is what the process measured itself, without its start
	// and what it had to load.
	own bool

	// units is how many objects, or keys, it is given. If expect is set it has to
	// count that, and if stored is not 0 it has to get that many bytes.
	units  int64
	expect *totals
	stored int64

	// few says that it runs in the first rounds alone: it is slow, and nothing
	// that has to be reached is made of it.
	few bool

	// note stands beside its name in the tables.
	note string
}

// result is one run of a contender.
type result struct {
	outcome
	wall time.Duration
	cpu  time.Duration
	peak int64
}

// perUnit are microseconds of CPU time for each object or key.
func (r result) perUnit() float64 { return float64(r.cpu.Microseconds()) / float64(r.Objects) }

// rate are objects or keys per second.
func (r result) rate() float64 { return float64(r.Objects) / r.wall.Seconds() }

// run runs the contender once and checks what it counted.
func (c *contender) run(ctx context.Context, b *bench) (result, error) {
	name, args := b.self, []string{"@contend", encode(c.job)}
	if c.binary != "" {
		name = c.binary
	}
	if c.argv != nil {
		name, args = c.argv[0], c.argv[1:]
	}
	m, err := b.process(ctx, name, args, c.env)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", c.name, err)
	}
	r := result{wall: m.wall, cpu: m.cpu, peak: m.peak}
	if err := c.read(&r, m.stdout); err != nil {
		return r, fmt.Errorf("%s: what it printed: %w", c.name, err)
	}
	return r, c.check(r)
}

func (c *contender) read(r *result, stdout []byte) error {
	switch {
	case c.silent:
		r.Objects = c.units
		return nil
	case c.table:
		t, err := parseTable(stdout)
		r.Totals, r.Objects = t.totals(), c.units
		return err
	}
	if err := json.Unmarshal(bytes.TrimSpace(stdout), &r.outcome); err != nil {
		return err
	}
	if r.Peak != 0 && c.argv == nil {
		r.peak = r.Peak
	}
	if c.own {
		r.wall, r.cpu = seconds(r.Wall), seconds(r.CPU)
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// check fails a run whose contenders did not do the same job.
func (c *contender) check(r result) error {
	if c.units != 0 && r.Objects != c.units {
		return fmt.Errorf("%s: %d objects, want %d: it does not do the job", c.name, r.Objects, c.units)
	}
	if c.stored != 0 && r.Stored != c.stored {
		return fmt.Errorf("%s: %d bytes of bodies, want %d: it does not do the job", c.name, r.Stored, c.stored)
	}
	if c.expect == nil {
		return nil
	}
	if r.Totals == nil {
		return fmt.Errorf("%s: it counted nothing, want %v", c.name, *c.expect)
	}
	if *r.Totals != *c.expect {
		return fmt.Errorf("%s: %v, want %v: it does not do the job", c.name, *r.Totals, *c.expect)
	}
	return nil
}
