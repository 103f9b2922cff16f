package record

import (
	"bytes"
	"math"
)

// scanner goes through one record that is entirely in memory.
type scanner struct {
	account
	data    []byte
	pos     int
	depth   int
	limit   int    // of depth
	long    string // the last key, if it is longer than all known ones
	border  border
	strict  bool // drift is an error
	drifted bool // a field has drifted; a later duplicate of its key may have mended that
}

func newScanner(data []byte, limit int) *scanner {
	return &scanner{account: account{most: math.MaxInt64, told: math.MaxInt64}, data: data, limit: limit}
}

// peek returns the next byte that is not space, or 0 at the end and when stopped.
func (s *scanner) peek() (c byte) {
	if s.pos < len(s.data) {
		c = s.data[s.pos]
	}
	if c <= ' ' {
		return s.pastSpace()
	}
	return c
}

func (s *scanner) pastSpace() byte {
	for ; s.pos < len(s.data); s.pos++ {
		if c := s.data[s.pos]; !isSpace(c) {
			return c
		}
		if s.pos%stride == 0 && !s.pass(stride) {
			return 0
		}
	}
	return 0
}

// enter goes into the array or object that starts here.
func (s *scanner) enter(open byte) error {
	if s.peek() != open {
		return ErrType
	}
	s.depth++
	if s.depth > s.limit {
		return ErrTooDeep
	}
	s.pos++
	return nil
}

// more goes to the next element or key of the array or object that the byte end closes.
// After the last one it leaves the array or object.
func (s *scanner) more(end byte, first bool) (bool, error) {
	c := s.peek()
	switch {
	case !s.pass(memberCost):
		return false, errStopped
	case c == end:
		s.pos++
		s.depth--
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.pos++
		s.peek()
		return true, nil
	}
	return false, ErrSyntax
}

// key reads a key and its colon. The result may be a part of the record. It is nil if the
// key is longer than all known ones: name returns such a key.
func (s *scanner) key() ([]byte, error) {
	raw, err := s.quoted()
	if err == ErrType {
		err = ErrSyntax
	}
	if err != nil {
		return nil, err
	}
	key := raw[1 : len(raw)-1]
	s.long = ""
	if len(key) > plainMax || !isPlain(key) {
		text, err := s.unquote(raw)
		if err != nil {
			return nil, err
		}
		if key = nil; len(text) > plainMax {
			s.long = text
		} else {
			key = []byte(text)
		}
	}
	if s.peek() != ':' {
		return nil, ErrSyntax
	}
	s.pos++
	s.peek()
	return key, nil
}

// name is the last key, in memory of its own.
func (s *scanner) name(key []byte) string {
	if s.long != "" {
		return s.long
	}
	return string(key)
}

// quoted returns the string that starts here as it is, with its quotes.
func (s *scanner) quoted() ([]byte, error) {
	if s.peek() != '"' {
		return nil, ErrType
	}
	return s.skip()
}

// text decodes the string that starts here.
func (s *scanner) text(dst *string) error {
	raw, err := s.quoted()
	if err != nil {
		return err
	}
	*dst, err = s.textOf(raw)
	return err
}

// textOf decodes a string.
func (s *scanner) textOf(raw []byte) (string, error) {
	if inner := raw[1 : len(raw)-1]; len(inner) <= plainMax && isPlain(inner) {
		return plainString(inner), s.spend(allocated(len(inner)))
	}
	return s.unquote(raw)
}

// null reads null, if it starts here.
func (s *scanner) null() bool {
	if s.peek() != 'n' || !bytes.HasPrefix(s.data[s.pos:], []byte("null")) {
		return false
	}
	s.pos += len("null")
	return true
}

// value returns the value that starts here as it is, and checks it.
func (s *scanner) value() ([]byte, error) {
	raw, err := s.skip()
	if err != nil {
		return nil, err
	}
	if string(raw) != "[]" && !s.valid(raw) {
		return nil, ErrSyntax
	}
	return raw, nil
}

// copied returns a copy of a part of the record.
func (s *scanner) copied(raw []byte) ([]byte, error) {
	if err := s.spend(allocated(len(raw))); err != nil {
		return nil, err
	}
	return clone(raw), nil
}

func clone(b []byte) []byte {
	return append(make([]byte, 0, len(b)), b...)
}

// skip returns the value that starts here as it is. It checks only quotes and brackets.
func (s *scanner) skip() ([]byte, error) {
	s.peek()
	s.border.reset()
	start, st := s.pos, borderOpen
	for st == borderOpen {
		n := 0
		n, st = s.border.scan(s.data[s.pos:min(s.pos+stride, len(s.data))])
		s.pos += n
		if !s.pass(n) {
			return nil, errStopped
		}
		if s.pos == len(s.data) {
			break
		}
	}
	if s.depth+s.border.deepest > s.limit {
		return nil, ErrTooDeep
	}
	if st != borderFound && !s.border.scalar() {
		return nil, ErrSyntax
	}
	return s.data[start:s.pos], nil
}

// eachMember goes through the object that starts here. It calls visit at the value of each
// member, with what readKey returns for its key.
func (s *scanner) eachMember(readKey func() ([]byte, error), visit func(key []byte) error) error {
	if err := s.enter('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil || !more {
			return err
		}
		key, err := readKey()
		if err == nil {
			err = visit(key)
		}
		if err != nil {
			return err
		}
	}
}

// end checks that nothing follows the record.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return ErrSyntax
	}
	return nil
}

// checked makes sure that malformed JSON is reported as such, even if a wrong
// type came first.
func (s *scanner) checked(err error) error {
	if err != nil && err != ErrSyntax && err != ErrTooDeep && err != errStopped && !s.valid(s.data) {
		return ErrSyntax
	}
	return err
}
