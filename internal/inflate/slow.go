package inflate

// symbols decompresses the symbols of a block.
func (d *Decoder) symbols() error {
	if err := d.copy(); err != nil {
		return err
	}
	if len(d.src)-d.pos >= inSlack && len(d.out)-d.to >= outSlack {
		if done, err := d.fast(); done || err != nil {
			return err
		}
	}
	return d.slow()
}

// slow decompresses symbol by symbol, to the last byte of either buffer.
func (d *Decoder) slow() error {
	lit, off := &d.codes.lit, &d.codes.off
	for {
		// A match has at most 48 bits: 15 and 5 of its length, 15 and 13 of its distance.
		d.refill()
		used := uint(0)
		e := lit[d.bits%(1<<litBits)]
		if e&flagLink != 0 {
			used = litBits
			e = lit[e>>16+uint32(d.bits>>used)&(1<<(e>>8&15)-1)]
		}
		at := used
		used += uint(e & useMask)
		switch {
		case used > d.nbits:
			return ErrCorrupt
		case e&flagLiteral != 0:
			if d.to == len(d.out) {
				return ErrFull
			}
			d.use(used)
			d.out[d.to] = byte(e >> 16)
			d.to++
			continue
		case e&flagEnd != 0:
			d.use(used)
			d.endBlock()
			return nil
		case e&flagSpecial != 0:
			return ErrCorrupt
		}
		length := value(e, d.bits>>at)

		e = off[d.bits>>used%(1<<offBits)]
		if e&flagLink != 0 {
			used += offBits
			e = off[e>>16+uint32(d.bits>>used)&(1<<(e>>8&15)-1)]
		}
		dist := value(e, d.bits>>used)
		used += uint(e & useMask)
		if e&flagSpecial != 0 || used > d.nbits || dist > d.to-d.start {
			return ErrCorrupt
		}
		d.use(used)
		d.size, d.dist = length, dist
		if err := d.copy(); err != nil {
			return err
		}
	}
}

func (d *Decoder) use(n uint) {
	d.bits >>= n
	d.nbits -= n
}

// value is the base of e and its extra bits, which follow those of its code in bits.
func value(e uint32, bits uint64) int {
	return int(e>>16) + int(bits&(1<<(e&useMask)-1)>>(e>>8&15))
}

// copy copies the match, or what is left of it.
func (d *Decoder) copy() error {
	from, end := d.to-d.dist, min(d.to+d.size, len(d.out))
	d.size -= end - d.to
	// The more of a match that overlaps itself is there, the more can be copied at once.
	for d.to < end {
		d.to += copy(d.out[d.to:end], d.out[from:d.to])
	}
	if d.size > 0 {
		return ErrFull
	}
	return nil
}
