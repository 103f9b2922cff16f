package main

import (
	"errors"
	"fmt"
	"slices"
)

// An explanation says why no test can notice a fault: nothing differs that anybody sees. It
// holds as long as the line's text does. One that fits no fault any more is an error.
type explanation struct {
	function, text, change string // as in a fault
	why                    string
}

func (e *explanation) fits(f *fault) bool {
	return e.function == f.function && e.text == f.text && e.change == f.change
}

var explained = []explanation{}

// explain returns why a fault lives, or "".
func explain(explained []explanation, f *fault) string {
	for _, e := range explained {
		if e.fits(f) {
			return e.why
		}
	}
	return ""
}

// stale returns an error for each explanation that fits no fault.
func stale(explained []explanation, faults []*fault) error {
	var errs []error
	for _, e := range explained {
		if !slices.ContainsFunc(faults, e.fits) {
			errs = append(errs, fmt.Errorf("explained.go has %s: %s: %s, which is no possible fault any more: correct it, or take it out", e.function, e.text, e.change))
		}
	}
	return errors.Join(errs...)
}
