package event

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// spaces may surround JSON.
const spaces = " \t\r\n"

// A text is a string, or the digits of a number.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	switch c := data[0]; {
	case c == '"':
		*t = text(unquoted(data))
	case c == '-' || '0' <= c && c <= '9':
		*t = text(data)
	default:
		*t = ""
	}
	return nil
}

// unquoted returns the text of a JSON string.
func unquoted(data []byte) string {
	for _, c := range data {
		if c == '\\' || c >= 0x80 {
			var s string
			if json.Unmarshal(data, &s) != nil {
				return ""
			}
			return s
		}
	}
	return string(data[1 : len(data)-1])
}

// size returns a number of bytes, or -1 if the text is none. It reads 5.0 and 1e3 exactly,
// without the rounding of a float.
func (t text) size() int64 {
	s := strings.Trim(string(t), spaces)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return max(n, -1)
	}
	s, exponent, scaled := strings.Cut(strings.ToLower(s), "e")
	shift := 0
	if scaled {
		var err error
		if shift, err = strconv.Atoi(exponent); err != nil || shift < -maxDigits || shift > maxDigits {
			return -1
		}
	}
	whole, fraction, _ := strings.Cut(s, ".")
	fraction = strings.TrimRight(fraction, "0")
	digits := strings.TrimLeft(whole+fraction, "0")
	shift -= len(fraction)
	if shift < 0 { // 1500e-2 is 15
		cut := max(len(digits)+shift, 0)
		if strings.Trim(digits[cut:], "0") != "" {
			return -1
		}
		digits, shift = digits[:cut], 0
	}
	if len(digits)+shift > maxDigits || whole == "" || strings.Trim(digits, "0123456789") != "" {
		return -1
	}
	n, err := strconv.ParseInt("0"+digits+strings.Repeat("0", shift), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// maxDigits is the number of digits of the largest size.
const maxDigits = 19

// etag returns an ETag as S3's listings have it, in quotes.
func (t text) etag() string {
	s := string(t)
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s
	}
	s = strings.Trim(strings.TrimPrefix(s, "W/"), `"`)
	if s == "" {
		return ""
	}
	return `"` + s + `"`
}

func (t text) version() string {
	if t == "null" {
		return ""
	}
	return string(t)
}

// layouts are those of times other than RFC 3339. Ceph had a space for the T. Stores that
// write no time zone mean UTC. All layouts may have a fraction of a second.
var layouts = []string{
	"2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05",
	"20060102T150405Z", time.RFC1123, time.RFC1123Z,
}

// time returns the zero time if the text is none, so that the object is still read.
func (t text) time() time.Time {
	if when, err := time.Parse(time.RFC3339, string(t)); err == nil {
		return when.UTC()
	}
	if len(t) > 64 {
		return time.Time{}
	}
	s := strings.ToUpper(strings.Trim(string(t), spaces))
	if when, err := time.Parse(time.RFC3339, s); err == nil {
		return when.UTC()
	}
	for _, layout := range layouts {
		if when, err := time.Parse(layout, s); err == nil {
			return when.UTC()
		}
	}
	return epoch(s)
}

// epoch reads the time since 1970 in seconds, milliseconds, microseconds or nanoseconds. No
// time since 2001 can be mistaken for one in another unit, and the first such store came
// later than that.
func epoch(s string) time.Time {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n < 1e9 || strings.Trim(s, "0123456789.E+") != "" {
		return time.Time{}
	}
	for _, micros := range []float64{1e6, 1e3, 1, 1e-3} {
		if n < 1e17/micros {
			return time.UnixMicro(int64(n * micros)).UTC()
		}
	}
	return time.Time{}
}
