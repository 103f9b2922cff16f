package record

import "io"

// An envelope is what is around the records of a file: documents, and their members.
type envelope struct {
	window   window
	account  *account // decodes the keys of documents
	maxBytes int64    // the longest value that is held in memory

	place     place
	document  int64 // offset of the current one
	documents int   // how many are finished
	hasArray  bool  // the current document has had "records"
}

// place is a place in a file between two values.
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
func (e *envelope) toRecord() error {
	for {
		c, ok := e.window.peek()
		if !ok {
			return e.atEnd()
		}
		switch e.place {
		case firstRecord, nextRecord:
			if c == ']' && e.place == firstRecord {
				e.step(afterMember)
				continue
			}
			return nil
		case afterRecord:
			switch c {
			case ',':
				e.step(nextRecord)
			case ']':
				e.step(afterMember)
			default:
				return e.fault(ErrSyntax)
			}
		default:
			if err := e.toMember(c); err != nil {
				return err
			}
		}
	}
}

// toMember moves on outside of the records, from a byte of a document.
func (e *envelope) toMember(c byte) error {
	switch {
	case e.place == betweenDocuments:
		if c == byteOrderMark[0] && string(e.window.prefix(len(byteOrderMark))) == byteOrderMark {
			return e.passMark()
		}
		e.document = e.window.offset()
		e.hasArray = false
		if c != '{' {
			return e.notObject()
		}
		e.step(firstMember)
	case c == '}' && e.place != nextMember:
		if !e.hasArray {
			return &DocumentError{e.document, ErrNotLog}
		}
		e.documents++
		e.step(betweenDocuments)
	case e.place == afterMember:
		if c != ',' {
			return e.fault(ErrSyntax)
		}
		e.step(nextMember)
	default:
		return e.member(c)
	}
	return nil
}

func (e *envelope) passMark() error {
	e.window.pos += len(byteOrderMark)
	if !e.window.pace.pass(len(byteOrderMark)) {
		return e.window.ended()
	}
	return nil
}

// step passes one byte.
func (e *envelope) step(to place) {
	e.window.pos++
	e.place = to
}

func (e *envelope) fault(err error) error {
	return &DocumentError{e.window.offset(), err}
}

// atEnd returns io.EOF if the file may end here.
func (e *envelope) atEnd() error {
	if e.place == betweenDocuments && e.documents > 0 && e.window.err == io.EOF {
		return io.EOF
	}
	return e.window.ended()
}

// notObject returns the error for a document that is no object: it is JSON that is not a
// log, or not JSON at all, as far as its first bytes show.
func (e *envelope) notObject() error {
	w := &e.window
	if e.documents == 0 {
		if form := formOf(w.prefix(formMost)); form != "" {
			return &DocumentError{e.document, form}
		}
	}
	w.border.reset()
	w.mark = w.pos
	st := borderOpen
	for st == borderOpen && w.offset()-e.document < windowMin {
		var n int
		n, st = w.border.scan(w.data[w.pos:])
		w.pos += n
		if st == borderOpen && !w.fill(windowMin) {
			break
		}
	}
	switch {
	case st == borderFound, st == borderOpen && w.err == io.EOF && w.border.scalar():
		if !e.account.valid(w.data[w.mark:w.pos]) {
			return &DocumentError{e.document, ErrSyntax}
		}
	case st == borderBroken, st == borderTooDeep:
		return e.fault(ErrSyntax)
	case w.err != nil:
		return w.ended()
	}
	return &DocumentError{e.document, ErrNotLog}
}

// member reads a key of a document and, unless it is "records", its value.
func (e *envelope) member(c byte) error {
	isRecords, err := e.key(c)
	if err != nil {
		return err
	}
	c, ok := e.window.peek()
	if !ok {
		return e.window.ended()
	}
	if c != ':' {
		return e.fault(ErrSyntax)
	}
	e.window.pos++
	if c, ok = e.window.peek(); !ok {
		return e.window.ended()
	}
	if isRecords && c == '[' {
		e.hasArray = true
		e.step(firstRecord)
		return nil
	}
	start := e.window.offset()
	raw, err := e.window.value(e.maxBytes)
	switch {
	case err != nil:
		return err
	case raw != nil && !e.account.valid(raw):
		return &DocumentError{start, ErrSyntax}
	case isRecords:
		return &DocumentError{start, ErrNotLog}
	}
	e.place = afterMember
	return nil
}

// key reads a key and reports whether it is "records".
func (e *envelope) key(c byte) (bool, error) {
	if c != '"' {
		return false, e.fault(ErrSyntax)
	}
	start := e.window.offset()
	raw, err := e.window.value(e.maxBytes)
	if err != nil {
		return false, err
	}
	if raw == nil {
		return false, &DocumentError{start, ErrTooLarge}
	}
	if string(raw) == `"records"` {
		return true, nil
	}
	name, err := e.account.unquote(raw)
	if err != nil {
		return false, &DocumentError{start, err}
	}
	return name == "records", nil
}
