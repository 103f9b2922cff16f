package record_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/promptlogs/qlogs/qlogs/record"
)

const (
	driftLinks    = "generateAssistantResponseEventResponse.supplementaryWebLinksEvent"
	driftMetadata = "generateAssistantResponseEventResponse.messageMetadata"
	driftPrompts  = "generateAssistantResponseEventResponse.followupPrompts"
	driftList     = "generateCompletionsEventResponse.completions"
	driftTime     = "generateCompletionsEventRequest.timeStamp"
)

// drifting are values that make fields drift: within the field at the path, those that
// are named, and itself if none are.
var drifting = []struct {
	path, value string
	within      []string
}{
	{driftTime, `"yesterday"`, nil}, {driftTime, `""`, nil}, {driftTime, `"2026-02-30T10:00:00Z"`, nil}, {driftTime, `"2026-02-03"`, nil},
	{driftTime, `"2026-02-03T10:00:00"`, nil}, {driftTime, `1785193409`, nil}, {driftTime, `"\ud800"`, nil}, {driftTime, `"` + strings.Repeat("9", 70_000) + `"`, nil},
	{driftTime, "\"\xff\"", nil}, {driftTime, `"2025-01-06T15:09:60Z"`, nil},
	{driftList, `["a",1]`, nil}, {driftList, `[["a"]]`, nil}, {driftList, `[{"content":1}]`, nil}, {driftList, `[{"content":[]},"a"]`, nil}, {driftList, `"a"`, nil}, {driftList, `{"content":"a"}`, nil},
	{driftList, `[` + strings.Repeat(`"a",`, 100) + `true]`, nil},
	{driftPrompts, `[true]`, nil}, {driftPrompts, `["a",["b"]]`, nil}, {driftPrompts, `{"a":"b"}`, nil}, {driftPrompts, `0`, nil}, {driftPrompts, `[{"content":{}}]`, nil},
	{driftLinks, `["uri"]`, nil}, {driftLinks, `{"uri":"u"}`, nil}, {driftLinks, `[{"uri":"u"},[]]`, nil}, {driftLinks, `[{"uri":1},"x"]`, nil}, {driftLinks, `""`, nil}, {driftLinks, `[null,1]`, nil},
	{driftLinks, `[{"uri":1}]`, []string{"[0].uri"}}, {driftLinks, `[{},{"title":[]}]`, []string{"[1].title"}}, {driftLinks, `[null,{"snippet":{},"uri":"u","new":1}]`, []string{"[1].snippet"}},
	{driftLinks, `[{"uri":true,"title":-1,"snippet":["a"]},{"uri":0.5}]`, []string{"[0].uri", "[0].title", "[0].snippet", "[1].uri"}},
	{driftMetadata, `""`, nil}, {driftMetadata, `[]`, nil}, {driftMetadata, `[{"conversationId":"c"}]`, nil}, {driftMetadata, `7`, nil}, {driftMetadata, `false`, nil},
	{driftMetadata, `{"conversationId":1}`, []string{".conversationId"}}, {driftMetadata, `{"utteranceId":{},"x":1}`, []string{".utteranceId"}},
	{driftMetadata, `{"utteranceId":["u"],"conversationId":[]}`, []string{".conversationId", ".utteranceId"}},
}

