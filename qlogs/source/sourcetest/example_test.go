package sourcetest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

const logs = "AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/"

// file returns a log of two records: a chat of that user, and what is left of one whose
// request is null.
func file(user qlogstest.Value) []byte {
	return qlogstest.File(
		qlogstest.Chat{UserID: "d-1234567890." + user, Prompt: "why?"},
		qlogstest.Chat{Request: qlogstest.Null},
	)
}

// countUsers is the program under test. It has to go on where one object is denied.
func countUsers(ctx context.Context, src source.Source) (users, denied int, err error) {
	seen := map[string]bool{}
	for e, err := range qlogs.New(src, &qlogs.Options{InFlight: 1}).Scan(qlogs.Query{}).Records(ctx) {
		switch {
		case qlogs.EndsScan(err):
			return 0, 0, err
		case errors.Is(err, fs.ErrPermission):
			denied++
		case err != nil:
			log.Print(err)
		case e.Record.UserID() != "": // a record may have none
			seen[string(e.Record.UserID())] = true
		}
	}
	return len(seen), denied, nil
}

// Test a program with a store that denies one of its objects.
func ExampleMemory() {
	store := sourcetest.NewMemory("mem://logs")
	store.Put(logs+"1.json.gz", file("ana"))
	store.Put(logs+"2.json.gz", file("ben"))
	store.Put(logs+"3.json.gz", file("ana"))
	store.Put(logs+"4.json.gz", file("eve"))
	store.OnOpen = func(_ context.Context, o source.Object, _ int64) error {
		if o.Key == logs+"4.json.gz" {
			return fs.ErrPermission
		}
		return nil
	}

	users, denied, err := countUsers(context.Background(), store)
	fmt.Println(users, "users,", denied, "objects denied, error", err)
	for _, call := range store.Calls()[:3] {
		fmt.Println(call)
	}
	// Output:
	// 2 users, 1 objects denied, error <nil>
	// LIST - folders after - → 1
	// LIST AWSLogs/ folders after - → 1
	// LIST AWSLogs/111122223333/ folders after - → 1
}
