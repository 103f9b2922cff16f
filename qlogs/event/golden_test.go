package event_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/event"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden decodes an event of each form.
func TestGolden(t *testing.T) {
	for _, name := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			got := describe(event.Decode(fixture(t, name)))
			file := "testdata/" + name + ".golden"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("Decode is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestGoldenIsComplete finds a golden file whose event is gone.
func TestGoldenIsComplete(t *testing.T) {
	golden, err := filepath.Glob("testdata/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range golden {
		if _, err := os.Stat(strings.TrimSuffix(file, ".golden") + ".json"); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if len(golden) != len(fixtures(t)) {
		t.Errorf("%d golden files, %d events", len(golden), len(fixtures(t)))
	}
}
