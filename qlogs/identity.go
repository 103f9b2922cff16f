package qlogs

import (
	"time"

	"github.com/promptlogs/qlogs/qlogs/record"
)

// An Identity tells one record from all others. It holds ids and a time, nothing
// of what the record says, and its JSON form is short: a program that writes it
// beside each record can tell after a crash, with keep.Dedup, which records it
// has written. Identities are compared by a keep.Dedup, not with ==.
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

	// Time is that of [Entry.Time].
	Time time.Time `json:"time,omitzero"`
}

// Identity returns what tells the entry's record from all others.
func (e Entry) Identity() Identity {
	id := Identity{Key: e.Object.Key, ETag: e.Object.ETag, VersionID: e.Object.VersionID, Index: e.Index, Time: e.Time()}
	if e.Record != nil {
		id.LogType, id.RequestID = e.Record.LogType(), record.ShownID(e.Record.RequestID())
	}
	return id
}
