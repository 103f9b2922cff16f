package record_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/record"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden decodes each file of testdata and compares the Go fields of its
// records, and their states, with the golden file beside it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob = %v, %v", files, err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var b strings.Builder
			for r, err := range record.Decode(f, nil) {
				if err != nil {
					fmt.Fprintf(&b, "error: %v\n", err)
					continue
				}
				dump(&b, "", reflect.ValueOf(r))
			}
			golden := strings.TrimSuffix(name, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("%s decodes as\n%swant\n%s", name, &b, want)
			}
		})
	}
}

// dump writes the exported fields of a record, one in a line.
func dump(b *strings.Builder, indent string, v reflect.Value) {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	_, isTime := v.Interface().(time.Time)
	switch {
	case v.Kind() == reflect.Struct && !isTime:
		fmt.Fprintf(b, "%s\n", v.Type().Name())
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fmt.Fprintf(b, "%s  %s: ", indent, f.Name)
				dump(b, indent+"  ", v.Field(i))
			}
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		fmt.Fprintf(b, "%d\n", v.Len())
		for i := range v.Len() {
			fmt.Fprintf(b, "%s  - ", indent)
			dump(b, indent+"  ", v.Index(i))
		}
	case isTime:
		fmt.Fprintln(b, v.Interface().(time.Time).Format(time.RFC3339Nano))
	default:
		fmt.Fprintf(b, "%q\n", v.Interface())
	}
}

func TestUnmarshalKind(t *testing.T) {
	for _, c := range []struct {
		in      string
		want    record.Record
		logType string
	}{
		{`{"generateAssistantResponseEventRequest":{}}`, &record.GenerateAssistantResponse{}, "GenerateAssistantResponse"},
		{`{"generateCompletionsEventRequest":{}}`, &record.GenerateCompletions{}, "GenerateCompletions"},
		{`{"startTaskAssistCodeGenerationEventRequest":{}}`, &record.StartTaskAssistCodeGeneration{}, "StartTaskAssistCodeGeneration"},
		{`{"startTaskAssistCodeGenerationEventRequest":{},"generateCompletionsEventRequest":{}}`, &record.GenerateCompletions{}, "GenerateCompletions"},
		{`{"generateCompletionsEventRequest":{},"x":1,"generateAssistantResponseEventRequest":null}`, &record.GenerateAssistantResponse{}, "GenerateAssistantResponse"},
		{`{"generateAssistantResponseEvent\u0052equest":null}`, &record.GenerateAssistantResponse{}, "GenerateAssistantResponse"},
		{`{"generateAssistantResponseEventResponse":{}}`, &record.Unknown{}, ""},
		{`{"GenerateAssistantResponseEventRequest":{}}`, &record.Unknown{}, "GenerateAssistantResponse"},
		{`{"élanEventRequest":1}`, &record.Unknown{}, "Élan"},
		{`{"aEventRequest":1,"aEventRequest":2}`, &record.Unknown{}, "A"},
		{`{"aEventRequest":1,"bEventRequest":2}`, &record.Unknown{}, ""},
		{`{"EventRequest":1}`, &record.Unknown{}, ""},
		{`{"a":{"bEventRequest":1}}`, &record.Unknown{}, ""},
		{`{}`, &record.Unknown{}, ""},
	} {
		r := unmarshal(t, c.in)
		if reflect.TypeOf(r) != reflect.TypeOf(c.want) || r.LogType() != c.logType {
			t.Errorf("Unmarshal(%q) is a %T of type %q, want %T of type %q", c.in, r, r.LogType(), c.want, c.logType)
		}
	}
}

