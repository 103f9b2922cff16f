package reading

import (
	"context"
	"errors"
)

// A meter charges the window with the memory that the records of one object take, before
// they take it: short JSON can become a large value, and all workers decode at the same
// time.
type meter struct {
	window  *window
	ticket  *ticket
	most    int64 // for all records; beyond it the object is a large one
	charged int64
	held    int64 // by the records that are kept
	record  int64 // by the one that is being decoded
}

// errLarge ends the decoding of an object that has to be streamed.
var errLarge = errors.New("large object")

// recordBytes is charged for what a record costs beside what package record counts: its
// place in lists that grow, and what allocations are rounded to. In JSON it may take two
// bytes.
const recordBytes = 256

// start begins with the records of another object, for which charged bytes are charged
// already.
func (m *meter) start(t *ticket, charged int64) {
	m.ticket, m.charged, m.held, m.record = t, charged, 0, 0
}

// grow is for record.DecoderOptions.
func (m *meter) grow(n int64) error {
	m.record += n
	return m.cover(m.held + m.record)
}

// keep counts the record that was decoded last, which takes that many bytes.
func (m *meter) keep(spent int64) error {
	m.record = 0
	m.held += recordBytes + spent
	return m.cover(m.held)
}

// drop forgets the record that was decoded last.
func (m *meter) drop() { m.record = 0 }

// chargeStep is how much is charged at least: most objects have small records.
const chargeStep = 16 << 10

// cover waits until that many bytes are charged.
func (m *meter) cover(bytes int64) error {
	if bytes > m.most {
		return errLarge
	}
	if bytes <= m.charged {
		return nil
	}
	more := max(bytes-m.charged, chargeStep)
	if !m.window.charge(m.ticket, more) {
		return context.Canceled
	}
	m.charged += more
	return nil
}
