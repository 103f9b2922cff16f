package resume

import (
	"encoding/binary"
	"time"
)

// A writer makes the binary form of a State.
type writer struct {
	data []byte
}

func (w *writer) state(s *State) {
	// How many there are is known behind them: some are empty.
	parts := writer{data: make([]byte, 0, 1<<10)}
	before, count := "", 0
	for part, r := range s.all().all() {
		if !r.empty() {
			parts.shared(before, part)
			parts.reach(r)
			before = part
			count++
		}
	}
	w.count(count)
	w.data = append(w.data, parts.data...)
	w.count(s.waiting)
	before = ""
	for _, o := range s.pending.all() {
		w.shared(before, o.Key)
		w.pending(o)
		before = o.Key
	}
}

func (r *Reach) empty() bool {
	return r.floor == noFloor && r.seen.root == nil && r.last.empty() && r.open.root == nil
}

func (w *writer) reach(r *Reach) {
	at := noHours
	if r.floor != noFloor {
		at = r.floor
		w.count(int(at-noHours) + 1)
	} else {
		w.count(0)
	}
	count := r.seen.len()
	if _, there := r.seen.get(r.last.hour); !r.last.empty() && !there {
		count++
	}
	w.count(count)
	for h, seen := range r.hours() {
		w.count(int(h - at))
		at = h
		objects := seen.latest()
		w.count(len(objects))
		for _, o := range objects {
			w.data = append(w.data, o.print[:]...)
			w.data = binary.BigEndian.AppendUint32(w.data, o.size)
			w.data = binary.BigEndian.AppendUint32(w.data, o.tag)
		}
	}
	w.count(r.open.len())
	before := ""
	for key, o := range r.open.all() {
		w.shared(before, key)
		w.string(o.ETag)
		w.portion(o.Portion)
		before = key
	}
}

func (w *writer) pending(o *pendingObject) {
	w.data = binary.AppendUvarint(w.data, uint64(o.Size))
	w.string(o.ETag)
	w.string(o.VersionID)
	w.string(o.StorageClass)
	w.time(o.LastModified)
	w.portion(o.Portion)
	w.count(o.Tries)
	w.count(o.Contradictions)
}

func (w *writer) portion(p Portion) {
	w.count(p.Done)
	w.count(p.Reached)
	if p.Reached > 0 {
		w.time(p.Inside)
	}
	w.time(p.Until)
}

// time writes seconds since 1970, shifted so that the zero Time is 0, and nanoseconds.
func (w *writer) time(t time.Time) {
	w.data = binary.AppendUvarint(w.data, uint64(t.Unix()-time.Time{}.Unix()))
	w.count(t.Nanosecond())
}

// count writes a number that is not negative.
func (w *writer) count(n int) { w.data = binary.AppendUvarint(w.data, uint64(n)) }

func (w *writer) string(s string) {
	w.count(len(s))
	w.data = append(w.data, s...)
}

// maxShared is how long a string may be that shares bytes with the one before. A text of
// strings that grow byte by byte would take memory by the square of its length.
const maxShared = 1024

// shared writes a string of which the one before is known.
func (w *writer) shared(before, s string) {
	n := 0
	for len(s) <= maxShared && n < len(before) && n < len(s) && before[n] == s[n] {
		n++
	}
	w.count(n)
	w.string(s[n:])
}