func TestRecordMethods(t *testing.T) {
	id := "64d13ea7-0000-4000-8000-000000000001"
	at := time.Date(2026, 7, 27, 23, 3, 29, 27400929, time.UTC)
	for _, name := range []string{"generateAssistantResponse", "generateCompletions", "startTaskAssistCodeGeneration"} {
		r := unmarshal(t, fmt.Sprintf(`{"%sEventRequest":{"userId":%q,"timeStamp":%q},"%sEventResponse":{"requestId":%q}}`, name, user, stamp, name, id))
		if r.Time() != at || r.UserID() != user || r.RequestID() != id {
			t.Errorf("%s: %v, %q, %q, want %v, %q, %q", name, r.Time(), r.UserID(), r.RequestID(), at, user, id)
		}
		for _, in := range []string{`{"%sEventRequest":{}}`, `{"%sEventRequest":null}`, `{"%sEventRequest":{"userId":null,"timeStamp":null}}`} {
			r := unmarshal(t, fmt.Sprintf(in, name))
			if !r.Time().IsZero() || r.UserID() != "" || r.RequestID() != "" {
				t.Errorf(in+": %v, %q, %q, want zero values", name, r.Time(), r.UserID(), r.RequestID())
			}
		}
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, c := range []struct {
		in     string
		offset int64
		want   error
	}{
		{``, 0, record.ErrSyntax}, {`  `, 2, record.ErrSyntax},
		{`null`, 0, record.ErrType}, {` 1`, 1, record.ErrType}, {`"{}"`, 0, record.ErrType}, {"\n[{}]", 1, record.ErrType}, {`true`, 0, record.ErrType},
		{`nope`, 0, record.ErrSyntax}, {`{`, 0, record.ErrSyntax}, {`{"a":1`, 0, record.ErrSyntax}, {`{"a":1,}`, 0, record.ErrSyntax}, {`{,}`, 0, record.ErrSyntax},
		{` {"a" 1}`, 1, record.ErrSyntax}, {`{"a":1 "b":2}`, 0, record.ErrSyntax}, {`{"a":}`, 0, record.ErrSyntax}, {`{a:1}`, 0, record.ErrSyntax},
		{`{"a":[1,]}`, 0, record.ErrSyntax}, {`{"a":[}]}`, 0, record.ErrSyntax}, {`{"a":tru}`, 0, record.ErrSyntax}, {`{"a":+1}`, 0, record.ErrSyntax},
		{`{"a":"` + "\x01" + `"}`, 0, record.ErrSyntax}, {`{"\u12":1}`, 0, record.ErrSyntax}, {`{} x`, 0, record.ErrSyntax}, {`{}{}`, 0, record.ErrSyntax},
		{`{"generateCompletionsEventRequest":{"fileName":"` + "\t" + `"}}`, 0, record.ErrSyntax},
		{`{"generateCompletionsEventRequest":{"fileName":"\q"}}`, 0, record.ErrSyntax},
		{`{"generateCompletionsEventRequest":{"fileName":1},"a":nope}`, 0, record.ErrSyntax},
		{`{"generateCompletionsEventRequest":{"fileName":nope}}`, 0, record.ErrSyntax},
		{`{"generateCompletionsEventRequest":nullx}`, 0, record.ErrSyntax},
		{`{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":["a",]}}`, 0, record.ErrSyntax},
		{`{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":["a"`, 0, record.ErrSyntax},
		{`{"a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`, 0, record.ErrTooDeep},
		{`{"generateCompletionsEventRequest":{"a":` + strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999) + `}}`, 0, record.ErrTooDeep},
	} {
		r, err := record.Unmarshal([]byte(c.in))
		var e *record.Error
		if r != nil || !errors.As(err, &e) || e.Err != c.want || e.Offset != c.offset || e.Index != 0 || e.Field != "" {
			t.Errorf("Unmarshal(%.60q) = %v, %#v, want %v at %d", c.in, r, err, c.want, c.offset)
		}
	}
}

func TestUnmarshalDepth(t *testing.T) {
	in := `{"generateCompletionsEventRequest":{"a":` + strings.Repeat("[", 9_998) + strings.Repeat("]", 9_998) + `}}`
	if !json.Valid([]byte(in)) {
		t.Fatal("the sample is not valid")
	}
	if _, err := record.Unmarshal([]byte(in)); err != nil {
		t.Errorf("Unmarshal of 10,000 levels = %v", err)
	}
}

