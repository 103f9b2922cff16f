package inflate

import (
	"math/bits"
	"sync"
)

// Numbers of symbols, and of those that only the fixed codes have.
const (
	maxLit   = 286
	maxOff   = 30
	fixedLit = 288
	fixedOff = 32
	maxPre   = 19
)

// A table is indexed by the next bits of input, as many as the constants say. Codes that
// are longer lead to a subtable, which is indexed by the bits after those.
const (
	litBits = 11
	offBits = 8
	preBits = 7 // the longest code there
	maxBits = 15
)

// The sizes of tables with all subtables for the worst codes, as zlib's
// examples/enough.c computes them: "enough 288 11 15" and "enough 32 8 15".
const (
	litSize = 2342
	offSize = 402
)

// tables are those of the two codes of a block: of literals and lengths, and of distances.
type tables struct {
	lit [litSize]uint32
	off [offSize]uint32
}

// An entry of a table holds, from the lowest bit:
//
//	6 bits  how many bits of input it uses: of the code and extra ones after it
//	8-11    how many of these are of the code; of a link, how many bits index the subtable
//	13-15   flags
//	16-30   the literal, the base of the length or distance, or where the subtable begins
//	31      flagLiteral
//
// In a subtable, bits that led to it are not counted again.
const (
	flagEnd     = 1 << 13 // with flagSpecial: end of block
	flagLink    = 1 << 14 // with flagSpecial: subtable
	flagSpecial = 1 << 15 // without the others: no valid code
	flagLiteral = 1 << 31

	useMask = 1<<6 - 1
)

// Entries without the length of the code, by symbol.
var (
	litSymbols = newLitSymbols()
	offSymbols = newOffSymbols()
	preSymbols = newPreSymbols()
)

func newLitSymbols() (s [fixedLit]uint32) {
	for i := range 256 {
		s[i] = flagLiteral | uint32(i)<<16
	}
	s[256] = flagSpecial | flagEnd
	base := uint32(3)
	for i := 257; i < 285; i++ {
		extra := uint32(max(i-261, 0) / 4)
		s[i] = base<<16 | extra
		base += 1 << extra
	}
	s[285] = 258 << 16
	s[286], s[287] = flagSpecial, flagSpecial
	return s
}

func newOffSymbols() (s [fixedOff]uint32) {
	base := uint32(1)
	for i := range maxOff {
		extra := uint32(max(i-2, 0) / 2)
		s[i] = base<<16 | extra
		base += 1 << extra
	}
	s[30], s[31] = flagSpecial, flagSpecial
	return s
}

func newPreSymbols() (s [maxPre]uint32) {
	for i := range s {
		s[i] = uint32(i) << 16
	}
	return s
}

// fixed returns the tables of the fixed codes, which all Decoders share.
var fixed = sync.OnceValue(func() *tables {
	var lit [fixedLit]uint8
	for i := range lit {
		lit[i] = 8
		if i >= 144 && i < 256 {
			lit[i] = 9
		} else if i >= 256 && i < 280 {
			lit[i] = 7
		}
	}
	var off [fixedOff]uint8
	for i := range off {
		off[i] = 5
	}
	t := new(tables)
	build(t.lit[:], litBits, lit[:], litSymbols[:])
	build(t.off[:], offBits, off[:], offSymbols[:])
	return t
})

// build fills table, whose first 1<<width entries are not of a subtable, for the code
// that has the given length for each of the symbols. It reports whether the code is
// complete, or one that compress/flate accepts as well: without a symbol, or with a
// single one of one bit. Bits that such a code does not use lead to an entry for no code.
func build(table []uint32, width int, lengths []uint8, symbols []uint32) bool {
	var count [maxBits + 1]int
	for _, n := range lengths {
		count[n&maxBits]++
	}
	room := 1 // codes of n bits that are no continuation of a shorter one
	var next [maxBits + 1]int
	count[0] = 0 // symbols without a code
	for n := range maxBits {
		next[n+1] = next[n] + count[n]
		room = room<<1 - count[n+1]
		if room < 0 {
			return false
		}
	}
	// By length, then by value: the order of the codes.
	var sorted [fixedLit]uint16
	for symbol, n := range lengths {
		if n > 0 {
			i := &next[n&maxBits]
			sorted[*i] = uint16(symbol)
			*i++
		}
	}
	order := sorted[:next[maxBits]]
	if room > 0 {
		return buildPartial(table[:1<<width], count[1], order, symbols)
	}

	// Codes of each length are numbered upwards, and since their first bit is the lowest
	// one of the index, that runs through the indices with the bits mirrored. Entries for
	// a width of n bits are twice those for n-1, so those are copied before codes of n
	// bits overwrite what belongs to them.
	n := 1
	for count[n] == 0 {
		n++
	}
	code, size := 0, 1<<n
	for ; n <= width; n++ {
		for _, symbol := range order[:count[n]] {
			table[code] = symbols[symbol] + uint32(n)<<8 + uint32(n)
			if code == size-1 {
				for ; size < 1<<width; size *= 2 {
					copy(table[size:2*size], table[:size])
				}
				return true
			}
			code = following(code, size-1)
		}
		order = order[count[n]:]
		if n < width {
			copy(table[size:2*size], table[:size])
			size *= 2
		}
	}

	// Longer codes, grouped by the bits that lead to their subtable.
	start, end, prefix := 0, size, -1
	for ; ; n++ {
		for i, symbol := range order[:count[n]] {
			if code&(size-1) != prefix {
				prefix, start = code&(size-1), end
				sub := n - width
				for left := count[n] - i; left < 1<<sub; left = left<<1 + count[width+sub] {
					sub++
				}
				end = start + 1<<sub
				table[prefix] = uint32(start)<<16 | flagSpecial | flagLink | uint32(sub)<<8 | uint32(width)
			}
			entry := symbols[symbol] + uint32(n-width)<<8 + uint32(n-width)
			for j := start + code>>width; j < end; j += 1 << (n - width) {
				table[j] = entry
			}
			if code == 1<<n-1 {
				return true
			}
			code = following(code, 1<<n-1)
		}
		order = order[count[n]:]
	}
}

// following returns the code after code, both with the bits mirrored; last is the
// last one of that length.
func following(code, last int) int {
	// Adding one sets the highest bit that is clear and clears those above it.
	bit := 1 << (bits.Len(uint(code^last)) - 1)
	return code&(bit-1) | bit
}

func buildPartial(table []uint32, ones int, order []uint16, symbols []uint32) bool {
	for i := range table {
		table[i] = flagSpecial
	}
	if len(order) == 1 && ones == 1 {
		for i := 0; i < len(table); i += 2 {
			table[i] = symbols[order[0]] + 1<<8 + 1
		}
		return true
	}
	return len(order) == 0
}
