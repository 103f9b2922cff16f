package path

import (
	"strconv"
	"strings"
	"time"
)

// A Level says where in the layout a folder lies. Levels grow from [LevelAbove] down:
// a folder at [LevelRegion] or a greater level lies in one partition.
type Level int

// The levels, with the folders that they stand for.
const (
	// LevelForeign is a folder of something else below an account's folder,
	// such as AWSLogs/123456789012/CloudTrail/, or one that breaks the layout
	// further down. No logs are searched for there.
	LevelForeign Level = iota - 1

	// LevelAbove is a folder above any log root: the root of the bucket, a prefix
	// or a part of a prefix. Log roots may lie anywhere below it.
	LevelAbove

	// LevelRoot is an AWSLogs/ folder. A child of 12 digits is an account, and
	// any other child is more of a prefix.
	LevelRoot

	// LevelAccount is AWSLogs/<account>/. Its children are products.
	LevelAccount

	// LevelProduct is AWSLogs/<account>/<product>/. Its children are log types.
	LevelProduct

	// LevelType is the folder of a log type. Its children are regions.
	LevelType

	// LevelRegion is the folder of a region: a whole [Partition].
	LevelRegion

	// LevelTime is the folder of a year, month, day or hour.
	LevelTime

	// LevelInside is a folder inside that of an hour, such as the guide's
	// zipFile.gz/.
	LevelInside
)

// String returns the level's name in lower case, such as "region".
func (l Level) String() string {
	names := [...]string{
		"foreign", "above", "root", "account", "product", "type", "region", "time", "inside",
	}
	if l < LevelForeign || l > LevelInside {
		return "Level(" + strconv.Itoa(int(l)) + ")"
	}
	return names[l-LevelForeign]
}

// A Location says where in the layout a folder lies. It is comparable with ==.
type Location struct {
	// Level is the folder's place.
	Level Level

	// Partition holds those elements that the folder has; the others are
	// empty. At LevelAbove it is zero, at LevelForeign it holds the elements
	// before the one that breaks the layout.
	Partition Partition

	// From and To are the part of time [From, To), in UTC, that the folder
	// covers: the year, month, day or hour at LevelTime, the hour at
	// LevelInside. At other levels they are zero. Given to [Partition.Range],
	// they yield the range of the folder's keys, except in the years 0000 and
	// 0001, which meet at the zero time, an open end to Range.
	From, To time.Time
}

// Locate returns where in the layout a folder lies. The folder is a prefix of keys
// made of whole elements: "" for the root of the bucket, or a text that ends in a
// slash. A missing slash at the end is taken as present.
//
// As in [Parse], AWSLogs may occur more than once. The last AWSLogs element counts
// that is followed by valid elements only, or by none. So a log type's folder that is
// itself named AWSLogs is taken for a root, and the Region's folders in it are found
// all the same. If there is no such element, the folder is at LevelForeign if some
// AWSLogs element is followed by 12 digits, and at LevelAbove otherwise.
func Locate(folder string) Location {
	folder = strings.TrimSuffix(folder, "/")
	found := Location{Level: LevelAbove}
	for i := lastAnchor(folder, len(folder)); i >= 0; i = lastAnchor(folder, i-1) {
		s, more := strings.CutPrefix(folder[i+len(anchor):], "/")
		t := readTail(s, more)
		if !t.more || t.n == namePlace {
			return t.location(folder[:i])
		}
		if t.n > accountPlace && found.Level == LevelAbove {
			found = Location{Level: LevelForeign, Partition: t.partition(folder[:i])}
		}
	}
	return found
}

// location returns the location of a folder of valid elements only, or of one
// inside an hour.
func (t *tail) location(before string) Location {
	l := Location{Level: LevelRoot + Level(t.n), Partition: t.partition(before)}
	if l.Level <= LevelRegion {
		return l
	}

	l.Level = LevelTime
	if t.more {
		l.Level = LevelInside
	}
	l.From, l.To = t.span()
	return l
}

// span returns the part of time that the elements from the year on stand for.
func (t *tail) span() (from, to time.Time) {
	switch t.n - 1 {
	case yearPlace:
		from = time.Date(t.year, 1, 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(1, 0, 0)
	case monthPlace:
		from = time.Date(t.year, time.Month(t.month), 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(0, 1, 0)
	case dayPlace:
		from = time.Date(t.year, time.Month(t.month), t.day, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(0, 0, 1)
	default:
		from = time.Date(t.year, time.Month(t.month), t.day, t.hour, 0, 0, 0, time.UTC)
		return from, from.Add(time.Hour)
	}
}
