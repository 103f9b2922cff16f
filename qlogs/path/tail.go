package path

import (
	"strings"
	"time"
)

const (
	anchor    = "AWSLogs"
	guideName = "zipFile.gz/logFile.json"
)

// The places of a tail's elements, counted from the account.
const (
	accountPlace = iota
	productPlace
	logTypePlace
	regionPlace
	yearPlace
	monthPlace
	dayPlace
	hourPlace
	namePlace
)

var places = [...]string{
	"account", "product", "log type", "region", "year", "month", "day", "hour", "name",
}

// A tail is what follows an AWSLogs element, read as far as it is valid.
type tail struct {
	account, product, logType, region string
	year, month, day, hour            int

	n    int    // valid elements, at most namePlace
	more bool   // whether anything, even an empty element, follows them
	rest string // what follows them
}

func readTail(s string, more bool) tail {
	t := tail{more: more, rest: s}
	for t.more && t.n < namePlace {
		value, rest, found := strings.Cut(t.rest, "/")
		if !t.set(value) {
			return t
		}
		t.n++
		t.rest, t.more = rest, found
	}
	return t
}

// set stores the element at place t.n, and reports whether it is valid.
func (t *tail) set(value string) bool {
	ok := value != ""
	switch t.n {
	case accountPlace:
		t.account, ok = value, validAccount(value)
	case productPlace:
		t.product, ok = value, Product(value).valid()
	case logTypePlace:
		t.logType = value
	case regionPlace:
		t.region, ok = value, validRegion(value)
	case yearPlace:
		t.year, ok = digits(value, 4, 0, 9999)
	case monthPlace:
		t.month, ok = digits(value, 2, 1, 12)
	case dayPlace:
		t.day, ok = digits(value, 2, 1, daysIn(t.year, t.month))
	case hourPlace:
		t.hour, ok = digits(value, 2, 0, 23)
	}
	return ok
}

// partition returns what the valid elements tell of the partition whose
// AWSLogs element follows before.
func (t *tail) partition(before string) Partition {
	p := Partition{Prefix: prefix(before)}
	if t.n > accountPlace {
		p.Account = t.account
	}
	if t.n > productPlace {
		p.Product = Product(t.product)
	}
	if t.n > logTypePlace {
		p.LogType = LogType(t.logType)
	}
	if t.n > regionPlace {
		p.Region = t.region
	}
	return p
}

// fault returns the element that ends the tail, and what stands in its place.
func (t *tail) fault() (element, value string) {
	value = t.rest
	if t.n < namePlace {
		value, _, _ = strings.Cut(value, "/")
	}
	return places[t.n], value
}

// lastAnchor finds the last AWSLogs element of s[:end], where end is the end of
// an element. It returns the element's place in s, or -1.
func lastAnchor(s string, end int) int {
	for end >= len(anchor) {
		start := strings.LastIndexByte(s[:end], '/') + 1
		if s[start:end] == anchor {
			return start
		}
		end = start - 1
	}
	return -1
}

// prefix turns the text before an AWSLogs element, "" or ending in a slash,
// into a [Partition.Prefix] that Partition.String turns back into that text.
func prefix(before string) string {
	p := strings.TrimSuffix(before, "/")
	if p == "" || strings.HasSuffix(p, "/") {
		return before
	}
	return p
}

func validAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func validRegion(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s != ""
}

func validName(s string) bool {
	return s != "" && !strings.Contains(s, "/") || s == guideName
}

// digits parses a number of exactly width decimal digits within [low, high].
func digits(s string, width, low, high int) (int, bool) {
	if len(s) != width {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, low <= n && n <= high
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
