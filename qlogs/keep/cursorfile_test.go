package keep_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

// cursorFileCursors returns so many cursors of one scan, all of them different.
func cursorFileCursors(t *testing.T, n int) []qlogs.Cursor {
	t.Helper()
	scan := scanOf(bucketOf(n + 1))
	var list []qlogs.Cursor
	for e, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.Cursor())
	}
	return list[:n]
}

func cursorFileLoad(t *testing.T, name string) qlogs.Cursor {
	t.Helper()
	c, err := keep.CursorFile(name).Load(t.Context())
	if err != nil {
		t.Fatalf("Load of %q: %v", name, err)
	}
	return c
}

func cursorFileSave(t *testing.T, name string, c qlogs.Cursor) {
	t.Helper()
	if err := keep.CursorFile(name).Save(t.Context(), c); err != nil {
		t.Fatalf("Save to %q: %v", name, err)
	}
}

func TestCursorFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "cursor")
	if c := cursorFileLoad(t, name); !c.IsZero() {
		t.Errorf("Load without a file = %v, want the zero Cursor", c)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load has made the file: Stat: %v", err)
	}
	cursors := append(cursorFileCursors(t, 3), qlogs.Cursor{})
	for i, c := range cursors {
		cursorFileSave(t, name, c)
		if got := cursorFileLoad(t, name); got.String() != c.String() || got.IsZero() != c.IsZero() {
			t.Errorf("cursor %d: Load = %v, want %v", i, got, c)
		}
		text, err := os.ReadFile(name)
		if err != nil || string(text) != c.String()+"\n" {
			t.Errorf("cursor %d: the file has %q (%v), want the cursor's text and a newline", i, text, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 {
			t.Errorf("cursor %d: %d files in the directory (%v), want 1", i, len(entries), err)
		}
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode(); mode != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode of the file is %v, want 0600", mode)
	}
}

// A damaged file is never taken for another position, nor for the start.
func TestCursorFileDamaged(t *testing.T) {
	name := filepath.Join(t.TempDir(), "cursor")
	want := cursorFileCursors(t, 1)[0]
	cursorFileSave(t, name, want)
	sound, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	damaged := map[string][]byte{
		"zeros":       make([]byte, len(sound)),
		"another one": []byte("[default]\nregion = us-east-1\n"),
		"twice":       append(sound[:len(sound):len(sound)], sound...),
	}
	step := testutil.Pick(7, 1)
	for i := 0; i < len(sound)-1; i += step { // a newline that is missing is no damage
		damaged[fmt.Sprintf("cut at %d", i)] = sound[:i]
	}
	for i := 0; i < len(sound); i += step {
		flipped := append([]byte(nil), sound...)
		flipped[i] ^= 1
		damaged[fmt.Sprintf("bit of byte %d", i)] = flipped
	}
	for what, data := range damaged {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := keep.CursorFile(name).Load(t.Context())
		switch {
		case err == nil:
			t.Errorf("%s: Load = %v, want an error", what, c)
		case !c.IsZero():
			t.Errorf("%s: Load returns %v with its error", what, c)
		case !strings.HasPrefix(err.Error(), "keep: ") && !strings.HasPrefix(err.Error(), "qlogs: ") || !strings.Contains(err.Error(), fmt.Sprintf("restore %q from a copy, or remove it", name)):
			t.Errorf("%s: Load: %v, want the file and what to do", what, err)
		}
	}
	for _, end := range []string{"", "\r\n"} { // an editor's doing
		if err := os.WriteFile(name, []byte(want.String()+end), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := cursorFileLoad(t, name); got.String() != want.String() {
			t.Errorf("with %q at its end: Load = %v, want %v", end, got, want)
		}
	}
}

// Without its directory, a file that is missing is no start from the beginning.
func TestCursorFileNoDirectory(t *testing.T) {
	name := filepath.Join(t.TempDir(), "volume", "cursor")
	_, err := keep.CursorFile(name).Load(t.Context())
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "make it, or mount it") {
		t.Errorf("Load: %v, want one that wraps fs.ErrNotExist and tells what to do", err)
	}
	if err := keep.CursorFile(name).Save(t.Context(), qlogs.Cursor{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Save: %v, want %v", err, fs.ErrNotExist)
	}
	if _, err := keep.CursorFile(t.TempDir()).Load(t.Context()); err == nil {
		t.Error("Load of a directory: no error")
	}
}

// What an interrupted Save leaves is no cursor, and the next one replaces it.
func TestCursorFileInterrupted(t *testing.T) {
	cursors := cursorFileCursors(t, 2)
	dir := t.TempDir()
	name, victim := filepath.Join(dir, "cursor"), filepath.Join(dir, "victim")
	cursorFileSave(t, name, cursors[0])
	leftovers := map[string]func() error{
		"empty":  func() error { return os.WriteFile(name+".tmp", nil, 0o400) },
		"cut":    func() error { return os.WriteFile(name+".tmp", []byte(cursors[1].String()[:30]), 0o644) },
		"longer": func() error { return os.WriteFile(name+".tmp", []byte(strings.Repeat("x", 10_000)), 0o600) },
		"link": func() error {
			if runtime.GOOS == "windows" {
				return nil
			}
			return os.Symlink(victim, name+".tmp")
		},
	}
	for what, leave := range leftovers {
		cursorFileSave(t, name, cursors[0])
		if err := errors.Join(os.WriteFile(victim, []byte("mine"), 0o600), leave()); err != nil {
			t.Fatal(err)
		}
		if got := cursorFileLoad(t, name); got.String() != cursors[0].String() {
			t.Errorf("%s: Load = %v, want the one before", what, got)
		}
		cursorFileSave(t, name, cursors[1])
		if got := cursorFileLoad(t, name); got.String() != cursors[1].String() {
			t.Errorf("%s: Load after Save = %v, want the new one", what, got)
		}
		if got, err := os.ReadFile(victim); string(got) != "mine" {
			t.Errorf("%s: Save wrote %q (%v) through a link", what, got, err)
		}
	}
}

func TestCursorFileSaveFails(t *testing.T) {
	cursors := cursorFileCursors(t, 2)
	name := filepath.Join(t.TempDir(), "cursor")
	cursorFileSave(t, name, cursors[0])
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("told to end")
	cancel(cause)
	if err := keep.CursorFile(name).Save(ctx, cursors[1]); !errors.Is(err, cause) {
		t.Errorf("Save with a context that is done: %v, want %v", err, cause)
	}
	if _, err := keep.CursorFile(name).Load(ctx); !errors.Is(err, cause) {
		t.Errorf("Load with a context that is done: %v, want %v", err, cause)
	}
	// A directory in the place of the file that is renamed cannot be removed.
	if err := os.MkdirAll(filepath.Join(name+".tmp", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := keep.CursorFile(name).Save(t.Context(), cursors[1])
	if err == nil || !strings.HasPrefix(err.Error(), "keep: save cursor: ") || !strings.Contains(err.Error(), name) {
		t.Errorf("Save where it cannot write: %v, want an error with the file's name", err)
	}
	if got := cursorFileLoad(t, name); got.String() != cursors[0].String() {
		t.Errorf("Load after a failed Save = %v, want the one before", got)
	}
}

// Save does not replace a directory, and leaves nothing beside it.
func TestCursorFileIsDirectory(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "cursor")
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := keep.CursorFile(name).Save(t.Context(), cursorFileCursors(t, 1)[0]); err == nil {
		t.Error("Save in the place of a directory: no error")
	}
	if names, err := os.ReadDir(dir); len(names) != 1 || err != nil {
		t.Errorf("beside the directory lies %v (%v), want nothing", names, err)
	}
}

func TestCursorFileConcurrent(t *testing.T) {
	cursors := cursorFileCursors(t, 8)
	store := keep.CursorFile(filepath.Join(t.TempDir(), "cursor"))
	known := map[string]bool{"": true}
	for _, c := range cursors {
		known[c.String()] = true
	}
	var wg sync.WaitGroup
	for _, c := range cursors {
		wg.Go(func() {
			for range 5 {
				if err := store.Save(t.Context(), c); err != nil {
					t.Error(err)
				}
				if got, err := store.Load(t.Context()); err != nil || !known[got.String()] || got.IsZero() {
					t.Errorf("Load = %v, %v, want one of those that were saved", got, err)
				}
			}
		})
	}
	wg.Wait()
}
