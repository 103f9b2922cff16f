package qlogs_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Count what each user asked in July 2026, leaving out the records in which an
// agent went on without a prompt.
func ExampleClient_Scan() {
	client := qlogs.New(source.FS("fs:", exampleFS()), nil)
	scan := client.Scan(qlogs.Query{
		Prefix: "logging",
		Types:  []path.LogType{path.GenerateAssistantResponse},
		From:   time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC),
		To:     time.Date(2026, time.August, 1, 0, 0, 0, 0, time.UTC),
	})

	prompts := map[string]int{}
	for e, err := range scan.Records(context.Background()) {
		if qlogs.EndsScan(err) {
			log.Fatal(err) // nothing more can be read
		}
		if err != nil {
			log.Print(err) // one record, object or listing is lost; the rest still comes
			continue
		}
		chat, ok := e.Record.(*record.GenerateAssistantResponse)
		if ok && chat.UserID() != "" && chat.Request.Prompt != "" {
			prompts[chat.UserID().User()]++
		}
	}

	stats := scan.Stats()
	fmt.Println(prompts)
	fmt.Println(stats.Read, "objects,", stats.RecordsYielded, "records")
	// Output:
	// map[ana:1 ben:1]
	// 2 objects, 6 records
}

// A loop goes on after an error that costs one record, one object or one listing, and counts
// it. It returns the error that ends the scan.
func ExampleScan_Records() {
	scan := qlogs.New(source.FS("fs:", exampleDamagedFS()), nil).Scan(qlogs.Query{})
	records, lost := 0, map[qlogs.Class]int{}
	read := func(ctx context.Context) error {
		for _, err := range scan.Records(ctx) {
			if qlogs.EndsScan(err) {
				return err // the context's error, for example
			}
			if err != nil {
				lost[qlogs.ClassOf(err)]++
				continue // everything else still comes
			}
			records++
		}
		return nil
	}
	if err := read(context.Background()); err != nil {
		log.Print(err)
	}
	fmt.Println(records, "records, lost:", lost)
	// Output:
	// 11 records, lost: map[bad_type:1 corrupt_gzip:1]
}

// Stop in the middle and go on in another process.
func ExampleScan_Cursor() {
	client := qlogs.New(source.FS("fs:", exampleFS()), nil)
	scan := client.Scan(qlogs.Query{})
	n := 0
	for e, err := range scan.Records(context.Background()) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		if n++; n == 3 {
			break // this entry is not finished: it will come again
		}
		fmt.Println("first run: ", e.Time().Format(time.DateTime))
	}
	text, err := scan.Cursor().MarshalText()
	if err != nil {
		log.Fatal(err)
	}

	var after qlogs.Cursor
	if err := after.UnmarshalText(text); err != nil {
		log.Fatal(err)
	}
	for e, err := range client.Scan(qlogs.Query{After: after}).Records(context.Background()) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		fmt.Println("second run:", e.Time().Format(time.DateTime))
	}
	// Output:
	// first run:  2026-07-01 09:00:12
	// first run:  2026-07-01 09:00:40
	// second run: 2026-07-02 14:30:00
	// second run: 2026-07-02 14:30:00
	// second run: 2026-07-02 14:30:20
	// second run: 2026-07-02 14:30:40
	// second run: 2026-07-01 09:01:00
	// second run: 2026-07-01 09:01:30
	// second run: 2025-04-18 08:05:03
}

// Write entries in batches, and store with each batch the cursor that covers it.
func ExampleEntry_Cursor() {
	scan := qlogs.New(source.FS("fs:", exampleFS()), nil).Scan(qlogs.Query{})
	var batch []qlogs.Entry
	commit := func(cursor qlogs.Cursor) {
		fmt.Println("write", len(batch), "entries and the cursor", cursor.String()[:7]+"…")
		batch = batch[:0]
	}
	for e, err := range scan.Records(context.Background()) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		if batch = append(batch, e); len(batch) == 4 {
			commit(e.Cursor()) // scan.Cursor() would leave e out
		}
	}
	commit(scan.Cursor()) // the rest, and what came after the last entry
	// Output:
	// write 4 entries and the cursor qlogs2:…
	// write 4 entries and the cursor qlogs2:…
	// write 1 entries and the cursor qlogs2:…
}

