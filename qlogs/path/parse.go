package path

import (
	"strings"
	"time"
)

// Parse parses the key of a prompt log, or of a CSV user report beside it. The key is
// the plain one: decode the URL encoding of keys in S3 notifications first. For every
// key that Parse accepts, the result's String is that key.
//
// AWSLogs may occur in the key more than once, in the prefix or as a log type. The last
// such element counts that is followed by valid elements.
//
// An error is an [*Error] that names the element at fault and wraps [ErrSyntax]. Parse
// accepts any name: [KindOf] says whether an object is a log, a report or something that
// was put beside them.
func Parse(key string) (Key, error) {
	furthest, element, value := -1, anchor, ""
	for i := lastAnchor(key, len(key)); i >= 0; i = lastAnchor(key, i-1) {
		s, more := strings.CutPrefix(key[i+len(anchor):], "/")
		t := readTail(s, more)
		if t.n == namePlace && t.more && validName(t.rest) {
			return Key{
				Partition: t.partition(key[:i]),
				Hour:      time.Date(t.year, time.Month(t.month), t.day, t.hour, 0, 0, 0, time.UTC),
				Name:      t.rest,
			}, nil
		}
		if t.n > furthest {
			furthest = t.n
			element, value = t.fault()
		}
	}
	return Key{}, &Error{Key: key, Element: element, Value: value, Err: ErrSyntax}
}
