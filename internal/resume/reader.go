package resume

import (
	"encoding/binary"
	"math"
	"time"
)

// A reader takes the binary form of a State apart. What is not in it, or out of range, makes
// it bad; from then on it gives zero values.
type reader struct {
	data []byte
	bad  bool
}

func (r *reader) state(scope Scope) *State {
	s := newState(scope)
	part := ""
	for range r.count(len(r.data)) {
		before := part
		part = r.shared(before)
		reach := r.reach()
		if r.bad || part <= before {
			r.bad = true
			return nil
		}
		s = s.with(part, reach)
	}
	key := ""
	for i := range r.count(MaxPending) {
		key = r.shared(key)
		o := r.pending()
		o.Key = key
		if r.bad || key == "" {
			r.bad = true
			return nil
		}
		s = s.pend(i, o)
	}
	return s
}

func (r *reader) reach() *Reach {
	reach := newReach()
	at := noHours
	if n := r.count(int(maxHour - noHours)); n > 0 {
		at += hour(n - 1)
		reach.floor = at
	}
	for i := range r.count(len(r.data)) {
		step := r.count(int(maxHour - at))
		if i > 0 && step == 0 {
			r.bad = true
		}
		at += hour(step)
		objects := r.objects()
		if r.bad || len(objects) == 0 {
			r.bad = true
			return nil
		}
		seen := newSeenHour(at, objects)
		reach.seen = reach.seen.put(at, &seen)
	}
	key := ""
	for range r.count(len(r.data)) {
		before := key
		key = r.shared(before)
		o := &openObject{ETag: r.string(), Portion: r.portion()}
		if r.bad || key <= before || o.Portion == (Portion{}) || reach.floor != noFloor && key < reach.floor.folder() {
			r.bad = true
			return nil
		}
		reach.open = reach.open.put(key, o)
	}
	return reach
}

func (r *reader) objects() []seenObject {
	const print, width = len(fingerprint{}), len(fingerprint{}) + 8
	list := make([]seenObject, r.count(len(r.data)/width))
	for i := range list {
		o := r.take(width)
		if o == nil {
			return nil
		}
		list[i].print = fingerprint(o)
		list[i].size, list[i].tag = binary.BigEndian.Uint32(o[print:]), binary.BigEndian.Uint32(o[print+4:])
	}
	return list
}

func (r *reader) pending() (o pendingObject) {
	if o.Size = int64(r.uint()); o.Size < 0 {
		r.bad = true
	}
	o.ETag = r.string()
	o.VersionID = r.string()
	o.StorageClass = r.string()
	o.LastModified = r.time()
	o.Portion = r.portion()
	o.Tries = r.count(math.MaxInt32)
	o.Contradictions = r.count(math.MaxInt32)
	return o
}

func (r *reader) portion() (p Portion) {
	p.Done = r.count(math.MaxInt)
	if p.Reached = r.count(math.MaxInt); p.Reached > 0 {
		p.Inside = r.time()
	}
	p.Until = r.time()
	r.bad = r.bad || p != p.normal()
	return p
}

func (r *reader) time() time.Time {
	seconds := r.uint()
	nano := r.count(int(time.Second) - 1)
	if seconds == 0 && nano == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds)+time.Time{}.Unix(), int64(nano)).UTC()
}

// count reads a number up to most.
func (r *reader) count(most int) int {
	n := r.uint()
	if n > uint64(most) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.data)
	if size <= 0 || r.bad {
		r.bad = true
		return 0
	}
	r.data = r.data[size:]
	return n
}

func (r *reader) string() string { return string(r.take(r.count(len(r.data)))) }

// shared reads a string of which the one before is known.
func (r *reader) shared(before string) string {
	n := r.count(len(before))
	s := before[:n] + r.string()
	if n > 0 && len(s) > maxShared {
		r.bad = true
	}
	return s
}

// take returns the next n bytes, or nil if there are not as many.
func (r *reader) take(n int) []byte {
	if n > len(r.data) || r.bad {
		r.bad = true
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}
