package record

import (
	"fmt"
	"log/slog"
	"time"
)

// GenerateCompletions is a record of an inline suggestion. AWS's guide says
// that suggestions are logged if they were accepted or actively rejected.
// Nothing in a record shows which it was.
type GenerateCompletions struct {
	// Request is the half generateCompletionsEventRequest. It is zero if that
	// half is null.
	Request GenerateCompletionsRequest
	// Response is the half generateCompletionsEventResponse, or nil if it is
	// absent or null.
	Response *GenerateCompletionsResponse

	members members
}

// Time returns Request.TimeStamp.
func (r *GenerateCompletions) Time() time.Time { return r.Request.TimeStamp }

// UserID returns Request.UserID.
func (r *GenerateCompletions) UserID() UserID { return r.Request.UserID }

// RequestID returns Response.RequestID, or "" if there is no response.
func (r *GenerateCompletions) RequestID() string {
	if r.Response == nil {
		return ""
	}
	return r.Response.RequestID
}

// LogType returns "GenerateCompletions".
func (r *GenerateCompletions) LogType() string { return "GenerateCompletions" }

// State reports how the key with the given JSON name was in the log, such as
// "generateCompletionsEventResponse", unknown keys included. It is
// [Absent] for a nil r and for a record that was not decoded, and does not
// follow changes of the fields.
func (r *GenerateCompletions) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the record in the form of the log: the fields that have a
// value, the others as they were in the log, and the unknown keys. [Unmarshal]
// reads it back. Its errors are of type [*Error]: [ErrTime] for a time outside
// of the years 0 to 9999, [ErrSyntax] for raw JSON that is not valid.
func (r GenerateCompletions) MarshalJSON() ([]byte, error) { return marshal(&r) }

// Format writes ids, times and sizes, whatever the verb.
func (r GenerateCompletions) Format(f fmt.State, _ rune) {
	format(f, "GenerateCompletions", recordAttrs(&r))
}

// LogValue returns the log type, ids, times and sizes.
func (r GenerateCompletions) LogValue() slog.Value { return recordLogValue("GenerateCompletions", &r) }

func (r *GenerateCompletions) sealed() {}

func (r *GenerateCompletions) table() (table, *members) {
	return table{
		{name: completionsRequestKey, codec: embed(&r.Request), always: true, half: true},
		{name: completionsResponseKey, codec: option(&r.Response), half: true},
	}, &r.members
}

// GenerateCompletionsRequest is the request half of a [GenerateCompletions].
type GenerateCompletionsRequest struct {
	// LeftContext is the JSON string leftContext: the file's text before the
	// cursor, with its own line ends. It may be empty.
	LeftContext string
	// RightContext is the JSON string rightContext: the file's text after the
	// cursor, with its own line ends. It may be empty.
	RightContext string
	// FileName is the JSON string fileName. In real logs it is the bare name.
	FileName string
	// CustomizationARN is the JSON string customizationArn: the customization
	// that the answer used. Without one it is null in old logs and absent in
	// Kiro's.
	CustomizationARN string
	// UserID is the JSON string userId. See [UserID].
	UserID UserID
	// TimeStamp is the JSON string timeStamp, with a capital S: the time of
	// the request in UTC, with nanoseconds. It is the zero time if the log has
	// none. AWS writes RFC 3339 with Z; real logs have 6 or 9 digits of
	// fraction.
	TimeStamp time.Time

	members members
}

// State reports how the key with the given JSON name was in the log, unknown
// keys included. It is [Absent] for a nil r and for a struct that was not
// decoded, and does not follow changes of the fields.
func (r *GenerateCompletionsRequest) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the fields that have a value, the others as they were in
// the log, and the unknown keys. Its errors are of type [*Error].
func (r GenerateCompletionsRequest) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON reads this part of a record alone. Null changes nothing. Its
// errors are of type [*Error].
func (r *GenerateCompletionsRequest) UnmarshalJSON(data []byte) error { return unmarshalPart(r, data) }

// Format writes ids, times and sizes, whatever the verb.
func (r GenerateCompletionsRequest) Format(f fmt.State, _ rune) {
	format(f, "GenerateCompletionsRequest", attrs(&r))
}

// LogValue returns ids, times and sizes.
func (r GenerateCompletionsRequest) LogValue() slog.Value { return slog.GroupValue(attrs(&r)...) }

func (r *GenerateCompletionsRequest) table() (table, *members) {
	return table{
		{name: "leftContext", codec: (*textCodec)(&r.LeftContext)},
		{name: "rightContext", codec: (*textCodec)(&r.RightContext)},
		{name: "fileName", codec: (*textCodec)(&r.FileName)},
		{name: "customizationArn", codec: (*textCodec)(&r.CustomizationARN)},
		{name: "userId", codec: (*idCodec)(&r.UserID)},
		{name: "timeStamp", codec: (*timeCodec)(&r.TimeStamp)},
	}, &r.members
}

// GenerateCompletionsResponse is the response half of a [GenerateCompletions].
type GenerateCompletionsResponse struct {
	// Completions is the JSON array completions: the suggestions. It is often
	// empty in real logs. AWS's guide and real logs have strings; an element
	// that is an object is read as its "content", and null as an empty string.
	Completions []string
	// RequestID is the JSON string requestId, the id of this one call of the
	// service. All known real logs have it.
	RequestID string

	members members
}

// State reports how the key with the given JSON name was in the log, unknown
// keys included. It is [Absent] for a nil r and for a struct that was not
// decoded, and does not follow changes of the fields.
func (r *GenerateCompletionsResponse) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the fields that have a value, the others as they were in
// the log, and the unknown keys. Its errors are of type [*Error].
func (r GenerateCompletionsResponse) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON reads this part of a record alone. Null changes nothing. Its
// errors are of type [*Error].
func (r *GenerateCompletionsResponse) UnmarshalJSON(data []byte) error { return unmarshalPart(r, data) }

// Format writes ids, times and sizes, whatever the verb.
func (r GenerateCompletionsResponse) Format(f fmt.State, _ rune) {
	format(f, "GenerateCompletionsResponse", attrs(&r))
}

// LogValue returns ids, times and sizes.
func (r GenerateCompletionsResponse) LogValue() slog.Value { return slog.GroupValue(attrs(&r)...) }

func (r *GenerateCompletionsResponse) table() (table, *members) {
	return table{
		{name: "completions", codec: (*listCodec)(&r.Completions)},
		{name: "requestId", codec: (*idCodec)(&r.RequestID)},
	}, &r.members
}
