package qlogs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// crashRecords is after how many records the sinks of the crash test save, and
// so how many come again after a crash at most.
const crashRecords = 10

// A crashJob tells the process that is killed what to do.
type crashJob struct {
	Root    string // of the bucket
	Dir     string // for output and cursor
	Sink    string
	Follows bool // with Follow; else with one scan after another
	Once    bool // one scan that ends
	Hang    int  // the n-th write stops half way, until the process is killed
}

func (j crashJob) output() string { return filepath.Join(j.Dir, "output") }

func (j crashJob) store() qlogs.CursorStore { return keep.CursorFile(filepath.Join(j.Dir, "cursor")) }

// crashSinks are the ways to write that the test compares. Each returns when its
// sequence ends, and goes on where it stood when it is called again.
var crashSinks = map[string]func(j crashJob, client *qlogs.Client) error{
	"append": func(j crashJob, client *qlogs.Client) error { return crashAppend(j, client, nil) },
	"seeded": func(j crashJob, client *qlogs.Client) error { return crashAppend(j, client, keep.NewDedup(nil)) },
	"batch":  crashBatches,
}

// TestCrashChild is the process that is killed.
func TestCrashChild(t *testing.T) {
	arg := os.Getenv("QLOGS_CRASH_CHILD")
	if arg == "" {
		t.Skip("only runs as a process of another test")
	}
	var j crashJob
	if err := json.Unmarshal([]byte(arg), &j); err != nil {
		t.Fatal(err)
	}
	client := qlogs.New(source.Dir(j.Root), &qlogs.Options{PollInterval: time.Millisecond, SweepInterval: 4 * time.Millisecond})
	crashTell('b')
	for {
		if err := crashSinks[j.Sink](j, client); err != nil {
			t.Fatal(err)
		}
		if j.Once {
			return
		}
	}
}

// crashTell tells the parent what was done: 'b' for begun, 'w' for a record that was
// written, 's' and 'S' for a save that begins and ends, 'h' for a write that hangs.
func crashTell(what byte) { os.Stdout.Write([]byte{what}) }

// crashHang is called half way of each write.
func (j *crashJob) crashHang() {
	if j.Hang--; j.Hang == 0 {
		crashTell('h')
		select {}
	}
}

func (j crashJob) sequence(scan *qlogs.Scan) iter.Seq2[qlogs.Entry, error] {
	if j.Follows && !j.Once {
		return scan.Follow(context.Background())
	}
	return scan.Records(context.Background())
}

// A crashStore tells of its saves.
type crashStore struct{ qlogs.CursorStore }

func (s crashStore) Save(ctx context.Context, c qlogs.Cursor) error {
	crashTell('s')
	defer crashTell('S')
	return s.CursorStore.Save(ctx, c)
}

