//go:build race

package qlogs_test

// The race detector's own memory is several times that of the program.
const raceEnabled = true