// driftCheck decodes a record in each way, checks that the given fields have drifted and
// no others, and returns it.
func driftCheck(t *testing.T, in string, want ...string) record.Record {
	t.Helper()
	r := unmarshal(t, in)
	if got := record.DriftedFields(r); !slices.Equal(got, want) {
		t.Errorf("%.200q: drifted are %q, want %q", in, got, want)
	}
	sameValue(t, in, encode(t, r))
	file := `{"records":[{},` + in + `,{}]}`
	whole := record.NewDecoder(nil, nil)
	whole.ResetBytes([]byte(file))
	for name, d := range map[string]*record.Decoder{"whole": whole, "streamed": record.NewDecoder(iotest.OneByteReader(strings.NewReader(file)), nil)} {
		for i, want := range []bool{false, len(want) > 0, false} {
			other, err := d.Next()
			if err != nil || d.Drifted() != want {
				t.Errorf("%.200q %s: record %d: %v, Drifted() = %t, want %t", in, name, i, err, d.Drifted(), want)
			}
			if i == 1 && !reflect.DeepEqual(other, r) {
				t.Errorf("%.200q %s: another record than Unmarshal's", in, name)
			}
		}
		if _, err := d.Next(); err != io.EOF || d.Drifted() {
			t.Errorf("%.200q %s: %v, Drifted() = %t at the end", in, name, err, d.Drifted())
		}
	}
	return r
}

// Each field, with each JSON type that it cannot have, alone and after a good value.
func TestDriftOfEveryField(t *testing.T) {
	values := map[byte][]string{
		's': {`"text"`, `""`}, 'a': {`[]`, `["a"]`, `[[{"b":1}]]`}, 'n': {`0`, `-1.5e3`}, 'o': {`{}`, `{"a":{"prompt":"p"}}`}, 'b': {`true`, `false`},
	}
	good := map[byte]string{'s': `"text"`, 't': `"` + stamp + `"`, 'a': `[]`, 'o': `{}`}
	for path, allowed := range fieldTypes {
		half := !strings.Contains(path, ".")
		for letter, list := range values {
			if strings.IndexByte(allowed, letter) >= 0 || half || letter == 'a' && strings.Contains(allowed, "a") {
				continue
			}
			for _, value := range list {
				in := nest(path, value)
				name := path[strings.LastIndexByte(path, '.')+1:]
				twice := strings.Replace(in, fmt.Sprintf(`%q:%s`, name, value), fmt.Sprintf(`%q:%s,%q:%s`, name, good[allowed[0]], name, value), 1)
				for _, in := range []string{in, twice} {
					r := driftCheck(t, in, path)
					if st := stateAt(t, r, path); st != record.Drifted {
						t.Errorf("State of %s in %q = %v, want %v", path, in, st, record.Drifted)
					}
					var got, want strings.Builder
					dump(&got, "", reflect.ValueOf(r))
					dump(&want, "", reflect.ValueOf(unmarshal(t, nest(path, "null"))))
					if got.String() != want.String() {
						t.Errorf("%q has the fields\n%swant %s to be zero", in, &got, path)
					}
					_, err := strict(in)
					var e *record.Error
					wantErr := record.ErrType
					if allowed == "t" && letter == 's' {
						wantErr = record.ErrTime
					}
					if !errors.As(err, &e) || e.Err != wantErr || e.Field != path {
						t.Errorf("%q with StrictFields: %v, want %v in %s", in, err, wantErr, path)
					}
				}
			}
		}
	}
}

func TestDriftWithinFields(t *testing.T) {
	for _, c := range drifting {
		want := []string{c.path}
		if c.within != nil {
			want = nil
			for _, path := range c.within {
				want = append(want, c.path+path)
			}
		}
		r := driftCheck(t, nest(c.path, c.value), want...)
		st := record.Drifted
		if c.within != nil {
			st = record.Present
		}
		if got := stateAt(t, r, c.path); got != st {
			t.Errorf("State of %s of %.100q = %v, want %v", c.path, c.value, got, st)
		}
		if _, err := strict(nest(c.path, c.value)); err == nil {
			t.Errorf("%.100q of %s is no error with StrictFields", c.value, c.path)
		}
	}
	links := chat(t, nest(driftLinks, `[{"uri":1,"title":"kept"},null]`)).Response.SupplementaryWebLinks
	if len(links) != 2 || links[0].Title != "kept" || links[0].URI != "" || links[0].State("uri") != record.Drifted || links[0].State("title") != record.Present {
		t.Errorf("links with a drifted uri = %v", links)
	}
}

