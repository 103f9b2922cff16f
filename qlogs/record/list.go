package record

import (
	"log/slog"
	"slices"
)

// listCodec is an array of strings. An element may also be null, or an object with the
// string as its "content"; these are odd.
type listCodec []string

func (c *listCodec) decode(s *scanner) (bool, error) {
	if s.peek() != '[' {
		return false, ErrType
	}
	list, odd, err := s.list()
	if err != nil {
		return false, err
	}
	*c = list
	return odd, nil
}

func (c *listCodec) reset() { *c = nil }

func (c *listCodec) isZero() bool { return len(*c) == 0 }

func (c *listCodec) append(dst []byte) ([]byte, error) { return appendList(dst, *c), nil }

func (c *listCodec) matches(raw []byte) bool {
	var other listCodec
	_, err := other.decode(newScanner(raw, maxDepth))
	return err == nil && slices.Equal(other, *c)
}

func (c *listCodec) attr(name string) slog.Attr { return listAttr(name, *c) }

// promptsCodec is a list that is one string in the log. The string is its only element, and
// "" is the empty list. An array of fewer than two elements is odd.
type promptsCodec []string

func (c *promptsCodec) decode(s *scanner) (bool, error) {
	if s.peek() == '[' {
		list, odd, err := s.list()
		if err != nil {
			return false, err
		}
		*c = list
		return odd || len(list) < 2, nil
	}
	var text string
	if err := s.text(&text); err != nil {
		return false, err
	}
	*c = nil
	if text != "" {
		*c = promptsCodec{text}
	}
	return false, nil
}

func (c *promptsCodec) reset() { *c = nil }

func (c *promptsCodec) isZero() bool { return len(*c) == 0 }

func (c *promptsCodec) append(dst []byte) ([]byte, error) {
	switch len(*c) {
	case 0:
		return appendQuoted(dst, ""), nil
	case 1:
		return appendQuoted(dst, (*c)[0]), nil
	}
	return appendList(dst, *c), nil
}

func (c *promptsCodec) matches(raw []byte) bool {
	var other promptsCodec
	_, err := other.decode(newScanner(raw, maxDepth))
	return err == nil && slices.Equal(other, *c)
}

func (c *promptsCodec) attr(name string) slog.Attr { return listAttr(name, *c) }

// list decodes an array of strings.
func (s *scanner) list() (list []string, odd bool, err error) {
	if err := s.enter('['); err != nil {
		return nil, false, err
	}
	list = []string{}
	for first := true; ; first = false {
		more, err := s.more(']', first)
		if err != nil {
			return nil, false, err
		}
		if !more {
			return list, odd, nil
		}
		if list, err = reserve(s, list); err != nil {
			return nil, false, err
		}
		var text string
		switch {
		case s.null():
			odd = true
		case s.peek() == '{':
			odd = true
			err = s.content(&text)
		default:
			err = s.text(&text)
		}
		if err != nil {
			return nil, false, err
		}
		list = append(list, text)
	}
}

// content decodes the "content" of an object and checks the rest of it.
func (s *scanner) content(dst *string) error {
	if err := s.enter('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more('}', first)
		if err != nil || !more {
			return err
		}
		key, err := s.key()
		if err != nil {
			return err
		}
		switch {
		case string(key) != "content":
			_, err = s.value()
		case s.null():
			*dst = ""
		default:
			err = s.text(dst)
		}
		if err != nil {
			return err
		}
	}
}

func appendList(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, text := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, text)
	}
	return append(dst, ']')
}

func listAttr(name string, list []string) slog.Attr {
	size := 0
	for _, text := range list {
		size += len(text)
	}
	return slog.Group(name, slog.Int("count", len(list)), slog.Int("bytes", size))
}
