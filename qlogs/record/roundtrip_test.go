package record_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// sameValue fails unless encoding/json sees the same value in both.
func sameValue(t *testing.T, in, out string) {
	t.Helper()
	want, err := value([]byte(in))
	if err != nil {
		t.Fatalf("sample %q: %v", in, err)
	}
	got, err := value([]byte(out))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q comes back as %q, %v", in, out, err)
	}
}

func TestRoundTripShapes(t *testing.T) {
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			sameValue(t, c.in, encode(t, unmarshal(t, c.in)))
		})
	}
}

// TestRoundTripFields puts each field through each state, with every other
// field of its kind absent.
func TestRoundTripFields(t *testing.T) {
	values := map[byte][]string{
		's': {`null`, `""`, `"x"`, `"\u00e9\n\ud800"`}, 'o': {`null`, `{}`, `{"x":1}`}, 't': {`null`, `"` + stamp + `"`, `"2026-07-27T23:03:29.100Z"`},
		'a': {`null`, `[]`, `[null]`, `[{}]`, `[{"x":1},null,{"y":[]}]`},
	}
	for path, allowed := range fieldTypes {
		for _, letter := range []byte(allowed) {
			for _, v := range values[letter] {
				in := nest(path, v)
				sameValue(t, in, encode(t, unmarshal(t, in)))
			}
		}
	}
}

// generator makes records from a seed.
type generator struct{ *rand.Rand }

func (g generator) pick(list ...string) string { return list[g.IntN(len(list))] }

func (g generator) text() string {
	return g.pick(`""`, `"x"`, `"MANUAL"`, `"é 🙂 \ud83d\ude00"`, `"\ud800"`, `"a\r\n\t\"\\\/\u0001"`, `"`+strings.Repeat("long ", 100)+`"`, `"`+strings.Repeat(`\\`, 70)+`"`)
}

func (g generator) any() string {
	return g.pick(`null`, `0`, `-0.10e+2`, `true`, `[]`, `{}`, `[{"a":[1,"]"]}]`, `"}"`, `{"":null}`, `1e999`)
}

func (g generator) time() string {
	return g.pick(`"2026-07-27T23:03:29.027400929Z"`, `"2025-01-06T15:09:16.412719Z"`, `"2025-01-06T15:09:16.412700Z"`, `"2025-01-06T15:09:16Z"`, `"2025-01-06T15:09:16.000+02:00"`, `"0001-01-01T00:00:00Z"`)
}

func (g generator) list(element func() string) string {
	parts := make([]string, g.IntN(4))
	for i := range parts {
		parts[i] = element()
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// object makes an object of some of the members, shuffled, some null, with
// unknown ones among them.
func (g generator) object(members map[string]func() string, names ...string) string {
	var parts []string
	for _, name := range names {
		switch g.IntN(4) {
		case 0:
		case 1:
			parts = append(parts, fmt.Sprintf("%q:null", name))
		default:
			parts = append(parts, fmt.Sprintf("%q:%s", name, members[name]()))
		}
	}
	for i := range g.IntN(3) {
		parts = append(parts, fmt.Sprintf(`"unknown%d":%s`, i, g.any()))
	}
	g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return "{" + strings.Join(parts, ",") + "}"
}

func (g generator) half(names ...string) string {
	members := map[string]func() string{
		"timeStamp": g.time, "codeReferenceEvents": g.any,
		"messageMetadata": func() string { return g.half("conversationId", "utteranceId") },
		"supplementaryWebLinksEvent": func() string {
			return g.list(func() string {
				if g.IntN(5) == 0 {
					return "null"
				}
				return g.half("uri", "title", "snippet")
			})
		},
		"followupPrompts": func() string {
			if g.IntN(2) == 0 {
				return g.text()
			}
			return g.list(g.element)
		},
		"completions": func() string { return g.list(g.element) },
	}
	for _, name := range names {
		if members[name] == nil {
			members[name] = g.text
		}
	}
	return g.object(members, names...)
}

func (g generator) element() string {
	switch g.IntN(4) {
	case 0:
		return "null"
	case 1:
		return g.half("content")
	}
	return g.text()
}

func (g generator) record() string {
	name := g.pick("generateAssistantResponse", "generateCompletions", "startTaskAssistCodeGeneration", "reviewCode")
	request, response := name+"EventRequest", name+"EventResponse"
	halves := map[string]func() string{
		request: func() string {
			return g.half("prompt", "chatTriggerType", "customizationArn", "userId", "timeStamp", "modelId", "leftContext", "rightContext", "fileName", "conversationId")
		},
		response: func() string {
			return g.half("assistantResponse", "followupPrompts", "messageMetadata", "codeReferenceEvents", "supplementaryWebLinksEvent", "completions", "requestId")
		},
	}
	return g.object(halves, request, response)
}

func TestRoundTripGenerated(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(1, 2))}
	for range testutil.Pick(1_000, 5_000) {
		in := g.record()
		r := unmarshal(t, in)
		out := encode(t, r)
		sameValue(t, in, out)
		if again := unmarshal(t, out); encode(t, again) != out {
			t.Fatalf("%q does not stay the same", out)
		}
		if t.Failed() {
			return
		}
	}
}

