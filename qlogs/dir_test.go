package qlogs_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// TestDirKeysBelowRoot: no key leads out of the directory.
func TestDirKeysBelowRoot(t *testing.T) {
	top := t.TempDir()
	root := filepath.Join(top, "root")
	if err := errors.Join(os.Mkdir(root, 0o755), os.WriteFile(filepath.Join(top, "file"), []byte("12345"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"../file", "", "/file", "a//file", "a/../../file", filepath.ToSlash(filepath.Join(top, "file"))} {
		_, err := source.Dir(root).Open(t.Context(), qlogs.Object{Key: key, Size: 5}, 0)
		var place *fs.PathError
		if !errors.Is(err, fs.ErrInvalid) || !errors.As(err, &place) || place.Path != key {
			t.Errorf("Open(%q) = %v, want fs.ErrInvalid of that key", key, err)
		}
	}
	if _, err := source.Dir("").Open(t.Context(), qlogs.Object{Key: "file"}, 0); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("Open in a directory without a name = %v, want fs.ErrInvalid", err)
	}
	_, err := source.Dir(root).Open(t.Context(), qlogs.Object{Key: "a/b"}, 0)
	var place *fs.PathError
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &place) || place.Path != "a/b" {
		t.Errorf("Open of what is not there = %v, want fs.ErrNotExist of the key", err)
	}
}

// TestDirRead: a file ends with its last byte or after it, as its reader has room.
func TestDirRead(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "file"), []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	src := source.Dir(root)
	o := confFind(t, src, "file")
	for _, tt := range []struct {
		offset int64
		room   int
		n      int
		err    error
	}{
		{0, 4, 4, nil},
		{0, 5, 5, nil},
		{0, 6, 5, io.EOF},
		{2, 3, 3, nil},
		{5, 1, 0, io.EOF},
	} {
		rc, err := src.Open(t.Context(), o, tt.offset)
		if err != nil {
			t.Fatal(err)
		}
		n, err := rc.Read(make([]byte, tt.room))
		if n != tt.n || err != tt.err {
			t.Errorf("Read of %d bytes at %d = %d, %v, want %d, %v", tt.room, tt.offset, n, err, tt.n, tt.err)
		}
		if more, err := io.ReadAll(rc); err != nil || !bytes.Equal(more, []byte("12345")[int(tt.offset)+n:]) {
			t.Errorf("Read on after %d bytes = %q, %v, want the rest", n, more, err)
		}
		rc.Close()
	}
}
