package testutil

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// How much a run of the tests does: QLOGS_TESTS in the environment says it.
const (
	quickRun = iota // not set: what `go test ./...` does in less than a minute
	longRun         // "long": more cases, rounds and bytes, in minutes; make long
	soakRun         // "soak": that, and the tests that take hours; make soak
)

var runLength = sync.OnceValue(func() int {
	length, err := parseLength(os.Getenv("QLOGS_TESTS"))
	if err != nil {
		panic(err)
	}
	return length
})

func parseLength(s string) (int, error) {
	switch s {
	case "":
		return quickRun, nil
	case "long":
		return longRun, nil
	case "soak":
		return soakRun, nil
	}
	return 0, fmt.Errorf("testutil: QLOGS_TESTS is %q, want nothing, long or soak", s)
}

// Long reports whether this is a long run of the tests, or the soak.
func Long() bool { return runLength() >= longRun }

// Soak reports whether this is the soak.
func Soak() bool { return runLength() >= soakRun }

// Pick returns what a quick run of the tests takes, or what a long one does: the rounds of
// a loop, the size of an input, the cases of a table.
func Pick[T any](quick, long T) T {
	if Long() {
		return long
	}
	return quick
}

// NeedLong skips a test, or a case, of which a quick run has nothing.
func NeedLong(t testing.TB) {
	t.Helper()
	if !Long() {
		t.Skip("a long test: run it with make long")
	}
}

// NeedSoak skips a test of the soak.
func NeedSoak(t testing.TB) {
	t.Helper()
	if !Soak() {
		t.Skip("a test of the soak: run it with make soak")
	}
}
