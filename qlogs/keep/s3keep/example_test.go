package s3keep_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// A function without a disk delivers in each run what the runs before have not.
func ExampleCursorObject() {
	server := s3test.New() // in your program: Amazon S3
	defer server.Close()
	server.CreateBucket("our-state")
	reader := qlogs.New(bucketOf(3), nil)

	run := func(ctx context.Context, most int) error {
		store := s3keep.CursorObject(server.Client(), "our-state", "qlogs/usage.cursor", nil)
		after, err := store.Load(ctx) // the start, in the first run
		if err != nil {
			return err
		}
		scan := reader.Scan(qlogs.Query{After: after})
		scan.SaveTo(store, nil)
		for e, err := range scan.Records(ctx) {
			if qlogs.EndsScan(err) {
				return err // that of a save, for example
			}
			if err != nil {
				log.Print(err) // the cursor keeps what is to be tried again
				continue
			}
			if most == 0 {
				break // the function's time is over
			}
			most--
			fmt.Println(e.Record.RequestID())
		}
		return nil
	}
	for n, most := range []int{2, 10} {
		fmt.Println("run", n+1)
		if err := run(context.Background(), most); err != nil {
			log.Print(err)
		}
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
