package record

import (
	"fmt"
	"log/slog"
)

// SupplementaryWebLink is a page that an answer refers to.
type SupplementaryWebLink struct {
	// URI is the JSON string uri. The service's streaming API calls the same
	// thing url; logs do not.
	URI string
	// Title is the JSON string title.
	Title string
	// Snippet is the JSON string snippet, some words of the page.
	Snippet string

	members members
}

// State reports how the key with the given JSON name was in the log, unknown
// keys included. It is [Absent] for a nil r and for a struct that was not
// decoded, and does not follow changes of the fields.
func (r *SupplementaryWebLink) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the fields that have a value, the others as they were in
// the log, and the unknown keys. Its errors are of type [*Error].
func (r SupplementaryWebLink) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON reads this part of a record alone. Null changes nothing. Its
// errors are of type [*Error].
func (r *SupplementaryWebLink) UnmarshalJSON(data []byte) error { return unmarshalPart(r, data) }

// Format writes ids, times and sizes, whatever the verb.
func (r SupplementaryWebLink) Format(f fmt.State, _ rune) {
	format(f, "SupplementaryWebLink", attrs(&r))
}

// LogValue returns ids, times and sizes.
func (r SupplementaryWebLink) LogValue() slog.Value { return slog.GroupValue(attrs(&r)...) }

func (r *SupplementaryWebLink) table() (table, *members) {
	return table{
		{name: "uri", codec: (*textCodec)(&r.URI)},
		{name: "title", codec: (*textCodec)(&r.Title)},
		{name: "snippet", codec: (*textCodec)(&r.Snippet)},
	}, &r.members
}
