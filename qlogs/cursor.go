package qlogs

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A Cursor is where a scan stood. The zero Cursor is the start. A Cursor does
// not change and is safe for use by many goroutines.
//
// For every partition that the scan met it holds the last object that was
// finished, and for up to 1,000 objects that failed for a reason that may pass
// (the network, throttling, a denial, a stall, a change) that they are to be
// tried again. It is opaque; its text form, which names objects but holds
// nothing of their content, is what a program stores.
type Cursor struct{ state *cursorState }

// maxPending is how many objects to be tried again a cursor holds.
const maxPending = 1000

// cursorPrefix starts the text form and tells its version.
const cursorPrefix = "qlogs1:"

type cursorState struct {
	Scope   scope               `json:"scope"`
	At      map[string]position `json:"at,omitempty"` // by partition
	Pending []pendingObject     `json:"pending,omitempty"`
}

// A position is the last object finished in a partition, or, when Done is not 0,
// an object of which that many records are finished.
type position struct {
	Key  string `json:"k"` // without the partition
	Done int    `json:"n,omitempty"`
	ETag string `json:"e,omitempty"` // with Done
}

// A pendingObject is to be tried again; its first Done records are finished.
type pendingObject struct {
	Key  string `json:"k"`
	Done int    `json:"n,omitempty"`
	ETag string `json:"e,omitempty"`
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

// MarshalText returns the text form, which UnmarshalText of this and later
// versions reads. It is printable ASCII without spaces, empty for the zero
// Cursor, and grows with the number of partitions and of pending objects.
func (c Cursor) MarshalText() ([]byte, error) {
	if c.state == nil {
		return []byte{}, nil
	}
	data, err := json.Marshal(c.state)
	if err != nil {
		return nil, fmt.Errorf("qlogs: write cursor: %w", err)
	}
	data = binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(data))
	return base64.RawURLEncoding.AppendEncode([]byte(cursorPrefix), data), nil
}

// UnmarshalText sets c to what text, made by MarshalText, stands for. A text
// that is damaged or of a newer version is an error, and leaves c as it was:
// the text has a checksum, since a wrong position would lose records silently.
func (c *Cursor) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Cursor{}
		return nil
	}
	body, ok := strings.CutPrefix(string(text), cursorPrefix)
	if !ok {
		return fmt.Errorf("qlogs: read cursor: the text does not start with %q: it is no cursor, or of a newer version", cursorPrefix)
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return fmt.Errorf("qlogs: read cursor: the text is damaged: %w", err)
	}
	n := len(data) - crc32.Size
	if n < 0 || binary.BigEndian.Uint32(data[n:]) != crc32.ChecksumIEEE(data[:n]) {
		return errors.New("qlogs: read cursor: the text is damaged: the checksum does not match")
	}
	state := new(cursorState)
	if err := json.Unmarshal(data[:n], state); err != nil {
		return fmt.Errorf("qlogs: read cursor: the text is damaged: %w", err)
	}
	if err := state.validate(); err != nil {
		return err
	}
	*c = Cursor{state: state}
	return nil
}

func (s *cursorState) validate() error {
	for _, p := range s.At {
		if p.Done < 0 || p.Key == "" {
			return fmt.Errorf("qlogs: read cursor: the text is damaged: a position is out of range")
		}
	}
	for _, p := range s.Pending {
		if p.Done < 0 || p.Key == "" {
			return fmt.Errorf("qlogs: read cursor: the text is damaged: a pending object is out of range")
		}
	}
	if len(s.Pending) > maxPending {
		return fmt.Errorf("qlogs: read cursor: the text is damaged: more than %d pending objects", maxPending)
	}
	return nil
}
