package qlogstest_test

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// countPrompts is the program under test. It counts the prompts of each user, and the
// objects and records that cannot be read.
func countPrompts(ctx context.Context, src source.Source) (prompts map[record.UserID]int, failed int64, err error) {
	prompts = map[record.UserID]int{}
	for e, err := range qlogs.New(src, nil).Scan(qlogs.Query{}).Records(ctx) {
		if qlogs.EndsScan(err) {
			return nil, 0, err
		}
		if err != nil {
			failed++
			continue // with the next object
		}
		switch r := e.Record.(type) {
		case *record.GenerateAssistantResponse:
			if r.Request.Prompt != "" {
				prompts[r.UserID()]++
			}
		case *record.StartTaskAssistCodeGeneration:
			if r.Request.Prompt != "" {
				prompts[r.UserID()]++
			}
		}
	}
	return prompts, failed, nil
}

// Test a program with a bucket that has damaged objects and odd records in it.
func ExampleGenerate() {
	var want qlogstest.Totals
	store := sourcetest.NewMemory("mem://logs")
	for o := range qlogstest.Generate(qlogstest.Config{Objects: 200, Users: 5, DamageEvery: 20, OddEvery: 2, MaxText: 16 << 10}) {
		store.Put(o.Key, o.Body)
		want.Add(o)
	}

	prompts, failed, err := countPrompts(context.Background(), store)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println("the prompts of each user are right:", maps.Equal(prompts, want.PromptsByUser))
	fmt.Println("what is damaged is counted:", failed == want.Failed+want.RecordsFailed)
	// Output:
	// the prompts of each user are right: true
	// what is damaged is counted: true
}

// Test a program with records that say exactly what the test is about.
func ExampleChat() {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	store := sourcetest.NewMemory("mem://logs")
	store.Put(qlogstest.Key(path.GenerateAssistantResponse, at, "a"), qlogstest.File(
		qlogstest.Chat{UserID: "d-1234567890.ana", Prompt: "why?"},
		qlogstest.Chat{UserID: "d-1234567890.ana", Prompt: qlogstest.Null},
		qlogstest.Chat{UserID: "d-1234567890.ana", Prompt: qlogstest.Absent},
		qlogstest.Chat{UserID: "d-1234567890.ana", Prompt: qlogstest.JSON("17")},
		qlogstest.Chat{UserID: "d-1234567890.ben", Prompt: "why not?", Response: qlogstest.Null},
		qlogstest.Chat{UserID: "d-1234567890.ben", Prompt: "how?", ResponseMore: qlogstest.Fields{"newKey": "new"}},
		qlogstest.Unknown{UserID: "d-1234567890.eve"},
	))

	prompts, failed, err := countPrompts(context.Background(), store)
	fmt.Println("ana:", prompts["d-1234567890.ana"], "ben:", prompts["d-1234567890.ben"], "failed:", failed, err)
	// Output:
	// ana: 1 ben: 2 failed: 0 <nil>
}
