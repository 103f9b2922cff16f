package main

import (
	"math"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 3, 2}, 2.5},
		{[]float64{1, 1, 1, 100}, 1},
	} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.values, got, tt.want)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing = %v, want no number", got)
	}
}

func TestFigure(t *testing.T) {
	for _, tt := range []struct {
		name                     string
		figure                   figure
		reach, measured, verdict string
	}{
		{"reached", figure{bound: atLeast(3), values: []float64{3.5, 2, 3}}, "≥ 3.00", "3.00 (2.00–3.50)", "reached"},
		{"below", figure{bound: atLeast(3), values: []float64{2.999}}, "≥ 3.00", "3.00", "**not reached**"},
		{"above", figure{bound: atMost(1.35), values: []float64{1.36, 1.36}}, "≤ 1.35", "1.36 (1.36–1.36)", "**not reached**"},
		{"negative", figure{bound: atMost(40), values: []float64{-200}}, "≤ 40.0", "-200", "reached"},
		{"wished", figure{bound: atMost(1.05).wished(), values: []float64{1}}, "≤ 1.05 (wished for)", "1.00", "reached"},
		{"unit", figure{bound: atMost(200).in(" MiB"), values: []float64{123.4}}, "≤ 200 MiB", "123 MiB", "reached"},
		{"information", figure{values: []float64{0.1234}}, "—", "0.123", "for information"},
		{"missing", figure{bound: atLeast(3), missing: "DuckDB"}, "≥ 3.00", "—", "not measured: no DuckDB"},
	} {
		if got := tt.figure.bound.String(); got != tt.reach {
			t.Errorf("%s: bound = %q, want %q", tt.name, got, tt.reach)
		}
		if got := tt.figure.measured(); got != tt.measured {
			t.Errorf("%s: measured = %q, want %q", tt.name, got, tt.measured)
		}
		if got := tt.figure.verdict(); got != tt.verdict {
			t.Errorf("%s: verdict = %q, want %q", tt.name, got, tt.verdict)
		}
	}
}

func TestTableEscapes(t *testing.T) {
	var b strings.Builder
	table{&b}.row("zcat | jq", "1")
	if got, want := b.String(), "| zcat \\| jq | 1 |\n"; got != want {
		t.Errorf("row = %q, want %q", got, want)
	}
}

func TestTotals(t *testing.T) {
	a := tally{}
	a.add("u1", 3)
	a.add("u2", 0)
	a.add("u1", 4)
	b := tally{}
	b.add("u2", 0)
	b.merge(tally{"u1": {2, 7}})
	if *a.totals() != *b.totals() {
		t.Errorf("%v and %v differ, want the same", a.totals(), b.totals())
	}
	b.add("u3", 0)
	if *a.totals() == *b.totals() {
		t.Errorf("%v and %v are the same, want a difference", a.totals(), b.totals())
	}
	parsed, err := parseTable([]byte("u2\t1\t0\nu1\t2\t7\n"))
	if err != nil || *parsed.totals() != *a.totals() {
		t.Errorf("parseTable = %v, %v, want %v", parsed.totals(), err, a.totals())
	}
	for _, text := range []string{"u1\t1\n", "u1\tx\t1\n", "u1\t1\t1.5\n", "Error\n"} {
		if _, err := parseTable([]byte(text)); err == nil {
			t.Errorf("parseTable(%q) succeeded, want an error", text)
		}
	}
}
