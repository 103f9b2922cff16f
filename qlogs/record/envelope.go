package record

import "io"

// place is where in a file a Decoder stands between two values.
type place uint8

const (
	betweenDocuments place = iota
	firstMember            // after the brace that opens a document
	nextMember             // after a comma of a document
	afterMember
	firstRecord // after the bracket that opens the records
	nextRecord  // after a comma of the records
	afterRecord
)

// toRecord moves to the first byte of the next record.
func (d *Decoder) toRecord() error {
	for {
		c, ok := d.window.peek()
		if !ok {
			return d.atEnd()
		}
		switch d.place {
		case firstRecord, nextRecord:
			if c == ']' && d.place == firstRecord {
				d.step(afterMember)
				continue
			}
			return nil
		case afterRecord:
			switch c {
			case ',':
				d.step(nextRecord)
			case ']':
				d.step(afterMember)
			default:
				return d.fault(ErrSyntax)
			}
		default:
			if err := d.toMember(c); err != nil {
				return err
			}
		}
	}
}

// toMember moves on outside of the records.
func (d *Decoder) toMember(c byte) error {
	switch {
	case d.place == betweenDocuments:
		if c == byteOrderMark[0] && string(d.window.prefix(len(byteOrderMark))) == byteOrderMark {
			return d.passMark()
		}
		d.document = d.window.offset()
		d.hasArray = false
		if c != '{' {
			return d.notObject()
		}
		d.step(firstMember)
	case c == '}' && d.place != nextMember:
		if !d.hasArray {
			return &DocumentError{d.document, ErrNotLog}
		}
		d.documents++
		d.step(betweenDocuments)
	case d.place == afterMember:
		if c != ',' {
			return d.fault(ErrSyntax)
		}
		d.step(nextMember)
	default:
		return d.member(c)
	}
	return nil
}

// byteOrderMark is what some editors and tools begin a file with.
const byteOrderMark = "\xef\xbb\xbf"

func (d *Decoder) passMark() error {
	d.window.pos += len(byteOrderMark)
	if !d.window.pace.pass(len(byteOrderMark)) {
		return d.window.ended()
	}
	return nil
}

// step passes one byte.
func (d *Decoder) step(to place) {
	d.window.pos++
	d.place = to
}

func (d *Decoder) fault(err error) error {
	return &DocumentError{d.window.offset(), err}
}

// atEnd returns io.EOF if the file may end here.
func (d *Decoder) atEnd() error {
	if d.place == betweenDocuments && d.documents > 0 && d.window.err == io.EOF {
		return io.EOF
	}
	return d.window.ended()
}

// notObject tells JSON that is not a log from what is not JSON at all, as far
// as the first bytes show it.
func (d *Decoder) notObject() error {
	w := &d.window
	if d.documents == 0 {
		if form := formOf(w.prefix(formMost)); form != "" {
			return &DocumentError{d.document, form}
		}
	}
	w.border.reset()
	w.mark = w.pos
	st := borderOpen
	for st == borderOpen && w.offset()-d.document < windowMin {
		var n int
		n, st = w.border.scan(w.data[w.pos:])
		w.pos += n
		if st == borderOpen && !w.fill(windowMin) {
			break
		}
	}
	switch {
	case st == borderFound, st == borderOpen && w.err == io.EOF && w.border.scalar():
		if !d.scanner.valid(w.data[w.mark:w.pos]) {
			return &DocumentError{d.document, ErrSyntax}
		}
	case st == borderBroken, st == borderTooDeep:
		return d.fault(ErrSyntax)
	case w.err != nil:
		return w.ended()
	}
	return &DocumentError{d.document, ErrNotLog}
}

// member reads a key of a document and, unless it is "records", its value.
func (d *Decoder) member(c byte) error {
	isRecords, err := d.key(c)
	if err != nil {
		return err
	}
	c, ok := d.window.peek()
	if !ok {
		return d.window.ended()
	}
	if c != ':' {
		return d.fault(ErrSyntax)
	}
	d.window.pos++
	if c, ok = d.window.peek(); !ok {
		return d.window.ended()
	}
	if isRecords && c == '[' {
		d.hasArray = true
		d.step(firstRecord)
		return nil
	}
	start := d.window.offset()
	raw, err := d.window.value(d.maxBytes)
	switch {
	case err != nil:
		return err
	case raw != nil && !d.scanner.valid(raw):
		return &DocumentError{start, ErrSyntax}
	case isRecords:
		return &DocumentError{start, ErrNotLog}
	}
	d.place = afterMember
	return nil
}

// key reads a key and reports whether it is "records".
func (d *Decoder) key(c byte) (bool, error) {
	if c != '"' {
		return false, d.fault(ErrSyntax)
	}
	start := d.window.offset()
	raw, err := d.window.value(d.maxBytes)
	if err != nil {
		return false, err
	}
	if raw == nil {
		return false, &DocumentError{start, ErrTooLarge}
	}
	if string(raw) == `"records"` {
		return true, nil
	}
	name, err := d.scanner.unquote(raw)
	if err != nil {
		return false, &DocumentError{start, err}
	}
	return name == "records", nil
}
