package main

// Limits is what a package may have. Zero is no limit for Files, and the general limit
// for the others.
type Limits struct {
	Files int // files of the package
	Cycle int // files of its biggest cycle
	Type  int // files of the package that touch one type
}

// A Table says what each package may have.
type Table struct {
	Module   string            // whose packages the names below are of
	Dirs     []string          // modules to look at, from the root of the project
	General  Limits            // of every package, except for what Packages says
	Values   []string          // types that may be in any number of files, with their packages
	Packages map[string]Limits // what may be more than General allows
}

// limits is the table that .ci/run checks. A package that is not named has the general
// limits, so a new one needs no row. Figures in a row may fall, and then the check asks
// to write down the new one; they may not grow.
var limits = Table{
	Module: "github.com/promptlogs/qlogs",
	Dirs:   []string{".", "examples/lambda", "examples/worker", "internal/bench", "internal/tools"},

	General: Limits{Cycle: 3, Type: 8},

	// What sources give and readers take is in many files because it is what the files are about.
	Values: []string{"qlogs/source.Object"},

	Packages: map[string]Limits{
		// The reader composes its parts; what grows beyond that is a part of its own.
		"qlogs": {Files: 23},

		// Decoders. A record is read by many hands that share one scanner; what reads a block
		// of deflate calls what reads its parts.
		"qlogs/record":     {Type: 14},
		"internal/inflate": {Cycle: 5},

		// A tracker's methods are in two files, and take and give what the package is about.
		"internal/resume": {Type: 9},

		// Tests and benchmarks.
		"internal/bench": {Cycle: 10, Type: 18},
	},
}
