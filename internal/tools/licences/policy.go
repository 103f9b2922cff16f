package main

// allowed are the licences of what users link, by their SPDX names. All of them ask for
// a copyright notice at most, and let a program that links the module be under any
// licence.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"}

// allowedInside are those that programs and tests of the folder internal may need
// besides. MPL-2.0 asks whoever changes a file to publish that file: we change none, and
// hand none on.
var allowedInside = []string{"MPL-2.0"}

// peers are programs that the benchmark starts to compare with. Nothing of ours is
// linked with them, and nothing of them is handed on.
var peers = []string{"internal/bench/duckdb", "internal/bench/rclone", "internal/bench/s5cmd"}

// allowedPeers are the licences that the peers may need besides.
var allowedPeers = []string{"BSD-2-Clause-Views", "CC0-1.0", "HPND", "LGPL-3.0", "UPL-1.0"}

// exceptions are files that licensecheck does not know, by module and name, with what
// somebody read in them.
var exceptions = map[string]exception{
	"github.com/ProtonMail/gluon/COPYING_NOTES.md":     {"MIT", "MIT, then the dependencies and their licences"},
	"github.com/aws/aws-lambda-go/LICENSE-SUMMARY":     {"", "says which of the two licences beside it is for what"},
	"github.com/rclone/go-proton-api/COPYING_NOTES.md": {"MIT", "MIT, then the dependencies and their licences"},
	"github.com/termie/go-shutil/LICENSE":              {"MIT", "one sentence: Python's, and if that does not apply, MIT"},
}

// An exception is a file's licence, or "" if it is none, and why.
type exception struct{ licence, why string }