func TestManyUnknownKeys(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"generateCompletionsEventRequest":{`)
	keys := testutil.Pick(10_000, 100_000)
	for i := range 2 * keys {
		fmt.Fprintf(&b, `"k%d":%d,`, i/2, i)
	}
	b.WriteString(`"z":0}}`)
	out := encode(t, unmarshal(t, b.String()))
	sameValue(t, b.String(), out)
	if n := strings.Count(out, `"k`); n != keys {
		t.Errorf("%d keys are written, want %d: the last of each two", n, keys)
	}
}

func TestMarshalBuilt(t *testing.T) {
	at := time.Date(2026, 7, 27, 23, 3, 29, 120, time.FixedZone("", 3600))
	for _, c := range []struct {
		r    record.Record
		want string
	}{
		{&record.GenerateAssistantResponse{}, `{"generateAssistantResponseEventRequest":{}}`},
		{&record.GenerateCompletions{}, `{"generateCompletionsEventRequest":{}}`},
		{&record.StartTaskAssistCodeGeneration{}, `{"startTaskAssistCodeGenerationEventRequest":{}}`},
		{&record.Unknown{}, `{}`},
		{&record.Unknown{Raw: json.RawMessage(`{"a":1}`)}, `{"a":1}`},
		{
			&record.GenerateAssistantResponse{
				Request:  record.GenerateAssistantResponseRequest{Prompt: "p", TimeStamp: at},
				Response: &record.GenerateAssistantResponseResponse{FollowupPrompts: []string{"a"}, MessageMetadata: &record.MessageMetadata{}, SupplementaryWebLinks: []record.SupplementaryWebLink{{URI: "u"}, {}}},
			},
			`{"generateAssistantResponseEventRequest":{"prompt":"p","timeStamp":"2026-07-27T22:03:29.00000012Z"},"generateAssistantResponseEventResponse":{"followupPrompts":"a","messageMetadata":{},"supplementaryWebLinksEvent":[{"uri":"u"},{}]}}`,
		},
		{
			&record.GenerateCompletions{Response: &record.GenerateCompletionsResponse{Completions: []string{"a\u2028\xff\"\\\n\r\t\x00"}}},
			`{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":["a\u2028\ufffd\"\\\n\r\t\u0000"]}}`,
		},
	} {
		got := encode(t, c.r)
		sameValue(t, c.want, got)
		if again := unmarshal(t, got); again.LogType() != c.r.LogType() {
			t.Errorf("%q is of type %q, want %q", got, again.LogType(), c.r.LogType())
		}
	}
}

func TestMarshalChanged(t *testing.T) {
	in := `{"x":1,"generateAssistantResponseEventRequest":{"prompt":"p","userId":null,"timeStamp":"2026-07-27T23:03:29.500Z","y":2},` +
		`"generateAssistantResponseEventResponse":{"assistantResponse":"a","followupPrompts":["f"],"messageMetadata":null,"codeReferenceEvents":[1],"supplementaryWebLinksEvent":[null,{"uri":"u"}],"requestId":"r"}}`
	for _, c := range []struct {
		name   string
		change func(r *record.GenerateAssistantResponse)
		want   string
	}{
		{"nothing", func(*record.GenerateAssistantResponse) {}, in},
		{"text taken away", func(r *record.GenerateAssistantResponse) { r.Request.Prompt = ""; r.Response.AssistantResponse = "" },
			strings.NewReplacer(`"prompt":"p"`, `"prompt":""`, `"assistantResponse":"a"`, `"assistantResponse":""`).Replace(in)},
		{"time changed", func(r *record.GenerateAssistantResponse) {
			r.Request.TimeStamp = r.Request.TimeStamp.Add(time.Second)
		}, strings.Replace(in, "29.500Z", "30.5Z", 1)},
		{"time taken away", func(r *record.GenerateAssistantResponse) { r.Request.TimeStamp = time.Time{} },
			strings.Replace(in, `"timeStamp":"2026-07-27T23:03:29.500Z",`, "", 1)},
		{"null filled", func(r *record.GenerateAssistantResponse) {
			r.Request.UserID = "u"
			r.Response.MessageMetadata = &record.MessageMetadata{UtteranceID: "v"}
		}, strings.NewReplacer(`"userId":null`, `"userId":"u"`, `"messageMetadata":null`, `"messageMetadata":{"utteranceId":"v"}`).Replace(in)},
		{"list changed", func(r *record.GenerateAssistantResponse) { r.Response.FollowupPrompts = []string{"f", "g"} },
			strings.Replace(in, `["f"]`, `["f","g"]`, 1)},
		{"list taken away", func(r *record.GenerateAssistantResponse) { r.Response.FollowupPrompts = nil },
			strings.Replace(in, `["f"]`, `""`, 1)},
		{"link filled", func(r *record.GenerateAssistantResponse) { r.Response.SupplementaryWebLinks[0].Title = "t" },
			strings.Replace(in, `[null,`, `[{"title":"t"},`, 1)},
		{"code references taken away", func(r *record.GenerateAssistantResponse) { r.Response.CodeReferenceEvents = nil },
			strings.Replace(in, `"codeReferenceEvents":[1],`, "", 1)},
		{"response taken away", func(r *record.GenerateAssistantResponse) { r.Response = nil },
			in[:strings.Index(in, `,"generateAssistantResponseEventResponse"`)] + "}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := chat(t, in)
			c.change(r)
			sameValue(t, c.want, encode(t, r))
		})
	}
}

