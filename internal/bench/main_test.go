package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the processes that the benchmark starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && strings.HasPrefix(os.Args[1], "@") {
		main()
		return
	}
	os.Exit(m.Run())
}

// newTestBench returns a benchmark of a small size, with the flags that are given,
// whose servers and data end with the test.
func newTestBench(t *testing.T, args ...string) *bench {
	t.Helper()
	c, err := parse(append([]string{"-rounds", "2", "-peers", "none", "-dir", t.TempDir()}, args...))
	if err != nil {
		t.Fatal(err)
	}
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBench(c, module)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestSettings(t *testing.T) {
	b := newTestBench(t, "-objects", "150", "-keys", "6000", "-made-up", "10000", "-accounts", "5", "-partitions", "20")
	r := report{config: b.config, machine: inspect(t.Context(), b.module), peers: b.peers}
	for _, tt := range []struct {
		number, contenders, figures, rounds int
	}{
		{1, 7, 12, 4},
		{5, 4, 6, 2},
		{7, 1, 4, 1},
		{8, 3, 3, 2},
	} {
		s, err := allSettings()[tt.number-1](t.Context(), b)
		if err != nil {
			t.Fatalf("setting %d: %v", tt.number, err)
		}
		if s.number != tt.number || len(s.contenders) != tt.contenders || len(s.figures) != tt.figures || len(s.rounds) != tt.rounds {
			t.Errorf("setting %d = number %d, %d contenders, %d figures, %d rounds, want %+v", tt.number, s.number, len(s.contenders), len(s.figures), len(s.rounds), tt)
		}
		for _, f := range s.figures {
			if f.missing == "" && (len(f.values) != tt.rounds || !(median(f.values) > 0)) {
				t.Errorf("setting %d: %s = %v, want a value above 0 of each round", tt.number, f.name, f.values)
			}
		}
		for _, c := range s.contenders {
			if got := s.each(c.name, func(r result) float64 { return r.cpu.Seconds() }); !(median(got) > 0) {
				t.Errorf("setting %d: CPU of %s = %v, want some", tt.number, c.name, got)
			}
		}
		r.settings = append(r.settings, s)
	}
	text := r.markdown()
	for _, want := range []string{
		"## 1. a directory of 150 objects\n", "| 5. listing 6000 keys | client CPU per key, qlogs ÷ SDK | ≤ 0.150 | ",
		"not measured: no DuckDB", "Left out: duckdb, left out by -peers.", "**The size of this run is not the usual one (", "| Go | go1.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	columns := 0
	for line := range strings.Lines(text) {
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if columns != 0 && n != 0 && n != columns {
			t.Errorf("a table has a row of %d and one of %d columns: %s", columns-1, n-1, line)
		}
		columns = n
	}
}

// TestListingOfSetting5 checks the listing against what is certain of it.
func TestListingOfSetting5(t *testing.T) {
	b := newTestBench(t)
	server, err := b.serve(t.Context(), "@list", listSpec{Keys: 2500})
	if err != nil {
		t.Fatal(err)
	}
	c := contender{name: "SDK", units: 2500, job: job{Do: "list-sdk", Endpoint: server.url, Bucket: "bench", Prefix: "prompt-logs/", Client: clientDefault}}
	r, err := c.run(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if calls := r.Extra["calls"]; calls != 3 {
		t.Errorf("%v calls for 2,500 keys, want 3", calls)
	}
	if r.peak < 1<<20 || r.wall <= 0 || r.cpu <= 0 || r.Mallocs == 0 {
		t.Errorf("%+v: want memory, time, CPU and mallocs", r)
	}
}

// TestDifferentJobsFail: a contender that counts something else ends the run.
func TestDifferentJobsFail(t *testing.T) {
	b := newTestBench(t)
	d, err := b.data(t.Context(), mixed, 30)
	if err != nil {
		t.Fatal(err)
	}
	other := d.Totals
	other.Users = "0123456789abcdef"
	for _, tt := range []struct {
		name string
		c    contender
	}{
		{"totals", contender{expect: &other, units: 30}},
		{"objects", contender{expect: &d.Totals, units: 31}},
		{"bytes", contender{expect: &d.Totals, units: 30, stored: 1}},
		{"table", contender{expect: &d.Totals, argv: []string{"printf", `user\t1\t2\n`}, table: true}},
		{"no table", contender{argv: []string{"echo", "Error: out of memory"}, table: true}},
		{"exit", contender{argv: []string{"false"}}},
		{"unknown job", contender{job: job{Do: "nothing"}}},
	} {
		tt.c.name = "other"
		if tt.c.argv == nil && tt.c.job.Do == "" {
			tt.c.job = job{Do: "scan-dir", Root: d.root()}
		}
		if _, err := tt.c.run(t.Context(), b); err == nil || !strings.HasPrefix(err.Error(), "other: ") {
			t.Errorf("%s: error = %v, want one of the contender", tt.name, err)
		}
	}
	same := contender{name: "same", job: job{Do: "hand-dir", Root: d.root(), InFlight: 8}, units: 30, expect: &d.Totals}
	if _, err := same.run(t.Context(), b); err != nil {
		t.Errorf("the same job: %v", err)
	}
}

// TestPipelinesEnd: what a shell started ends with it when the run is given up.
func TestPipelinesEnd(t *testing.T) {
	b := newTestBench(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := b.process(ctx, "sh", []string{"-c", "sleep 20 | sleep 20"}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want that the time is over", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v, want that it ends at once", took)
	}
}

func TestRaceRotates(t *testing.T) {
	b := newTestBench(t)
	s := &setting{}
	for _, name := range []string{"a", "b", "c"} {
		s.contenders = append(s.contenders, &contender{name: name, silent: true, units: 1, few: name == "c", argv: []string{"sh", "-c", "printf " + name + " >>" + b.work + "/order"}})
	}
	if err := b.race(t.Context(), s, fewRounds+1); err != nil {
		t.Fatal(err)
	}
	order, err := os.ReadFile(b.work + "/order")
	if want := "abcbcacababa"; err != nil || !strings.HasPrefix(string(order), want[:9]) || len(order) != 11 {
		t.Errorf("order = %q, %v, want %q and then a and b", order, err, want[:9])
	}
	s.figure("c by a", bound{}, func(r round) float64 { return float64(r["c"].Objects / r["a"].Objects) }, "a", "c")
	if got := s.figures[0].values; fmt.Sprint(got) != "[1 1 1]" {
		t.Errorf("values = %v, want those of the rounds in which c ran", got)
	}
}

func TestFlags(t *testing.T) {
	for _, args := range []string{"-rounds 0", "-only 9", "-only x", "-peers oracle", "-objects -1", "extra"} {
		if _, err := parse(strings.Fields(args)); err == nil {
			t.Errorf("parse(%q) succeeded, want an error", args)
		}
	}
	c, err := parse(nil)
	if err != nil || len(c.only) != 8 || c.rounds != 7 || len(c.shrunk) != 0 {
		t.Errorf("parse() = %+v, %v, want eight settings of seven rounds", c, err)
	}
	c, err = parse([]string{"-only", "1,5", "-keys", "10"})
	if err != nil || fmt.Sprint(c.only) != "[1 5]" || fmt.Sprint(c.shrunk) != "[-keys 10]" {
		t.Errorf("parse = %+v, %v, want settings 1 and 5, and that keys are fewer", c, err)
	}
}
