package keep_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

func letterNumber(n int) keep.DeadLetter {
	return keep.DeadLetter{
		Object: qlogs.Object{Key: fmt.Sprintf("logs/key-%d", n), Size: int64(n), ETag: "e"},
		Index:  -1, Op: "gunzip", Class: "corrupt_gzip", Attempts: 1, Time: time.Date(2026, 3, 2, 9, 0, n, 0, time.UTC),
	}
}

// lettersIn reads a file with a value of its own, as another process does.
func lettersIn(t *testing.T, name string) (letters []keep.DeadLetter, errs []string) {
	t.Helper()
	for l, err := range keep.DeadLetterFile(name).All(t.Context()) {
		if err != nil {
			if l != (keep.DeadLetter{}) {
				t.Errorf("an error comes with the letter %+v, want the zero one", l)
			}
			errs = append(errs, err.Error())
			continue
		}
		letters = append(letters, l)
	}
	return letters, errs
}

// lettersWant checks that a file holds these letters, in this order, and no damage.
func lettersWant(t *testing.T, what, name string, want ...keep.DeadLetter) {
	t.Helper()
	got, errs := lettersIn(t, name)
	if !slices.Equal(got, want) || len(errs) > 0 {
		t.Errorf("%s: letters are %+v and %q, want %+v and no error", what, got, errs, want)
	}
}

func letterPut(t *testing.T, name string, letters ...keep.DeadLetter) {
	t.Helper()
	for _, l := range letters {
		if err := keep.DeadLetterFile(name).Put(t.Context(), l); err != nil {
			t.Fatalf("Put: %v", err)
		}
	}
}

func letterRemove(t *testing.T, name string, letters ...keep.DeadLetter) {
	t.Helper()
	if err := keep.DeadLetterFile(name).Remove(t.Context(), letters...); err != nil {
		t.Fatalf("Remove: %v", err)
	}
}

func TestDeadLetterFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "letters")
	lettersWant(t, "without a file", name)
	letterRemove(t, name, letterNumber(0))
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading has made the file: %v", err)
	}
	letterPut(t, name, letterNumber(0), letterNumber(1), letterNumber(2), letterNumber(3))
	lettersWant(t, "put", name, letterNumber(0), letterNumber(1), letterNumber(2), letterNumber(3))
	if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode of the file is %v (%v), want 0600", info.Mode(), err)
	}

	again := letterNumber(1)
	again.Attempts, again.Op, again.Time = 2, "read", again.Time.Add(time.Hour)
	letterPut(t, name, again)
	lettersWant(t, "put again", name, letterNumber(0), letterNumber(2), letterNumber(3), again)
	others := []keep.DeadLetter{letterNumber(2), letterNumber(2), letterNumber(2), letterNumber(2)}
	others[0].Index, others[1].Object.ETag, others[2].Object.VersionID, others[3].Object.Key = 0, "f", "v", "k"
	letterPut(t, name, others...)
	all := append([]keep.DeadLetter{letterNumber(0), letterNumber(2), letterNumber(3), again}, others...)
	lettersWant(t, "other places", name, all...)

	letterRemove(t, name, letterNumber(2), letterNumber(9))
	lettersWant(t, "removed", name, append([]keep.DeadLetter{letterNumber(0), letterNumber(3), again}, others...)...)
	letterRemove(t, name, letterNumber(1)) // the place of "again"
	letterRemove(t, name, others...)
	lettersWant(t, "more removed", name, letterNumber(0), letterNumber(3))
	letterPut(t, name, letterNumber(4))
	letterRemove(t, name)
	lettersWant(t, "put after Remove", name, letterNumber(0), letterNumber(3), letterNumber(4))
	letterRemove(t, name, letterNumber(0), letterNumber(3), letterNumber(4))
	lettersWant(t, "none left", name)
	letterPut(t, name, letterNumber(5))
	lettersWant(t, "put into an empty file", name, letterNumber(5))
	if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode of the file after Remove is %v (%v), want 0600", info.Mode(), err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%d files in the directory (%v), want 1", len(entries), err)
	}
}

