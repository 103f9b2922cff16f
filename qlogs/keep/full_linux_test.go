package keep_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

// inside runs the test in a process of its own, and reports whether this is that. The limit of
// a file's size is one of the whole process, and testing writes files too.
func inside(t *testing.T) bool {
	t.Helper()
	const name = "QLOGS_TEST_FULL"
	if os.Getenv(name) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), name+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	return false
}

// full runs f while files can grow to size bytes and no further, as on a disk that is full.
func full(t *testing.T, size uint64, f func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Skip(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: before.Max}); err != nil {
		t.Skip(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Error(err)
		}
	}()
	f()
}

// Where the disk is full, Save leaves the old cursor, and nothing beside it.
func TestCursorFileDiskFull(t *testing.T) {
	if !inside(t) {
		return
	}
	testutil.NoLeaks(t)
	cursors := cursorFileCursors(t, 2)
	dir := t.TempDir()
	name := filepath.Join(dir, "cursor")
	cursorFileSave(t, name, cursors[0])
	var err error
	full(t, 10, func() { err = keep.CursorFile(name).Save(t.Context(), cursors[1]) })
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("Save: %v, want %v", err, syscall.EFBIG)
	}
	if got := cursorFileLoad(t, name); got.String() != cursors[0].String() {
		t.Errorf("Load after it = %v, want the one before", got)
	}
	if names, err := os.ReadDir(dir); len(names) != 1 || err != nil {
		t.Errorf("the directory has %v (%v), want the cursor alone", names, err)
	}
}

// Where the disk is full, Put says so, and what it has written of the line is no letter.
func TestDeadLetterFileDiskFull(t *testing.T) {
	if !inside(t) {
		return
	}
	testutil.NoLeaks(t)
	name := filepath.Join(t.TempDir(), "letters")
	file := keep.DeadLetterFile(name)
	if err := file.Put(t.Context(), letterNumber(1)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range []uint64{0, 10} {
		full(t, uint64(info.Size())+more, func() { err = file.Put(t.Context(), letterNumber(2)) })
		if !errors.Is(err, syscall.EFBIG) {
			t.Errorf("Put with %d bytes left: %v, want %v", more, err, syscall.EFBIG)
		}
		lettersWant(t, "after it", name, letterNumber(1))
	}
	if err := file.Put(t.Context(), letterNumber(2)); err != nil {
		t.Error(err)
	}
	lettersWant(t, "with room again", name, letterNumber(1), letterNumber(2))
	full(t, 10, func() { err = file.Remove(t.Context(), letterNumber(1)) })
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("Remove: %v, want %v", err, syscall.EFBIG)
	}
	lettersWant(t, "after Remove", name, letterNumber(1), letterNumber(2))
}
