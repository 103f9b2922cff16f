package keep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/promptlogs/qlogs/qlogs"
)

// CursorFile returns a store that keeps the cursor's text form in a file. Nothing
// is read or written before Load or Save is called.
//
// Save writes the text to a file beside it, name with ".tmp" at its end, which then
// takes the place of the old one. Both are on disk before Save returns, as far as
// the system can tell, so that a process that is killed and a machine that stops
// leave the old cursor or the new one. The mode is 0600. What an interrupted Save
// leaves in the ".tmp" file is replaced by the next one.
//
// Load fails if the file is damaged or empty, since to start from the beginning
// would read everything again, and if its directory does not exist, since a volume
// may not be mounted. A file that does not exist is the zero Cursor.
//
// If name is a link, the file that it leads to is read and replaced, in that file's
// directory, and the link stays. A link that leads to no file is an error.
//
// One process at a time may use the file, and one store in it. The store is safe
// for use by many goroutines. The context is asked before files are touched, not
// while.
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
