package listxml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// Odd says why a document cannot be a listing, whatever its elements hold, though the SDK
// reads it as one: that takes the first element for the listing, whatever its name, and
// does not see what follows. Odd returns "" for all else: a document without an element is
// an empty page to the SDK, and one that is cut is an error. If the document is not whole,
// its begin decides.
func Odd(doc []byte, whole bool) string {
	rest, ok := prolog(doc)
	switch {
	case !ok || bytes.IndexByte(rest, '<') < 0:
		return ""
	case rest[0] != '<':
		return "it begins with text"
	}
	name := rest[1:]
	if end := bytes.IndexAny(name, " \t\r\n/>"); end >= 0 {
		name = name[:end]
	}
	if local := name[bytes.IndexByte(name, ':')+1:]; string(local) != rootElement {
		return foreign(local)
	}
	if !whole {
		return ""
	}
	if rest, ok = behind(rest, name); !ok {
		return ""
	}
	if rest, _ = prolog(rest); len(rest) > 0 {
		return "more follows behind its end"
	}
	return ""
}

// foreign says what a document is by the name of its root.
func foreign(name []byte) string {
	if len(name) == 0 || len(name) > 64 || bytes.ContainsFunc(name, func(r rune) bool { return r >= 0x80 || !isNameByte(byte(r)) }) {
		return "it is another document"
	}
	if strings.EqualFold(string(name), "html") {
		return "it is HTML"
	}
	return fmt.Sprintf("it is an XML document of the element %s", name)
}

// prolog goes past what may stand before and behind the root: spaces, comments,
// instructions and a document type. It returns false if one of them has no end.
func prolog(doc []byte) (rest []byte, ok bool) {
	doc = bytes.TrimPrefix(doc, []byte("\ufeff"))
	for {
		doc = bytes.TrimLeft(doc, " \t\r\n")
		end := ""
		switch {
		case bytes.HasPrefix(doc, []byte("<?")):
			end = "?>"
		case bytes.HasPrefix(doc, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(doc, []byte("<!DOCTYPE")):
			end = ">"
			if open := bytes.IndexAny(doc, "[>"); open >= 0 && doc[open] == '[' {
				end = "]>"
			}
		default:
			return doc, true
		}
		_, after, found := bytes.Cut(doc, []byte(end))
		if !found {
			return doc, false
		}
		doc = after
	}
}

// behind returns what follows the first element, whose name is given. It returns false if
// that element has no end.
func behind(doc, name []byte) (rest []byte, ok bool) {
	if bytes.Contains(doc, []byte("<!")) { // which may hide what looks like an end
		return behindDecoded(doc)
	}
	if start := bytes.IndexByte(doc, '>'); start > 0 && doc[start-1] == '/' {
		return doc[start+1:], true
	}
	end := append([]byte("</"), name...)
	for {
		_, after, found := bytes.Cut(doc, end)
		if !found {
			return nil, false
		}
		if after = bytes.TrimLeft(after, " \t\r\n"); len(after) > 0 && after[0] == '>' {
			return after[1:], true
		}
		doc = after
	}
}

func behindDecoded(doc []byte) (rest []byte, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	for depth := 0; ; {
		t, err := d.RawToken()
		if err != nil {
			return nil, false
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			if depth--; depth == 0 {
				return doc[d.InputOffset():], true
			}
		}
	}
}