// A line that is cut off at the end was never put; the next Put takes it away.
func TestDeadLetterFileTorn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "letters")
	letterPut(t, name, letterNumber(0), letterNumber(1))
	sound, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	second := strings.IndexByte(string(sound), '\n') + 1
	tails := map[string]string{"long": `{"key":"` + strings.Repeat("x", 5000), "zeros": strings.Repeat("\x00", 10_000), "zeros in it": string(sound[second:second+20]) + "\x00\x00"}
	step := testutil.Pick(9, 1)
	for i := second + (len(sound)-2-second)%step; i < len(sound)-1; i += step { // the last one is all but the newline
		tails[fmt.Sprintf("cut at %d", i)] = string(sound[second:i])
	}
	for what, tail := range tails {
		want := []keep.DeadLetter{letterNumber(0)}
		if len(tail) == len(sound)-second-1 { // all but the newline
			want = append(want, letterNumber(1))
		}
		write := func() {
			if err := os.WriteFile(name, append(sound[:second:second], tail...), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write()
		lettersWant(t, what, name, want...)
		letterPut(t, name, letterNumber(2))
		lettersWant(t, what+", Put", name, append(want, letterNumber(2))...)
		write()
		letterRemove(t, name, letterNumber(0))
		lettersWant(t, what+", Remove", name, want[1:]...)
	}
	whole := string(sound[:len(sound)-1])
	if err := os.WriteFile(name, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	letterPut(t, name, letterNumber(2))
	lettersWant(t, "without the last newline", name, letterNumber(0), letterNumber(1), letterNumber(2))
	if err := os.WriteFile(name, []byte(`{"key":"the only line`), 0o600); err != nil {
		t.Fatal(err)
	}
	letterPut(t, name, letterNumber(2))
	lettersWant(t, "the only line cut", name, letterNumber(2))
}

// Damage in the middle is told, and kept for a person to look at.
func TestDeadLetterFileDamaged(t *testing.T) {
	name := filepath.Join(t.TempDir(), "letters")
	letterPut(t, name, letterNumber(0), letterNumber(1), letterNumber(2))
	sound, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(sound), "\n")
	const canary = "secret-canary"
	for what, damage := range map[string]string{
		"cut": lines[1][:20] + "\n", "text": canary + "\n", "other JSON": `{"` + canary + `":1}` + "\n", "zeros": "\x00\x00\n",
		"two in one": lines[1][:20] + lines[1], "one byte": "x\n",
	} {
		if err := os.WriteFile(name, []byte(lines[0]+damage+"\r\n\n"+lines[2]), 0o600); err != nil {
			t.Fatal(err)
		}
		check := func(what string, line int, want ...keep.DeadLetter) {
			t.Helper()
			got, errs := lettersIn(t, name)
			if !slices.Equal(got, want) || len(errs) != 1 || errs[0] != fmt.Sprintf("keep: read dead letters: line %d of %q is damaged: correct or remove it", line, name) {
				t.Errorf("%s: letters are %+v and %q, want %+v and an error of line %d", what, got, errs, want, line)
			}
		}
		check(what, 2, letterNumber(0), letterNumber(2))
		letterPut(t, name, letterNumber(3))
		check(what+", Put", 2, letterNumber(0), letterNumber(2), letterNumber(3))
		letterRemove(t, name, letterNumber(0), letterNumber(2))
		check(what+", Remove", 1, letterNumber(3))
		if text, err := os.ReadFile(name); err != nil || !strings.HasPrefix(string(text), damage) {
			t.Errorf("%s: Remove has changed the damaged line: %q (%v)", what, text, err)
		}
	}
	// A loop may stop at the error, and before it.
	for most := range 2 {
		n := 0
		for range keep.DeadLetterFile(name).All(t.Context()) {
			if n++; n > most {
				break
			}
		}
		if n != most+1 {
			t.Errorf("a loop that breaks after %d pairs had %d", most+1, n)
		}
	}
}

// A file of one byte is damaged too, unless it may be the beginning of a letter.
func TestDeadLetterFileOfAByte(t *testing.T) {
	name := filepath.Join(t.TempDir(), "letters")
	for text, damaged := range map[string]bool{"x": true, "{": false, "\n": false, "\x00": false} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if letters, errs := lettersIn(t, name); len(letters) != 0 || (len(errs) == 1) != damaged {
			t.Errorf("%q: letters are %v and %q, want an error: %t", text, letters, errs, damaged)
		}
	}
}

