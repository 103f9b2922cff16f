package qlogs

import "context"

// A CursorStore keeps one [Cursor] from one process to the next. keep.CursorFile
// makes one; a program may bring its own, for a row of its database say.
//
// One process at a time may use a store: the older of two that save would undo
// what the younger has saved, and what lies between would come again. The methods
// may be called from several goroutines, but a scan never calls Save
// while another of its own calls goes on. It waits 30 seconds for one.
type CursorStore interface {
	// Load returns the cursor that was saved last, and the zero Cursor if none
	// ever was. A store that cannot tell returns an error: to go on from the
	// zero Cursor would read everything again.
	Load(ctx context.Context) (Cursor, error)

	// Save keeps c in place of what was saved before. When it has returned nil,
	// Load returns c, whatever happens to the process. When it fails, Load
	// returns c or what was saved before.
	Save(ctx context.Context, c Cursor) error
}
