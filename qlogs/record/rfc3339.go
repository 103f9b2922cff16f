package record

import "time"

// maxTime is longer than any time that is likely to be written, with its fraction.
const maxTime = 1024

// timeOf decodes a string that is a time.
func (a *account) timeOf(raw []byte) (time.Time, error) {
	text := raw[1 : len(raw)-1]
	if len(text) > plainMax || !isPlain(text) {
		str, err := a.unquote(raw)
		if err != nil {
			return time.Time{}, err
		}
		if len(str) > maxTime {
			return time.Time{}, ErrTime
		}
		text = []byte(str)
	}
	t, ok := parseTime(text)
	if !ok {
		return time.Time{}, ErrTime
	}
	return t, nil
}

// parseTime reads a time as RFC 3339 writes it, in any of its spellings, and returns it in
// UTC.
func parseTime(text []byte) (time.Time, bool) {
	var t time.Time
	if err := t.UnmarshalText(text); err != nil || !isStrict(text) {
		return parseRare(text)
	}
	return inYears(t)
}

// inYears returns a time in UTC. It reports false if the year is then none of RFC 3339: an
// offset or a leap second may change the year, and encoding/json refuses such a time.
func inYears(t time.Time) (time.Time, bool) {
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return time.Time{}, false
	}
	return t, true
}

// isStrict reports whether a text that package time accepts is RFC 3339. Package time also
// accepts an hour of one digit, a comma before the fraction and an offset of 24 hours or
// more.
func isStrict(text []byte) bool {
	const zone = len("+00:00")
	if text[len("2006-01-02T1")] == ':' || text[len("2006-01-02T15:04:05")] == ',' {
		return false
	}
	if text[len(text)-1] == 'Z' {
		return true
	}
	offset := text[len(text)-zone:]
	return string(offset[1:3]) < "24" && string(offset[4:]) < "60"
}

// parseRare reads what RFC 3339 allows and package time does not: t and z in lower case, a
// space for the T, and a leap second, which becomes the second after :59.
func parseRare(text []byte) (time.Time, bool) {
	const date, minute, second = len("2006-01-02"), len("2006-01-02T15:"), len("2006-01-02T15:04:")
	last := len(text) - 1
	if last < len("2006-01-02T15:04:05") || len(text) > maxTime {
		return time.Time{}, false
	}
	text = append(make([]byte, 0, len(text)), text...)
	if c := text[date]; c == 't' || c == ' ' {
		text[date] = 'T'
	}
	if text[last] == 'z' {
		text[last] = 'Z'
	}
	leap := string(text[second:second+2]) == "60"
	if leap {
		copy(text[second:], "59")
	}
	var t time.Time
	if err := t.UnmarshalText(text); err != nil || !isStrict(text) {
		return time.Time{}, false
	}
	at59 := string(text[minute:minute+2]) == "59"
	if !leap {
		return inYears(t)
	}
	// Leap seconds end a day of UTC, and the hour in most offsets.
	if hour, min, _ := t.UTC().Clock(); !at59 && (hour != 23 || min != 59) {
		return time.Time{}, false
	}
	return inYears(t.Add(time.Second))
}
