package qlogstest_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// text returns the JSON of a record.
func text(t *testing.T, r json.Marshaler) string {
	t.Helper()
	b, err := r.MarshalJSON()
	if err != nil {
		t.Fatalf("MarshalJSON error = %v", err)
	}
	return string(b)
}

func TestZeroRecords(t *testing.T) {
	id := regexp.MustCompile(`"requestId":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"`)
	const ids = `"userId":"d-1234567890.0a1b2c3d-0000-4000-8000-000000000001","timeStamp":"2026-03-02T09:00:00.000000Z"`
	for want, r := range map[string]json.Marshaler{
		`{"generateAssistantResponseEventRequest":{"prompt":"","chatTriggerType":"MANUAL",` + ids + `,"modelId":"auto"},` +
			`"generateAssistantResponseEventResponse":{"assistantResponse":"","codeReferenceEvents":[],ID}}`: qlogstest.Chat{},
		`{"generateCompletionsEventRequest":{"leftContext":"","rightContext":"","fileName":"main.go",` + ids + `},` +
			`"generateCompletionsEventResponse":{"completions":[],ID}}`: qlogstest.Completion{},
		`{"startTaskAssistCodeGenerationEventRequest":{"prompt":"","chatTriggerType":"MANUAL","conversationId":null,"customizationArn":null,` + ids + `},` +
			`"startTaskAssistCodeGenerationEventResponse":{ID}}`: qlogstest.Task{},
		`{"reviewCodeEventRequest":{` + ids + `},"reviewCodeEventResponse":{ID}}`: qlogstest.Unknown{},
	} {
		if got := id.ReplaceAllString(text(t, r), "ID"); got != want {
			t.Errorf("%T: %s, want %s", r, got, want)
		}
	}
}

