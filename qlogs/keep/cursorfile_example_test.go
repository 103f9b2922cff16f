package keep_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

// Each run delivers what has arrived since the run before.
func ExampleCursorFile() {
	dir, err := os.MkdirTemp("", "qlogs-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store := keep.CursorFile(filepath.Join(dir, "qlogs.cursor"))
	bucket := bucketOf(2)
	client := qlogs.New(bucket, nil)

	run := func(ctx context.Context) error {
		after, err := store.Load(ctx) // the start, in the first run
		if err != nil {
			return err
		}
		scan := client.Scan(qlogs.Query{After: after})
		scan.SaveTo(store, nil)
		for e, err := range scan.Records(ctx) {
			if qlogs.EndsScan(err) {
				return err // that of a save, for example
			}
			if err != nil {
				log.Print(err) // the cursor keeps what is to be tried again
				continue
			}
			fmt.Println(e.Record.RequestID())
		}
		return nil
	}
	for n := range 3 {
		fmt.Println("run", n+1)
		if err := run(context.Background()); err != nil {
			log.Print(err)
		}
		putNumbered(bucket, 2) // arrives after the first run
	}
	// Output:
	// run 1
	// r0000
	// r0001
	// run 2
	// r0002
	// run 3
}
