package record

import (
	"bytes"
	"encoding/json"
)

// maxDepth is how deep arrays and objects may nest in encoding/json.
const maxDepth = 10_000

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r'
}

// valid reports whether raw is one JSON value, as json.Valid does. json.Valid itself checks
// short values. Long ones are checked by code that can be stopped in the middle. If it is
// stopped, the value is not valid.
func (p *pace) valid(raw []byte) bool {
	if len(raw) <= stride {
		return p.pass(len(raw)) && json.Valid(raw)
	}
	c := checker{pace: p, data: raw}
	return c.document()
}

// A checker goes through a JSON text.
type checker struct {
	*pace
	data   []byte
	pos    int
	passed int    // bytes that the pace knows of
	braces []bool // for each open bracket, whether it is a brace
}

// next returns the next byte that is not space, or 0 at the end and when stopped.
func (c *checker) next() byte {
	if c.pos-c.passed >= stride {
		if !c.pass(c.pos - c.passed) {
			c.pos = len(c.data)
			return 0
		}
		c.passed = c.pos
	}
	for c.pos < len(c.data) && isSpace(c.data[c.pos]) {
		c.pos++
	}
	return c.at()
}

func (c *checker) at() byte {
	if c.pos < len(c.data) {
		return c.data[c.pos]
	}
	return 0
}

func (c *checker) document() bool {
	for {
		first := c.next()
		opened := first == '{' || first == '['
		switch {
		case opened && len(c.braces) == maxDepth:
			return false
		case opened:
			c.braces = append(c.braces, first == '{')
			c.pos++
		case !c.scalar(first):
			return false
		}
		if more := c.follow(opened); !more {
			return len(c.braces) == 0 && c.next() == 0 && c.pos == len(c.data) && c.err == nil
		}
	}
}

// follow goes to the next value, past the brackets that end here. It reports false if there
// is no further value. All brackets are closed then only at the end of the document.
func (c *checker) follow(opened bool) (more bool) {
	for len(c.braces) > 0 {
		brace := c.braces[len(c.braces)-1]
		end := byte(']')
		if brace {
			end = '}'
		}
		switch b := c.next(); {
		case b == end:
			c.pos++
			c.braces = c.braces[:len(c.braces)-1]
			opened = false
			continue
		case !opened && b != ',':
			return false
		case !opened:
			c.pos++
		}
		return !brace || c.key()
	}
	return false
}

// key goes past a key and its colon.
func (c *checker) key() bool {
	if c.next() != '"' || !c.text() || c.next() != ':' {
		return false
	}
	c.pos++
	return true
}

func (c *checker) scalar(first byte) bool {
	switch {
	case first == '"':
		return c.text()
	case first == '-' || '0' <= first && first <= '9':
		return c.number()
	}
	for _, literal := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(c.data[c.pos:], []byte(literal)) {
			c.pos += len(literal)
			return true
		}
	}
	return false
}

func (c *checker) number() bool {
	if c.at() == '-' {
		c.pos++
	}
	if c.at() == '0' {
		c.pos++
	} else if !c.digits() {
		return false
	}
	if c.at() == '.' {
		c.pos++
		if !c.digits() {
			return false
		}
	}
	if b := c.at(); b == 'e' || b == 'E' {
		c.pos++
		if b := c.at(); b == '+' || b == '-' {
			c.pos++
		}
		return c.digits()
	}
	return true
}

// digits goes past digits, and reports whether there is one at least.
func (c *checker) digits() bool {
	start := c.pos
	for '0' <= c.at() && c.at() <= '9' {
		c.pos++
	}
	return c.pos > start
}

// text goes past a string.
func (c *checker) text() bool {
	for c.pos++; c.pos < len(c.data); c.pos++ {
		switch b := c.data[c.pos]; {
		case b == '"':
			c.pos++
			return true
		case b == '\\':
			if !c.escape() {
				return false
			}
		case b < ' ':
			return false
		}
		if c.pos-c.passed >= stride {
			if !c.pass(c.pos - c.passed) {
				return false
			}
			c.passed = c.pos
		}
	}
	return false
}

// escape goes to the last byte of an escape.
func (c *checker) escape() bool {
	c.pos++
	switch c.at() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			c.pos++
			if b := c.at(); (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'f') {
				return false
			}
		}
		return true
	}
	return false
}
