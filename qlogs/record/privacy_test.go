package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/record"
)

const canary = "c4n4ry"

// canaries are records with the canary in every place that can hold text, and in
// fields that have drifted. An id that is no id, with a space in it, is text too.
func canaries() []string {
	return append(canariesOf(`"`+canary+` x"`), canariesOf(`["` + canary + `",1]`)[:3]...)
}

func canariesOf(c string) []string {
	unknown := `"` + canary + `":` + c + `,"` + canary + `2":{"` + canary + `":[` + c + `]}`
	request := fmt.Sprintf(`{"prompt":%[1]s,"chatTriggerType":%[1]s,"customizationArn":%[1]s,"userId":%[1]s,"modelId":%[1]s,"leftContext":%[1]s,"rightContext":%[1]s,"fileName":%[1]s,"conversationId":%[1]s,"timeStamp":"2026-07-27T23:03:29.100Z",%[2]s}`, c, unknown)
	response := fmt.Sprintf(`{"assistantResponse":%[1]s,"followupPrompts":[%[1]s],"messageMetadata":{"conversationId":%[1]s,"utteranceId":%[1]s,%[2]s},"codeReferenceEvents":[%[1]s],`+
		`"supplementaryWebLinksEvent":[{"uri":%[1]s,"title":%[1]s,"snippet":%[1]s,%[2]s}],"completions":[%[1]s,{"content":%[1]s}],"requestId":%[1]s,%[2]s}`, c, unknown)
	var list []string
	for _, name := range []string{"generateAssistantResponse", "generateCompletions", "startTaskAssistCodeGeneration", canary} {
		list = append(list, fmt.Sprintf(`{"%[1]sEventRequest":%[2]s,"%[1]sEventResponse":%[3]s,%[4]s}`, name, request, response, unknown))
	}
	return list
}

// views are a record and its parts, as pointers, as values and within other
// values.
func views(r record.Record) []any {
	list := []any{r, []record.Record{r}, struct{ R record.Record }{r}, map[string]record.Record{"r": r}, &struct{ R any }{r}}
	switch r := r.(type) {
	case *record.GenerateAssistantResponse:
		list = append(list, *r, r.Request, &r.Request, *r.Response, r.Response, *r.Response.MessageMetadata, r.Response.MessageMetadata,
			r.Response.SupplementaryWebLinks, &r.Response.SupplementaryWebLinks[0], []record.GenerateAssistantResponse{*r})
	case *record.GenerateCompletions:
		list = append(list, *r, r.Request, &r.Request, *r.Response, r.Response)
	case *record.StartTaskAssistCodeGeneration:
		list = append(list, *r, r.Request, &r.Request, *r.Response, r.Response)
	case *record.Unknown:
		list = append(list, *r, []record.Unknown{*r})
	}
	return list
}

func TestFormattingShowsNoText(t *testing.T) {
	for _, in := range canaries() {
		for i, v := range views(unmarshal(t, in)) {
			for verb := 'A'; verb <= 'z'; verb++ {
				// Package fmt does not call Format for %w, nor for %p of a struct.
				if verb == 'w' || verb == 'p' && i > 0 {
					continue
				}
				for _, flags := range []string{"", "+", "#", "-", " ", "0", "100.50", "+#"} {
					if s := fmt.Sprintf("%"+flags+string(verb), v); leaks(s) {
						t.Errorf("%%%s%c of %T (view %d) shows text", flags, verb, v, i)
					}
				}
			}
			if s := fmt.Sprint(v) + fmt.Sprintln(v); leaks(s) {
				t.Errorf("Print of %T (view %d) shows text", v, i)
			}
			if err := fmt.Errorf("failed on %v", v); leaks(err.Error()) {
				t.Errorf("Errorf with %T (view %d) shows text", v, i)
			}
		}
	}
}

// leaks reports whether s has the canary in it, plain, in hexadecimal or as a
// list of numbers.
func leaks(s string) bool {
	s = strings.ToLower(s)
	for _, form := range leakForms {
		if strings.Contains(s, form) {
			return true
		}
	}
	return false
}

// In lower case two of these are one: %x and %X.
var leakForms = []string{
	strings.ToLower(canary), fmt.Sprintf("%x", canary), fmt.Sprintf("% x", canary),
	strings.Trim(fmt.Sprint([]byte(canary)), "[]"),
}

func TestLoggingShowsNoText(t *testing.T) {
	var b bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		log := slog.New(h)
		for _, in := range canaries() {
			r := unmarshal(t, in)
			log.Info("record", "record", r)
			log.With("record", r).WithGroup("g").Info("record", "value", r.LogValue())
			switch r := r.(type) {
			case *record.GenerateAssistantResponse:
				log.Info("parts", "a", *r, "b", r.Request, "c", r.Response, "d", r.Response.MessageMetadata, "e", r.Response.SupplementaryWebLinks[0])
			case *record.GenerateCompletions:
				log.Info("parts", "a", *r, "b", r.Request, "c", r.Response)
			case *record.StartTaskAssistCodeGeneration:
				log.Info("parts", "a", *r, "b", r.Request, "c", r.Response)
			}
		}
	}
	if b.Len() == 0 || leaks(b.String()) {
		t.Error("a log line shows text")
	}
	if strings.Contains(b.String(), "panick") {
		t.Error("a LogValue panicked")
	}
}

