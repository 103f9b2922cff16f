package inflate

import "encoding/binary"

// refill loads bits until there are at least 56, or all that are left.
func (d *Decoder) refill() {
	if p := d.src[d.pos:]; len(p) >= 8 {
		d.bits |= binary.LittleEndian.Uint64(p) << (d.nbits & 63)
		d.pos += int(7 - d.nbits>>3&7)
		d.nbits |= 56
		return
	}
	for d.nbits < 56 && d.pos < len(d.src) {
		d.bits |= uint64(d.src[d.pos]) << d.nbits
		d.pos++
		d.nbits += 8
	}
}

// align drops what is left of a byte and gives the whole bytes after it back to src.
func (d *Decoder) align() {
	d.pos -= int(d.nbits >> 3)
	d.bits, d.nbits = 0, 0
}

// block reads the header of a block.
func (d *Decoder) block() error {
	d.refill()
	if d.nbits < 3 {
		return ErrCorrupt
	}
	kind := d.bits >> 1 & 3
	d.final = d.bits&1 != 0
	d.use(3)
	switch kind {
	case 0:
		return d.storedHeader()
	case 1:
		d.codes = fixed()
	case 2:
		if !d.dynamic() {
			return ErrCorrupt
		}
		d.codes = &d.own
	default:
		return ErrCorrupt
	}
	d.step = stepSymbols
	return nil
}

func (d *Decoder) endBlock() {
	if d.step = stepBlock; d.final {
		d.step = stepTrailer
	}
}

func (d *Decoder) storedHeader() error {
	d.align()
	p := d.src[d.pos:]
	if len(p) < 4 {
		return ErrCorrupt
	}
	size := binary.LittleEndian.Uint16(p)
	if size != ^binary.LittleEndian.Uint16(p[2:]) {
		return ErrCorrupt
	}
	d.pos += 4
	d.size = int(size)
	d.step = stepStored
	return nil
}

// stored copies a stored block.
func (d *Decoder) stored() error {
	n := min(d.size, len(d.src)-d.pos)
	n = copy(d.out[d.to:], d.src[d.pos:d.pos+n])
	d.pos += n
	d.to += n
	d.size -= n
	switch {
	case d.size == 0:
		d.endBlock()
		return nil
	case d.pos == len(d.src):
		return ErrCorrupt
	}
	return ErrFull
}

// preOrder is the order in which a block gives the lengths of the code for lengths.
var preOrder = [maxPre]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes of a block and builds their tables.
func (d *Decoder) dynamic() bool {
	// The three numbers take 14 bits, and 19 lengths of the code for lengths 57.
	nlit := int(d.bits&31) + 257
	noff := int(d.bits>>5&31) + 1
	npre := int(d.bits>>10&15) + 4
	if d.nbits < 14 || nlit > maxLit || noff > maxOff {
		return false
	}
	d.use(14)
	var pre [maxPre]uint8
	for _, symbol := range preOrder[:npre] {
		if d.nbits < 3 {
			if d.refill(); d.nbits < 3 {
				return false
			}
		}
		pre[symbol] = uint8(d.bits & 7)
		d.use(3)
	}
	return build(d.pre[:], preBits, pre[:], preSymbols[:]) &&
		d.readLengths(d.lengths[:nlit+noff]) &&
		build(d.own.off[:], offBits, d.lengths[nlit:nlit+noff], offSymbols[:]) &&
		build(d.own.lit[:], litBits, d.lengths[:nlit], litSymbols[:])
}

// readLengths reads the lengths of the codes of literals and distances.
func (d *Decoder) readLengths(lengths []uint8) bool {
	for i := 0; i < len(lengths); {
		if d.nbits < 14 { // 7 of a code and 7 extra ones
			d.refill()
		}
		e := d.pre[d.bits%(1<<preBits)]
		used := uint(e & useMask)
		symbol := e >> 16
		if e&flagSpecial != 0 || used > d.nbits {
			return false
		}
		if symbol < 16 {
			d.use(used)
			lengths[i] = uint8(symbol)
			i++
			continue
		}
		extra := d.bits >> used
		var value uint8
		var n int
		switch symbol {
		case 16:
			if i == 0 {
				return false
			}
			value, n = lengths[i-1], 3+int(extra&3)
			used += 2
		case 17:
			n = 3 + int(extra&7)
			used += 3
		default:
			n = 11 + int(extra&127)
			used += 7
		}
		if used > d.nbits || n > len(lengths)-i {
			return false
		}
		d.use(used)
		for j := range lengths[i : i+n] {
			lengths[i+j] = value
		}
		i += n
	}
	return true
}
