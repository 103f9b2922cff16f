package qlogs

import (
	"github.com/promptlogs/qlogs/internal/resume"
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
type Cursor struct{ state *resume.State }

// IsZero reports whether c is the start of every scan.
func (c Cursor) IsZero() bool { return c.state == nil }

// String returns the text form; it is empty for the zero Cursor, and for one that has no
// text because its source has no ID.
func (c Cursor) String() string {
	text, err := c.MarshalText()
	if err != nil {
		return ""
	}
	return string(text)
}

// MarshalText returns the text form, which UnmarshalText of this and later
// versions reads. It is printable ASCII without spaces, empty for the zero
// Cursor, and grows with the number of partitions, of objects within
// [Options].Lookback (27 bytes each) and of pending objects. The cursor of a source whose
// ID is empty has none, which is the error.
func (c Cursor) MarshalText() ([]byte, error) {
	if c.state == nil {
		return []byte{}, nil
	}
	return c.state.MarshalText()
}

// UnmarshalText sets c to what text, made by MarshalText, stands for. A text
// that is damaged or of a newer version is an error, and leaves c as it was:
// the text has a checksum, since a wrong position would lose records silently.
func (c *Cursor) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Cursor{}
		return nil
	}
	state, err := resume.Parse(text)
	if err != nil {
		return err
	}
	*c = Cursor{state: state}
	return nil
}
