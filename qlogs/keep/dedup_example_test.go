package keep_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

// A bucket of which a part was copied to another prefix has some records twice.
func ExampleDedup() {
	client := qlogs.New(copiedBucket(), nil)
	dedup := keep.NewDedup(nil)
	for e, err := range dedup.Records(client.Scan(qlogs.Query{}).Records(context.Background())) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		fmt.Println(e.Key.Prefix, e.Record.RequestID())
	}
	fmt.Println(dedup.Dropped(), "dropped")
	// Output:
	// copy 0a000000-0000-4000-8000-000000000001
	// copy 0a000000-0000-4000-8000-000000000002
	// prompt-logs 0a000000-0000-4000-8000-000000000003
	// 2 dropped
}

// Write each record's identity beside it. After a crash the output tells what was
// written since the cursor was saved.
func ExampleDedup_Seed() {
	var output bytes.Buffer // a file that is only appended to
	client := qlogs.New(copiedBucket(), nil)
	run := func(most int) error {
		dedup := keep.NewDedup(nil)
		for lines := bufio.NewScanner(bytes.NewReader(output.Bytes())); lines.Scan(); {
			var id qlogs.Identity
			if err := json.Unmarshal(lines.Bytes(), &id); err != nil {
				return err // of a file, a last line without its end is to be cut off first
			}
			dedup.Seed(id)
		}
		n := 0
		for e, err := range dedup.Records(client.Scan(qlogs.Query{}).Records(context.Background())) {
			if qlogs.EndsScan(err) {
				return err
			}
			if err != nil {
				log.Print(err)
				continue
			}
			if err := json.NewEncoder(&output).Encode(e.Identity()); err != nil {
				return err
			}
			if n++; n == most {
				return nil // as if it had crashed: the entry is written but not finished
			}
		}
		return nil
	}
	for _, most := range []int{1, 10} {
		if err := run(most); err != nil {
			log.Print(err)
		}
		fmt.Println(bytes.Count(output.Bytes(), []byte("\n")), "records")
	}
	// Output:
	// 1 records
	// 3 records
}