// TestStates sets each field of each known type to each kind of value.
func TestStates(t *testing.T) {
	const chatRequest, chatResponse = "generateAssistantResponseEventRequest", "generateAssistantResponseEventResponse"
	for _, tt := range []struct {
		name   string
		make   func(qlogstest.Value) json.Marshaler
		decode func(record.Record) interface{ State(string) record.State }
	}{
		{"prompt", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{Prompt: v} }, chatRequestOf},
		{"chatTriggerType", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{ChatTriggerType: v} }, chatRequestOf},
		{"customizationArn", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{CustomizationARN: v} }, chatRequestOf},
		{"userId", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{UserID: v} }, chatRequestOf},
		{"timeStamp", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{TimeStamp: v} }, chatRequestOf},
		{"modelId", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{ModelID: v} }, chatRequestOf},
		{"assistantResponse", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{AssistantResponse: v} }, chatResponseOf},
		{"followupPrompts", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{FollowupPrompts: v} }, chatResponseOf},
		{"messageMetadata", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{MessageMetadata: v} }, chatResponseOf},
		{"codeReferenceEvents", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{CodeReferenceEvents: v} }, chatResponseOf},
		{"supplementaryWebLinksEvent", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{SupplementaryWebLinks: v} }, chatResponseOf},
		{"requestId", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{RequestID: v} }, chatResponseOf},
		{"more", func(v qlogstest.Value) json.Marshaler {
			return qlogstest.Chat{RequestMore: qlogstest.Fields{"more": v}}
		}, chatRequestOf},
		{"more", func(v qlogstest.Value) json.Marshaler {
			return qlogstest.Chat{ResponseMore: qlogstest.Fields{"more": v}}
		}, chatResponseOf},
		{"more", func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{More: qlogstest.Fields{"more": v}} }, whole},
		{chatRequest, func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{Request: v} }, whole},
		{chatResponse, func(v qlogstest.Value) json.Marshaler { return qlogstest.Chat{Response: v} }, whole},

		{"leftContext", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{LeftContext: v} }, completionRequestOf},
		{"rightContext", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{RightContext: v} }, completionRequestOf},
		{"fileName", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{FileName: v} }, completionRequestOf},
		{"customizationArn", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{CustomizationARN: v} }, completionRequestOf},
		{"userId", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{UserID: v} }, completionRequestOf},
		{"timeStamp", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{TimeStamp: v} }, completionRequestOf},
		{"completions", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{Completions: v} }, completionResponseOf},
		{"requestId", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{RequestID: v} }, completionResponseOf},
		{"generateCompletionsEventResponse", func(v qlogstest.Value) json.Marshaler { return qlogstest.Completion{Response: v} }, whole},

		{"prompt", func(v qlogstest.Value) json.Marshaler { return qlogstest.Task{Prompt: v} }, taskRequestOf},
		{"chatTriggerType", func(v qlogstest.Value) json.Marshaler { return qlogstest.Task{ChatTriggerType: v} }, taskRequestOf},
		{"conversationId", func(v qlogstest.Value) json.Marshaler { return qlogstest.Task{ConversationID: v} }, taskRequestOf},
		{"customizationArn", func(v qlogstest.Value) json.Marshaler { return qlogstest.Task{CustomizationARN: v} }, taskRequestOf},
		{"userId", func(v qlogstest.Value) json.Marshaler { return qlogstest.Task{UserID: v} }, taskRequestOf},
		{"timeStamp", func(v qlogstest.Value) json.Marshaler { return qlogstest.Task{TimeStamp: v} }, taskRequestOf},
		{"startTaskAssistCodeGenerationEventResponse", func(v qlogstest.Value) json.Marshaler { return qlogstest.Task{Response: v} }, whole},

		{"reviewCodeEventRequest", func(v qlogstest.Value) json.Marshaler { return qlogstest.Unknown{Request: v} }, whole},
		{"reviewCodeEventResponse", func(v qlogstest.Value) json.Marshaler { return qlogstest.Unknown{Response: v} }, whole},
	} {
		half := strings.HasSuffix(tt.name, "Request") || strings.HasSuffix(tt.name, "Response")
		half = half && tt.name != "assistantResponse"
		for v, want := range map[qlogstest.Value]record.State{
			qlogstest.Absent:                record.Absent,
			qlogstest.Null:                  record.Null,
			qlogstest.JSON("{}"):            record.Present,
			qlogstest.JSON(`[["x"],{},17]`): record.Drifted,
		} {
			if strings.HasSuffix(tt.name, "EventRequest") && want == record.Absent {
				continue // then it is of no known kind
			}
			if want == record.Present && !half && tt.name != "messageMetadata" {
				v = qlogstest.JSON("[]")
				if tt.name != "codeReferenceEvents" && tt.name != "supplementaryWebLinksEvent" && tt.name != "completions" && tt.name != "followupPrompts" {
					v = "2026-03-02T09:00:00Z"
				}
			}
			switch tt.name {
			case "more", "codeReferenceEvents", "reviewCodeEventRequest", "reviewCodeEventResponse":
				if want == record.Drifted {
					want = record.Present // nobody knows its form
				}
			default:
				if half && want == record.Drifted {
					continue // that is damage
				}
			}
			line := text(t, tt.make(v))
			r, err := record.Unmarshal([]byte(line))
			if err != nil {
				t.Errorf("%s = %q: Unmarshal error = %v: %s", tt.name, v, err, line)
				continue
			}
			if got := tt.decode(r).State(tt.name); got != want {
				t.Errorf("%s = %q is %v, want %v: %s", tt.name, v, got, want, line)
			}
		}
	}
}

func whole(r record.Record) interface{ State(string) record.State } {
	return r.(interface{ State(string) record.State })
}

func chatRequestOf(r record.Record) interface{ State(string) record.State } {
	return &r.(*record.GenerateAssistantResponse).Request
}

func chatResponseOf(r record.Record) interface{ State(string) record.State } {
	return r.(*record.GenerateAssistantResponse).Response
}

func completionRequestOf(r record.Record) interface{ State(string) record.State } {
	return &r.(*record.GenerateCompletions).Request
}

func completionResponseOf(r record.Record) interface{ State(string) record.State } {
	return r.(*record.GenerateCompletions).Response
}

