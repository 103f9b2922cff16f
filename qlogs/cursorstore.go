package qlogs

import "context"

// A CursorStore keeps one [Cursor] from one process to the next. keep.CursorFile makes one
// in a file, s3keep.CursorObject one in a bucket. A program may bring its own, for example one
// for a row of its database.
//
// Only one process at a time may use a store. If two save, the one that is behind undoes what
// the other has saved, and what lies between comes again. The methods may be called from
// several goroutines, but the calls of Save that one scan makes never overlap. A scan waits
// 30 seconds for a Save.
type CursorStore interface {
	// Load returns the cursor that was saved last, or the zero Cursor if none was ever
	// saved. A store that does not know returns an error, because a scan from the zero
	// Cursor reads everything again.
	Load(ctx context.Context) (Cursor, error)

	// Save keeps c in place of what was saved before. After Save has returned nil, Load
	// returns c, whatever happens to the process. After Save has failed, Load returns c
	// or what was saved before.
	Save(ctx context.Context, c Cursor) error
}
