//go:build unix

package qlogs_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// TestDirPipe: a named pipe that has taken a file's place has no writer to wait for.
func TestDirPipe(t *testing.T) {
	root := t.TempDir()
	name := filepath.Join(root, "file")
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	src := source.Dir(root)
	o := confFind(t, src, "file")
	if err := errors.Join(os.Remove(name), syscall.Mkfifo(name, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Open(t.Context(), o, 0); !errors.Is(err, qlogs.ErrChanged) {
		t.Errorf("Open = %v, want ErrChanged", err)
	}
}