// fieldTypes lists every known field with the JSON types that it can have,
// besides null: s string, a array, o object.
var fieldTypes = map[string]string{
	"generateAssistantResponseEventRequest": "o", "generateAssistantResponseEventRequest.prompt": "s", "generateAssistantResponseEventRequest.chatTriggerType": "s",
	"generateAssistantResponseEventRequest.customizationArn": "s", "generateAssistantResponseEventRequest.userId": "s", "generateAssistantResponseEventRequest.modelId": "s",
	"generateAssistantResponseEventRequest.timeStamp": "t",
	"generateAssistantResponseEventResponse":          "o", "generateAssistantResponseEventResponse.assistantResponse": "s", "generateAssistantResponseEventResponse.followupPrompts": "sa",
	"generateAssistantResponseEventResponse.messageMetadata": "o", "generateAssistantResponseEventResponse.codeReferenceEvents": "sanob",
	"generateAssistantResponseEventResponse.supplementaryWebLinksEvent": "a", "generateAssistantResponseEventResponse.requestId": "s",
	"generateAssistantResponseEventResponse.messageMetadata.conversationId": "s", "generateAssistantResponseEventResponse.messageMetadata.utteranceId": "s",
	"generateCompletionsEventRequest": "o", "generateCompletionsEventRequest.leftContext": "s", "generateCompletionsEventRequest.rightContext": "s",
	"generateCompletionsEventRequest.fileName": "s", "generateCompletionsEventRequest.customizationArn": "s", "generateCompletionsEventRequest.userId": "s",
	"generateCompletionsEventRequest.timeStamp": "t",
	"generateCompletionsEventResponse":          "o", "generateCompletionsEventResponse.completions": "a", "generateCompletionsEventResponse.requestId": "s",
	"startTaskAssistCodeGenerationEventRequest": "o", "startTaskAssistCodeGenerationEventRequest.prompt": "s", "startTaskAssistCodeGenerationEventRequest.chatTriggerType": "s",
	"startTaskAssistCodeGenerationEventRequest.conversationId": "s", "startTaskAssistCodeGenerationEventRequest.customizationArn": "s",
	"startTaskAssistCodeGenerationEventRequest.userId": "s", "startTaskAssistCodeGenerationEventRequest.timeStamp": "t",
	"startTaskAssistCodeGenerationEventResponse": "o", "startTaskAssistCodeGenerationEventResponse.requestId": "s",
}

// nest builds a record that has only the field of the given path.
func nest(path, value string) string {
	names := strings.Split(path, ".")
	slices.Reverse(names)
	for _, name := range names {
		value = fmt.Sprintf(`{%q:%s}`, name, value)
	}
	if kind, ok := strings.CutSuffix(strings.SplitN(path, ".", 2)[0], "Response"); ok {
		value = fmt.Sprintf(`{"%sRequest":{},%s`, kind, value[1:])
	}
	return value
}

func TestUnmarshalFieldTypes(t *testing.T) {
	values := map[byte]string{'s': `"text"`, 'a': `[]`, 'n': `-1.5`, 'o': `{}`, 'b': `true`}
	for path, allowed := range fieldTypes {
		for letter, value := range values {
			in := nest(path, value)
			_, err := strict(in)
			var e *record.Error
			switch {
			case strings.IndexByte(allowed, letter) >= 0:
				if err != nil {
					t.Errorf("Unmarshal(%q) = %v, want a record", in, err)
				}
			case allowed == "t" && letter == 's':
				if !errors.As(err, &e) || e.Err != record.ErrTime || e.Field != path {
					t.Errorf("Unmarshal(%q) = %v, want %v", in, err, record.ErrTime)
				}
			default:
				if !errors.As(err, &e) || e.Err != record.ErrType || e.Field != path {
					t.Errorf("Unmarshal(%q) = %v, want %v", in, err, record.ErrType)
				}
			}
		}
		if _, err := record.Unmarshal([]byte(nest(path, "null"))); err != nil {
			t.Errorf("Unmarshal(%q) = %v, want a record", nest(path, "null"), err)
		}
	}
}

