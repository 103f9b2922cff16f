package listxml

import (
	"bytes"
	"strings"
)

// A scanner goes through a document whose bytes are plain. The first thing that it
// does not know makes the document odd, and is the end of it: from then on there are
// no children, and values mean nothing.
type scanner struct {
	doc     []byte
	at      int
	odd     bool
	decoded []byte // texts with references, decoded
}

func (s *scanner) refuse() {
	s.odd = true
	s.at = len(s.doc)
}

// take goes past text if it is what comes next.
func (s *scanner) take(text string) bool {
	end := s.at + len(text)
	if end > len(s.doc) || string(s.doc[s.at:end]) != text {
		return false
	}
	s.at = end
	return true
}

func (s *scanner) space() {
	for s.at < len(s.doc) && isSpace(s.doc[s.at]) {
		s.at++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' }

// declarations are the forms of the XML declaration that are in use.
var declarations = [...]string{
	`<?xml version="1.0" encoding="UTF-8"?>`,
	`<?xml version="1.0" encoding="utf-8"?>`,
	`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`,
	`<?xml version="1.0" encoding="UTF-8" standalone="no"?>`,
	`<?xml version='1.0' encoding='UTF-8'?>`,
	`<?xml version='1.0' encoding='utf-8'?>`,
	`<?xml version="1.0"?>`,
}

// declaration goes past the XML declaration, if there is one.
func (s *scanner) declaration() {
	for _, d := range declarations {
		if s.take(d) {
			return
		}
	}
}

const rootElement = "ListBucketResult"

// root goes past the start of the root. It returns true if that is its end, too.
func (s *scanner) root() (empty bool) {
	s.space()
	if !s.take("<" + rootElement) {
		s.refuse()
		return true
	}
	if s.take(` xmlns="`) {
		end := bytes.IndexByte(s.doc[s.at:], '"')
		if end < 0 || bytes.ContainsAny(s.doc[s.at:s.at+end], "<>&") {
			s.refuse()
			return true
		}
		s.at += end + 1
	}
	return s.tagEnd()
}

// tagEnd goes past the end of a start tag. It returns true if that is the element's
// end, too.
func (s *scanner) tagEnd() (empty bool) {
	s.space()
	empty = s.take("/")
	if !s.take(">") {
		s.refuse()
		return true
	}
	return empty
}

// child goes past the start tag of the next element within parent, or past the end
// of parent if there is none. empty is an element without content or end tag.
func (s *scanner) child(parent string) (name []byte, empty, ok bool) {
	s.space()
	if s.ends(parent) || s.odd {
		return nil, false, false
	}
	name, empty = s.start()
	return name, empty, !s.odd
}

// start goes past a start tag without attributes.
func (s *scanner) start() (name []byte, empty bool) {
	if !s.take("<") {
		s.refuse()
		return nil, true
	}
	from := s.at
	for s.at < len(s.doc) && isNameByte(s.doc[s.at]) {
		s.at++
	}
	name = s.doc[from:s.at]
	if len(name) == 0 || !isNameStart(name[0]) {
		s.refuse()
		return nil, true
	}
	if s.take(">") { // as nearly all do
		return name, false
	}
	return name, s.tagEnd()
}

func isNameStart(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isNameByte leaves out the colon of namespaces.
func isNameByte(c byte) bool {
	return isNameStart(c) || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.'
}

// ends goes past the end tag of an element if that comes next.
func (s *scanner) ends(name string) bool {
	end := s.at + len(name) + len("</>")
	if end > len(s.doc) {
		return false
	}
	tag := s.doc[s.at:end]
	if tag[0] != '<' || tag[1] != '/' || tag[len(tag)-1] != '>' || string(tag[2:len(tag)-1]) != name {
		return false
	}
	s.at = end
	return true
}

// text goes to the next tag, and returns what is before it.
func (s *scanner) text() []byte {
	n := bytes.IndexByte(s.doc[s.at:], '<')
	if n < 0 {
		s.refuse()
		return nil
	}
	text := s.doc[s.at : s.at+n]
	s.at += n
	if bytes.IndexByte(text, '&') >= 0 {
		return s.decode(text)
	}
	return text
}

// value returns the text of an element that has nothing but text, never nil.
func (s *scanner) value(name []byte, empty bool) []byte {
	if empty {
		return []byte{}
	}
	text := s.text()
	if !s.ends(string(name)) {
		s.refuse()
		return []byte{}
	}
	return text
}

// maxDepth is how deep elements may be within one that is unknown.
const maxDepth = 8

// unknown skips an element, as the SDK does if its name is not a known one in other
// letters.
func (s *scanner) unknown(name []byte, empty bool, known []string) {
	for _, k := range known {
		if len(k) == len(name) && strings.EqualFold(k, string(name)) {
			s.refuse()
			return
		}
	}
	s.skip(name, empty, maxDepth)
}

func (s *scanner) skip(name []byte, empty bool, depth int) {
	for !empty && !s.odd {
		s.text()
		if s.ends(string(name)) {
			return
		}
		child, childEmpty := s.start()
		if depth == 0 {
			s.refuse()
			return
		}
		s.skip(child, childEmpty, depth-1)
	}
}

// once has a bit for each element that has come, of those that come once.
type once uint16

// first makes the document odd if an element comes for the second time.
func (s *scanner) first(seen *once, element int) {
	if *seen&(1<<element) != 0 {
		s.refuse()
	}
	*seen |= 1 << element
}
