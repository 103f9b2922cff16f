package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// figure is a value of each round, and what its median has to be.
type figure struct {
	name    string
	bound   bound
	values  []float64
	missing string // a contender that it needs and that does not run
}

// bound is what a figure has to reach. The zero bound asks for nothing.
type bound struct {
	least, most float64
	unit        string
	wish        bool // good to reach, not to be failed on
}

func atLeast(v float64) bound { return bound{least: v} }
func atMost(v float64) bound  { return bound{most: v} }

func (b bound) in(unit string) bound { b.unit = unit; return b }
func (b bound) wished() bound        { b.wish = true; return b }

func (b bound) String() string {
	text := "—"
	switch {
	case b.least != 0:
		text = "≥ " + number(b.least) + b.unit
	case b.most != 0:
		text = "≤ " + number(b.most) + b.unit
	}
	if b.wish {
		text += " (wished for)"
	}
	return text
}

// verdict says in the table whether the median reaches the bound.
func (f figure) verdict() string {
	switch {
	case f.missing != "":
		return "not measured: no " + f.missing
	case f.bound.least == 0 && f.bound.most == 0:
		return "for information"
	case f.reached():
		return "reached"
	}
	return "**not reached**"
}

func (f figure) reached() bool {
	m := median(f.values)
	return (f.bound.least == 0 || m >= f.bound.least) && (f.bound.most == 0 || m <= f.bound.most)
}

// measured is the median with the least and the greatest value.
func (f figure) measured() string {
	if len(f.values) == 0 {
		return "—"
	}
	text := number(median(f.values)) + f.bound.unit
	if len(f.values) > 1 {
		text += fmt.Sprintf(" (%s–%s)", number(slices.Min(f.values)), number(slices.Max(f.values)))
	}
	return text
}

// median of an even number of values is the mean of the two in the middle.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// number writes three digits that count, and all of those before the point.
func number(v float64) string {
	digits := 2
	switch a := math.Abs(v); {
	case a >= 100:
		digits = 0
	case a >= 10:
		digits = 1
	case a < 1:
		digits = 3
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}