func TestUnmarshalElementTypes(t *testing.T) {
	for _, c := range []struct{ path, value, field string }{
		{"generateCompletionsEventResponse.completions", `["a",1]`, ""},
		{"generateCompletionsEventResponse.completions", `[["a"]]`, ""},
		{"generateCompletionsEventResponse.completions", `[{"content":1}]`, ""},
		{"generateAssistantResponseEventResponse.followupPrompts", `[true]`, ""},
		{"generateAssistantResponseEventResponse.supplementaryWebLinksEvent", `["uri"]`, ""},
		{"generateAssistantResponseEventResponse.supplementaryWebLinksEvent", `[{"uri":1}]`, ".uri"},
		{"generateAssistantResponseEventResponse.supplementaryWebLinksEvent", `[{},{"title":[]}]`, ".title"},
		{"generateAssistantResponseEventResponse.supplementaryWebLinksEvent", `[{"snippet":{}}]`, ".snippet"},
	} {
		in := nest(c.path, c.value)
		_, err := strict(in)
		var e *record.Error
		if !errors.As(err, &e) || e.Err != record.ErrType || e.Field != c.path+c.field {
			t.Errorf("Unmarshal(%q) = %v, want %v in %s", in, err, record.ErrType, c.path+c.field)
		}
	}
}