func TestErrorsShowNoText(t *testing.T) {
	seen := map[error]int{}
	check := func(err error) {
		for ; err != nil; err = errors.Unwrap(err) {
			if s := fmt.Sprintf("%v %+v %#v %q %x", err, err, err, err, err); leaks(s) {
				t.Errorf("%T shows text", err)
			}
			seen[errors.Unwrap(err)]++
		}
	}
	for _, in := range canaries() {
		for i := 0; i < len(in); i += testutil.Pick(3, 1) {
			_, err := record.Unmarshal([]byte(in[:i]))
			check(err)
			damaged := []byte(in)
			damaged[i] = "\"{}[],:\\1x\n"[i%11]
			_, err = record.Unmarshal(damaged)
			check(err)
			d := record.NewDecoder(nil, &record.DecoderOptions{MaxRecordBytes: int64(i) + 10})
			d.ResetBytes([]byte(`{"records":[` + string(damaged) + `]}`))
			for range 2 {
				_, err = d.Next()
				check(err)
			}
		}
	}
	for path := range fieldTypes {
		for _, v := range []string{`"` + canary + `"`, `["` + canary + `",1]`, `[{"` + canary + `":1,"uri":1}]`, `{"` + canary + `":nope}`, canary} {
			_, err := record.Unmarshal([]byte(nest(path, v)))
			check(err)
			_, err = strict(nest(path, v))
			check(err)
		}
	}
	for _, in := range []string{canary, `{"` + canary + `"`, `{"` + canary + `":1}`, `{"` + canary + `":` + canary + `}`, `{"records":"` + canary + `"}`, `["` + canary + `"]`} {
		for _, err := range record.Decode(strings.NewReader(in), nil) {
			check(err)
		}
	}
	_, err := json.Marshal(&record.Unknown{Raw: json.RawMessage(canary)})
	check(err)
	_, err = json.Marshal(&record.GenerateAssistantResponse{Response: &record.GenerateAssistantResponseResponse{CodeReferenceEvents: json.RawMessage(canary)}})
	check(err)
	for _, want := range []error{record.ErrSyntax, record.ErrType, record.ErrTime, record.ErrTooLarge, record.ErrNotLog} {
		if seen[want] == 0 {
			t.Errorf("no error was %v", want)
		}
	}
}

func TestFormat(t *testing.T) {
	r := chat(t, shapes[0].in)
	want := `GenerateAssistantResponse{request{promptBytes=29 chatTriggerTypeBytes=6 customizationArn=null userId=d-1234567890.0f0e0d0c-1111-4222-8333-444455556666 timeStamp=2025-04-18T08:05:03.230565389Z} ` +
		`response{assistantResponseBytes=44 followupPrompts{count=1 bytes=38} messageMetadata{conversationIdBytes=36 utteranceId=null} codeReferenceEventsBytes=2 supplementaryWebLinksEvent{count=1} requestId=dcbb3d32-0000-4000-8000-000000000001}}`
	if got := fmt.Sprintf("%+v", r); got != want {
		t.Errorf("Format = %s, want %s", got, want)
	}
	r.Request.UserID = "forged\nline"
	r.Response = nil
	want = `GenerateAssistantResponse{request{promptBytes=29 chatTriggerTypeBytes=6 customizationArn=null userIdBytes=11 timeStamp=2025-04-18T08:05:03.230565389Z} generateAssistantResponseEventResponse=null}`
	want = strings.Replace(want, "generateAssistantResponseEventResponse", "response", 1)
	if got := fmt.Sprint(*r); got != want {
		t.Errorf("Format = %s, want %s", got, want)
	}
	for v, want := range map[any]string{
		unmarshal(t, `{"x":1}`): `Unknown{bytes=7}`,
		unmarshal(t, `{"generateCompletionsEventRequest":{"fileName":1,"timeStamp":"x","userId":["u"]},"generateCompletionsEventResponse":{"completions":{}}}`): `GenerateCompletions{request{fileNameDrifted=true userIdDrifted=true timeStampDrifted=true} response{completionsDrifted=true}}`,
		unmarshal(t, nest("generateAssistantResponseEventResponse.supplementaryWebLinksEvent", `[{"uri":1},{},{"title":"t","snippet":[]}]`)):                    `GenerateAssistantResponse{request{} response{supplementaryWebLinksEvent{count=3 drifted=2}}}`,
		(*record.Unknown)(nil):                                                          `<nil>`,
		(*record.GenerateAssistantResponse)(nil):                                        `<nil>`,
		(*record.GenerateCompletionsResponse)(nil):                                      `<nil>`,
		new(record.GenerateCompletions):                                                 `GenerateCompletions{}`,
		unmarshal(t, `{"generateCompletionsEventRequest":{"x":1,"y":2,"fileName":""}}`): `GenerateCompletions{request{fileNameBytes=0 unknownKeys=2}}`,
	} {
		if got := fmt.Sprintf("%v", v); got != want {
			t.Errorf("Format = %s, want %s", got, want)
		}
	}
}

func TestLogValue(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key != "r" {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("", "r", unmarshal(t, `{"generateCompletionsEventRequest":{"fileName":"a.go","customizationArn":null,"timeStamp":"2026-07-27T23:03:29Z"},"generateCompletionsEventResponse":{"completions":["a","bc"]}}`))
	log.Info("", "r", unmarshal(t, `{"x":1}`))
	want := `{"r":{"type":"GenerateCompletions","request":{"fileNameBytes":4,"customizationArn":null,"timeStamp":"2026-07-27T23:03:29Z"},"response":{"completions":{"count":2,"bytes":3}}}}
{"r":{"type":"Unknown","bytes":7}}
`
	if b.String() != want {
		t.Errorf("log = %swant %s", &b, want)
	}
}
