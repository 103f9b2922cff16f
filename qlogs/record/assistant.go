package record

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// GenerateAssistantResponse is a record of a chat: a prompt and the answer to
// it. In agent mode, each call of the model is a record of its own. A call that
// continues after a tool has an empty prompt.
type GenerateAssistantResponse struct {
	// Request is the half generateAssistantResponseEventRequest. It is zero if
	// that half is null.
	Request GenerateAssistantResponseRequest
	// Response is the half generateAssistantResponseEventResponse, or nil if
	// it is absent or null.
	Response *GenerateAssistantResponseResponse

	members members
}

// Time returns Request.TimeStamp.
func (r *GenerateAssistantResponse) Time() time.Time { return r.Request.TimeStamp }

// UserID returns Request.UserID.
func (r *GenerateAssistantResponse) UserID() UserID { return r.Request.UserID }

// RequestID returns Response.RequestID, or "" if there is no response.
func (r *GenerateAssistantResponse) RequestID() string {
	if r.Response == nil {
		return ""
	}
	return r.Response.RequestID
}

// LogType returns "GenerateAssistantResponse".
func (r *GenerateAssistantResponse) LogType() string { return "GenerateAssistantResponse" }

// State reports how the key with the given JSON name was in the log, such as
// "generateAssistantResponseEventResponse", unknown keys included. It is
// [Absent] for a nil r and for a record that was not decoded, and does not
// follow changes of the fields.
func (r *GenerateAssistantResponse) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the record in the form of the log: the fields that have a
// value, the others as they were in the log, and the unknown keys. [Unmarshal]
// reads it back. Its errors are of type [*Error]: [ErrTime] for a time outside
// of the years 0 to 9999, [ErrSyntax] for raw JSON that is not valid.
func (r GenerateAssistantResponse) MarshalJSON() ([]byte, error) { return marshal(&r) }

// Format writes ids, times and sizes, whatever the verb.
func (r GenerateAssistantResponse) Format(f fmt.State, _ rune) {
	format(f, "GenerateAssistantResponse", recordAttrs(&r))
}

// LogValue returns the log type, ids, times and sizes.
func (r GenerateAssistantResponse) LogValue() slog.Value {
	return recordLogValue("GenerateAssistantResponse", &r)
}

func (r *GenerateAssistantResponse) sealed() {}

func (r *GenerateAssistantResponse) table() (table, *members) {
	return table{
		{name: assistantRequestKey, codec: embed(&r.Request), always: true, half: true},
		{name: assistantResponseKey, codec: option(&r.Response), half: true},
	}, &r.members
}

// GenerateAssistantResponseRequest is the request half of a
// [GenerateAssistantResponse].
type GenerateAssistantResponseRequest struct {
	// Prompt is the JSON string prompt: what was sent to the assistant. IDE
	// and CLI wrap what the user typed in context such as open files. AWS's
	// guide shows it filled. In Kiro's logs it is empty in most records: those
	// in which an agent continues after a tool call. Lengths of 800 KB have
	// been seen.
	Prompt string
	// ChatTriggerType is the JSON string chatTriggerType. AWS's guide names
	// MANUAL and INLINE_CHAT; real logs show only MANUAL. Treat it as open to
	// other values.
	ChatTriggerType string
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
	// ModelID is the JSON string modelId, such as claude-opus-4.5 or auto.
	// AWS's guide does not have it. It is absent from Q Developer's logs and
	// from some of Kiro's.
	ModelID string

	members members
}

// State reports how the key with the given JSON name was in the log, unknown
// keys included. It is [Absent] for a nil r and for a struct that was not
// decoded, and does not follow changes of the fields.
func (r *GenerateAssistantResponseRequest) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the fields that have a value, the others as they were in
// the log, and the unknown keys. Its errors are of type [*Error].
func (r GenerateAssistantResponseRequest) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON reads this part of a record alone. Null changes nothing. Its
// errors are of type [*Error].
func (r *GenerateAssistantResponseRequest) UnmarshalJSON(data []byte) error {
	return unmarshalPart(r, data)
}

