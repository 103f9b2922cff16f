package qlogs

import (
	"context"
	"errors"
)

// A meter charges the window with what the records of one object take in memory, as it
// is taken: short JSON can become a large value, and all workers decode at once.
type meter struct {
	*pipeline
	job     *job
	most    int64 // for all records; beyond it the object is a large one
	charged int64
	held    int64 // by the records that are kept
	record  int64 // by the one that is being decoded
}

// errLarge ends the decoding of an object that has to be streamed.
var errLarge = errors.New("large object")

// start begins with the records of j, for which charged bytes are charged already.
func (m *meter) start(j *job, charged int64) {
	m.job, m.charged, m.held, m.record = j, charged, 0, 0
}

// grow is for record.DecoderOptions.
func (m *meter) grow(n int64) error {
	m.record += n
	return m.cover(m.held + m.record)
}

// keep counts the record that was decoded last.
func (m *meter) keep(spent int64) error {
	m.record = 0
	m.held += resultBytes + spent
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
	if !m.charge(m.job, more) {
		return context.Canceled
	}
	m.charged += more
	return nil
}
