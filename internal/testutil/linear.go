package testutil

import (
	"testing"
	"time"
)

// most is how many times longer each byte may take in an input that is four times as
// large: with time that grows with the square it takes four times as long.
const most = 2

// Linear fails the test if the time for an input grows faster than its size. Prepare
// returns what is to be timed for an input of size n, which has to take some tens of
// microseconds at least. Times are compared with each other, never with a clock's: the
// best of three for each of two sizes, and once more if that looks bad, since a busy
// machine disturbs one measurement but not all of them. With the race detector, whose own
// time it would be, both inputs are gone through and no times are compared.
func Linear(t testing.TB, what string, n int, prepare func(n int) func()) {
	t.Helper()
	if Race {
		prepare(n)()
		prepare(4 * n)()
		return
	}
	var got float64
	for range 8 {
		if got = Growth(n, prepare); got <= most {
			return
		}
	}
	t.Errorf("%s: each byte takes %.1f times as long in an input of %d bytes as in one of %d, want %d at most", what, got, 4*n, n, most)
}

// Growth returns how many times longer each byte takes in an input of size 4*n than in
// one of size n.
func Growth(n int, prepare func(n int) func()) float64 {
	small, large := prepare(n), prepare(4*n)
	first, second := time.Duration(0), time.Duration(0)
	for range 3 {
		first = best(first, small)
		second = best(second, large)
	}
	return float64(second) / float64(first) / 4
}

// Ratio returns how many times longer f takes than g: the best of three for each.
func Ratio(f, g func()) float64 {
	first, second := time.Duration(0), time.Duration(0)
	for range 3 {
		first = best(first, f)
		second = best(second, g)
	}
	return float64(first) / float64(second)
}

// best is the least of what was before and what f takes: by the clock, or of the processors
// if that is less, since on a busy machine what takes long waits for these.
func best(before time.Duration, f func()) time.Duration {
	begin := time.Now()
	spent, known := cpuTime()
	f()
	now, _ := cpuTime()
	took := time.Since(begin)
	if known {
		took = min(took, now-spent)
	}
	took = max(took, time.Microsecond)
	if before > 0 {
		return min(before, took)
	}
	return took
}