// Of duplicate keys the last one decides.
func TestDriftOfDuplicates(t *testing.T) {
	request := func(members string) string { return `{"generateCompletionsEventRequest":{` + members + `}}` }
	const path = "generateCompletionsEventRequest.fileName"
	for _, c := range []struct {
		in   string
		want record.State
		text string
	}{
		{request(`"fileName":"a","fileName":1`), record.Drifted, ""},
		{request(`"fileName":1,"fileName":"a"`), record.Present, "a"},
		{request(`"fileName":1,"fileName":null`), record.Null, ""},
		{request(`"fileName":null,"fileName":1`), record.Drifted, ""},
		{request(`"fileName":1,"fileName":[2],"fileName":{"a":3}`), record.Drifted, ""},
		{request(`"fileName":[1],"fileName":"","fileName":""`), record.Present, ""},
		{request(`"fileName":1`)[:len(request(`"fileName":1`))-1] + `,"generateCompletionsEventRequest":{"fileName":"b"}}`, record.Present, "b"},
		{request(`"fileName":1`)[:len(request(`"fileName":1`))-1] + `,"generateCompletionsEventRequest":null}`, record.Absent, ""},
		{request(`"file\u004eame":1`), record.Drifted, ""},
	} {
		var want []string
		if c.want == record.Drifted {
			want = []string{path}
		}
		r := driftCheck(t, c.in, want...).(*record.GenerateCompletions)
		if got := r.Request.State("fileName"); got != c.want || r.Request.FileName != c.text {
			t.Errorf("%q: %v with %q, want %v with %q", c.in, got, r.Request.FileName, c.want, c.text)
		}
	}
	for _, c := range []struct{ first, second string }{
		{`[{"uri":1}]`, `[]`}, {`[{"uri":1}]`, `null`}, {`7`, `[{"uri":"u"}]`}, {`[1]`, `[null]`},
	} {
		in := strings.Replace(nest(driftLinks, c.first), c.first, c.first+`,"supplementaryWebLinksEvent":`+c.second, 1)
		driftCheck(t, in)
	}
}

// A record without a drifted field, and no record, have none.
func TestDriftOfNothing(t *testing.T) {
	for _, c := range shapes {
		if r := unmarshal(t, c.in); !strings.Contains(c.name, "drift") && record.DriftedFields(r) != nil {
			t.Errorf("%s: drifted are %q", c.name, record.DriftedFields(r))
		}
	}
	for i, r := range []record.Record{
		nil, (*record.Unknown)(nil), (*record.GenerateAssistantResponse)(nil), (*record.GenerateCompletions)(nil), (*record.StartTaskAssistCodeGeneration)(nil),
		&record.Unknown{}, &record.GenerateAssistantResponse{}, &record.GenerateCompletions{Response: &record.GenerateCompletionsResponse{}},
		unmarshal(t, `{"reviewCodeEventRequest":{"userId":1,"timeStamp":"x"}}`), unmarshal(t, `{"generateAssistantResponseEventRequest":{"Prompt":1,"new":{"prompt":2}}}`),
	} {
		if got := record.DriftedFields(r); got != nil {
			t.Errorf("record %d: drifted are %q", i, got)
		}
	}
}

// What is no object stays an error: a record, and a half of one.
func TestDriftOfNoHalf(t *testing.T) {
	for path, allowed := range fieldTypes {
		if strings.Contains(path, ".") {
			continue
		}
		for _, value := range []string{`"x"`, `""`, `1`, `[]`, `[{}]`, `true`} {
			for _, in := range []string{nest(path, value), strings.TrimSuffix(nest(path, value), "}") + `,"x":1}`} {
				_, err := record.Unmarshal([]byte(in))
				var e *record.Error
				if !errors.As(err, &e) || e.Err != record.ErrType || e.Field != path || allowed != "o" {
					t.Errorf("Unmarshal(%q) = %v, want %v", in, err, record.ErrType)
				}
			}
		}
	}
	for _, in := range []string{`1`, `"x"`, `[]`, `null`, `[{"generateCompletionsEventRequest":{}}]`} {
		if _, err := record.Unmarshal([]byte(in)); !errors.Is(err, record.ErrType) {
			t.Errorf("Unmarshal(%q) = %v, want %v", in, err, record.ErrType)
		}
	}
	for in, part := range map[string]interface{ UnmarshalJSON([]byte) error }{
		`[]`: new(record.GenerateCompletionsRequest), `""`: new(record.MessageMetadata), `7`: new(record.SupplementaryWebLink),
	} {
		if err := part.UnmarshalJSON([]byte(in)); !errors.Is(err, record.ErrType) {
			t.Errorf("UnmarshalJSON(%q) of %T = %v, want %v", in, part, err, record.ErrType)
		}
	}
}