// Find out what a scan would cost before it is made.
func ExampleScan_Objects() {
	scan := qlogs.New(source.FS("fs:", exampleFS()), nil).Scan(qlogs.Query{Products: []path.Product{path.KiroLogs}})
	var requests, bytes int64
	for o, err := range scan.Objects(context.Background()) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		requests++
		bytes += o.Size
	}
	stats := scan.Stats()
	fmt.Println(requests, "objects to get, more than 500 bytes:", bytes > 500)
	fmt.Println(stats.Partitions, "partitions,", stats.Skipped.Probe, "probe skipped")
	// Output:
	// 3 objects to get, more than 500 bytes: true
	// 2 partitions, 1 probe skipped
}

// Write a manifest of what there is to read, and read the objects of the manifest: in another
// process, or again and again.
func ExampleClient_ScanOf() {
	ctx := context.Background()
	client := qlogs.New(source.FS("fs:", exampleFS()), nil)
	var manifest bytes.Buffer
	for o, err := range client.Scan(qlogs.Query{}).Objects(ctx) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		if err := json.NewEncoder(&manifest).Encode(o); err != nil {
			log.Fatal(err)
		}
	}

	objects := func(yield func(qlogs.Object, error) bool) {
		for lines := json.NewDecoder(&manifest); ; {
			var o qlogs.Object
			err := lines.Decode(&o)
			if err == io.EOF || !yield(o, err) || err != nil {
				return // an error of the manifest ends the scan
			}
		}
	}
	scan := client.ScanOf(objects)
	for _, err := range scan.Records(ctx) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
		}
	}
	stats := scan.Stats()
	fmt.Println(stats.Read, "objects,", stats.RecordsYielded, "records,", stats.Lists, "listings")
	// Output:
	// 4 objects, 9 records, 0 listings
}

func ExampleOnly() {
	scan := qlogs.New(source.FS("fs:", exampleFS()), nil).Scan(qlogs.Query{
		Types: []path.LogType{path.GenerateCompletions}, // do not fetch the rest
	})
	for e, err := range qlogs.Only[*record.GenerateCompletions](scan.Records(context.Background())) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		suggestions := 0
		if e.Record.Response != nil { // null in some logs
			suggestions = len(e.Record.Response.Completions)
		}
		fmt.Println(e.Record.Request.FileName, suggestions, e.Time().Format(time.DateTime))
	}
	// Output:
	// add.go 1 2026-07-01 09:01:00
	// sub.go 0 2026-07-01 09:01:30
}

// Read a mirror of a bucket on disk.
func ExampleNew_directory() {
	mirror, err := os.MkdirTemp("", "mirror")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(mirror)
	if err := os.CopyFS(mirror, exampleFS()); err != nil { // as "aws s3 sync" would do
		log.Fatal(err)
	}

	scan := qlogs.New(source.Dir(mirror), nil).Scan(qlogs.Query{})
	records := 0
	for _, err := range scan.Records(context.Background()) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		records++
	}
	fmt.Println(records, "records")
	// Output:
	// 9 records
}

// Read a mirror that was packed into a zip file: archive/zip makes it an fs.FS.
func ExampleNew_zip() {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	if err := errors.Join(w.AddFS(exampleFS()), w.Close()); err != nil {
		log.Fatal(err)
	}
	fsys, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		log.Fatal(err)
	}

	scan := qlogs.New(source.FS("fs:", fsys), nil).Scan(qlogs.Query{Products: []path.Product{path.QDeveloperLogs}})
	for e, err := range scan.Records(context.Background()) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		fmt.Println(e.Record.UserID(), e.Time())
	}
	// Output:
	// d-1234567890.ana 2025-04-18 08:05:03.230565389 +0000 UTC
}
