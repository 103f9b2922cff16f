package record

import (
	"fmt"
	"log/slog"
	"time"
)

// StartTaskAssistCodeGeneration is a record of a /dev command of Q Developer's
// IDE plugins. No real log of this type is public: the fields are those of
// AWS's guide. AWS took the command out of its guide in October 2025.
type StartTaskAssistCodeGeneration struct {
	// Request is the half startTaskAssistCodeGenerationEventRequest. It is
	// zero if that half is null.
	Request StartTaskAssistCodeGenerationRequest
	// Response is the half startTaskAssistCodeGenerationEventResponse, or nil
	// if it is absent or null.
	Response *StartTaskAssistCodeGenerationResponse

	members members
}

// Time returns Request.TimeStamp.
func (r *StartTaskAssistCodeGeneration) Time() time.Time { return r.Request.TimeStamp }

// UserID returns Request.UserID.
func (r *StartTaskAssistCodeGeneration) UserID() UserID { return r.Request.UserID }

// RequestID returns Response.RequestID, or "" if there is no response.
func (r *StartTaskAssistCodeGeneration) RequestID() string {
	if r.Response == nil {
		return ""
	}
	return r.Response.RequestID
}

// LogType returns "StartTaskAssistCodeGeneration".
func (r *StartTaskAssistCodeGeneration) LogType() string { return "StartTaskAssistCodeGeneration" }

// State reports how the key with the given JSON name was in the log, such as
// "startTaskAssistCodeGenerationEventResponse", unknown keys included. It is
// [Absent] for a nil r and for a record that was not decoded, and does not
// follow changes of the fields.
func (r *StartTaskAssistCodeGeneration) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the record in the form of the log: the fields that have a
// value, the others as they were in the log, and the unknown keys. [Unmarshal]
// reads it back. Its errors are of type [*Error]: [ErrTime] for a time outside
// of the years 0 to 9999, [ErrSyntax] for raw JSON that is not valid.
func (r StartTaskAssistCodeGeneration) MarshalJSON() ([]byte, error) { return marshal(&r) }

// Format writes ids, times and sizes, whatever the verb.
func (r StartTaskAssistCodeGeneration) Format(f fmt.State, _ rune) {
	format(f, "StartTaskAssistCodeGeneration", recordAttrs(&r))
}

// LogValue returns the log type, ids, times and sizes.
func (r StartTaskAssistCodeGeneration) LogValue() slog.Value {
	return recordLogValue("StartTaskAssistCodeGeneration", &r)
}

func (r *StartTaskAssistCodeGeneration) sealed() {}

func (r *StartTaskAssistCodeGeneration) table() (table, *members) {
	return table{
		{name: taskRequestKey, codec: embed(&r.Request), always: true, half: true},
		{name: taskResponseKey, codec: option(&r.Response), half: true},
	}, &r.members
}

// StartTaskAssistCodeGenerationRequest is the request half of a
// [StartTaskAssistCodeGeneration].
type StartTaskAssistCodeGenerationRequest struct {
	// Prompt is the JSON string prompt: the task that the user gave.
	Prompt string
	// ChatTriggerType is the JSON string chatTriggerType. AWS's guide names
	// MANUAL and INLINE_CHAT; real logs show only MANUAL. Treat it as open to
	// other values.
	ChatTriggerType string
	// ConversationID is the JSON string conversationId. In this log type it
	// is in the request.
	ConversationID string
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
func (r *StartTaskAssistCodeGenerationRequest) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the fields that have a value, the others as they were in
// the log, and the unknown keys. Its errors are of type [*Error].
func (r StartTaskAssistCodeGenerationRequest) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON reads this part of a record alone. Null changes nothing. Its
// errors are of type [*Error].
func (r *StartTaskAssistCodeGenerationRequest) UnmarshalJSON(data []byte) error {
	return unmarshalPart(r, data)
}

// Format writes ids, times and sizes, whatever the verb.
func (r StartTaskAssistCodeGenerationRequest) Format(f fmt.State, _ rune) {
	format(f, "StartTaskAssistCodeGenerationRequest", attrs(&r))
}

// LogValue returns ids, times and sizes.
func (r StartTaskAssistCodeGenerationRequest) LogValue() slog.Value {
	return slog.GroupValue(attrs(&r)...)
}

func (r *StartTaskAssistCodeGenerationRequest) table() (table, *members) {
	return table{
		{name: "prompt", codec: (*textCodec)(&r.Prompt)},
		{name: "chatTriggerType", codec: (*textCodec)(&r.ChatTriggerType)},
		{name: "conversationId", codec: (*textCodec)(&r.ConversationID)},
		{name: "customizationArn", codec: (*textCodec)(&r.CustomizationARN)},
		{name: "userId", codec: (*idCodec)(&r.UserID)},
		{name: "timeStamp", codec: (*timeCodec)(&r.TimeStamp)},
	}, &r.members
}

// StartTaskAssistCodeGenerationResponse is the response half of a
// [StartTaskAssistCodeGeneration]. AWS's guide says that answers to /dev are
// not recorded, and its example has nothing but the id. But its table of fields
// lists assistantResponse. If that occurs, it is kept as an unknown key.
type StartTaskAssistCodeGenerationResponse struct {
	// RequestID is the JSON string requestId, the id of this one call of the
	// service.
	RequestID string

	members members
}

// State reports how the key with the given JSON name was in the log, unknown
// keys included. It is [Absent] for a nil r and for a struct that was not
// decoded, and does not follow changes of the fields.
func (r *StartTaskAssistCodeGenerationResponse) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the fields that have a value, the others as they were in
// the log, and the unknown keys. Its errors are of type [*Error].
func (r StartTaskAssistCodeGenerationResponse) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON reads this part of a record alone. Null changes nothing. Its
// errors are of type [*Error].
func (r *StartTaskAssistCodeGenerationResponse) UnmarshalJSON(data []byte) error {
	return unmarshalPart(r, data)
}

// Format writes ids, times and sizes, whatever the verb.
func (r StartTaskAssistCodeGenerationResponse) Format(f fmt.State, _ rune) {
	format(f, "StartTaskAssistCodeGenerationResponse", attrs(&r))
}

// LogValue returns ids, times and sizes.
func (r StartTaskAssistCodeGenerationResponse) LogValue() slog.Value {
	return slog.GroupValue(attrs(&r)...)
}

func (r *StartTaskAssistCodeGenerationResponse) table() (table, *members) {
	return table{
		{name: "requestId", codec: (*idCodec)(&r.RequestID)},
	}, &r.members
}
