package main

import "time"

// packages are where faults are put, as folders of the project.
var packages = []string{"internal/resume", "internal/listing", "qlogs/keep", "qlogs/keep/s3keep"}

// A stage is a run of tests.
type stage struct {
	pkg     string // "" for the package that has the fault
	run     string // as of go test -run; "" for all tests
	timeout time.Duration
}

// stages are in the order in which they run. The go command knows which tests a fault cannot
// concern, and has the results of those from the run without a fault.
var stages = []stage{
	{timeout: time.Minute},
	{pkg: "qlogs", timeout: 4 * time.Minute},
	{pkg: "internal/sim", timeout: 4 * time.Minute},
}