func taskRequestOf(r record.Record) interface{ State(string) record.State } {
	return &r.(*record.StartTaskAssistCodeGeneration).Request
}

// Records that differ have different request ids, and equal ones the same.
func TestRequestID(t *testing.T) {
	id := func(r json.Marshaler) string {
		got, err := record.Unmarshal([]byte(text(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		return got.RequestID()
	}
	ids := map[string]json.Marshaler{}
	for _, r := range []json.Marshaler{
		qlogstest.Chat{}, qlogstest.Chat{Prompt: "why?"}, qlogstest.Chat{Prompt: qlogstest.Null}, qlogstest.Chat{AssistantResponse: "so"},
		qlogstest.Chat{More: qlogstest.Fields{"x": "y"}}, qlogstest.Chat{Request: qlogstest.Null},
		qlogstest.Completion{}, qlogstest.Task{}, qlogstest.Unknown{}, qlogstest.Unknown{LogType: "DrawPicture"},
	} {
		got := id(r)
		if other, known := ids[got]; known || got == "" {
			t.Errorf("%s has the id %q, as %s has", text(t, r), got, text(t, other))
		}
		ids[got] = r
		if again := id(r); again != got {
			t.Errorf("%s has the id %q, and then %q", text(t, r), got, again)
		}
	}
	if got := id(qlogstest.Chat{RequestID: "7"}); got != "7" {
		t.Errorf("RequestID = %q, want 7", got)
	}
	if got := id(qlogstest.Chat{RequestID: qlogstest.Absent}); got != "" {
		t.Errorf("RequestID = %q, want none", got)
	}
}

func TestText(t *testing.T) {
	texts := []string{"", "why?", `a "quoted" <b> & c\d`, "\x00absent", "\x00", "\u2028\u2029\ufffd", "\b\f\n\r\t\v\x1f\x7f", "a\xffb"}
	for _, class := range testutil.Bytes {
		texts = append(texts, testutil.Repeat(class.Unit, 100))
	}
	for _, s := range texts {
		var got struct {
			Request struct{ Prompt string } `json:"generateAssistantResponseEventRequest"`
		}
		line := text(t, qlogstest.Chat{Prompt: qlogstest.Text(s)})
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Errorf("Text(%q): %v: %s", s, err, line)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); strings.ToValidUTF8(got.Request.Prompt, "") != got.Request.Prompt || len(s) == len(want) && got.Request.Prompt != want {
			t.Errorf("Text(%q) reads as %q", s, got.Request.Prompt)
		}
	}
}

func TestTime(t *testing.T) {
	for want, at := range map[qlogstest.Value]time.Time{
		"2026-03-02T08:00:00.000000Z":    time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CET", 3600)),
		"2026-03-02T09:00:00.120000Z":    time.Date(2026, 3, 2, 9, 0, 0, 120_000_000, time.UTC),
		"2026-03-02T09:00:00.000000001Z": time.Date(2026, 3, 2, 9, 0, 0, 1, time.UTC),
	} {
		if got := qlogstest.Time(at); got != want {
			t.Errorf("Time(%v) = %q, want %q", at, got, want)
		}
	}
}

// What JSON is given is written as it is.
func TestJSON(t *testing.T) {
	if got := text(t, qlogstest.Chat{ModelID: qlogstest.JSON("oops")}); !strings.Contains(got, `"modelId":oops}`) {
		t.Errorf("record = %s, want the word as it is", got)
	}
	got := text(t, qlogstest.Unknown{RequestMore: qlogstest.Fields{"b": "", "a": qlogstest.JSON("1"), "c": qlogstest.Absent}, UserID: "u", TimeStamp: qlogstest.Absent, RequestID: "r"})
	if want := `{"reviewCodeEventRequest":{"userId":"u","a":1,"b":""},"reviewCodeEventResponse":{"requestId":"r"}}`; got != want {
		t.Errorf("record = %s, want %s", got, want)
	}
	if got, want := text(t, qlogstest.Task{Request: qlogstest.Absent, Response: qlogstest.Absent}), "{}"; got != want {
		t.Errorf("record = %s, want %s", got, want)
	}
}
