package qlogs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// An exampleBed is a made-up bucket for the examples, with what a part of it holds.
type exampleBed struct {
	all, chats, suggestions, kiro, qDeveloper qlogstest.Totals
}

// newExampleBed gives the examples a bucket in which every second object has an odd record,
// and every fourth is damaged, until the test ends.
func newExampleBed(t *testing.T) *exampleBed {
	b := &exampleBed{}
	exampleBucket = fstest.MapFS{}
	t.Cleanup(func() { exampleBucket = nil })
	for o := range qlogstest.Generate(qlogstest.Config{
		Objects: testutil.Pick(60, 500), Prefixes: []string{"logging"}, Start: time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC),
		Users: 3, OddEvery: 2, DamageEvery: 4, MaxText: 1 << 10,
	}) {
		exampleBucket[o.Key] = &fstest.MapFile{Data: o.Body}
		b.all.Add(o)
		if strings.Contains(o.Key, "/"+string(path.KiroLogs)+"/") {
			b.kiro.Add(o)
		} else {
			b.qDeveloper.Add(o)
		}
		key, _ := path.Parse(o.Key)
		switch key.LogType {
		case path.GenerateAssistantResponse:
			b.chats.Add(o)
		case path.GenerateCompletions:
			b.suggestions.Add(o)
		}
	}
	return b
}

// requests is what ExampleClient_Scan counts.
func (b *exampleBed) requests() map[string]int {
	n := map[string]int{}
	for user, prompts := range b.chats.PromptsByUser {
		if user != "" {
			n[user.User()] = prompts
		}
	}
	return n
}

// The examples read any bucket, as they read their own small one: they print what is in it,
// and log all that is damaged.
func TestExamplesOnOddRecords(t *testing.T) {
	b := newExampleBed(t)
	records, none := b.all.RecordsYielded, qlogstest.Totals{}
	tested := map[string]bool{}
	for _, tt := range []struct {
		name    string
		example func()
		damaged qlogstest.Totals // of which it logs the failed ones
		lines   int64            // that it prints
		want    string           // is one of them, or some, or a part
	}{
		{"ExampleClient_Scan", ExampleClient_Scan, b.chats, 2, fmt.Sprintf("%v\n%d objects, %d records\n", b.requests(), b.chats.Read, b.chats.RecordsYielded)},
		{"ExampleScan_Records", ExampleScan_Records, none, 1, fmt.Sprintf("%d records, lost:", records+2)},
		{"ExampleScan_Cursor", ExampleScan_Cursor, b.all, records, ""},
		{"ExampleEntry_Cursor", ExampleEntry_Cursor, b.all, records/4 + 1, fmt.Sprintf("write %d entries", records%4)},
		{"ExampleScan_Objects", ExampleScan_Objects, none, 2, fmt.Sprintf("%d objects to get, more than 500 bytes: true\n%d partitions, %d probe",
			b.kiro.Read+b.kiro.Failed, b.kiro.Partitions, b.kiro.Skipped.Probe)},
		{"ExampleClient_ScanOf", ExampleClient_ScanOf, b.all, 1, fmt.Sprintf("%d objects, %d records, 0 listings", b.all.Read, records)},
		{"ExampleOnly", ExampleOnly, b.suggestions, int64(b.suggestions.RecordsByType["GenerateCompletions"]), ""},
		{"ExampleNew_directory", ExampleNew_directory, b.all, 1, fmt.Sprintf("%d records", records)},
		{"ExampleNew_zip", ExampleNew_zip, b.qDeveloper, b.qDeveloper.RecordsYielded, ""},
		{"ExampleScan_SaveTo", ExampleScan_SaveTo, b.all, records + 2, ""},
		{"ExampleScan_SaveTo_buffered", ExampleScan_SaveTo_buffered, b.all, records, ""},
		{"ExampleEntry_Cursor_file", ExampleEntry_Cursor_file, b.all, 2, fmt.Sprintf("%d batches are there", (records+1)/2)},
	} {
		tested[tt.name] = true
		printed, logged := testutil.RunExample(t, tt.example)
		if n := int64(strings.Count(printed, "\n")); n != tt.lines || !strings.Contains(printed, tt.want) {
			t.Errorf("%s printed %d lines, want %d with %q:\n%s", tt.name, n, tt.lines, tt.want, printed)
		}
		if n := int64(strings.Count(logged, "\n")); n != tt.damaged.Failed+tt.damaged.RecordsFailed {
			t.Errorf("%s logged %d errors, want %d of objects and %d of records:\n%s", tt.name, n, tt.damaged.Failed, tt.damaged.RecordsFailed, logged)
		}
	}
	for _, name := range exampleNames(t) {
		if !tested[name] {
			t.Errorf("%s is not run on odd records: add a row to this test", name)
		}
	}
}

// exampleNames returns the names of the examples of this package.
func exampleNames(t *testing.T) (names []string) {
	t.Helper()
	for _, file := range []string{"example_test.go", "save_example_test.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Example") {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}
