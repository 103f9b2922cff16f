package inflate

import "encoding/binary"

// What fast may take in one round: it loads 8 bytes up to four times, of which it uses 7
// at most, and writes two literals and a match of 258 bytes, in copies of 32 bytes.
const (
	inSlack  = 40
	outSlack = 320
)

// fast decompresses symbols while both buffers have slack. It reports whether the block
// has ended.
func (d *Decoder) fast() (done bool, err error) {
	// All state is in local variables, for the sake of registers. The lower 8 bits of nb
	// are the number of loaded bits, and the upper ones whatever nb -= e has left there.
	lit, off := &d.codes.lit, &d.codes.off
	src, out := d.src, d.out
	pos, to, start := d.pos, d.to, d.start
	inEnd, outEnd := len(src)-inSlack, len(out)-outSlack
	b, nb, pos := load(d.bits, uint32(d.nbits), src, pos)
	e := lit[b%(1<<litBits)]
	for pos <= inEnd && to <= outEnd {
		// Here b has at least 56 bits, and e is the entry that they lead to.
		if int32(e) < 0 { // flagLiteral, as the compiler likes it
			b >>= e & useMask
			nb -= e
			out[to] = byte(e >> 16)
			to++
			e = lit[b%(1<<litBits)]
			if int32(e) < 0 {
				b >>= e & useMask
				nb -= e
				out[to] = byte(e >> 16)
				to++
				e = lit[b%(1<<litBits)]
				if int32(e) < 0 {
					b >>= e & useMask
					nb -= e
					out[to] = byte(e >> 16)
					to++
					e = lit[b%(1<<litBits)]
					b, nb, pos = load(b, nb, src, pos)
					continue
				}
			}
		}
		if e&flagSpecial != 0 {
			if e&flagLink != 0 {
				b >>= litBits
				nb -= litBits
				e = lit[e>>16+uint32(b)&(1<<(e>>8&15)-1)]
			}
			if int32(e) < 0 {
				b >>= e & useMask
				nb -= e
				out[to] = byte(e >> 16)
				to++
				e = lit[b%(1<<litBits)]
				b, nb, pos = load(b, nb, src, pos)
				continue
			}
			if e&flagSpecial != 0 {
				b >>= e & useMask
				nb -= e
				done = true
				if e&flagEnd == 0 {
					err = ErrCorrupt
				}
				break
			}
		}
		length := int(e>>16) + int(b&(1<<(e&useMask)-1)>>(e>>8&15))
		b >>= e & useMask
		nb -= e

		// Two literals and a length leave at least 56-11-11-15-5 bits, enough to look the
		// distance up but not for all of its 28 bits and the look-up after it.
		e = off[b%(1<<offBits)]
		if nb&63 < 15+13+litBits {
			b, nb, pos = load(b, nb, src, pos)
		}
		if e&flagSpecial != 0 {
			if e&flagLink != 0 {
				b >>= offBits
				nb -= offBits
				e = off[e>>16+uint32(b)&(1<<(e>>8&15)-1)]
			}
			if e&flagSpecial != 0 {
				err = ErrCorrupt
				break
			}
		}
		dist := int(e>>16) + int(b&(1<<(e&useMask)-1)>>(e>>8&15))
		if dist > to-start {
			err = ErrCorrupt
			break
		}
		b >>= e & useMask
		nb -= e
		// The next look-up is under way during the copy.
		e = lit[b%(1<<litBits)]
		b, nb, pos = load(b, nb, src, pos)

		from, end := to-dist, to+length
		if dist >= 16 {
			// Most matches are shorter than 32 bytes, so the first round has no test before it.
			for {
				t, f := (*[32]byte)(out[to:to+32]), (*[32]byte)(out[from:from+32])
				*(*[16]byte)(t[:16]) = *(*[16]byte)(f[:16])
				*(*[16]byte)(t[16:]) = *(*[16]byte)(f[16:])
				to += 32
				from += 32
				if to >= end {
					break
				}
			}
		} else {
			// Of 8 bytes, only the first dist were there before; the next round puts the
			// others right.
			for step := min(dist, 8); to < end; to += step {
				*(*[8]byte)(out[to : to+8]) = *(*[8]byte)(out[from : from+8])
				from += step
			}
		}
		to = end
	}
	d.bits, d.nbits, d.pos, d.to = b, uint(nb&63), pos, to
	if done && err == nil {
		d.endBlock()
	}
	return done, err
}

// load loads bits until there are at least 56, from src with at least 8 bytes left.
func load(b uint64, nb uint32, src []byte, pos int) (uint64, uint32, int) {
	b |= binary.LittleEndian.Uint64(src[pos:pos+8]) << (nb & 63)
	return b, nb | 56, pos + int(7-nb>>3&7)
}