// crashAppend appends each record's identity to a file, and keeps its cursor in
// another. With a Dedup it seeds that from the file.
func crashAppend(j crashJob, client *qlogs.Client, dedup *keep.Dedup) error {
	out, err := os.OpenFile(j.output(), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	written, err := crashCut(out)
	if err != nil {
		return err
	}
	store := crashStore{j.store()}
	after, err := store.Load(context.Background())
	if err != nil {
		return err
	}
	scan := client.Scan(qlogs.Query{After: after})
	seq := j.sequence(scan)
	if dedup != nil {
		dedup.Seed(written...)
		seq = dedup.Records(seq)
	}
	opts := &qlogs.SaveOptions{Records: crashRecords, Interval: 3 * time.Millisecond}
	scan.SaveTo(store, opts)
	for e, err := range seq {
		if crashDamaged(err) {
			continue
		}
		if err != nil {
			return err
		}
		line, err := json.Marshal(e.Identity())
		if err != nil {
			return err
		}
		line = append(line, '\n')
		_, err = out.Write(line[:len(line)/2])
		j.crashHang()
		if err == nil {
			_, err = out.Write(line[len(line)/2:])
		}
		if err != nil {
			return err
		}
		crashTell('w')
	}
	return nil
}

// crashDamaged tells whether err is of a record that was damaged on purpose.
func crashDamaged(err error) bool {
	var object *qlogs.ObjectError
	return errors.As(err, &object) && object.Index >= 0
}

// crashCut returns what a file holds, and cuts a last line without its end off.
func crashCut(f *os.File) ([]qlogs.Identity, error) {
	data, err := os.ReadFile(f.Name())
	if err != nil {
		return nil, err
	}
	end := bytes.LastIndexByte(data, '\n') + 1
	if err := f.Truncate(int64(end)); err != nil {
		return nil, err
	}
	return crashLines(data[:end])
}

func crashLines(data []byte) (ids []qlogs.Identity, err error) {
	for line := range bytes.Lines(data) {
		var id qlogs.Identity
		if err := json.Unmarshal(line, &id); err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// A crashBatch is written with its cursor, by one rename.
type crashBatch struct {
	Cursor  qlogs.Cursor
	Records []qlogs.Identity
}

func crashReadBatches(dir string) (list []crashBatch, err error) {
	for {
		var b crashBatch
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("batch-%06d", len(list))))
		if errors.Is(err, fs.ErrNotExist) {
			return list, nil
		}
		if err == nil {
			err = json.Unmarshal(data, &b)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
}

// crashBatches writes batches.
func crashBatches(j crashJob, client *qlogs.Client) error {
	list, err := crashReadBatches(j.Dir)
	if err != nil {
		return err
	}
	n, next := len(list), crashBatch{}
	if n > 0 {
		next.Cursor = list[n-1].Cursor
	}
	commit := func(c qlogs.Cursor) error {
		next.Cursor = c
		data, err := json.Marshal(next)
		if err != nil {
			return err
		}
		name := filepath.Join(j.Dir, fmt.Sprintf("batch-%06d", n))
		crashTell('s')
		defer crashTell('S')
		if err := os.WriteFile(name+".tmp", data, 0o600); err != nil {
			return err
		}
		j.crashHang()
		if err := os.Rename(name+".tmp", name); err != nil {
			return err
		}
		n, next = n+1, crashBatch{}
		return nil
	}
	scan := client.Scan(qlogs.Query{After: next.Cursor})
	for e, err := range j.sequence(scan) {
		if crashDamaged(err) {
			continue
		}
		if err != nil {
			return err
		}
		next.Records = append(next.Records, e.Identity())
		crashTell('w')
		if len(next.Records) == crashRecords {
			if err := commit(e.Cursor()); err != nil {
				return err
			}
		}
	}
	if len(next.Records) == 0 {
		return nil
	}
	return commit(scan.Cursor())
}

// A crashPlace is one record of the bucket.
type crashPlace struct {
	key   string
	index int
}

// A crashBucket is a directory to which objects are added, each by a rename, while
// others read it. It knows all records that a reader has to find.
type crashBucket struct {
	t             *testing.T
	root, staging string
	rng           *rand.Rand
	hour          time.Time
	objects, late int
	want          map[crashPlace]string // request ids
}

func newCrashBucket(t *testing.T, rng *rand.Rand) *crashBucket {
	t.Helper()
	dir := t.TempDir()
	b := &crashBucket{
		t: t, rng: rng, hour: time.Date(2025, 3, 2, 9, 0, 0, 0, time.UTC), want: map[crashPlace]string{},
		root: filepath.Join(dir, "bucket"), staging: filepath.Join(dir, "staging"),
	}
	for _, dir := range []string{b.root, b.staging} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for range 15 {
		b.add()
		b.hour = b.hour.Add(time.Duration(b.rng.IntN(2)) * time.Hour)
	}
	return b
}

// add adds an object at any minute of the hour, or late: of the hour before.
func (b *crashBucket) add() {
	b.t.Helper()
	minute := b.hour.Add(time.Duration(b.rng.IntN(60)) * time.Minute)
	if b.rng.IntN(3) == 0 {
		minute = minute.Add(-time.Hour)
		b.late++
	}
	p := contractPartition()
	if b.rng.IntN(2) == 0 {
		p.Product = path.QDeveloperLogs
	}
	key := contractKey(p, minute, b.rng.IntN(1e9))
	name := filepath.Join(b.root, filepath.FromSlash(key))
	if _, err := os.Stat(name); err == nil { // once in a blue moon
		return
	}
	var records []string
	for i := range 1 + b.rng.IntN(5) {
		id := fmt.Sprintf("id-%d-%d", b.objects, i)
		switch b.rng.IntN(12) {
		case 0:
			records = append(records, `{"generateAssistantResponseEventRequest":"never"}`)
			continue
		case 1:
			id = ""
			records = append(records, contractTimeless(""))
		default:
			records = append(records, contractChat(id, minute.Add(time.Duration(i)*time.Second)))
		}
		b.want[crashPlace{key, i}] = id
	}
	b.objects++
	staged := filepath.Join(b.staging, "object")
	if err := errors.Join(os.WriteFile(staged, contractGzip(contractFile(records...)), 0o600),
		os.MkdirAll(filepath.Dir(name), 0o700), os.Rename(staged, name)); err != nil {
		b.t.Error(err)
	}
}
