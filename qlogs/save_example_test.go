package qlogs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Keep in a file how far a job has come: it goes on there, whatever ended it.
func ExampleScan_SaveTo() {
	dir, err := os.MkdirTemp("", "qlogs-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store := keep.CursorFile(filepath.Join(dir, "qlogs.cursor"))
	client := qlogs.New(source.FS("fs:", exampleFS()), nil)

	run := func(most int) error {
		ctx := context.Background()
		after, err := store.Load(ctx)
		if err != nil {
			return err
		}
		scan := client.Scan(qlogs.Query{After: after})
		n := 0
		scan.SaveTo(store, nil)
		for e, err := range scan.Records(ctx) {
			if qlogs.EndsScan(err) {
				return err // that of a save, for example
			}
			if err != nil {
				log.Print(err)
				continue
			}
			if n++; n > most {
				return nil // this entry is not finished: it will come again
			}
			fmt.Println(e.Time().Format(time.DateTime))
		}
		return nil
	}
	for _, most := range []int{2, 1000} {
		fmt.Println("run")
		if err := run(most); err != nil {
			log.Print(err)
		}
	}
	// Output:
	// run
	// 2026-07-01 09:00:12
	// 2026-07-01 09:00:40
	// run
	// 2026-07-02 14:30:00
	// 2026-07-02 14:30:00
	// 2026-07-02 14:30:20
	// 2026-07-02 14:30:40
	// 2026-07-01 09:01:00
	// 2026-07-01 09:01:30
	// 2025-04-18 08:05:03
}

// A flushedStore has all entries on disk before the cursor that covers them. With a
// SaveOptions.Interval that is not negative, Save may be called while the loop writes, and
// the buffer needs a mutex.
type flushedStore struct {
	qlogs.CursorStore
	buf  *bufio.Writer
	file *os.File
}

func (s flushedStore) Save(ctx context.Context, c qlogs.Cursor) error {
	if err := errors.Join(s.buf.Flush(), s.file.Sync()); err != nil {
		return err
	}
	return s.CursorStore.Save(ctx, c)
}

// Write through a buffer, which is flushed and synced before each save.
func ExampleScan_SaveTo_buffered() {
	dir, err := os.MkdirTemp("", "qlogs-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file, err := os.OpenFile(filepath.Join(dir, "times"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	store := flushedStore{keep.CursorFile(filepath.Join(dir, "qlogs.cursor")), bufio.NewWriter(file), file}

	ctx := context.Background()
	scan := qlogs.New(source.FS("fs:", exampleFS()), nil).Scan(qlogs.Query{})
	scan.SaveTo(store, &qlogs.SaveOptions{Interval: -1})
	for e, err := range scan.Records(ctx) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		fmt.Fprintln(store.buf, e.Time().Format(time.DateTime))
	}
	written, err := os.ReadFile(file.Name())
	fmt.Print(string(written))
	if err != nil {
		log.Print(err)
	}
	// Output:
	// 2026-07-01 09:00:12
	// 2026-07-01 09:00:40
	// 2026-07-02 14:30:00
	// 2026-07-02 14:30:00
	// 2026-07-02 14:30:20
	// 2026-07-02 14:30:40
	// 2026-07-01 09:01:00
	// 2026-07-01 09:01:30
	// 2025-04-18 08:05:03
}

// Write each batch and the cursor that covers it in one file, by one rename: every
// entry is written exactly once, whatever ends the process.
func ExampleEntry_Cursor_file() {
	type batch struct {
		Cursor qlogs.Cursor
		Times  []time.Time
	}
	dir, err := os.MkdirTemp("", "qlogs-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name := func(n int) string { return filepath.Join(dir, fmt.Sprintf("batch-%06d.json", n)) }
	commit := func(n int, b batch) error {
		text, err := json.Marshal(b)
		if err != nil {
			return err
		}
		// To outlast a machine that stops, the file has to be synced before.
		if err := os.WriteFile(name(n)+".tmp", text, 0o600); err != nil {
			return err
		}
		return os.Rename(name(n)+".tmp", name(n))
	}
	run := func() error {
		var last batch
		n := 0
		for ; ; n++ { // the cursor of the last batch is where to go on
			text, err := os.ReadFile(name(n))
			if errors.Is(err, fs.ErrNotExist) {
				break
			}
			if err != nil {
				return err
			}
			if err := json.Unmarshal(text, &last); err != nil {
				return err
			}
		}
		fmt.Println(n, "batches are there")
		scan := qlogs.New(source.FS("fs:", exampleFS()), nil).Scan(qlogs.Query{After: last.Cursor})
		var next batch
		for e, err := range scan.Records(context.Background()) {
			if qlogs.EndsScan(err) {
				return err
			}
			if err != nil {
				log.Print(err)
				continue
			}
			next.Times, next.Cursor = append(next.Times, e.Time()), e.Cursor()
			if len(next.Times) == 2 {
				if err := commit(n, next); err != nil {
					return err
				}
				n, next = n+1, batch{}
			}
		}
		if len(next.Times) == 0 {
			return nil
		}
		next.Cursor = scan.Cursor()
		return commit(n, next)
	}
	for range 2 {
		if err := run(); err != nil {
			log.Print(err)
		}
	}
	// Output:
	// 0 batches are there
	// 5 batches are there
}
