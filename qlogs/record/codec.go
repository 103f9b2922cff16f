package record

import (
	"encoding/json"
	"log/slog"
	"time"
)

// textCodec is a string that is, or may be, somebody's text.
type textCodec string

func (c *textCodec) decode(s *scanner) (bool, error) { return false, s.text((*string)(c)) }

func (c *textCodec) reset() { *c = "" }

func (c *textCodec) isZero() bool { return *c == "" }

func (c *textCodec) append(dst []byte) ([]byte, error) {
	return appendQuoted(dst, string(*c)), nil
}

func (c *textCodec) attr(name string) slog.Attr { return slog.Int(name+"Bytes", len(*c)) }

// idCodec is a string that may be shown if it looks like an id.
type idCodec string

func (c *idCodec) decode(s *scanner) (bool, error) { return false, s.text((*string)(c)) }

func (c *idCodec) reset() { *c = "" }

func (c *idCodec) isZero() bool { return *c == "" }

func (c *idCodec) append(dst []byte) ([]byte, error) {
	return appendQuoted(dst, string(*c)), nil
}

func (c *idCodec) attr(name string) slog.Attr {
	if looksLikeID(string(*c)) {
		return slog.String(name, string(*c))
	}
	return slog.Int(name+"Bytes", len(*c))
}

// timeCodec is a time in RFC 3339 form. It is odd unless it is in the log as append writes
// it, without final zeros of the fraction.
type timeCodec time.Time

func (c *timeCodec) decode(s *scanner) (bool, error) {
	raw, err := s.quoted()
	if err != nil {
		return false, err
	}
	t, err := s.timeOf(raw)
	if err != nil {
		return false, err
	}
	*c = timeCodec(t)
	var buf [len(time.RFC3339Nano)]byte
	canonical := t.AppendFormat(buf[:0], time.RFC3339Nano)
	return t.IsZero() || string(canonical) != string(raw[1:len(raw)-1]), nil
}

func (c *timeCodec) reset() { *c = timeCodec{} }

func (c *timeCodec) isZero() bool { return (*time.Time)(c).IsZero() }

func (c *timeCodec) append(dst []byte) ([]byte, error) {
	t := (*time.Time)(c).UTC()
	if t.IsZero() {
		return dst, nil
	}
	if t.Year() < 0 || t.Year() > 9999 {
		return nil, ErrTime
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"'), nil
}

func (c *timeCodec) matches(raw []byte) bool {
	var other timeCodec
	_, err := other.decode(newScanner(raw, maxDepth))
	return err == nil && time.Time(other).Equal(time.Time(*c))
}

func (c *timeCodec) attr(name string) slog.Attr { return slog.Time(name, time.Time(*c)) }

// rawCodec is any JSON value, kept as it is.
type rawCodec json.RawMessage

func (c *rawCodec) decode(s *scanner) (bool, error) {
	raw, err := s.value()
	if err != nil {
		return false, err
	}
	*c, err = s.copied(raw)
	return false, err
}

func (c *rawCodec) reset() { *c = nil }

func (c *rawCodec) isZero() bool { return len(*c) == 0 }

func (c *rawCodec) append(dst []byte) ([]byte, error) {
	if len(*c) > 0 && !json.Valid(*c) {
		return nil, ErrSyntax
	}
	return append(dst, *c...), nil
}

func (c *rawCodec) attr(name string) slog.Attr { return slog.Int(name+"Bytes", len(*c)) }
