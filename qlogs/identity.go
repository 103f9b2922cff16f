package qlogs

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/promptlogs/qlogs/qlogs/record"
)

// An Identity tells one record from all others. It holds ids and a time, nothing
// of what the record says, and its JSON form is short: a program that writes it
// beside each record can tell after a crash, with [Dedup.Seed], which records it
// has written. Identities are compared by a [Dedup], not with ==.
type Identity struct {
	// Key, ETag and VersionID are the object's. ETag and VersionID are empty
	// where the source knows none.
	Key       string `json:"key"`
	ETag      string `json:"etag,omitempty"`
	VersionID string `json:"versionId,omitempty"`

	// Index is the record's position in the object, from 0.
	Index int `json:"index"`

	// LogType and RequestID are the record's. RequestID is empty if it has none, and
	// else what [record.ShownID] returns: an Identity shows no text, in whatever form it
	// is written.
	LogType   string `json:"logType,omitempty"`
	RequestID string `json:"requestId,omitempty"`

	// Time is the record's time, in UTC, or the minute or hour of the object's key
	// if it has none.
	Time time.Time `json:"time,omitzero"`
}

// Identity returns what tells the entry's record from all others.
func (e Entry) Identity() Identity {
	id := Identity{Key: e.Object.Key, ETag: e.Object.ETag, VersionID: e.Object.VersionID, Index: e.Index, Time: e.Key.Hour}
	if minute, ok := e.Key.Minute(); ok {
		id.Time = minute
	}
	if e.Record == nil {
		return id
	}
	id.LogType, id.RequestID = e.Record.LogType(), record.ShownID(e.Record.RequestID())
	if t := e.Record.Time(); !t.IsZero() {
		id.Time = t
	}
	return id
}

// An identityPrint stands for a record in a Dedup: 128 bits of SHA-256. Among a
// million records the chance that another one has the same is 3 in 10^33.
type identityPrint [16]byte

// print reports false if nothing tells the record from all others.
//
// One print does for both rules: a record that is met again in its place has the
// same request id, if it has one. The ETag comes before the version, because a
// listing knows no versions and an event does.
func (id Identity) print() (identityPrint, bool) {
	switch {
	case id.RequestID != "":
		return newIdentityPrint("request", 0, id.LogType, id.RequestID), true
	case id.ETag != "":
		return newIdentityPrint("etag", id.Index, id.Key, id.ETag), true
	case id.VersionID != "":
		return newIdentityPrint("version", id.Index, id.Key, id.VersionID), true
	}
	return identityPrint{}, false
}

func newIdentityPrint(rule string, index int, parts ...string) identityPrint {
	data := make([]byte, 0, 256)
	data = binary.AppendUvarint(append(data, rule...), uint64(index))
	for _, part := range parts {
		data = binary.AppendUvarint(data, uint64(len(part))) // so that "a", "bc" is not "ab", "c"
		data = append(data, part...)
	}
	sum := sha256.Sum256(data)
	return identityPrint(sum[:len(identityPrint{})])
}

// numbered returns another print for each number.
func (p identityPrint) numbered(n int64) identityPrint {
	binary.LittleEndian.PutUint64(p[:], binary.LittleEndian.Uint64(p[:])^uint64(n))
	return p
}
