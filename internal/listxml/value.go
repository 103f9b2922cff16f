package listxml

import (
	"strconv"
	"time"

	smithytime "github.com/aws/smithy-go/time"
)

// string returns the text of an element that is not repeated for each object.
func (p *parser) string(name []byte, empty bool) *string {
	text := string(p.value(name, empty))
	return &text
}

// maxNames is how many texts are kept to be found again.
const maxNames = 16

// intern returns the text of an element that most objects have the same of.
func (p *parser) intern(name []byte, empty bool) string {
	text := p.value(name, empty)
	for _, known := range p.names {
		if string(text) == known {
			return known
		}
	}
	s := string(text)
	if len(p.names) < maxNames {
		p.names = append(p.names, s)
	}
	return s
}

func (p *parser) bool(name []byte, empty bool) bool {
	b, err := strconv.ParseBool(string(p.value(name, empty)))
	if err != nil {
		p.refuse()
	}
	return b
}

func (p *parser) int32(name []byte, empty bool) *int32 {
	n := int32(p.int(name, empty)) // what does not fit is cut off by the SDK, too
	return &n
}

func (p *parser) int(name []byte, empty bool) int64 {
	text := p.value(name, empty)
	if n, ok := decimal(text); ok && len(text) < 19 { // more could overflow
		return n
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		p.refuse()
	}
	return n
}

// decimal returns the number that digits are.
func decimal(text []byte) (n int64, ok bool) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(text) > 0
}

func (p *parser) time(name []byte, empty bool) time.Time {
	text := p.value(name, empty)
	if t, ok := utcTime(text); ok {
		return t
	}
	t, err := smithytime.ParseDateTime(string(text))
	if err != nil {
		p.refuse()
	}
	return t
}

// utcTime reads the two forms of a time that stores write: with milliseconds and
// with whole seconds.
func utcTime(text []byte) (time.Time, bool) {
	const form = "2006-01-02T15:04:05Z"
	var millisecond int64
	switch {
	case len(text) == len(form):
	case len(text) == len(form)+len(".000") && text[19] == '.':
		var ok bool
		if millisecond, ok = decimal(text[20:23]); !ok {
			return time.Time{}, false
		}
	default:
		return time.Time{}, false
	}
	if text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[len(text)-1] != 'Z' {
		return time.Time{}, false
	}
	var part [6]int
	for i, at := range [...][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		n, ok := decimal(text[at[0]:at[1]])
		if !ok {
			return time.Time{}, false
		}
		part[i] = int(n)
	}
	if part[3] > 23 || part[4] > 59 || part[5] > 59 {
		return time.Time{}, false
	}
	t := time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], part[5], int(millisecond*1e6), time.UTC)
	// A day that its month does not have is another date by now.
	if year, month, day := t.Date(); year != part[0] || int(month) != part[1] || day != part[2] {
		return time.Time{}, false
	}
	return t, true
}
