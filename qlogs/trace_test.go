package qlogs_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
)

var traceUpdate = flag.Bool("update", false, "write the traces in testdata/traces")

// A traceStory is a scan, or a few of them, and what it teaches.
type traceStory struct {
	name  string
	about string // its first line says what is scanned, the others what to see
	run   func(tr *tracer)
}

// TestTraces compares what scans ask of a store, and when, with testdata/traces. A trace only
// changes by a change that means to make other requests: go test ./qlogs -run Traces -update
// writes them.
func TestTraces(t *testing.T) {
	testutil.NoLeaks(t)
	stories := slices.Concat(traceScans(), traceReads(), traceFollows())
	known := map[string]bool{}
	for _, story := range stories {
		known[story.name+".txt"] = true
		t.Run(story.name, func(t *testing.T) {
			got := traceRun(t, story)
			file := filepath.Join("testdata", "traces", story.name+".txt")
			if *traceUpdate {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			traceCompare(t, file, got, strings.ReplaceAll(string(want), "\r\n", "\n"))
		})
	}
	files, err := os.ReadDir(filepath.Join("testdata", "traces"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("testdata/traces/%s is of no story", f.Name())
		}
	}
}

// traceCompare shows the first line that differs.
func traceCompare(t *testing.T, file, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	i := 0
	for i < len(g) && i < len(w) && g[i] == w[i] {
		i++
	}
	some := func(lines []string) string { return strings.Join(lines[min(i, len(lines)):min(i+5, len(lines))], "\n") }
	t.Errorf("the trace differs from %s, line %d: got\n%s\nwant\n%s", file, i+1, some(g), some(w))
}
