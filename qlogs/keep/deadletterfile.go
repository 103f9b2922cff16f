package keep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
)

// DeadLetterFile returns a store that keeps letters in a file, one line of JSON for each
// (see [DeadLetter.MarshalJSON]), which people and other programs can read too. It reads
// and writes nothing before a method is called. A file that does not exist holds no
// letters, but its directory has to exist. The mode of the file is 0600.
//
// Put appends a line, which is on disk when Put returns. If a crash has cut a line off at
// the end of the file, that line is no letter, because its Put has not returned, and the
// next Put removes it. When a letter is replaced, its line stays until there are as many
// such lines as others. Then Put removes them, as Remove does. Remove writes a new file,
// name + ".tmp", and renames it to name, so that a crash leaves the old file or the new
// one. Give Remove many letters at once. All, Remove and the first Put read the whole file
// into memory. For a damaged line All yields an error with its number and goes on with the
// next line. The damaged line stays in the file until somebody corrects or removes it.
//
// If name is a link, the file that it leads to is read and replaced, in that file's
// directory, and the link stays. A link that leads to no file is an error.
//
// Only one process at a time may use the file, with only one store for it. The store is
// safe for use by many goroutines. Its methods check the context before they touch files,
// and not again.
func DeadLetterFile(name string) DeadLetterStore { return &deadLetterFile{name: name} }

type deadLetterFile struct {
	mu     sync.Mutex
	name   string
	census letterCensus
}

func (f *deadLetterFile) Put(ctx context.Context, l DeadLetter) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.put(ctx, l); err != nil {
		return fmt.Errorf("keep: put dead letter of %q: %w", l.Object.Key, err)
	}
	return nil
}

func (f *deadLetterFile) put(ctx context.Context, l DeadLetter) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	line, err := json.Marshal(l)
	if err != nil {
		return err
	}
	name, err := resolveFile(f.name)
	if err != nil {
		return err
	}
	_, err = os.Stat(name)
	created := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	var end int64
	err = f.census.take(f, ctx, file)
	if err == nil {
		end, err = f.add(file, append(line, '\n'))
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil && created {
		err = syncDir(filepath.Dir(name))
	}
	if err != nil || !f.census.add(l.place(), end) {
		return err
	}
	return f.remove(ctx, nil)
}

// add returns where the file ends then.
func (f *deadLetterFile) add(file *os.File, line []byte) (end int64, err error) {
	if end, err = f.mend(file); err != nil {
		return 0, err
	}
	if _, err := file.WriteAt(line, end); err != nil {
		return 0, err
	}
	return end + int64(len(line)), file.Sync()
}

// maxLetter is far more than a letter takes: keys have at most 1,024 bytes.
const maxLetter = 64 << 10

// mend takes a line off the end of the file that a crash has cut off, and returns
// where the next one is to begin.
func (f *deadLetterFile) mend(file *os.File) (end int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	tail := make([]byte, min(info.Size(), maxLetter))
	start := info.Size() - int64(len(tail))
	if _, err := file.ReadAt(tail, start); err != nil && err != io.EOF {
		return 0, err
	}
	lines := bytes.LastIndexByte(tail, '\n') + 1
	last := tail[lines:]
	switch {
	case len(last) == 0:
		return info.Size(), nil
	case lines == 0 && start > 0 || !isTorn(last):
		return 0, fmt.Errorf("%q does not end as a file of dead letters does: move it away", f.name)
	case isLetter(last): // all but its end of line
		_, err := file.WriteAt([]byte("\n"), info.Size())
		return info.Size() + 1, err
	}
	end = start + int64(lines)
	return end, file.Truncate(end)
}

// isTorn tells what a crash may leave of a line: its beginning or, after a machine
// stopped, nothing but zeros.
func isTorn(line []byte) bool {
	return bytes.HasPrefix(line, []byte("{")) || len(bytes.Trim(line, "\x00")) == 0
}

func isLetter(line []byte) bool {
	var l DeadLetter
	return json.Unmarshal(line, &l) == nil
}

func (f *deadLetterFile) All(ctx context.Context) iter.Seq2[DeadLetter, error] {
	return func(yield func(DeadLetter, error) bool) {
		lines, err := f.lines(ctx)
		if err != nil {
			yield(DeadLetter{}, fmt.Errorf("keep: read dead letters: %w", err))
			return
		}
		for _, line := range lines {
			switch {
			case ctx.Err() != nil:
				yield(DeadLetter{}, context.Cause(ctx))
				return
			case line.replaced:
			case !yield(line.letter, line.err):
				return
			}
		}
	}
}

func (f *deadLetterFile) Remove(ctx context.Context, letters ...DeadLetter) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.remove(ctx, letters); err != nil {
		return fmt.Errorf("keep: remove dead letters: %w", err)
	}
	return nil
}

func (f *deadLetterFile) remove(ctx context.Context, letters []DeadLetter) error {
	lines, err := f.read(ctx)
	if err != nil {
		return err
	}
	gone := map[letterPlace]bool{}
	for _, l := range letters {
		gone[l.place()] = true
	}
	var kept []byte
	found := false
	for _, line := range lines {
		switch {
		case line.err == nil && gone[line.letter.place()]:
			found = true
		case line.replaced:
			found = true
		default:
			kept = append(append(kept, line.text...), '\n')
		}
	}
	if !found {
		return nil
	}
	name, err := resolveFile(f.name)
	if err != nil {
		return err
	}
	f.census = letterCensus{}
	return replaceFile(name, kept)
}

// A letterLine is a line of the file: a letter or an error.
type letterLine struct {
	text     []byte
	letter   DeadLetter
	err      error
	replaced bool // by a later line
}

func (f *deadLetterFile) lines(ctx context.Context) ([]letterLine, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read(ctx)
}

func (f *deadLetterFile) read(ctx context.Context) ([]letterLine, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	name, err := resolveFile(f.name)
	if err != nil {
		return nil, err
	}
	data, _, err := readFile(name)
	if err != nil {
		return nil, err
	}
	var lines []letterLine
	last := map[letterPlace]int{}
	for number := 1; len(data) > 0; number++ {
		text, rest, ended := bytes.Cut(data, []byte("\n"))
		data = rest
		line := letterLine{text: text}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if json.Unmarshal(text, &line.letter) != nil {
			if !ended && isTorn(text) {
				break
			}
			line.err = fmt.Errorf("keep: read dead letters: line %d of %q is damaged: correct or remove it", number, f.name)
			lines = append(lines, line)
			continue
		}
		place := line.letter.place()
		if i, ok := last[place]; ok {
			lines[i].replaced = true
		}
		last[place] = len(lines)
		lines = append(lines, line)
	}
	return lines, nil
}
