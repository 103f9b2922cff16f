package resume

import "github.com/promptlogs/qlogs/qlogs/source"

// A version stands for what an object held when it was listed, and for how it ended. A
// cursor has one for each finished object of the lookback.
type version struct {
	// size is the lower half of the object's size.
	size uint32

	// tag is a hash of the ETag or, without one, of the size. Its lowest bits are marks.
	tag uint32
}

// Marks of a version.
const (
	damagedMark = 1 << iota // the object was cut off, damaged or failed
	countedMark             // it is good and was rewritten; in a Sent only
	marks       = damagedMark | countedMark
)

func newVersion(o source.Object, damaged bool) version {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for i := range len(o.ETag) {
		h = (h ^ uint64(o.ETag[i])) * prime
	}
	if o.ETag == "" {
		h = (h ^ uint64(o.Size)) * prime
	}
	v := version{size: uint32(o.Size), tag: uint32(h>>32^h) &^ marks}
	if damaged {
		v.tag |= damagedMark
	}
	return v
}

// A change is what a later listing shows of a finished object.
type change int

const (
	unchanged change = iota
	rewritten        // good, and as long as before: most often the same under another ETag
	replaced         // what was read of it may not be what it holds now
)

// change compares v, which is finished, with what is listed now.
func (v version) change(now version) change {
	switch {
	case v.tag&^marks == now.tag&^marks && v.size == now.size:
		return unchanged
	case v.size == now.size && v.tag&damagedMark == 0:
		return rewritten
	}
	return replaced
}
