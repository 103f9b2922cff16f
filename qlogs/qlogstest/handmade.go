package qlogstest

import (
	"unicode"
	"unicode/utf8"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// The defaults of records made by hand.
const (
	usualUser Value = "d-1234567890.0a1b2c3d-0000-4000-8000-000000000001"
	usualTime Value = "2026-03-02T09:00:00.000000Z"
)

// A Chat is a record of the type GenerateAssistantResponse. Its fields have the names that
// they have in package record, and their defaults are what Kiro's logs have. The zero value
// is a chat without a prompt, as an agent makes one after a tool call.
type Chat struct {
	// Prompt is empty by default.
	Prompt Value

	// ChatTriggerType is "MANUAL" by default.
	ChatTriggerType Value

	// CustomizationARN is absent by default.
	CustomizationARN Value

	// UserID is by default that of one and the same made-up user.
	UserID Value

	// TimeStamp is 09:00 on 2 March 2026, UTC, by default. See [Time].
	TimeStamp Value

	// ModelID is "auto" by default.
	ModelID Value

	// AssistantResponse is empty by default.
	AssistantResponse Value

	// FollowupPrompts is absent by default. Real logs have one string.
	FollowupPrompts Value

	// MessageMetadata is absent by default. Real logs have an object, such as
	// {"conversationId":null,"utteranceId":null}, which [JSON] makes.
	MessageMetadata Value

	// CodeReferenceEvents is [] by default.
	CodeReferenceEvents Value

	// SupplementaryWebLinks is absent by default. Real logs have a list of objects.
	SupplementaryWebLinks Value

	// RequestID is by default a UUID that is made of the rest of the record: records that
	// differ have different ones.
	RequestID Value

	// Request and Response replace a half of the record as a whole, so that it can be
	// [Null] or [Absent]. By default the halves are made of the other fields.
	Request, Response Value

	// RequestMore and ResponseMore are further keys of the halves, and More are further
	// keys of the record, beside the halves.
	RequestMore, ResponseMore, More Fields
}

// MarshalJSON returns the record as JSON. It never fails; what [JSON] made is not checked.
func (c Chat) MarshalJSON() ([]byte, error) {
	request := half{"generateAssistantResponseEventRequest", c.Request, []member{
		{"prompt", c.Prompt, Empty},
		{"chatTriggerType", c.ChatTriggerType, "MANUAL"},
		{"customizationArn", c.CustomizationARN, Absent},
		{"userId", c.UserID, usualUser},
		{"timeStamp", c.TimeStamp, usualTime},
		{"modelId", c.ModelID, "auto"},
	}, c.RequestMore}
	response := half{"generateAssistantResponseEventResponse", c.Response, []member{
		{"assistantResponse", c.AssistantResponse, Empty},
		{"followupPrompts", c.FollowupPrompts, Absent},
		{"messageMetadata", c.MessageMetadata, Absent},
		{"codeReferenceEvents", c.CodeReferenceEvents, JSON("[]")},
		{"supplementaryWebLinksEvent", c.SupplementaryWebLinks, Absent},
	}, c.ResponseMore}
	return appendRecord(request, response, c.RequestID, c.More), nil
}

// A Completion is a record of the type GenerateCompletions: a suggestion in an editor.
type Completion struct {
	// LeftContext and RightContext, the code around the cursor, are empty by default.
	LeftContext, RightContext Value

	// FileName is "main.go" by default.
	FileName Value

	// CustomizationARN, UserID, TimeStamp and RequestID are as in a [Chat].
	CustomizationARN, UserID, TimeStamp, RequestID Value

	// Completions, a list of strings, is [] by default.
	Completions Value

	// Request and Response replace a half as a whole, and RequestMore, ResponseMore and
	// More are further keys, as in a [Chat].
	Request, Response               Value
	RequestMore, ResponseMore, More Fields
}

// MarshalJSON returns the record as JSON. It never fails; what [JSON] made is not checked.
func (c Completion) MarshalJSON() ([]byte, error) {
	request := half{"generateCompletionsEventRequest", c.Request, []member{
		{"leftContext", c.LeftContext, Empty},
		{"rightContext", c.RightContext, Empty},
		{"fileName", c.FileName, "main.go"},
		{"customizationArn", c.CustomizationARN, Absent},
		{"userId", c.UserID, usualUser},
		{"timeStamp", c.TimeStamp, usualTime},
	}, c.RequestMore}
	response := half{"generateCompletionsEventResponse", c.Response, []member{
		{"completions", c.Completions, JSON("[]")},
	}, c.ResponseMore}
	return appendRecord(request, response, c.RequestID, c.More), nil
}

// A Task is a record of the type StartTaskAssistCodeGeneration: a /dev command.
type Task struct {
	// Prompt is empty by default, and ChatTriggerType "MANUAL".
	Prompt, ChatTriggerType Value

	// ConversationID is null by default.
	ConversationID Value

	// CustomizationARN is null by default. UserID, TimeStamp and RequestID are as in a
	// [Chat].
	CustomizationARN, UserID, TimeStamp, RequestID Value

	// Request and Response replace a half as a whole, and RequestMore, ResponseMore and
	// More are further keys, as in a [Chat].
	Request, Response               Value
	RequestMore, ResponseMore, More Fields
}

// MarshalJSON returns the record as JSON. It never fails; what [JSON] made is not checked.
func (t Task) MarshalJSON() ([]byte, error) {
	request := half{"startTaskAssistCodeGenerationEventRequest", t.Request, []member{
		{"prompt", t.Prompt, Empty},
		{"chatTriggerType", t.ChatTriggerType, "MANUAL"},
		{"conversationId", t.ConversationID, Null},
		{"customizationArn", t.CustomizationARN, Null},
		{"userId", t.UserID, usualUser},
		{"timeStamp", t.TimeStamp, usualTime},
	}, t.RequestMore}
	response := half{"startTaskAssistCodeGenerationEventResponse", t.Response, nil, t.ResponseMore}
	return appendRecord(request, response, t.RequestID, t.More), nil
}

// An Unknown is a record of a log type that nobody knows yet, with the keys that all known
// types have.
type Unknown struct {
	// LogType is the log type, "ReviewCode" by default. The keys of the halves are made
	// of it, such as reviewCodeEventRequest. A reader makes the type of the keys again, so
	// it gives back a name of letters and digits that begins with a capital, and no other.
	LogType path.LogType

	// UserID, TimeStamp and RequestID are as in a [Chat].
	UserID, TimeStamp, RequestID Value

	// Request and Response replace a half as a whole, and RequestMore, ResponseMore and
	// More are further keys, as in a [Chat].
	Request, Response               Value
	RequestMore, ResponseMore, More Fields
}

// MarshalJSON returns the record as JSON. It never fails; what [JSON] made is not checked.
func (u Unknown) MarshalJSON() ([]byte, error) {
	name := string(u.LogType)
	if name == "" {
		name = "ReviewCode"
	}
	first, size := utf8.DecodeRuneInString(name)
	stem := string(unicode.ToLower(first)) + name[size:]
	request := half{stem + "EventRequest", u.Request, []member{
		{"userId", u.UserID, usualUser},
		{"timeStamp", u.TimeStamp, usualTime},
	}, u.RequestMore}
	response := half{stem + "EventResponse", u.Response, nil, u.ResponseMore}
	return appendRecord(request, response, u.RequestID, u.More), nil
}
