package qlogs_test

import "github.com/promptlogs/qlogs/internal/testutil"

// The race detector's own memory is several times that of the program.
const raceEnabled = testutil.Race
