//go:build !race

package qlogs_test

const raceEnabled = false
