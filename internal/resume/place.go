package resume

import (
	"crypto/sha256"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// A fingerprint stands for one object of a partition in a State: 96 bits of the SHA-256
// of its key within the partition. Among n objects the chance that another one has the
// same is n in 8e28.
type fingerprint [12]byte

func newFingerprint(key string) fingerprint {
	var room [256]byte // keys are shorter as a rule, and then need no memory
	sum := sha256.Sum256(append(room[:0], key...))
	return fingerprint(sum[:len(fingerprint{})])
}

// An hour is the number of an hour folder, counted from 1970.
type hour int64

// noHours is before the hours that keys can have, which begin with the year 0.
const noHours hour = -2_000 * 366 * 24

// maxHour is beyond the hours that keys can have, which end with the year 9999.
const maxHour hour = 10_000 * 366 * 24

func hourOf(t time.Time) hour {
	return hour(t.UTC().Truncate(time.Hour).Unix() / 3600)
}

// folder is the hour's folder within a partition.
func (h hour) folder() string { return h.time().Format("2006/01/02/15/") }

func (h hour) time() time.Time { return time.Unix(int64(h)*3600, 0).UTC() }

// A place is where an object lies.
type place struct {
	part  string // the partition's listing prefix
	hour  hour
	print fingerprint
}

// placeOf returns the place of the object of that whole key.
func placeOf(part string, key path.Key, whole string) place {
	return place{part: part, hour: hourOf(key.Hour), print: newFingerprint(whole[len(part):])}
}
