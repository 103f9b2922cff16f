package keep_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/keep"
)

// TestStateFilesThroughLinks: the file that a link leads to is read and replaced, and the
// link stays. One that leads to no file is an error.
func TestStateFilesThroughLinks(t *testing.T) {
	cursors := cursorFileCursors(t, 2)
	for _, tt := range []struct {
		name   string
		links  map[string]string // by name below the root
		state  string
		target string // none if empty
		file   bool   // the target is there before
	}{
		{"a link", map[string]string{"state": "data/file"}, "state", "data/file", true},
		{"a link to a link", map[string]string{"state": "data/link", "data/link": "../other/file"}, "state", "other/file", true},
		{"a link in a linked directory", map[string]string{"dir": "other", "other/state": "../data/file"}, "dir/state", "data/file", true},
		{"a file in a linked directory", map[string]string{"dir": "data"}, "dir/file", "data/file", true},
		{"a new file in a linked directory", map[string]string{"dir": "data"}, "dir/file", "data/file", false},
		{"no link", nil, "data/file", "data/file", false},
		{"a link to nothing", map[string]string{"state": "data/file"}, "state", "", false},
		{"a link to nothing in a directory that is missing", map[string]string{"state": "missing/file"}, "state", "", false},
		{"a link to itself", map[string]string{"state": "state"}, "state", "", false},
		{"a circle", map[string]string{"state": "data/link", "data/link": "../state"}, "state", "", false},
		{"a file in a linked directory that is missing", map[string]string{"dir": "missing"}, "dir/file", "", false},
	} {
		for _, kind := range []string{"cursor", "letters"} {
			t.Run(tt.name+", "+kind, func(t *testing.T) {
				root := t.TempDir()
				at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
				if err := errors.Join(os.Mkdir(at("data"), 0o755), os.Mkdir(at("other"), 0o755)); err != nil {
					t.Fatal(err)
				}
				for name, target := range tt.links {
					if filepath.Dir(name) == "." {
						if err := os.Symlink(target, at(name)); err != nil {
							t.Skipf("this system cannot make links: %v", err)
						}
					}
				}
				for name, target := range tt.links {
					if filepath.Dir(name) != "." {
						if err := os.Symlink(target, at(name)); err != nil {
							t.Fatal(err)
						}
					}
				}
				store, letters := keep.CursorFile(at(tt.state)), keep.DeadLetterFile(at(tt.state))
				if tt.target == "" {
					_, load := store.Load(t.Context())
					save, put, remove := store.Save(t.Context(), cursors[0]), letters.Put(t.Context(), letterNumber(0)), letters.Remove(t.Context(), letterNumber(0))
					_, errs := lettersIn(t, at(tt.state))
					if load == nil || save == nil || put == nil || remove == nil || len(errs) != 1 {
						t.Errorf("Load: %v, Save: %v, Put: %v, Remove: %v, All: %q, want an error of each", load, save, put, remove, errs)
					}
				} else if kind == "cursor" {
					if tt.file {
						cursorFileSave(t, at(tt.target), cursors[0])
						if got := cursorFileLoad(t, at(tt.state)); got.String() != cursors[0].String() {
							t.Errorf("Load = %v, want that of the target", got)
						}
					}
					cursorFileSave(t, at(tt.state), cursors[1])
					if got := cursorFileLoad(t, at(tt.target)); got.String() != cursors[1].String() {
						t.Errorf("the target has %v, want what was saved", got)
					}
				} else {
					var want []keep.DeadLetter
					if tt.file {
						letterPut(t, at(tt.target), letterNumber(0))
						want = append(want, letterNumber(0))
					}
					letterPut(t, at(tt.state), letterNumber(1), letterNumber(2))
					letterRemove(t, at(tt.state), letterNumber(2))
					lettersWant(t, "the target", at(tt.target), append(want, letterNumber(1))...)
					lettersWant(t, "the link", at(tt.state), append(want, letterNumber(1))...)
				}
				for name, target := range tt.links {
					if got, err := os.Readlink(at(name)); got != target || err != nil {
						t.Errorf("the link %s leads to %q (%v), want %q", name, got, err, target)
					}
				}
				for _, name := range []string{"state.tmp", "data/file.tmp", "other/file.tmp"} {
					if _, err := os.Lstat(at(name)); !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("%s was left behind: %v", name, err)
					}
				}
			})
		}
	}
}
