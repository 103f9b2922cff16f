package path

import (
	"strings"
	"time"
)

// Layouts of the hour folders below a partition and of the minute in a name.
const (
	hourLayout   = "2006/01/02/15/"
	minuteLayout = "200601021504"
)

// A Partition is the folder of one log type of one product, account and Region. One
// prefix lists its objects, in the order of their hours. Partitions are comparable
// with ==.
type Partition struct {
	// Prefix is what stands before AWSLogs/, without the slash between them.
	// It is "" for logs at the root of the bucket. "logging/" makes the same keys
	// as "logging", which is what [Parse] returns for them. If the key itself has
	// an empty element before AWSLogs, the slash belongs to the prefix: "/" for
	// "/AWSLogs/…" and "a//" for "a//AWSLogs/…".
	Prefix string

	// Account is the AWS account's id, 12 digits.
	Account string

	// Product is the folder of the service that wrote the logs.
	Product Product

	// LogType is the kind of log, any non-empty element.
	LogType LogType

	// Region is the AWS Region's code, such as us-east-1: lower-case letters,
	// digits and hyphens.
	Region string
}

// String returns the prefix with which the partition is listed. It ends in a
// slash. Fields are written as they are, even empty ones.
func (p Partition) String() string {
	return string(p.append(make([]byte, 0, 256)))
}

func (p Partition) append(b []byte) []byte {
	b = append(b, p.Prefix...)
	if p.Prefix != "" && !strings.HasSuffix(p.Prefix, "/") {
		b = append(b, '/')
	}
	b = append(b, anchor...)
	b = append(b, '/')
	for _, s := range [...]string{p.Account, string(p.Product), string(p.LogType), p.Region} {
		b = append(b, s...)
		b = append(b, '/')
	}
	return b
}

// Range returns the range of keys in the hours that [from, to) touches: a key k of the
// partition lies in one of their folders if and only if, bytewise, after < k < end. The
// times may be in any zone. A zero time is an open end.
//
// The first bound, after, fits the start-after parameter of a listing, which excludes it.
// It is the folder of from's hour, so a placeholder object of that name is left out. If
// from is zero, it is p.String(). The second bound, end, is the first hour folder after
// the range. If to is zero, it is the smallest string that is greater than every key of
// the partition.
//
// If neither time is zero and from is not before to, the range is empty, and both bounds
// are the folder of from's hour. Keys have years of four digits: times before the year 0
// count as its beginning, and times after the year 9999 as its end.
func (p Partition) Range(from, to time.Time) (after, end string) {
	folder := p.String()
	after, end = folder, pastAll(folder)
	if !from.IsZero() {
		after = bound(folder, from.UTC().Truncate(time.Hour))
	}
	if to.IsZero() {
		return after, end
	}
	if !from.IsZero() && !from.Before(to) {
		return after, after
	}

	hour := to.UTC().Truncate(time.Hour)
	if hour.Before(to) {
		hour = hour.Add(time.Hour)
	}
	return after, bound(folder, hour)
}

// bound returns the folder of an hour, clamped to what keys can express.
func bound(folder string, hour time.Time) string {
	switch y := hour.Year(); {
	case y < 0:
		return folder + "0000/01/01/00/"
	case y > 9999:
		return pastAll(folder)
	default:
		return folder + hour.Format(hourLayout)
	}
}

// pastAll returns the smallest string greater than all that begin with folder:
// '0' is the byte after the slash that ends it.
func pastAll(folder string) string {
	return folder[:len(folder)-1] + "0"
}

// NewKey returns the key that AWS would give to an object of that minute, as
// seen on real data. The minute may be in any zone, and seconds are dropped. The
// suffix distinguishes objects of one minute; on real data it is 16 random letters
// and digits.
//
// [Parse] accepts the key if p is valid, suffix has only letters and digits, and the
// minute's year has four digits. NewKey does not check that.
func (p Partition) NewKey(minute time.Time, suffix string) Key {
	minute = minute.UTC()
	b := make([]byte, 0, 128)
	b = append(b, p.Account...)
	b = append(b, '_')
	b = append(b, p.LogType...)
	b = append(b, '_')
	b = minute.AppendFormat(b, minuteLayout)
	b = append(b, '_')
	b = append(b, suffix...)
	b = append(b, nameSuffix...)
	return Key{Partition: p, Hour: minute.Truncate(time.Hour), Name: string(b)}
}
