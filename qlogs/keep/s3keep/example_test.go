package s3keep_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// A function without a disk delivers in each run what the runs before have not. Its loop ends
// before the function's time does, so that the last save, at the loop's end, has its time too.
func ExampleCursorObject() {
	server := s3test.New() // in your program: Amazon S3
	defer server.Close()
	server.CreateBucket("our-state")
	logs := bucketOf(2)
	reader := qlogs.New(logs, nil)

	errTime := errors.New("the function's time is nearly over")
	run := func(ctx context.Context) error {
		if end, ok := ctx.Deadline(); ok { // in a function of Lambda there is one
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadlineCause(ctx, end.Add(-40*time.Second), errTime)
			defer cancel()
		}
		store := s3keep.CursorObject(server.Client(), "our-state", "qlogs/usage.cursor", nil)
		after, err := store.Load(ctx) // the start, in the first run
		if err != nil {
			return err
		}
		scan := reader.Scan(qlogs.Query{After: after})
		scan.SaveTo(store, nil)
		for e, err := range scan.Records(ctx) {
			switch {
			case err == nil:
				fmt.Println(e.Record.RequestID())
			case errors.Is(err, errTime):
				// The next run goes on. If the last save fails, its error is still to come.
			case qlogs.EndsScan(err):
				return err // that of a save, for example
			default:
				log.Print(err) // the cursor keeps what is to be tried again
			}
		}
		return nil
	}
	for n := range 2 {
		fmt.Println("run", n+1)
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute) // Lambda's
		if err := run(ctx); err != nil {
			log.Print(err)
		}
		cancel()
		putRecord(logs, 2) // another log arrives
	}
	// Output:
	// run 1
	// r0000
	// r0001
	// run 2
	// r0002
}

// The second of two readers that share a key by mistake is told so when it saves.
func ExampleErrConflict() {
	server := s3test.New() // in your program: Amazon S3
	defer server.Close()
	server.CreateBucket("our-state")
	ctx := context.Background()

	open := func() (qlogs.CursorStore, qlogs.Cursor) {
		store := s3keep.CursorObject(server.Client(), "our-state", "qlogs/usage.cursor", nil)
		after, err := store.Load(ctx)
		if err != nil {
			log.Print(err)
		}
		return store, after
	}
	one, first := open()
	two, second := open()
	fmt.Println(one.Save(ctx, first))
	fmt.Println(errors.Is(two.Save(ctx, second), s3keep.ErrConflict))
	// Output:
	// <nil>
	// true
}
