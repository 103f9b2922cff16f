package qlogs_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// TestDirFileGrows: a large file that becomes longer while it is streamed has
// changed, and is not taken for a damaged one.
func TestDirFileGrows(t *testing.T) {
	key := cursorKey(cursorChats, 0)
	root := t.TempDir()
	name := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	body := cursorLarge(cursorRecord("a", 0), cursorRecord("b", 1), cursorRecord("c", 2))
	if err := os.WriteFile(name, body, 0o644); err != nil {
		t.Fatal(err)
	}
	s := qlogs.New(source.Dir(root), nil).Scan(qlogs.Query{})
	var last error
	for _, err := range s.Records(t.Context()) {
		if last == nil && err == nil {
			if err := os.Truncate(name, int64(len(body)+1<<20)); err != nil {
				t.Fatal(err)
			}
		}
		last = err
	}
	var object *qlogs.ObjectError
	if !errors.Is(last, qlogs.ErrChanged) || errors.Is(last, qlogs.ErrCorruptGzip) || !errors.As(last, &object) || object.Op != "read" {
		t.Errorf("last pair has the error %v, want an *ObjectError of ErrChanged alone", last)
	}
}
