package inflate_test

import (
	"bytes"
	stdflate "compress/flate"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/gzipfile"
)

// A bitWriter writes deflate data by hand.
type bitWriter struct {
	b []byte
	n int // bits in b
}

// bits writes the lower n bits of v, the lowest first.
func (w *bitWriter) bits(v, n int) *bitWriter {
	for i := range n {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
	return w
}

// A code has the length of each symbol's code.
type code []int

// symbol writes the canonical code of symbol.
func (w *bitWriter) symbol(c code, symbol int) *bitWriter {
	next := 0
	for n := 1; n <= 15; n++ {
		for s, m := range c {
			if m != n {
				continue
			}
			if s == symbol {
				for i := n - 1; i >= 0; i-- {
					w.bits(next>>i, 1)
				}
				return w
			}
			next++
		}
		next <<= 1
	}
	panic("no such symbol")
}

func (w *bitWriter) symbols(c code, symbols ...int) *bitWriter {
	for _, s := range symbols {
		w.symbol(c, s)
	}
	return w
}

// preOrder is the order in which a block gives the lengths of the code for lengths.
var preOrder = []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// pre writes the header of the last block, with codes of nlit and noff symbols whose
// lengths come in code pre.
func (w *bitWriter) pre(nlit, noff int, pre code) *bitWriter {
	w.bits(1, 1).bits(2, 2).bits(nlit-257, 5).bits(noff-1, 5).bits(15, 4)
	for _, s := range preOrder {
		w.bits(pre[s], 3)
	}
	return w
}

// flat is a code for lengths without repeats.
var flat = code{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 0, 0}

// dynamic writes the header of the last block with the given codes.
func (w *bitWriter) dynamic(lit, off code) *bitWriter {
	return w.pre(len(lit), len(off), flat).symbols(flat, lit...).symbols(flat, off...)
}

// with returns a code of n symbols in which some have the given lengths.
func with(n int, lengths map[int]int) code {
	c := make(code, n)
	for s, length := range lengths {
		c[s] = length
	}
	return c
}

// counted returns a code of n symbols of which counts[i] have i+1 bits. Which ones is
// random, but the last symbol and symbol keep have the shortest.
func counted(n, keep int, counts ...int) code {
	c := make(code, 0, n)
	for i, count := range counts {
		for range count {
			c = append(c, i+1)
		}
	}
	if len(c) != n {
		panic("other number of symbols")
	}
	rng := rand.New(rand.NewPCG(6, uint64(n)))
	rng.Shuffle(n-2, func(i, j int) { c[i+2], c[j+2] = c[j+2], c[i+2] })
	c[0], c[keep] = c[keep], c[0]
	return c
}

// fixedLit and fixedOff are the fixed codes.
var fixedLit, fixedOff = func() (lit, off code) {
	for i := range 288 {
		switch {
		case i < 144, i >= 280:
			lit = append(lit, 8)
		case i < 256:
			lit = append(lit, 9)
		default:
			lit = append(lit, 7)
		}
	}
	for range 32 {
		off = append(off, 5)
	}
	return lit, off
}()

func (w *bitWriter) fixed() *bitWriter { return w.bits(1, 1).bits(1, 2) }

// match writes a match in the fixed codes.
func (w *bitWriter) match(lengthSymbol, extra, extraBits, offSymbol, offExtra, offExtraBits int) *bitWriter {
	w.symbol(fixedLit, lengthSymbol).bits(extra, extraBits)
	return w.symbol(fixedOff, offSymbol).bits(offExtra, offExtraBits)
}

// literals writes n bytes in the fixed codes, the later ones of many with matches.
func (w *bitWriter) literals(n int) *bitWriter {
	matches := max(n-1000, 0) / 258
	for i := range n - 258*matches {
		w.symbol(fixedLit, i%251)
	}
	for range matches {
		w.match(285, 0, 0, 15, 58, 6) // at a distance of 251
	}
	return w
}

func (w *bitWriter) end() *bitWriter { return w.symbol(fixedLit, 256) }

// Codes for tests that need some.
var (
	ab    = map[int]int{'a': 1, 256: 2, 257: 2}
	abc   = with(258, ab)
	oneOf = with(258, map[int]int{256: 1})
)

type block struct {
	name string
	good bool
	w    *bitWriter
}

func start() *bitWriter { return new(bitWriter) }

// deflates returns good and bad deflate data. Where it can, bad data has no output but for
// what comes before the damage, so that a decoder that reads on finds a good checksum.
func deflates() []block {
	// The codes with the largest tables, as a search found them.
	largestLit := counted(286, 256, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 3, 1, 81, 194)
	largestOff := counted(30, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 9, 9, 1, 1, 1, 2)
	every := start().dynamic(largestLit, largestOff)
	for s := range 256 {
		every.symbol(largestLit, s)
	}
	for range 200 {
		every.symbols(largestLit, 5).symbol(largestLit, 257).symbol(largestOff, 3)
	}
	for s := range 16 {
		every.symbol(largestLit, 285).symbol(largestOff, s).bits(0, max(s-2, 0)/2)
	}
	every.symbol(largestLit, 256)

	long := func() *bitWriter { return start().fixed().literals(33_000) }
	repeats := code{2, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 2}
	// ones is 257 lengths, of which only literal a and the end of the block have one.
	ones := func(w *bitWriter) *bitWriter {
		return w.symbol(repeats, 18).bits(97-11, 7).symbol(repeats, 1).
			symbol(repeats, 18).bits(138-11, 7).symbol(repeats, 18).bits(20-11, 7).symbol(repeats, 1)
	}
	return []block{
		{"stored, empty", true, start().bits(1, 8).bits(0, 16).bits(0xffff, 16)},
		{"stored, wrong complement", false, start().bits(1, 8).bits(0, 16).bits(0xfffe, 16)},
		{"stored, cut", false, start().bits(1, 8).bits(2, 16).bits(0xfffd, 16)},
		{"stored after fixed", true, start().bits(0, 1).bits(1, 2).end().bits(1, 3).bits(0, 3).bits(1, 16).bits(0xfffe, 16).bits('x', 8)},
		{"kind 3", false, start().bits(1, 1).bits(3, 2).bits(0, 32)},
		{"no last block", false, start().bits(0, 1).bits(1, 2).end()},

		{"fixed, empty", true, start().fixed().end()},
		{"fixed, all literals", true, start().fixed().literals(251).symbols(fixedLit, 251, 252, 253, 254, 255).end()},
		{"symbol 285", true, start().fixed().literals(9).match(285, 0, 0, 0, 0, 0).end()},
		{"symbol 284 for the length 258", true, start().fixed().literals(9).match(284, 31, 5, 5, 1, 1).end()},
		{"symbol 286", false, start().fixed().literals(9).match(286, 0, 0, 0, 0, 0).end()},
		{"symbol 287", false, start().fixed().literals(9).match(287, 0, 0, 0, 0, 0).end()},
		{"symbol 286 early", false, start().fixed().literals(9).match(286, 0, 0, 0, 0, 0).literals(600).end()},
		{"symbol 286 in place of the end", false, start().fixed().literals(9).symbol(fixedLit, 286)},
		{"distance symbol 30", false, long().match(257, 0, 0, 30, 0, 0).end()},
		{"distance symbol 31", false, long().match(257, 0, 0, 31, 0, 0).end()},
		{"distance symbol 30 early", false, long().match(257, 0, 0, 30, 0, 0).literals(600).end()},
		{"distance to the first byte", true, start().fixed().literals(4).match(257, 0, 0, 3, 0, 0).end()},
		{"distance before the first byte", false, start().fixed().literals(3).match(257, 0, 0, 3, 0, 0).end()},
		{"distance before the first byte, early", false, start().fixed().literals(3).match(257, 0, 0, 3, 0, 0).literals(600).end()},
		{"distance of a match at once", false, start().fixed().match(257, 0, 0, 0, 0, 0).end()},
		{"largest distance", true, long().match(257, 0, 0, 29, 1<<13-1, 13).end()},
		{"largest distance, early", true, long().match(285, 0, 0, 29, 1<<13-1, 13).literals(600).end()},
		{"distance before the first byte, far", false, start().fixed().literals(32_767).match(257, 0, 0, 29, 1<<13-1, 13).literals(600).end()},

		{"286 literals", true, start().dynamic(with(286, ab), code{0}).symbols(abc, 'a', 256)},
		{"287 literals", false, start().dynamic(with(287, ab), code{0}).symbol(abc, 256)},
		{"288 literals", false, start().dynamic(with(288, ab), code{0}).symbol(abc, 256)},
		{"31 distances", false, start().dynamic(abc, with(31, map[int]int{0: 1, 29: 1})).symbol(abc, 256)},
		{"32 distances", false, start().dynamic(abc, with(32, map[int]int{0: 1, 29: 1})).symbol(abc, 256)},
		{"30 distances", true, start().dynamic(abc, with(30, map[int]int{0: 1, 29: 1})).symbols(abc, 'a', 256)},

		{"repeats", true, ones(start().pre(257, 1, repeats)).symbol(repeats, 0).bits(0, 1).bits(1, 1)},
		{"repeat of a length, first", false, start().pre(257, 1, repeats).symbol(repeats, 16).bits(0, 2)},
		{"repeat into the distances", true, start().pre(257, 4, repeats).
			symbol(repeats, 18).bits(127, 7).symbol(repeats, 18).bits(115-11, 7).symbols(repeats, 2, 16).bits(3, 2).symbol(repeats, 2).bits(3, 2)},
		{"repeat beyond the distances", false, ones(start().pre(257, 2, repeats)).symbol(repeats, 17).bits(0, 3).bits(1, 2)},
		{"repeat of a length beyond the distances", false, ones(start().pre(257, 2, repeats)).symbol(repeats, 16).bits(0, 2).bits(1, 2)},
		{"long repeat beyond the distances", false, ones(start().pre(257, 2, repeats)).symbol(repeats, 18).bits(0, 7).bits(1, 2)},

		{"lengths without a code", false, start().pre(257, 1, make(code, 19)).bits(0, 64)},
		{"lengths with one code", false, start().pre(257, 1, with(19, map[int]int{8: 1})).bits(0, 258).bits(0, 8)},
		{"lengths with one code, for zeros", false, start().pre(257, 1, with(19, map[int]int{18: 1})).bits(0, 8*4)},
		{"lengths with one code of two bits", false, start().pre(257, 1, with(19, map[int]int{8: 2})).bits(0, 600)},
		{"lengths with too many codes", false, start().pre(257, 1, with(19, map[int]int{0: 1, 1: 1, 2: 1})).bits(0, 600)},
		{"lengths with too few codes", false, start().pre(257, 1, with(19, map[int]int{0: 2, 1: 2, 2: 2})).bits(0, 600)},

		{"literals with too many codes", false, start().dynamic(with(258, map[int]int{'a': 1, 'b': 1, 256: 1}), code{1}).bits(0, 64)},
		{"literals with too few codes", false, start().dynamic(with(258, map[int]int{'a': 2, 'b': 2, 256: 2}), code{1}).bits(1, 2)},
		{"literals with no code", false, start().dynamic(make(code, 258), code{1}).bits(0, 64)},
		{"literals with one code, used", true, start().dynamic(oneOf, code{0}).bits(0, 1)},
		{"literals with one code, other bit", false, start().dynamic(oneOf, code{0}).bits(1, 1).bits(0, 64)},
		{"literals with one code, other bit early", false, start().dynamic(oneOf, code{0}).bits(1, 1).bits(0, 999)},
		{"literals with one code, other bit in place of the end", false, start().dynamic(oneOf, code{0}).bits(1, 1)},
		{"literals with one code of two bits", false, start().dynamic(with(258, map[int]int{256: 2}), code{0}).bits(0, 2)},
		{"literals with one code, no end of block", false, start().dynamic(with(258, map[int]int{'a': 1}), code{0}).bits(0, 999)},
		{"no end of block", false, start().dynamic(with(258, map[int]int{'a': 1, 257: 1}), code{1}).bits(0, 999)},

		{"distances without a code, not used", true, start().dynamic(abc, code{0}).symbols(abc, 'a', 'a', 256)},
		{"distances without a code, used", false, start().dynamic(abc, code{0}).symbols(abc, 'a', 'a', 257).symbols(abc, 256)},
		{"distances without a code, used early", false, start().dynamic(abc, code{0}).symbols(abc, 'a', 'a', 257).bits(0, 999)},
		{"distances with one code, used", true, start().dynamic(abc, code{0, 1}).symbols(abc, 'a', 'a', 257).bits(0, 1).symbols(abc, 256)},
		{"distances with one code, other bit", false, start().dynamic(abc, code{0, 1}).symbols(abc, 'a', 'a', 257).bits(1, 1).symbols(abc, 256)},
		{"distances with one code of two bits", false, start().dynamic(abc, code{0, 2}).symbol(abc, 256)},
		{"distances with too few codes", false, start().dynamic(abc, code{2, 2}).symbol(abc, 256)},
		{"distances with too many codes", false, start().dynamic(abc, code{1, 1, 1}).symbol(abc, 256)},

		{"distances with one code of 15 bits too many", false,
			start().dynamic(abc, code{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15}).symbol(abc, 256)},

		{"largest tables", true, every},
		{"codes of 15 bits alone", true, longCodes()},
	}
}

// longCodes uses codes of all lengths up to 15 for one match after the other.
func longCodes() *bitWriter {
	lit, off := make(code, 286), make(code, 30)
	for i := range 14 {
		lit[i], off[i] = i+1, i+1
	}
	lit[256], lit[284], off[14], off[29] = 15, 15, 15, 15
	w := start().dynamic(lit, off)
	for i := range 2_000 {
		w.symbol(lit, i%14)
		if i%50 == 49 {
			w.symbol(lit, 284).bits(i, 5).symbol(off, i/50%12).bits(0, max(i/50%12-2, 0)/2)
		}
	}
	w.symbol(lit, 284).bits(7, 5).symbol(off, 14).bits(33, 6)
	for i := range 150 {
		w.symbol(lit, 284).bits(i, 5).symbol(off, 14).bits(63-i%64, 6)
	}
	for i := range 50 {
		// Two literals and the match have 11+11 and 15+5+15+13 bits.
		w.symbols(lit, 10, 10).symbol(lit, 284).bits(31, 5).symbol(off, 29).bits(i*100%(1<<13-1), 13)
	}
	return w.symbol(lit, 256)
}

// blocks returns the data of all as files, with good checksums if it is good.
func blocks(tb testing.TB, all []block) []file {
	tb.Helper()
	var files []file
	for _, b := range all {
		out, err := io.ReadAll(stdflate.NewReader(bytes.NewReader(b.w.b)))
		if (err == nil) != b.good {
			tb.Fatalf("%s: compress/flate says %v, want good: %v", b.name, err, b.good)
		}
		files = append(files, file{b.name, gzipfile.Seal(gzipfile.Header(0), b.w.b, out)})
	}
	return files
}

func TestAppendBlocks(t *testing.T) {
	var c checker
	all, more := deflates(), zip(t, logs(t, 1, 40_000)[0])
	for i, f := range blocks(t, all) {
		t.Run(f.name, func(t *testing.T) {
			good := all[i].good
			if c.checkAll(t, f.data) != good {
				t.Errorf("good: %v, want %v", !good, good)
			}
			// With enough after it that the last bytes are not all of it.
			c.checkAll(t, join(f.data, make([]byte, 100)))
			c.checkAll(t, join(f.data, more))
		})
	}
}

// TestAppendReservedSymbols gives symbols that mean nothing a checksum as if they were
// the longest length or the shortest distance.
func TestAppendReservedSymbols(t *testing.T) {
	var c checker
	text := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8}
	for _, test := range []struct{ length, off, copied int }{
		{285, 0, 258}, {286, 0, 258}, {287, 0, 258}, {257, 30, 3}, {257, 31, 3},
	} {
		w := start().fixed().literals(9).match(test.length, 0, 0, test.off, 0, 0).end()
		data := gzipfile.Seal(gzipfile.Header(0), w.b, join(text, bytes.Repeat(text[8:], test.copied)))
		for _, data := range [][]byte{data, join(data, zip(t, noise(100)))} {
			if got, want := c.checkAll(t, data), test.length == 285; got != want {
				t.Errorf("Append of length symbol %d with distance symbol %d: good: %v, want %v", test.length, test.off, got, want)
			}
		}
	}
}

