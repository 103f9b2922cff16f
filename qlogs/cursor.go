package qlogs

import (
	"fmt"
	"slices"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A Cursor is where a scan stood. The zero Cursor is the start. A Cursor does
// not change and is safe for use by many goroutines.
//
// For every partition that the scan met it holds an hour before which everything
// is finished, [Options].Lookback behind the newest object finished, and which
// objects are finished from there on, with a print of their sizes and ETags, and whether
// they were damaged: 20 bytes for each. And it holds up to 1,000
// objects that failed for a reason that may pass (the network, throttling, a
// denial, a stall, a change), to be tried again. It is opaque; its text form, which
// names objects but holds nothing of their content, is what a program stores.
type Cursor struct{ state *cursorState }

// maxPending is how many objects to be tried again a cursor holds.
const maxPending = 1000

type cursorState struct {
	Scope   scope
	At      map[string]*reach // by partition
	Pending []pendingObject
}

// A pendingObject is to be tried again.
type pendingObject struct {
	Object
	portion
	Tries int // so far
}

// A scope is what a cursor is good for.
type scope struct {
	Source   string         `json:"source"`
	Prefix   string         `json:"prefix,omitempty"`
	Accounts []string       `json:"accounts,omitempty"`
	Regions  []string       `json:"regions,omitempty"`
	Products []path.Product `json:"products,omitempty"`
	Types    []path.LogType `json:"types,omitempty"`
}

// check tells which part of two scopes differs.
func (s scope) check(other scope) error {
	differs := ""
	switch {
	case s.Source != other.Source:
		return fmt.Errorf("qlogs: %w: it is of source %q, not %q", ErrCursorScope, other.Source, s.Source)
	case s.Prefix != other.Prefix:
		return fmt.Errorf("qlogs: %w: it is of prefix %q, not %q", ErrCursorScope, other.Prefix, s.Prefix)
	case !slices.Equal(s.Accounts, other.Accounts):
		differs = "Accounts"
	case !slices.Equal(s.Regions, other.Regions):
		differs = "Regions"
	case !slices.Equal(s.Products, other.Products):
		differs = "Products"
	case !slices.Equal(s.Types, other.Types):
		differs = "Types"
	default:
		return nil
	}
	return fmt.Errorf("qlogs: %w: its query has other %s", ErrCursorScope, differs)
}

// IsZero reports whether c is the start of every scan.
func (c Cursor) IsZero() bool { return c.state == nil }

// String returns the text form; it is empty for the zero Cursor.
func (c Cursor) String() string {
	text, _ := c.MarshalText() // the state is strings and numbers: it never fails
	return string(text)
}
