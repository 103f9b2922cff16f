package qlogs

import (
	"github.com/promptlogs/qlogs/internal/resume"
)

// A Cursor is where a scan stood. The zero Cursor is the start. A Cursor does
// not change and is safe for use by many goroutines.
//
// For every partition that the scan met, a cursor holds an hour before which everything is
// finished, [Options].Lookback behind the newest finished object. From that hour on it holds
// which objects are finished: 20 bytes for each, with a fingerprint of its size and ETag and
// whether it was damaged. A cursor also keeps up to 1,000 objects to retry: those that failed
// because of the network, throttling, a denial, a stall or a change.
//
// In the text form a finished object takes 27 bytes, an hour up to 6, and a partition about 110:
// 12, and 4/3 of what its name does not share with the one before. An object that is finished in
// part or to be retried takes about 100, and 4/3 of what its key does not share. A name of more
// than 1,024 bytes is not shortened. An object that failed and found no room to be retried takes
// nothing itself, but the hour of its partition stays before it, and what is finished from there
// on takes its 27 bytes each. So do more than 250 objects of a partition with records that are
// dated far beyond [Query].To.
//
// A Cursor is opaque. A program stores its text form, which names objects but holds nothing
// of their content. The text begins with its version, as in "qlogs2:". Another version of
// this module may refuse it, and then says so.
type Cursor struct{ state *resume.State }

// IsZero reports whether c is the zero Cursor, which is the start of every scan.
func (c Cursor) IsZero() bool { return c.state == nil }

// String returns the text form. It is empty for the zero Cursor, and for a cursor that has
// no text because the ID of its source is empty.
func (c Cursor) String() string {
	text, err := c.MarshalText()
	if err != nil {
		return ""
	}
	return string(text)
}

// MarshalText returns the text form. It is printable ASCII without spaces, and empty for the
// zero Cursor. It grows with the number of partitions, of objects within [Options].Lookback and
// of objects to retry. It is an error if the ID of the cursor's source is empty: another source without an
// ID could not refuse the cursor.
func (c Cursor) MarshalText() ([]byte, error) {
	if c.state == nil {
		return []byte{}, nil
	}
	return c.state.MarshalText()
}

// UnmarshalText sets c to the cursor whose text form is text. If the text is damaged or of
// another version, UnmarshalText returns an error and leaves c as it was. The text has a
// checksum, because a wrong position would lose records silently.
//
// A cursor takes more memory than its text, up to 130 times as much where many partitions have
// a long prefix in common. Take texts only from where your program stores them.
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
