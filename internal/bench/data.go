package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/gzip"

	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// The kinds of data.
const (
	// mixed is a bucket as it is: sizes by a log-normal distribution with a tail
	// to 800 KB, source code and prose, mostly one record, 70 % of Kiro's prompts
	// empty, about 6,500 objects a day.
	mixed = "mixed"

	// small is those of its objects that are about 2 KB decompressed.
	small = "small"

	// large is chats with prompts of 100 KB.
	large = "large"

	// big is one object of many records of all sizes.
	big = "big"
)

// dataSpec is what is written into a directory.
type dataSpec struct {
	Kind string `json:"kind"`
	N    int64  `json:"n"` // objects, or bytes of the big one
	Dir  string `json:"-"`
}

// dataset is what was written.
type dataset struct {
	dataSpec
	Objects int64  `json:"objects"`
	Stored  int64  `json:"stored"` // bytes
	Totals  totals `json:"totals"` // what the generator says that it wrote
}

func (d dataset) root() string { return filepath.Join(d.Dir, "objects") }
func (d dataset) keys() string { return filepath.Join(d.Dir, "keys") }

const (
	seed      = 1
	perDay    = 6500 // of a real bucket of 47 users
	users     = 47
	smallFrom = 1600 // decompressed bytes
	smallTo   = 2400
)

func mixedConfig(objects int) qlogstest.Config {
	return qlogstest.Config{Seed: seed, Objects: objects, Days: (objects + perDay - 1) / perDay, Users: users}
}

// writeArg is the argument of a process that writes data.
type writeArg struct {
	Spec dataSpec `json:"spec"`
	Dir  string   `json:"dir"`
}

// writeData makes the data, in a process of its own: it takes memory.
func writeData(a writeArg) error {
	d := dataset{dataSpec: a.Spec}
	d.Dir = a.Dir
	w := dataWriter{dataset: &d, tally: tally{}}
	var err error
	switch d.Kind {
	case mixed:
		err = w.all(qlogstest.Generate(mixedConfig(int(d.N))))
	case small:
		err = w.all(smallObjects(int(d.N)))
	case large:
		err = w.largeObjects(int(d.N))
	case big:
		err = w.bigObject(d.N)
	default:
		err = fmt.Errorf("no data of kind %q", d.Kind)
	}
	if err != nil {
		return fmt.Errorf("write %s data: %w", d.Kind, err)
	}
	return w.finish()
}

type dataWriter struct {
	*dataset
	tally tally
	names []string
}

func (w *dataWriter) all(objs iter.Seq[qlogstest.Object]) error {
	for o := range objs {
		for _, r := range o.Records {
			w.tally.add(string(r.UserID), r.PromptBytes)
		}
		if err := w.file(o.Key, func(f io.Writer) error { _, err := f.Write(o.Body); return err }); err != nil {
			return err
		}
	}
	return nil
}

// file writes one object.
func (w *dataWriter) file(key string, write func(io.Writer) error) error {
	name := filepath.Join(w.root(), filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(write(b), b.Flush()); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w.names = append(w.names, key)
	w.Objects++
	w.Stored += info.Size()
	return f.Close()
}

// finish writes the list of keys and what the data is.
func (w *dataWriter) finish() error {
	slices.Sort(w.names)
	var list bytes.Buffer
	for _, name := range w.names {
		list.WriteString(name + "\n")
	}
	w.Totals = *w.tally.totals()
	text, err := json.Marshal(w.dataset)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(w.keys(), list.Bytes(), 0o644), os.WriteFile(filepath.Join(w.Dir, "dataset.json"), text, 0o644))
}

// smallObjects are those of the mixed ones that have the size.
func smallObjects(n int) iter.Seq[qlogstest.Object] {
	return func(yield func(qlogstest.Object) bool) {
		for o := range qlogstest.Generate(qlogstest.Config{Seed: seed + 1, Objects: 100 * n, Days: (n + perDay - 1) / perDay, Users: users}) {
			if size := inflatedSize(o.Body); size < smallFrom || size > smallTo {
				continue
			}
			if !yield(o) {
				return
			}
			if n--; n == 0 {
				return
			}
		}
	}
}

func inflatedSize(body []byte) int {
	zr, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return 0
	}
	n, _ := io.Copy(io.Discard, zr) // what is damaged is not small either
	return int(n)
}

// loadData returns the data of a directory, if it is what is wanted.
func loadData(spec dataSpec) (dataset, error) {
	d := dataset{}
	text, err := os.ReadFile(filepath.Join(spec.Dir, "dataset.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return d, err
	} else if err != nil {
		return d, fmt.Errorf("data of an earlier run: %w", err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("data of an earlier run in %s: %w: remove the directory", spec.Dir, err)
	}
	d.Dir = spec.Dir
	return d, nil
}
