package s3keep

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxBody is how large an object may be. A cursor of 100,000 partitions has 18 MB, and 27
// bytes more for each object within Lookback.
const maxBody = 64 << 20

// labelPrefix begins the second line of an object, and names the version of its form.
const labelPrefix = "s3keep1"

// A label is the second line of an object: who has written it. It stands in the body, not in
// the metadata, so that no two saves have the same bytes. ETags are mostly checksums of the
// bytes: if an older cursor was saved again, a late request for the time before would find
// its ETag again and pass. The zero value is no label.
type label struct {
	writer string
	number int64
	tried  bool // whether the store is known to heed conditions
}

// append returns the body of an object.
func (l label) append(text []byte) []byte {
	tried := "untried"
	if l.tried {
		tried = "tried"
	}
	return fmt.Appendf(bytes.Clone(text), "\n%s %s %d %s\n", labelPrefix, l.writer, l.number, tried)
}

var (
	errEmpty = errors.New("the object is empty")
	errLabel = errors.New("the object does not hold a cursor, or is damaged")
)

// parse returns the text of the cursor in a body, and the label, which is the zero value if
// somebody has put the text there by hand.
func parse(body []byte) (text []byte, l label, err error) {
	body = bytes.TrimRight(body, "\r\n")
	text, second, labelled := bytes.Cut(body, []byte("\n"))
	text = bytes.TrimRight(text, "\r")
	if !labelled {
		if len(text) == 0 { // Save never leaves that, and it would be the start
			return nil, label{}, errEmpty
		}
		return text, label{}, nil
	}
	fields := strings.Split(string(second), " ")
	if len(fields) != 4 || fields[0] != labelPrefix || fields[1] == "" {
		return nil, label{}, errLabel
	}
	l.writer = fields[1]
	if l.number, err = strconv.ParseInt(fields[2], 10, 64); err != nil || l.number < 1 {
		return nil, label{}, errLabel
	}
	switch fields[3] {
	case "tried":
		l.tried = true
	case "untried":
	default:
		return nil, label{}, errLabel
	}
	return text, l, nil
}