// TestAppendMembersAreSeparate checks that no match reaches into the member before.
func TestAppendMembersAreSeparate(t *testing.T) {
	var c checker
	text := logs(t, 1, 2000)[0]
	// What would come out if it did has a good checksum.
	out := []byte{0, 1, 2, text[len(text)-1], 0, 1}
	for i := range 600 {
		out = append(out, byte(i%251))
	}
	bad := gzipfile.Seal(gzipfile.Header(0), start().fixed().literals(3).match(257, 0, 0, 3, 0, 0).literals(600).end().b, out)
	if c.check(t, join(zip(t, text), bad), 5000, 1000) {
		t.Error("Append read a distance that reaches into another member")
	}
	tail := start().fixed().match(257, 0, 0, 3, 0, 0).end().b
	if c.check(t, join(zip(t, text), gzipfile.Seal(gzipfile.Header(0), tail, text[len(text)-4:len(text)-1])), 5000, 1000) {
		t.Error("Append read a distance that reaches into another member")
	}
}

// TestAppendRandomCodes reads blocks with random codes, which are deeper than those of encoders.
func TestAppendRandomCodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var c checker
	for range testutil.Pick(20, 200) {
		nlit, noff := 257+rng.IntN(30), 1+rng.IntN(30)
		lit, off := randomCode(rng, nlit, 256), randomCode(rng, noff, 0)
		w := start().dynamic(lit, off)
		for have, n := 0, 0; n < 3000; n++ {
			s, o := rng.IntN(nlit), rng.IntN(noff)
			if lit[s] == 0 || s == 256 {
				continue
			}
			if s < 256 {
				w.symbol(lit, s)
				have++
				continue
			}
			// Symbol o has distances up to this, but for the last of those before it.
			if extra := max(o-2, 0) / 2; off[o] > 0 && have >= 4<<extra {
				w.symbol(lit, s).bits(0, max(s-261, 0)/4%6).symbol(off, o).bits(rng.Int(), extra)
				have += 3
			}
		}
		w.symbol(lit, 256)
		sealed, ok := reseal(join(gzipfile.Header(0), w.b))
		if !ok {
			t.Fatal("compress/flate refuses the block")
		}
		if !c.checkAll(t, sealed) {
			t.Fatal("Append refused the block")
		}
	}
}

// randomCode returns a complete code of n symbols or fewer, one of which is keep.
func randomCode(rng *rand.Rand, n, keep int) code {
	lengths := []int{0}
	for used := 1 + rng.IntN(n); len(lengths) < used; {
		i := rng.IntN(len(lengths))
		if rng.IntN(2) == 0 {
			i = len(lengths) - 1
		}
		if lengths[i] < 15 {
			lengths[i]++
			lengths = append(lengths, lengths[i])
		}
	}
	if len(lengths) == 1 {
		lengths[0] = 1
	}
	c := make(code, n)
	copy(c, lengths)
	rng.Shuffle(n, func(i, j int) { c[i], c[j] = c[j], c[i] })
	if c[keep] == 0 {
		for i := range c {
			if c[i] > 0 {
				c[keep], c[i] = c[i], 0
				break
			}
		}
	}
	return c
}