func TestMarshalParts(t *testing.T) {
	one := chat(t, shapes[0].in)
	two := unmarshal(t, shapes[3].in).(*record.GenerateCompletions)
	three := unmarshal(t, shapes[4].in).(*record.StartTaskAssistCodeGeneration)
	whole := shapes[0].in + shapes[3].in + shapes[4].in + `{"x":1}`
	for _, part := range []any{
		one, one.Request, one.Response, one.Response.MessageMetadata, one.Response.SupplementaryWebLinks, *one, two, two.Request, two.Response,
		three, three.Request, three.Response, unmarshal(t, `{"x":1}`),
	} {
		out, err := json.Marshal(part)
		if err != nil {
			t.Errorf("Marshal of %T = %v", part, err)
		}
		if !strings.Contains(whole, strings.ReplaceAll(string(out), `\u003c`, "<")) {
			t.Errorf("%T is encoded as %q, which is no part of the record", part, out)
		}
		back := reflect.New(reflect.TypeOf(part))
		if err := json.Unmarshal(out, back.Interface()); err != nil || !reflect.DeepEqual(back.Elem().Interface(), part) {
			t.Errorf("Unmarshal of %T %q = %v, %v", part, out, back.Elem(), err)
		}
	}
}

func TestUnmarshalJSON(t *testing.T) {
	r := &record.GenerateCompletions{Request: record.GenerateCompletionsRequest{FileName: "kept"}}
	for in, want := range map[string]error{
		` {"generateAssistantResponseEventRequest":{}}`:         record.ErrType,
		`{"generateCompletionsEventRequest":"fileName"}`:        record.ErrType,
		`{"generateCompletionsEventRequest":{"fileName":nope}}`: record.ErrSyntax,
		`{"generateCompletionsEventRequest"`:                    record.ErrSyntax,
		` null `:                                                nil,
		`null null`:                                             record.ErrSyntax,
	} {
		if err := r.UnmarshalJSON([]byte(in)); !errors.Is(err, want) || r.Request.FileName != "kept" {
			t.Errorf("UnmarshalJSON(%q) = %v, want %v and nothing changed", in, err, want)
		}
	}
	for in, want := range map[string]error{
		`"fileName"`: record.ErrType, `[]`: record.ErrType, `{`: record.ErrSyntax, `{"fileName":1`: record.ErrSyntax,
		`{} {}`: record.ErrSyntax, ` null `: nil, `nullx`: record.ErrSyntax, ``: record.ErrSyntax,
	} {
		if err := r.Request.UnmarshalJSON([]byte(in)); !errors.Is(err, want) || r.Request.FileName != "kept" {
			t.Errorf("UnmarshalJSON(%q) of a part = %v, want %v and nothing changed", in, err, want)
		}
	}
	if err := json.Unmarshal([]byte(`{"generateCompletionsEventRequest":{"fileName":"new"}}`), r); err != nil || r.Request.FileName != "new" {
		t.Errorf("Unmarshal = %v, %q, want the new name", err, r.Request.FileName)
	}
}

func TestMarshalRefuses(t *testing.T) {
	for _, c := range []struct {
		r     record.Record
		field string
		want  error
	}{
		{&record.GenerateAssistantResponse{Response: &record.GenerateAssistantResponseResponse{CodeReferenceEvents: json.RawMessage(`{"secret`)}}, "", record.ErrSyntax},
		{&record.GenerateCompletions{Request: record.GenerateCompletionsRequest{TimeStamp: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}}, "generateCompletionsEventRequest.timeStamp", record.ErrTime},
		{&record.Unknown{Raw: json.RawMessage(`secret`)}, "", record.ErrSyntax},
	} {
		_, err := c.r.MarshalJSON()
		e, ok := err.(*record.Error)
		if !ok || e.Err != c.want || e.Field != c.field {
			t.Errorf("MarshalJSON() = %v, want %v in %q", err, c.want, c.field)
		}
	}
}