func TestTimeStamp(t *testing.T) {
	for _, c := range []struct {
		in   string
		want time.Time
	}{
		{"2025-01-06T15:09:16.412719Z", time.Date(2025, 1, 6, 15, 9, 16, 412719000, time.UTC)},
		{"2025-01-06T15:09:16.412719123Z", time.Date(2025, 1, 6, 15, 9, 16, 412719123, time.UTC)},
		{"2025-01-06T15:09:16.412Z", time.Date(2025, 1, 6, 15, 9, 16, 412000000, time.UTC)},
		{"2025-01-06T15:09:16Z", time.Date(2025, 1, 6, 15, 9, 16, 0, time.UTC)},
		{"2025-01-06T15:09:16.1234567899Z", time.Date(2025, 1, 6, 15, 9, 16, 123456789, time.UTC)},
		{"2025-01-06T15:09:16+05:30", time.Date(2025, 1, 6, 9, 39, 16, 0, time.UTC)},
		{"2024-02-29T00:00:00-00:00", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"2025-01-06t15:09:16z", time.Date(2025, 1, 6, 15, 9, 16, 0, time.UTC)},
		{"2025-01-06T15:09:16.25z", time.Date(2025, 1, 6, 15, 9, 16, 250000000, time.UTC)},
		{"2025-01-06t15:09:16Z", time.Date(2025, 1, 6, 15, 9, 16, 0, time.UTC)},
		{"2025-01-06t15:09:16.5-07:00", time.Date(2025, 1, 6, 22, 9, 16, 500000000, time.UTC)},
		{"2025-01-06 15:09:16Z", time.Date(2025, 1, 6, 15, 9, 16, 0, time.UTC)},
		{"2025-01-06 15:09:16z", time.Date(2025, 1, 6, 15, 9, 16, 0, time.UTC)},
		{"2025-01-06 15:09:16.000000001+00:00", time.Date(2025, 1, 6, 15, 9, 16, 1, time.UTC)},
		{"2025-01-06 15:09:16-00:00", time.Date(2025, 1, 6, 15, 9, 16, 0, time.UTC)},
		{"2016-12-31T23:59:60Z", time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"2016-12-31t23:59:60.75z", time.Date(2017, 1, 1, 0, 0, 0, 750000000, time.UTC)},
		{"1990-12-31T15:59:60-08:00", time.Date(1991, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"2017-01-01T05:29:60+05:30", time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"2017-01-01 08:59:60+09:00", time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"2025-01-06T15:09:16." + strings.Repeat("3", 500) + "z", time.Date(2025, 1, 6, 15, 9, 16, 333333333, time.UTC)},
		{"2016-12-31T23:59:60." + strings.Repeat("0", 200) + "Z", time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		in := nest("generateCompletionsEventRequest.timeStamp", `"`+c.in+`"`)
		r := unmarshal(t, in)
		if r.Time() != c.want {
			t.Errorf("time of %q = %v, want %v", c.in, r.Time(), c.want)
		}
		if got := encode(t, r); got != in {
			t.Errorf("%q is encoded as %q", in, got)
		}
	}
	for _, bad := range []string{
		"", " ", "today", "0", "1785193409", "2025-01-06", "15:09:16Z", "2025-01-06T15:09:16", "2025-01-06  15:09:16Z", "2025-01-06_15:09:16Z", "2025-01-06t15:09:16", "2025-1-6T15:09:16Z",
		"2025-01-06T5:09:16Z", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-06T24:00:00Z", "2025-01-06T15:60:00Z", "2025-01-06T15:09:60Z", "2025-01-06T15:59:61Z", "2025-01-06T15:59:6Z", "2016-12-31T23:58:60Z", "2025-01-06T15:29:60+05:30", "2016-12-31T23:59:60", "2016-12-31T23:59:60,5Z",
		"2016-12-31T23:60:60Z", "2016-12-31T24:59:60Z", "2016-12-32T23:59:60Z", "2016-12-31T23:59:60+24:00", "2025-01-06t5:09:16z", "2025-01-06 15:09:16,5z", "2025-01-06 15:09:16+05:60", "2025-01-06t15:09:16+0530", "z", "t", "2025-01-06T15:09:16,5Z",
		"2025-01-06T15:09:16.Z", "2025-01-06T15:09:16+5", "2025-01-06T15:09:16+24:00", "2025-01-06T15:09:16+0530", "2025-01-06T15:09:16+05:60", "2025-01-06T15:09:16-99:00", " 2025-01-06T15:09:16Z", "2025-01-06T15:09:16Z ",
		"9999-12-31T23:59:60Z", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00", "9999-12-31 23:59:59.5-00:01",
		"12025-01-06T15:09:16Z", "-025-01-06T15:09:16Z", "2025-01-06T15:09:16ZZ", "2025-01-06T15:09:16é",
	} {
		_, err := strict(nest("startTaskAssistCodeGenerationEventRequest.timeStamp", `"`+bad+`"`))
		var e *record.Error
		if !errors.As(err, &e) || e.Err != record.ErrTime || e.Field != "startTaskAssistCodeGenerationEventRequest.timeStamp" {
			t.Errorf("time %q: %v, want %v", bad, err, record.ErrTime)
		}
	}
}

func TestLists(t *testing.T) {
	for _, c := range []struct {
		value string
		want  []string
	}{
		{`null`, nil}, {`[]`, []string{}}, {`["a"]`, []string{"a"}}, {`["a","",null]`, []string{"a", "", ""}},
		{`[{"content":"x","n":1},{"Content":"y"},{"content":null},{"content":"z","content":"w"}]`, []string{"x", "", "", "w"}},
	} {
		r := unmarshal(t, nest("generateCompletionsEventResponse.completions", c.value)).(*record.GenerateCompletions)
		if !slices.Equal(r.Response.Completions, c.want) || (c.want == nil) != (r.Response.Completions == nil) {
			t.Errorf("completions %s = %#v, want %#v", c.value, r.Response.Completions, c.want)
		}
	}
	for _, c := range []struct {
		value string
		want  []string
	}{
		{`null`, nil}, {`""`, nil}, {`"one?two?"`, []string{"one?two?"}}, {`[]`, nil}, {`["a"]`, []string{"a"}}, {`["a","b"]`, []string{"a", "b"}}, {`[null,"b"]`, []string{"", "b"}},
	} {
		r := chat(t, nest("generateAssistantResponseEventResponse.followupPrompts", c.value))
		if !slices.Equal(r.Response.FollowupPrompts, c.want) {
			t.Errorf("followupPrompts %s = %q, want %q", c.value, r.Response.FollowupPrompts, c.want)
		}
	}
}

func TestStringsAsEncodingJSON(t *testing.T) {
	for _, s := range []string{
		`""`, `"a"`, `"\"\\\/\b\f\n\r\t"`, `"\u0000\u007f\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`,
		"\"\xff\"", "\"\xc3\"", "\"a\xe2\x80\"", "\"\xed\xa0\x80\"", "\"\u2028\x7f\"", "\"" + strings.Repeat("é", 300) + "\"", "\"" + strings.Repeat("x", 300) + "\xff\\n\"",
	} {
		var want string
		if err := json.Unmarshal([]byte(s), &want); err != nil {
			t.Fatalf("encoding/json refuses %q", s)
		}
		r := chat(t, nest("generateAssistantResponseEventRequest.prompt", s))
		if r.Request.Prompt != want {
			t.Errorf("prompt %q = %q, want %q", s, r.Request.Prompt, want)
		}
	}
}
