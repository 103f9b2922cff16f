package event

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
)

// These are the values of events. Stores other than AWS write some of them as other JSON
// types. So none of these types fails to decode: what it cannot read is the zero value.

// A part is a value that holds a JSON text, in a string or as it is. It is nil if the event
// has none.
type part []byte

// UnmarshalJSON appends a second value, of a name in another spelling, to the first. If one
// of them is empty, nothing is lost. Two that are not are no JSON together, which is an
// error, and better than losing the first.
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

// A list is the value of a list of events. If a name is there in two spellings,
// encoding/json would keep the last value, which may be empty.
type list struct {
	value []byte // nil if there is none
	full  bool   // it is neither null nor an empty array
	twice bool   // there is a second one that is full
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

// A bucket is known by its name or its ARN.
type bucket struct {
	Name string
	ARN  text
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

// name returns the bucket's name, which it takes from the ARN if the event has only that.
func (b bucket) name() string {
	if b.Name != "" || b.ARN == "" {
		return b.Name
	}
	return bucketOf(string(b.ARN))
}

// bucketOf returns the name of the bucket in its ARN, or in the ARN of an object in it.
// Ceph's ARNs have a Region. StorageGRID has URNs: urn:sgws:s3:::bucket.
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

// elements returns the elements of a valid JSON array one by one, as they are in it. A
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