// Somebody else's file is left alone.
func TestDeadLetterFileForeign(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "letters")
	for what, text := range map[string]string{
		"text": "127.0.0.1 localhost", "large": strings.Repeat("x", 100_000), "large, of braces": strings.Repeat("{", 100_000),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := keep.DeadLetterFile(name).Put(t.Context(), letterNumber(0)); err == nil || !strings.Contains(err.Error(), "does not end as a file of dead letters does") {
			t.Errorf("%s: Put: %v, want an error", what, err)
		}
		if got, err := os.ReadFile(name); string(got) != text {
			t.Errorf("%s: Put has changed the file (%v)", what, err)
		}
	}
}

func TestDeadLetterFileFails(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "volume", "letters")
	if err := keep.DeadLetterFile(missing).Put(t.Context(), letterNumber(1)); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), `keep: put dead letter of "logs/key-1": `) {
		t.Errorf("Put without the directory: %v", err)
	}
	if letters, errs := lettersIn(t, missing); len(letters) != 0 || len(errs) != 1 || !strings.Contains(errs[0], "make it, or mount it") {
		t.Errorf("All without the directory: %v, %q", letters, errs)
	}
	if err := keep.DeadLetterFile(missing).Remove(t.Context(), letterNumber(1)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Remove without the directory: %v", err)
	}

	name := filepath.Join(t.TempDir(), "letters")
	letterPut(t, name, letterNumber(0), letterNumber(1))
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	cause := errors.New("told to end")
	n := 0
	for _, err := range keep.DeadLetterFile(name).All(ctx) {
		if n++; n == 1 {
			cancel(cause)
		} else if n > 2 || !errors.Is(err, cause) {
			t.Errorf("pair %d after the context is done: %v, want one, %v", n, err, cause)
		}
	}
	file := keep.DeadLetterFile(name)
	if err := file.Put(ctx, letterNumber(2)); !errors.Is(err, cause) {
		t.Errorf("Put with a context that is done: %v", err)
	}
	if err := file.Remove(ctx, letterNumber(1)); !errors.Is(err, cause) {
		t.Errorf("Remove with a context that is done: %v", err)
	}
	lettersWant(t, "after all", name, letterNumber(0), letterNumber(1))
}

// Letters are put and removed at the same time, and from within a loop.
func TestDeadLetterFileConcurrent(t *testing.T) {
	name := filepath.Join(t.TempDir(), "letters")
	file := keep.DeadLetterFile(name)
	const goroutines, each = 4, 12
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range each {
				l := letterNumber(g*each + i)
				if err := file.Put(t.Context(), l); err != nil {
					t.Error(err)
				}
				if i%3 == 0 {
					if err := file.Remove(t.Context(), l); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	left := 0
	for l, err := range file.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		left++
		more := letterNumber(1000 + left)
		if err := errors.Join(file.Remove(t.Context(), l), file.Put(t.Context(), more)); err != nil {
			t.Error(err)
		}
	}
	if want := goroutines * each * 2 / 3; left != want {
		t.Errorf("%d letters are left, want %d", left, want)
	}
	got, errs := lettersIn(t, name)
	if len(got) != left || len(errs) > 0 || got[0] != letterNumber(1001) {
		t.Errorf("%d letters and %q after the loop, want those %d that it put", len(got), errs, left)
	}
}

// A context that is done when Put has begun to look at the file ends it, with its error.
func TestDeadLetterFilePutEnds(t *testing.T) {
	name := filepath.Join(t.TempDir(), "letters")
	file := keep.DeadLetterFile(name)
	if err := file.Put(&doneLater{Context: t.Context(), looks: 1}, letterNumber(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v, want one that is %v", err, context.Canceled)
	}
	lettersWant(t, "after it", name)
	if err := file.Put(t.Context(), letterNumber(2)); err != nil {
		t.Error(err)
	}
	lettersWant(t, "after the next one", name, letterNumber(2))
}

// doneLater is a context that is done after some looks at it.
type doneLater struct {
	context.Context
	looks int
}

func (c *doneLater) Err() error {
	if c.looks--; c.looks >= 0 {
		return nil
	}
	return context.Canceled
}
