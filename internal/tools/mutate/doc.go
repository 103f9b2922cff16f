// Mutate asks of the tests whether they would notice. It puts small faults into packages, one
// at a time, runs the tests, and fails if they notice fewer than 95 of 100, or if one that they
// do not notice has no reason in explained.go:
//
//	go -C internal/tools run ./mutate
//	go -C internal/tools run ./mutate -n 40 -seed 7
//	go -C internal/tools run ./mutate -at qlogs/keep/dedup.go:157
//	go -C internal/tools run ./mutate -own
//	go -C internal/tools run ./mutate -list
//
// # Faults
//
// A fault is a change of a function's text: a comparison turned or moved by one, a condition
// negated, "and" for "or", the Lock and Unlock calls of one mutex left out, a statement left
// out, an hour or another time one hour off, min for max, a number one off, a constant
// returned, a case skipped. The seed chooses among all that are possible. The kinds of faults
// in each package take turns, so that the rare ones come as well.
//
// The faulty file is put into the build by the overlay of the go command, and the project's
// own files stay as they are. A fault that does not compile does not count, and another one
// comes in its place. A test that hangs or takes up all memory has noticed. For a lost
// lock the package's own tests run under the race detector.
//
// # Stages
//
// The tests run in the stages of the table in stage.go, cheap ones first, until one fails; with
// -own the first stage alone, that of the package's own tests. A test that fails has to fail
// again by itself, for some measure time. Before the first fault all stages run without one,
// unless -trust is given.
//
// This is our own, for gremlins v0.6.0, the library for this that is kept up, cannot leave out
// locks or statements, move times, explain what lives, or try other packages' tests on a fault.
package main
