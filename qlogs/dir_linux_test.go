package qlogs_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// lease takes or gives back a write lease, which file servers have on files that they
// keep changes of, and which whoever opens the file makes them give up.
func lease(f *os.File, kind uintptr) error {
	const setLease = 1024
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	err = conn.Control(func(fd uintptr) { _, _, errno = syscall.Syscall(syscall.SYS_FCNTL, fd, setLease, kind) })
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}

// TestDirLease: a file that somebody has to give up first is waited for.
func TestDirLease(t *testing.T) {
	root := t.TempDir()
	f, err := os.Create(filepath.Join(root, "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("12345"); err != nil {
		t.Fatal(err)
	}
	src := source.Dir(root)
	o := confFind(t, src, "file")
	if err := lease(f, syscall.F_WRLCK); errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EOPNOTSUPP) {
		t.Skip("the file system has no leases")
	} else if err != nil {
		t.Fatal(err)
	}
	given := time.AfterFunc(50*time.Millisecond, func() {
		if err := lease(f, syscall.F_UNLCK); err != nil {
			t.Error(err)
		}
	})
	defer given.Stop()
	if body, err := confReadAll(t.Context(), src, o, 0); err != nil || string(body) != "12345" {
		t.Errorf("Open = %q, %v, want 12345", body, err)
	}
}
