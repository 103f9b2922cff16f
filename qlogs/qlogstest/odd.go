package qlogstest

import (
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// odd makes a record odd. A record of an unknown type stays as it is.
func (m maker) odd(d draft, odd Odd) draft {
	switch made := d.made.(type) {
	case *Chat:
		d = m.oddHalves(d, odd, &made.Request, &made.Response, &made.More)
	case *Completion:
		d = m.oddHalves(d, odd, &made.Request, &made.Response, &made.More)
	case *Task:
		d = m.oddHalves(d, odd, &made.Request, &made.Response, &made.More)
	default:
		return d
	}
	switch odd {
	case UnknownKind:
		d.want.LogType, d.want.ModelID = pick(m.dice, []string{"ReviewCode", "SummarizeChanges"}), ""
		d.want.PromptBytes, d.want.ContextBytes = 0, 0
		d.made = m.unknown(path.LogType(d.want.LogType), &d.want)
	case UnknownFields:
		more := Fields{"client": JSON(`{"name":"made-up","version":2}`), m.name(): Text(m.sentence())}
		switch made := d.made.(type) {
		case *Chat:
			made.RequestMore, made.ResponseMore = more, Fields{"inputTokens": JSON("128")}
		case *Completion:
			made.RequestMore = more
		case *Task:
			made.ResponseMore = more
		}
	case DriftedField:
		m.drift(&d)
	}
	d.want.Odd = odd
	return d
}

// oddHalves is for what all known types have.
func (m maker) oddHalves(d draft, odd Odd, request, response *Value, more *Fields) draft {
	switch odd {
	case NullRequest:
		*request = Null
		d.want.UserID, d.want.Time, d.want.ModelID = "", time.Time{}, ""
		d.want.PromptBytes, d.want.ContextBytes = 0, 0
	case NullResponse:
		*response, d.want.RequestID = Null, ""
	case NoResponse:
		*response, d.want.RequestID = Absent, ""
	case UnknownFields:
		*more = Fields{"schemaVersion": JSON("2")}
	}
	return d
}

// drift gives one field a value that it cannot have.
func (m maker) drift(d *draft) {
	var request, response string
	var fields []drifted
	switch made := d.made.(type) {
	case *Chat:
		request, response = "generateAssistantResponseEventRequest", "generateAssistantResponseEventResponse"
		fields = append(driftedIDs(&made.UserID, &made.TimeStamp, &made.RequestID),
			drifted{"modelId", false, &made.ModelID, JSON(`{"name":"auto","version":3}`), func(r *Record) { r.ModelID = "" }},
			drifted{"prompt", false, &made.Prompt, JSON(`["a list of","two texts"]`), func(r *Record) { r.PromptBytes = 0 }},
			drifted{"messageMetadata", true, &made.MessageMetadata, Empty, nil},
			drifted{"assistantResponse", true, &made.AssistantResponse, JSON(`{"text":"an object"}`), nil})
	case *Completion:
		request, response = "generateCompletionsEventRequest", "generateCompletionsEventResponse"
		fields = append(driftedIDs(&made.UserID, &made.TimeStamp, &made.RequestID),
			drifted{"fileName", false, &made.FileName, JSON("false"), nil},
			drifted{"completions", true, &made.Completions, JSON(`{"count":0}`), nil})
	case *Task:
		request, response = "startTaskAssistCodeGenerationEventRequest", "startTaskAssistCodeGenerationEventResponse"
		fields = append(driftedIDs(&made.UserID, &made.TimeStamp, &made.RequestID),
			drifted{"prompt", false, &made.Prompt, JSON("17.5"), func(r *Record) { r.PromptBytes = 0 }},
			drifted{"conversationId", false, &made.ConversationID, JSON("7"), nil})
	}
	f := pick(m.dice, fields)
	*f.field = f.value
	if f.change != nil {
		f.change(&d.want)
	}
	half := request
	if f.response {
		half = response
	}
	d.want.Drifted = []string{half + "." + f.name}
}

// drifted is a field, a value that it cannot have, and what a reader then reports.
type drifted struct {
	name     string
	response bool // it is in the response
	field    *Value
	value    Value
	change   func(*Record)
}

// driftedIDs are the fields that all known types have.
func driftedIDs(user, at, request *Value) []drifted {
	return []drifted{
		{"userId", false, user, JSON("1234567890"), func(r *Record) { r.UserID = "" }},
		{"timeStamp", false, at, "yesterday at noon", func(r *Record) { r.Time = time.Time{} }},
		{"requestId", true, request, JSON(`["17"]`), func(r *Record) { r.RequestID = "" }},
	}
}
