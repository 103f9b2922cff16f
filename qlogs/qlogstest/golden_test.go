package qlogstest_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden holds a small bucket against what it was: a change of the generator changes
// every test that compares with figures, so it has to be meant.
func TestGolden(t *testing.T) {
	var b strings.Builder
	for o := range qlogstest.Generate(qlogstest.Config{
		Seed: 1, Objects: 40, OddEvery: 2, MaxText: 400,
		Types: []path.LogType{path.GenerateAssistantResponse, path.GenerateCompletions, path.StartTaskAssistCodeGeneration, "DrawPicture"},
	}) {
		doc, err := inflate(o.Body)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n  %d bytes, SHA-256 %.8x…\n", o.Key, len(doc), sha256.Sum256(doc))
		for _, r := range o.Records {
			fmt.Fprintf(&b, "  %d %s id %q user %q time %s model %q prompt %d context %d odd %v drifted %q\n", r.Index, r.LogType, r.RequestID,
				r.UserID.User(), r.Time.Format(time.RFC3339Nano), r.ModelID, r.PromptBytes, r.ContextBytes, r.Odd, r.Drifted)
		}
	}
	file := filepath.Join("testdata", "bucket.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(b.String(), "\n"), strings.Split(strings.ReplaceAll(string(golden), "\r\n", "\n"), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("line %d of the generated bucket differs from %s (go test -update writes it):\n%s", i+1, file, strings.Join(got[i:min(i+3, len(got))], "\n"))
		}
	}
}
