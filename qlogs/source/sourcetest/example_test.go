package sourcetest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

const logs = "AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/"

// record returns the log of one chat.
func record(user string) []byte {
	return []byte(`{"records":[{"generateAssistantResponseEventRequest":{"prompt":"why?","userId":"d-1234567890.` + user +
		`","timeStamp":"2026-03-02T09:00:00Z"},"generateAssistantResponseEventResponse":{"requestId":"1"}}]}`)
}

// countUsers is the program under test. It has to go on where one object is denied.
func countUsers(ctx context.Context, src source.Source) (users, denied int, err error) {
	seen := map[string]bool{}
	for e, err := range qlogs.New(src, &qlogs.Options{InFlight: 1}).Scan(qlogs.Query{}).Records(ctx) {
		switch {
		case errors.Is(err, fs.ErrPermission):
			denied++
		case err != nil:
			return 0, 0, err
		default:
			seen[string(e.Record.UserID())] = true
		}
	}
	return len(seen), denied, nil
}

// Test a program with a store that denies one of its objects.
func ExampleMemory() {
	store := sourcetest.NewMemory("mem://logs")
	store.Put(logs+"1.json", record("ana"))
	store.Put(logs+"2.json", record("ben"))
	store.Put(logs+"3.json", record("ana"))
	store.Put(logs+"4.json", record("eve"))
	store.OnOpen = func(_ context.Context, o source.Object, _ int64) error {
		if o.Key == logs+"4.json" {
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
