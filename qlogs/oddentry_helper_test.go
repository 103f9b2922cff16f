package qlogs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// The odd entries are tried in a tree of one object in each of the hours 09 to 14 of two
// partitions, the first of which is in the account 111122223333.
const oddHours = 6

var oddPartitions = []path.Partition{confPartition("", path.GenerateAssistantResponse), confPartition("", path.GenerateCompletions)}

func oddKey(p path.Partition, hour int) string {
	return p.NewKey(confStart().Add(time.Duration(hour)*time.Hour), "0000").String()
}

// oddHour is an hour folder of the first partition, with its final slash.
func oddHour(hour int) string {
	key := oddKey(oddPartitions[0], hour)
	return key[:strings.LastIndexByte(key, '/')+1]
}

// oddTree writes the tree below root.
func oddTree(t *testing.T, root string) {
	t.Helper()
	for _, p := range oddPartitions {
		for i := range oddHours {
			oddWrite(t, root, oddKey(p, i))
		}
	}
}

// oddWrite writes an object whose record's id is its key.
func oddWrite(t *testing.T, root, key string) {
	t.Helper()
	name := filepath.Join(root, filepath.FromSlash(key))
	k, err := path.Parse(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, confChat(key, k.Hour), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// An oddResult is what a loop got: ids in order, and the names that errors are of.
type oddResult struct {
	ids    []string
	errs   []string
	reason []error
	final  bool // an object is not Retryable
}

// oddRead reads all, and checks that nothing ends the loop.
func oddRead(t *testing.T, s *qlogs.Scan) oddResult {
	t.Helper()
	var got oddResult
	for e, err := range s.Records(t.Context()) {
		var object *qlogs.ObjectError
		var partition *qlogs.PartitionError
		switch {
		case err == nil:
			got.ids = append(got.ids, e.Record.RequestID())
			continue
		case errors.As(err, &object):
			got.errs = append(got.errs, object.Key)
			got.final = got.final || !object.Retryable
		case errors.As(err, &partition):
			got.errs = append(got.errs, partition.Prefix)
		default:
			t.Errorf("the loop ended with %v", err)
		}
		got.reason = append(got.reason, err)
	}
	contractSums(t, s.Stats())
	return got
}

// oddKeys are all keys of the tree, less those that begin with one of the prefixes.
func oddKeys(less ...string) []string {
	var keys []string
	for _, p := range oddPartitions {
		for i := range oddHours {
			key := oddKey(p, i)
			if !slices.ContainsFunc(less, func(prefix string) bool { return prefix != "" && strings.HasPrefix(key, prefix) }) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// An oddFS is a file system whose directories and entries fail.
type oddFS struct {
	fs.FS
	partial bool // ReadDir returns all but its last entry with the error

	mu    sync.Mutex
	fails map[string]error // what ReadDir and Info of a name say
}

// mend ends the failing of a name.
func (f *oddFS) mend(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.fails, name)
}

func (f *oddFS) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(f.FS, name)
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, e := range list {
		if failed := f.fails[strings.TrimPrefix(fmt.Sprintf("%s/%s", name, e.Name()), "./")]; failed != nil && !e.IsDir() {
			list[i] = oddEntry{e, failed}
		}
	}
	if failed := f.fails[name]; failed != nil {
		if f.partial {
			return list[:len(list)-1], failed
		}
		return nil, failed
	}
	return list, err
}

type oddEntry struct {
	fs.DirEntry
	err error
}

func (e oddEntry) Info() (fs.FileInfo, error) { return nil, e.err }