// Format writes ids, times and sizes, whatever the verb.
func (r GenerateAssistantResponseRequest) Format(f fmt.State, _ rune) {
	format(f, "GenerateAssistantResponseRequest", attrs(&r))
}

// LogValue returns ids, times and sizes.
func (r GenerateAssistantResponseRequest) LogValue() slog.Value { return slog.GroupValue(attrs(&r)...) }

func (r *GenerateAssistantResponseRequest) table() (table, *members) {
	return table{
		{name: "prompt", codec: (*textCodec)(&r.Prompt)},
		{name: "chatTriggerType", codec: (*textCodec)(&r.ChatTriggerType)},
		{name: "customizationArn", codec: (*textCodec)(&r.CustomizationARN)},
		{name: "userId", codec: (*idCodec)(&r.UserID)},
		{name: "timeStamp", codec: (*timeCodec)(&r.TimeStamp)},
		{name: "modelId", codec: (*idCodec)(&r.ModelID)},
	}, &r.members
}

// GenerateAssistantResponseResponse is the response half of a
// [GenerateAssistantResponse].
type GenerateAssistantResponseResponse struct {
	// AssistantResponse is the JSON string assistantResponse: the text of the
	// answer. It is often empty, above all if the model only called a tool.
	AssistantResponse string
	// FollowupPrompts is followupPrompts. In AWS's guide and all known logs it
	// is a JSON string that joins the prompts without a separator. Here that is
	// one element, or none if the string is empty. An array of strings is read
	// too. The key is mostly absent from Kiro's logs.
	FollowupPrompts []string
	// MessageMetadata is the JSON object messageMetadata, or nil if it is null
	// or absent. In Kiro's logs it is mostly absent.
	MessageMetadata *MessageMetadata
	// CodeReferenceEvents is the whole value of codeReferenceEvents as it is in
	// the log, or nil if it is absent or null. According to AWS's guide it is
	// an array. Real logs have only [], so the form of its elements is not
	// known.
	CodeReferenceEvents json.RawMessage
	// SupplementaryWebLinks is the JSON array supplementaryWebLinksEvent. It
	// can be absent, null or empty. An element that is null is a zero link.
	SupplementaryWebLinks []SupplementaryWebLink
	// RequestID is the JSON string requestId, the id of this one call of the
	// service. All known real logs have it.
	RequestID string

	members members
}

// State reports how the key with the given JSON name was in the log, unknown
// keys included. It is [Absent] for a nil r and for a struct that was not
// decoded, and does not follow changes of the fields.
func (r *GenerateAssistantResponseResponse) State(name string) State { return stateOf(r, name) }

// MarshalJSON writes the fields that have a value, the others as they were in
// the log, and the unknown keys. Its errors are of type [*Error].
func (r GenerateAssistantResponseResponse) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON reads this part of a record alone. Null changes nothing. Its
// errors are of type [*Error].
func (r *GenerateAssistantResponseResponse) UnmarshalJSON(data []byte) error {
	return unmarshalPart(r, data)
}

// Format writes ids, times and sizes, whatever the verb.
func (r GenerateAssistantResponseResponse) Format(f fmt.State, _ rune) {
	format(f, "GenerateAssistantResponseResponse", attrs(&r))
}

// LogValue returns ids, times and sizes.
func (r GenerateAssistantResponseResponse) LogValue() slog.Value {
	return slog.GroupValue(attrs(&r)...)
}

func (r *GenerateAssistantResponseResponse) table() (table, *members) {
	return table{
		{name: "assistantResponse", codec: (*textCodec)(&r.AssistantResponse)},
		{name: "followupPrompts", codec: (*promptsCodec)(&r.FollowupPrompts)},
		{name: "messageMetadata", codec: option(&r.MessageMetadata)},
		{name: "codeReferenceEvents", codec: (*rawCodec)(&r.CodeReferenceEvents)},
		{name: "supplementaryWebLinksEvent", codec: objectList(&r.SupplementaryWebLinks)},
		{name: "requestId", codec: (*idCodec)(&r.RequestID)},
	}, &r.members
}