// Malformed JSON is damage wherever it stands, and so is what nests too deep.
func TestDriftIsNoDamage(t *testing.T) {
	deep := strings.Repeat("[", 9_998) + strings.Repeat("]", 9_998)
	for _, path := range []string{driftTime, driftList, driftLinks, driftMetadata, driftPrompts, "generateAssistantResponseEventRequest.prompt"} {
		for _, value := range []string{`nope`, `[1,]`, `[1 2]`, `{"a":01}`, `{"a"}`, `{1:2}`, `[tru]`, `-`, `1.`, `["\x"]`, "[\"\x01\"]", `{"uri":[nul]}`, `[{"uri":1,}]`, `[{"uri":1},2,nil]`, `1}`, `[}`, ``} {
			_, err := record.Unmarshal([]byte(nest(path, value)))
			var e *record.Error
			if !errors.As(err, &e) || e.Err != record.ErrSyntax || e.Field != "" {
				t.Errorf("%s of %q: %v, want %v", path, value, err, record.ErrSyntax)
			}
		}
		if path != driftTime && path != driftList {
			continue
		}
		if _, err := record.Unmarshal([]byte(nest(path, deep))); err != nil {
			t.Errorf("10,000 levels of %s: %v", path, err)
		}
		if _, err := record.Unmarshal([]byte(nest(path, "["+deep+"]"))); !errors.Is(err, record.ErrTooDeep) {
			t.Errorf("10,001 levels of %s: %v, want %v", path, err, record.ErrTooDeep)
		}
	}
	if _, err := record.Unmarshal([]byte(`{"generateCompletionsEventRequest":{"fileName":1},"a":nope}`)); !errors.Is(err, record.ErrSyntax) {
		t.Errorf("damage behind drift: %v, want %v", err, record.ErrSyntax)
	}
}

