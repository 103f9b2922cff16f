package record

import (
	"bytes"
	"encoding/json"
)

// maxDepth is how deep encoding/json lets arrays and objects nest.
const maxDepth = 10_000

// scanner walks over one record that is whole in memory.
type scanner struct {
	data   []byte
	pos    int
	depth  int
	limit  int   // of depth
	most   int64 // what the members of a record may cost, see member
	spent  int64
	border border
}

// memberCost is about what an element of a list or an unknown key costs in
// memory. In JSON it may take three bytes.
const memberCost = 64

// member counts one element or unknown key.
func (s *scanner) member() error {
	s.spent += memberCost
	if s.spent > s.most {
		return ErrTooLarge
	}
	return nil
}

// peek returns the next byte that is not space, or 0 at the end.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.data); s.pos++ {
		if c := s.data[s.pos]; !isSpace(c) {
			return c
		}
	}
	return 0
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r'
}

// enter steps into the array or object that starts here.
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

// more moves to the next element or key of the array or object that close
// ends, and leaves it after the last.
func (s *scanner) more(end byte, first bool) (bool, error) {
	c := s.peek()
	switch {
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

// key reads a key and its colon. The result may be a part of the record.
func (s *scanner) key() ([]byte, error) {
	raw, err := s.quoted()
	if err != nil {
		return nil, ErrSyntax
	}
	key := raw[1 : len(raw)-1]
	if !isPlain(key) {
		var text string
		if err := unquote(raw, &text); err != nil {
			return nil, err
		}
		key = []byte(text)
	}
	if s.peek() != ':' {
		return nil, ErrSyntax
	}
	s.pos++
	s.peek()
	return key, nil
}

// quoted returns the string that starts here, as it stands, with its quotes.
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
	if inner := raw[1 : len(raw)-1]; len(inner) <= plainMax && isPlain(inner) {
		*dst = plainString(inner)
		return nil
	}
	return unquote(raw, dst)
}

// null reads null, if it starts here.
func (s *scanner) null() bool {
	if s.peek() != 'n' || !bytes.HasPrefix(s.data[s.pos:], []byte("null")) {
		return false
	}
	s.pos += len("null")
	return true
}

// value returns the value that starts here, checked, as it stands.
func (s *scanner) value() ([]byte, error) {
	raw, err := s.skip()
	if err != nil {
		return nil, err
	}
	if string(raw) != "[]" && !json.Valid(raw) {
		return nil, ErrSyntax
	}
	return raw, nil
}

// skip returns the value that starts here, as it stands. Of its syntax only the
// quotes and brackets have been looked at.
func (s *scanner) skip() ([]byte, error) {
	s.peek()
	s.border.reset()
	n, st := s.border.scan(s.data[s.pos:])
	if s.depth+s.border.deepest > s.limit {
		return nil, ErrTooDeep
	}
	if st != borderFound && !s.border.scalar() {
		return nil, ErrSyntax
	}
	raw := s.data[s.pos : s.pos+n]
	s.pos += n
	return raw, nil
}
