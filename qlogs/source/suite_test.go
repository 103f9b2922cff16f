package source_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// suiteClock returns a later time with each call: the clock of a file system can be too coarse
// to tell two writes apart.
func suiteClock(n *atomic.Int64) time.Time { return time.Unix(1_700_000_000+n.Add(1), 0) }

func TestDirKeepsContract(t *testing.T) {
	sourcetest.Test(t, func(t *testing.T, objects map[string][]byte) sourcetest.Store {
		root := t.TempDir()
		name := func(key string) string { return filepath.Join(root, filepath.FromSlash(key)) }
		var clock atomic.Int64
		put := func(_ context.Context, key string, body []byte) error {
			if err := os.MkdirAll(filepath.Dir(name(key)), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(name(key), body, 0o600); err != nil {
				return err
			}
			written := suiteClock(&clock)
			return os.Chtimes(name(key), written, written)
		}
		for key, body := range objects {
			if runtime.GOOS == "windows" && strings.ContainsAny(key, `"<>?*|:`) {
				t.Skip("Windows has no files of such names")
			}
			if err := put(t.Context(), key, body); err != nil {
				t.Fatal(err)
			}
		}
		return sourcetest.Store{
			Source:  source.Dir(root),
			Put:     put,
			Delete:  func(_ context.Context, key string) error { return os.Remove(name(key)) },
			Missing: source.Dir(filepath.Join(root, "no-such-dir")),
			Deny:    func(t *testing.T, prefix string) source.Source { return denyDir(t, root, name(prefix)) },
		}
	})
}

// denyDir takes the rights from a file, or from the root.
func denyDir(t *testing.T, root, name string) source.Source {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("rights bind neither root, as whom tests run in containers, nor anybody on Windows")
	}
	info, err := os.Stat(name)
	if err == nil {
		err = os.Chmod(name, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(name, info.Mode()) })
	return source.Dir(root)
}

// A lockedFS is a file system in memory that can change while it is read.
type lockedFS struct {
	mu     sync.Mutex
	files  fstest.MapFS
	denied func(name string) bool
}

func (l *lockedFS) Open(name string) (fs.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.denied != nil && l.denied(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.files.Open(name)
}

func TestFSKeepsContract(t *testing.T) {
	sourcetest.Test(t, func(t *testing.T, objects map[string][]byte) sourcetest.Store {
		fsys := &lockedFS{files: fstest.MapFS{}}
		var clock atomic.Int64
		put := func(_ context.Context, key string, body []byte) error {
			fsys.mu.Lock()
			defer fsys.mu.Unlock()
			fsys.files[key] = &fstest.MapFile{Data: body, ModTime: suiteClock(&clock)}
			return nil
		}
		for key, body := range objects {
			if err := put(t.Context(), key, body); err != nil {
				t.Fatal(err)
			}
		}
		return sourcetest.Store{
			Source: source.FS("fs://test", fsys),
			Put:    put,
			Delete: func(_ context.Context, key string) error {
				fsys.mu.Lock()
				defer fsys.mu.Unlock()
				delete(fsys.files, key)
				return nil
			},
			Missing: source.FS("fs://missing", os.DirFS(filepath.Join(t.TempDir(), "no-such-dir"))),
			Deny: func(_ *testing.T, prefix string) source.Source {
				return source.FS("fs://denied", &lockedFS{files: fsys.files, denied: func(name string) bool {
					return strings.HasPrefix(name, strings.TrimSuffix(prefix, "/"))
				}})
			},
		}
	})
}
