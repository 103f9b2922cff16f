package path

import (
	"strings"
	"time"
)

const nameSuffix = ".json.gz"

// A Key is the parsed key of one log object. Keys that [Parse] or
// [Partition.NewKey] returned are comparable with ==.
type Key struct {
	// Partition is the folder above the hour folders.
	Partition

	// Hour is the beginning of the hour of the object's folder, in UTC.
	Hour time.Time

	// Name is the rest of the key: one element, or zipFile.gz/logFile.json.
	Name string
}

// String returns the key as S3 has it. An Hour in another zone, or not at the full
// hour, stands for the UTC hour that it lies in.
func (k Key) String() string {
	b := k.Partition.append(make([]byte, 0, 512))
	b = k.Hour.UTC().AppendFormat(b, hourLayout)
	b = append(b, k.Name...)
	return string(b)
}

// Minute returns the minute in the object's name, in UTC, if the name has the form that
// [Partition.NewKey] makes. The account and log type in the name may differ from those of
// the folders, and the minute from the hour. For all other names, such as those of reports
// and the guide's form, ok is false.
//
// In the few real objects that are known in full, it is the minute of the record.
func (k Key) Minute() (minute time.Time, ok bool) {
	s, ok := strings.CutSuffix(k.Name, nameSuffix)
	if !ok {
		return time.Time{}, false
	}
	s, suffix, ok := cutLast(s)
	if !ok || !alphanumeric(suffix) {
		return time.Time{}, false
	}
	s, stamp, ok := cutLast(s)
	if !ok {
		return time.Time{}, false
	}
	account, logType, _ := strings.Cut(s, "_")
	if !validAccount(account) || logType == "" {
		return time.Time{}, false
	}
	return parseMinute(stamp)
}

func parseMinute(s string) (minute time.Time, ok bool) {
	if len(s) != len(minuteLayout) {
		return time.Time{}, false
	}
	year, ok1 := digits(s[:4], 4, 0, 9999)
	month, ok2 := digits(s[4:6], 2, 1, 12)
	day, ok3 := digits(s[6:8], 2, 1, daysIn(year, month))
	hour, ok4 := digits(s[8:10], 2, 0, 23)
	minutes, ok5 := digits(s[10:], 2, 0, 59)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minutes, 0, 0, time.UTC), true
}

// cutLast cuts s at its last underscore: a log type may have some of its own.
func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '_')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}
