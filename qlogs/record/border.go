package record

import "bytes"

// borderState is how far a border has come.
type borderState uint8

const (
	borderOpen   borderState = iota // the value may go on: more data is needed
	borderFound                     // the value ends
	borderBroken                    // there is no value, or its brackets do not match
	borderTooDeep
)

// borderMaxDepth is how deep a border looks. That is enough for every value of the
// default record size, and takes 1 MiB for the kinds of its brackets.
const borderMaxDepth = 1 << 23

type borderMode uint8

const (
	borderStart borderMode = iota
	borderScalar
	borderString
	borderNested
)

// border finds the end of a JSON value by its quotes and brackets alone. The value may
// come in pieces.
type border struct {
	mode    borderMode
	inText  bool // within a string
	escaped bool // the piece before ended in an odd number of backslashes
	depth   int
	deepest int
	kinds   []uint64 // one bit for each open bracket: 1 for a brace
	few     [4]uint64
}

func (b *border) reset() {
	b.mode, b.inText, b.escaped, b.depth, b.deepest = borderStart, false, false, 0, 0
	if b.kinds == nil {
		b.kinds = b.few[:]
	}
}

// release frees the memory that a deep value took.
func (b *border) release() {
	if len(b.kinds) > len(b.few) {
		b.kinds = nil
	}
}

// scalar reports whether the value is a number, a literal or something else that ends
// only where something else begins.
func (b *border) scalar() bool { return b.mode == borderScalar }

// scan reads the next piece and returns how much of it belongs to the value. A broken
// value is broken at that byte.
func (b *border) scan(data []byte) (int, borderState) {
	if b.mode == borderStart {
		if len(data) == 0 {
			return 0, borderOpen
		}
		switch data[0] {
		case '"':
			b.mode, b.inText = borderString, true
			n, st := b.scanNested(data[1:])
			return n + 1, st
		case '{', '[':
			b.mode = borderNested
		default:
			if endsScalar(data[0]) {
				return 0, borderBroken
			}
			b.mode = borderScalar
		}
	}
	if b.mode == borderScalar {
		for i, c := range data {
			if endsScalar(c) {
				return i, borderFound
			}
		}
		return len(data), borderOpen
	}
	return b.scanNested(data)
}

func endsScalar(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ':', '"', '[', ']', '{', '}':
		return true
	}
	return false
}

func (b *border) scanNested(data []byte) (int, borderState) {
	for i := 0; i < len(data); {
		if b.inText {
			i = b.scanText(data, i)
			if b.inText {
				break
			}
			if b.depth == 0 {
				return i, borderFound
			}
			continue
		}
		switch c := data[i]; c {
		case '"':
			b.inText = true
		case '{', '[':
			if b.depth == borderMaxDepth {
				return i, borderTooDeep
			}
			b.push(c == '{')
		case '}', ']':
			if !b.pop(c == '}') {
				return i, borderBroken
			}
			if b.depth == 0 {
				return i + 1, borderFound
			}
		}
		i++
	}
	return len(data), borderOpen
}

// scanText reads on in a string, up to and including its final quote if that is there.
func (b *border) scanText(data []byte, i int) int {
	for i < len(data) {
		n := bytes.IndexByte(data[i:], '"')
		end := i + n
		if n < 0 {
			end = len(data)
		}
		run := end
		for run > i && data[run-1] == '\\' {
			run--
		}
		odd := (end-run)&1 == 1
		if run == i && b.escaped {
			odd = !odd
		}
		if n < 0 {
			b.escaped = odd
			return len(data)
		}
		b.escaped = false
		i = end + 1
		if !odd {
			b.inText = false
			return i
		}
	}
	return i
}

func (b *border) push(brace bool) {
	word, bit := b.depth/64, uint64(1)<<(b.depth%64)
	if word == len(b.kinds) {
		b.kinds = append(b.kinds, 0)
	}
	if brace {
		b.kinds[word] |= bit
	} else {
		b.kinds[word] &^= bit
	}
	b.depth++
	b.deepest = max(b.deepest, b.depth)
}

func (b *border) pop(brace bool) bool {
	if b.depth == 0 {
		return false
	}
	b.depth--
	return b.kinds[b.depth/64]>>(b.depth%64)&1 == 1 == brace
}
