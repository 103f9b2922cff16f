package keep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/promptlogs/qlogs/qlogs"
)

// CursorFile returns a store that keeps the cursor's text form in a file. It reads
// and writes nothing before Load or Save is called.
//
// Save writes the text to the file name + ".tmp" and renames that to name. It syncs the
// file and the directory before it returns, where the system can do that. So a process
// that is killed, or a machine that stops, leaves the old cursor or the new one. The mode
// of the file is 0600. The next Save replaces a ".tmp" file that an interrupted Save has
// left.
//
// Load returns the zero Cursor if the file does not exist. It fails if the file is damaged
// or empty, because a scan from the start would read everything again. It also fails if the
// directory does not exist, because a volume may not be mounted.
//
// If name is a link, the file that it leads to is read and replaced, in that file's
// directory, and the link stays. A link that leads to no file is an error.
//
// Only one process at a time may use the file, with only one store for it. The store is
// safe for use by many goroutines. Load and Save check the context before they touch files,
// and not again.
func CursorFile(name string) qlogs.CursorStore { return &cursorFile{name: name} }

type cursorFile struct {
	mu   sync.Mutex
	name string
}

func (f *cursorFile) Load(ctx context.Context) (qlogs.Cursor, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return qlogs.Cursor{}, fmt.Errorf("keep: load cursor from %q: %w", f.name, context.Cause(ctx))
	}
	name, err := resolveFile(f.name)
	if err != nil {
		return qlogs.Cursor{}, fmt.Errorf("keep: load cursor: %w", err)
	}
	text, found, err := readFile(name)
	if err != nil {
		return qlogs.Cursor{}, fmt.Errorf("keep: load cursor: %w", err)
	}
	var c qlogs.Cursor
	if !found {
		return c, nil
	}
	// Save never leaves an empty file, and UnmarshalText would take it for the start.
	err = errors.New("keep: read cursor: the file is empty")
	if len(text) > 0 {
		err = c.UnmarshalText(bytes.TrimRight(text, "\r\n"))
	}
	if err != nil {
		return qlogs.Cursor{}, fmt.Errorf("%w: restore %q from a copy, or remove it to read everything again", err, f.name)
	}
	return c, nil
}

func (f *cursorFile) Save(ctx context.Context, c qlogs.Cursor) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return fmt.Errorf("keep: save cursor to %q: %w", f.name, context.Cause(ctx))
	}
	text, err := c.MarshalText()
	if err != nil {
		return err
	}
	name, err := resolveFile(f.name)
	if err == nil {
		err = replaceFile(name, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keep: save cursor: %w", err)
	}
	return nil
}