// A drifted value is written back in its field's place until the field has a value.
func TestMarshalDrifted(t *testing.T) {
	in := `{"generateAssistantResponseEventRequest":{"prompt":["p",1.50],"timeStamp":"now","modelId":{"name":"m"},"z":1},` +
		`"generateAssistantResponseEventResponse":{"followupPrompts":7,"messageMetadata":"","supplementaryWebLinksEvent":[{"uri":1e0,"title":"t"}],"requestId":5}}`
	for _, c := range []struct {
		name   string
		change func(r *record.GenerateAssistantResponse)
		want   string
	}{
		{"nothing", func(*record.GenerateAssistantResponse) {}, in},
		{"text set", func(r *record.GenerateAssistantResponse) { r.Request.Prompt = "new" }, strings.Replace(in, `["p",1.50]`, `"new"`, 1)},
		{"text set and taken away", func(r *record.GenerateAssistantResponse) { r.Request.ModelID = "m"; r.Request.ModelID = "" }, in},
		{"time set", func(r *record.GenerateAssistantResponse) { r.Request.TimeStamp = time.Unix(1785193409, 0) }, strings.Replace(in, `"now"`, `"2026-07-27T23:03:29Z"`, 1)},
		{"list set", func(r *record.GenerateAssistantResponse) { r.Response.FollowupPrompts = []string{"a", "b"} }, strings.Replace(in, `:7`, `:["a","b"]`, 1)},
		{"part set", func(r *record.GenerateAssistantResponse) {
			r.Response.MessageMetadata = &record.MessageMetadata{ConversationID: "c"}
		}, strings.Replace(in, `"messageMetadata":""`, `"messageMetadata":{"conversationId":"c"}`, 1)},
		{"link set", func(r *record.GenerateAssistantResponse) { r.Response.SupplementaryWebLinks[0].URI = "u" }, strings.Replace(in, `1e0`, `"u"`, 1)},
		{"links taken away", func(r *record.GenerateAssistantResponse) { r.Response.SupplementaryWebLinks = nil }, strings.Replace(in, `[{"uri":1e0,"title":"t"}]`, `[]`, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := chat(t, in)
			c.change(r)
			if got := encode(t, r); got != c.want {
				t.Errorf("encoded as %s, want %s", got, c.want)
			}
		})
	}
	parts := chat(t, in)
	link := parts.Response.SupplementaryWebLinks[0]
	if got := encodePart(t, link); got != `{"uri":1e0,"title":"t"}` {
		t.Errorf("a link that stands alone is encoded as %s", got)
	}
	var again record.GenerateAssistantResponseRequest
	if err := again.UnmarshalJSON([]byte(encodePart(t, parts.Request))); err != nil || again.State("prompt") != record.Drifted {
		t.Errorf("a half decoded alone: %v, state %v", err, again.State("prompt"))
	}
}

// What is kept of drifted values is bounded as unknown keys are.
func TestMaxRecordBytesOfDrift(t *testing.T) {
	const most = 64 << 10 // 1,024 members
	for name, in := range map[string]func(n int) string{
		"links": func(n int) string { return spentLinks(`{"uri":1}`, n/2) },
		"links of three": func(n int) string {
			return spentLinks(`{"uri":1,"title":2,"snippet":3}`, n/4)
		},
		"duplicates": func(n int) string { return spentChat(spentList(`"prompt":1`, n), "") },
		"times":      func(n int) string { return spentChat(spentList(`"timeStamp":"soon"`, n), "") },
	} {
		got := limited(t, `{"records":[`+in(1024)+`,{}]}`, &record.DecoderOptions{MaxRecordBytes: most})
		if len(got) != 2 || strings.Contains(got[0], "too large") {
			t.Errorf("1,024 members in %s: %.200q, want both records", name, got)
		}
		got = limited(t, `{"records":[`+in(1028)+`,{}]}`, &record.DecoderOptions{MaxRecordBytes: most})
		if len(got) != 2 || !strings.HasSuffix(got[0], "too large") || got[1] != "{}" {
			t.Errorf("1,028 members in %s: %.200q, want an error and the next record", name, got)
		}
		if _, err := record.Unmarshal([]byte(in(100_000))); err != nil {
			t.Errorf("Unmarshal of 100,000 members in %s = %v, want no limit", name, err)
		}
	}
}

// A drifted value is shown nowhere, whatever it is.
func TestDriftShowsNoText(t *testing.T) {
	for path := range fieldTypes {
		for _, value := range []string{`"` + canary + `"`, `["` + canary + `",1]`, `{"` + canary + `":"` + canary + `"}`, `[{"uri":["` + canary + `"]}]`} {
			r, err := record.Unmarshal([]byte(nest(path, value)))
			if err != nil || record.DriftedFields(r) == nil {
				continue
			}
			var b strings.Builder
			fmt.Fprintf(&b, "%v %+v %#v %s %x %q", r, r, r, r, r, record.DriftedFields(r))
			slog.New(slog.NewTextHandler(&b, nil)).Info("record", "r", r)
			slog.New(slog.NewJSONHandler(&b, nil)).Info("record", "r", r)
			if leaks(b.String()) || !strings.Contains(strings.ToLower(b.String()), "drifted") {
				t.Errorf("%s of %q is shown as %s", path, value, &b)
			}
		}
	}
}
