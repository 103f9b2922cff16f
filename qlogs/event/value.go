package event

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"time"
)

// The values of events. Stores other than AWS write some of them as other JSON types,
// so that none of these fails to decode: what cannot be understood is the zero value.

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

// A part is a value that holds a JSON text: in a string, or as it is. It is nil if there
// is none.
type part []byte

// UnmarshalJSON adds a second value, of a name in another spelling, to the first: one of
// nothing costs nothing then, and two are no JSON, rather than the loss of the first.
func (p *part) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if *p == nil {
		*p = part{}
	}
	if data[0] == '"' {
		*p = append(*p, unquoted(data)...)
	} else {
		*p = append(*p, data...)
	}
	return nil
}

// A list is what stands in the place of a list of events. Of a name in two spellings
// encoding/json would keep the last value, which may be one of nothing.
type list struct {
	value []byte // nil if there is none
	full  bool   // it is not null and no empty array
	twice bool   // there is another one that is full
}

func (l *list) UnmarshalJSON(data []byte) error {
	full := string(data) != "null" && (data[0] != '[' || len(bytes.Trim(data[1:len(data)-1], spaces)) > 0)
	if l.full {
		l.twice = l.twice || full
		return nil
	}
	l.value, l.full = append(l.value[:0], data...), full
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

// A topBucket is a bucket, or the name of one.
type topBucket struct{ bucket }

func (b *topBucket) UnmarshalJSON(data []byte) error {
	b.bucket = bucket{}
	if data[0] == '"' {
		b.Name = unquoted(data)
		return nil
	}
	_ = json.Unmarshal(data, &b.bucket) // fields of other types stay zero
	return nil
}

// name returns the bucket's name: of the ARN if the event has that alone.
func (b bucket) name() string {
	if b.Name != "" || b.ARN == "" {
		return b.Name
	}
	return bucketOf(string(b.ARN))
}

// bucketOf returns the name of the bucket in an ARN of it, or of an object in it. Ceph
// has a Region in its ARNs, and StorageGRID has URNs, urn:sgws:s3:::bucket.
func bucketOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "s3" {
		return ""
	}
	name, _, more := strings.Cut(strings.TrimLeft(parts[5], "/"), "/")
	if strings.Contains(name, ":") || more && name == "accesspoint" {
		return ""
	}
	return name
}

// elements returns the elements of a valid JSON array one by one, as they stand in it: a
// slice of them could take many times the memory of their text.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		depth, start := 0, 0
		for i := 0; i < len(array); i++ {
			switch array[i] {
			case '"':
				for i++; array[i] != '"'; i++ {
					if array[i] == '\\' {
						i++
					}
				}
			case '[', '{':
				if depth++; depth == 1 {
					start = i + 1
				}
			case ']', '}':
				if depth--; depth == 0 {
					if last := bytes.Trim(array[start:i], spaces); len(last) > 0 {
						yield(last)
					}
					return
				}
			case ',':
				if depth == 1 {
					if !yield(bytes.Trim(array[start:i], spaces)) {
						return
					}
					start = i + 1
				}
			}
		}
	}
}

// size returns the number of bytes, or -1 for what is no number of bytes. It takes 5.0
// and 1e3 for what they are, without the rounding of a float.
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

// maxDigits is how many digits the largest size has.
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

// The layouts of times beside RFC 3339. Ceph had a space for the T, and stores without
// a time zone mean UTC. All may have a fraction of a second.
var layouts = []string{
	"2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05",
	"20060102T150405Z", time.RFC1123, time.RFC1123Z,
}

// time returns the zero time for a text that is none: no object is lost for it.
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

// epoch reads the time since 1970 in seconds, or in thousandths, millionths or billionths
// of them. No time since 2001, which is before the first store of this kind, can be
// taken for one of another unit.
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
