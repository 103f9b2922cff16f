//go:build !race

package testutil

// Race reports whether the race detector is on, which makes everything many times slower
// and larger.
const Race = false
