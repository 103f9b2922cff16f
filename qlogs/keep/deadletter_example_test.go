package keep_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

// Put aside what cannot be read, and read it again later.
func ExampleDeadLetterFile() {
	dir, err := os.MkdirTemp("", "qlogs-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	letters := keep.DeadLetterFile(filepath.Join(dir, "dead-letters.ndjson"))

	bucket := damagedBucket()
	client := qlogs.New(bucket, nil)
	for _, err := range client.Scan(qlogs.Query{}).Records(ctx) {
		var object *qlogs.ObjectError
		switch {
		case qlogs.EndsScan(err):
			log.Fatal(err)
		case errors.As(err, &object) && object.Retryable:
			// The scan's cursor has it.
		case errors.As(err, &object):
			if err := letters.Put(ctx, keep.NewDeadLetter(object)); err != nil {
				log.Print(err) // and leave: what was not put aside has to come again
				return
			}
		case err != nil:
			log.Print(err)
		}
	}
	for l, err := range letters.All(ctx) {
		if err != nil {
			log.Print(err)
			continue
		}
		fmt.Println(l.Op, l.Class, "record", l.Index)
	}

	// When the objects are repaired, Size -1 reads what is there then.
	repair(bucket)
	var done []keep.DeadLetter
	for l, err := range letters.All(ctx) {
		if err != nil {
			log.Print(err)
			continue
		}
		if readAgain(ctx, client, l) {
			done = append(done, l)
		}
	}
	if err := letters.Remove(ctx, done...); err != nil {
		log.Print(err)
	}
	fmt.Println(len(done), "letters are done")
	// Output:
	// decode bad_type record 1
	// gunzip corrupt_gzip record -1
	// 2026-03-02 09:00:01 +0000 UTC
	// 2026-03-02 09:00:03 +0000 UTC
	// 2 letters are done
}

// readAgain reads the record of a letter, or all of its object, and reports whether
// there were no errors.
func readAgain(ctx context.Context, client *qlogs.Client, l keep.DeadLetter) bool {
	found := false
	for e, err := range client.Read(ctx, qlogs.Object{Key: l.Object.Key, Size: -1}) {
		var object *qlogs.ObjectError
		switch {
		case errors.As(err, &object) && l.Index >= 0 && object.Index >= 0 && object.Index != l.Index:
			// Another record, which has a letter of its own.
		case err != nil:
			return false
		case l.Index < 0 || e.Index == l.Index:
			found = true
			fmt.Println(e.Time())
		}
	}
	return found
}
