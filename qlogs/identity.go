package qlogs

import (
	"time"

	"github.com/promptlogs/qlogs/qlogs/record"
)

// An Identity identifies one record among all others. It holds ids and a time, and nothing
// of what the record says. Its JSON form is short. A program that writes it beside each record
// finds out after a crash, with keep.Dedup, which records it has written. Compare identities
// with a keep.Dedup, not with ==.
type Identity struct {
	// Key, ETag and VersionID are the object's. ETag and VersionID are empty
	// where the source knows none.
	Key       string `json:"key"`
	ETag      string `json:"etag,omitempty"`
	VersionID string `json:"versionId,omitempty"`

	// Index is the record's position in the object, from 0.
	Index int `json:"index"`

	// LogType and RequestID are the record's. RequestID is empty if the record has none.
	// Otherwise it is what [record.ShownID] returns, so that an Identity never shows text.
	LogType   string `json:"logType,omitempty"`
	RequestID string `json:"requestId,omitempty"`

	// Time is [Entry.Time].
	Time time.Time `json:"time,omitzero"`
}

// Identity returns the identity of the entry's record.
func (e Entry) Identity() Identity {
	id := Identity{Key: e.Object.Key, ETag: e.Object.ETag, VersionID: e.Object.VersionID, Index: e.Index, Time: e.Time()}
	if e.Record != nil {
		id.LogType, id.RequestID = e.Record.LogType(), record.ShownID(e.Record.RequestID())
	}
	return id
}
