package qlogs_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// The canary stands for what must never be shown. Its first and last rune are
// rare, so that even an error that echoes one character of its input is found.
const privacyCanary = "§CANARY7391§"

// privacyForms are the forms in which formatting might show it, or a part of it.
var privacyForms = []string{
	"CANARY", "§", `\u00a7`, `U+00A7`, `\xc2`, `\xa7`,
	hex.EncodeToString([]byte("CANARY")), strings.ToUpper(hex.EncodeToString([]byte("CANARY"))),
	base64.RawStdEncoding.EncodeToString([]byte("CANARY7391§"))[:12],
	"67 65 78 65 82 89", "C A N A R Y", "43 41 4e 41 52 59", "0x43, 0x41, 0x4e", "1000011 1000001",
}

func privacyCheck(t *testing.T, what, text string) {
	t.Helper()
	for _, form := range privacyForms {
		if strings.Contains(text, form) {
			t.Errorf("%s shows a user's text, as %q", what, form)
			return
		}
	}
}

// privacyPrint formats v with each verb and flag, alone and inside of others,
// and logs it with both handlers of log/slog.
func privacyPrint(t *testing.T, what string, v any) {
	t.Helper()
	privacyFormat(t, what, v, "v +v #v s q +q #q x X #x d b o O c U #U t e g T 10v -200s .3s 0200d")
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		log := slog.New(h)
		log.Info("m", "v", v)
		log.With("v", v).WithGroup("g").Info("m", slog.Group("group", "v", v))
	}
	privacyCheck(t, what+" in log/slog", out.String())
}

// privacyJSON has encoding/json write v, as a JSON log does for what holds it.
func privacyJSON(t *testing.T, what string, v any) {
	t.Helper()
	var out bytes.Buffer
	for _, x := range []any{v, []any{v}, map[string]any{"k": v}, struct{ V any }{v}} {
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", x)
	}
	privacyCheck(t, what+" in JSON", out.String())
	if !strings.Contains(out.String(), `"offset":`) {
		t.Errorf("%s in JSON is %s, want its place", what, &out)
	}
}

func privacyFormat(t *testing.T, what string, v any, verbs string) {
	t.Helper()
	type exported struct{ V any }
	for verb := range strings.SplitSeq(verbs, " ") {
		for _, x := range []any{v, &v, []any{v}, map[string]any{"k": v}, exported{v}, &exported{v}} {
			privacyCheck(t, what+" in %"+verb, fmt.Sprintf("%"+verb, x))
		}
	}
	privacyCheck(t, what+" in Sprint", fmt.Sprint(v)+fmt.Sprintln(v))
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
	privacyCheck(t, what+" in log/slog", out.String())
}

// privacyErrors prints err and all that it wraps.
func privacyErrors(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	privacyCheck(t, what+": Error()", err.Error())
	// Not %c: an offset may be the number of any rune.
	privacyFormat(t, fmt.Sprintf("%s: %T", what, err), err, "v +v #v s q +q #q x X d b o t e T 10v .3s")
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		privacyErrors(t, what, e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			privacyErrors(t, what, err)
		}
	}
}

// privacyRecords has a record of each kind, with canaries in all strings and in
// unknown keys at all levels.
func privacyRecords() []string {
	unknown := `"§CANARY7391§":"§CANARY7391§","unknown":{"§CANARY7391§":["§CANARY7391§",{"a":"§CANARY7391§"}]}`
	records := []string{
		`{"generateAssistantResponseEventRequest":{"prompt":"C","chatTriggerType":"C","customizationArn":"C","userId":"C","timeStamp":"2026-03-02T09:00:00Z","modelId":"C",UNKNOWN},
		"generateAssistantResponseEventResponse":{"assistantResponse":"C","followupPrompts":"C","messageMetadata":{"conversationId":"C","utteranceId":"C",UNKNOWN},
		"codeReferenceEvents":[{"C":"C"}],"supplementaryWebLinksEvent":[{"uri":"C","title":"C","snippet":"C",UNKNOWN}],"requestId":"C",UNKNOWN},UNKNOWN}`,
		`{"generateAssistantResponseEventRequest":{"prompt":"C"},"generateAssistantResponseEventResponse":{"followupPrompts":["C","C"],"supplementaryWebLinksEvent":[null,{"uri":"C"}]}}`,
		`{"generateCompletionsEventRequest":{"leftContext":"C","rightContext":"C","fileName":"C","customizationArn":"C","userId":"C","timeStamp":"2026-03-02T09:00:00Z",UNKNOWN},
		"generateCompletionsEventResponse":{"completions":["C",{"content":"C",UNKNOWN}],"requestId":"C",UNKNOWN},UNKNOWN}`,
		`{"startTaskAssistCodeGenerationEventRequest":{"prompt":"C","chatTriggerType":"C","conversationId":"C","customizationArn":"C","userId":"C","timeStamp":"2026-03-02T09:00:00Z",UNKNOWN},
		"startTaskAssistCodeGenerationEventResponse":{"requestId":"C",UNKNOWN},UNKNOWN}`,
		`{"brandNewEventRequest":{"prompt":"C"},"C":"C",UNKNOWN}`,
		`{"CEventRequest":"C"}`,
	}
	for i, r := range records {
		r = strings.ReplaceAll(r, `"C`, `"`+privacyCanary)
		records[i] = strings.ReplaceAll(r, "UNKNOWN", unknown)
	}
	return records
}

// privacyCursor checks the text form and what it encodes.
func privacyCursor(t *testing.T, c qlogs.Cursor) {
	t.Helper()
	text := c.String()
	_, body, _ := strings.Cut(text, ":")
	decoded, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || len(decoded) == 0 {
		t.Errorf("the cursor %q cannot be looked into: %v", text, err)
	}
	privacyCheck(t, "cursor", text+string(decoded))
	privacyPrint(t, "cursor", c)
	privacyPrint(t, "pointer to a cursor", &c)
}

// The search would find a canary in each form if it were shown.
func TestPrivacySearchFinds(t *testing.T) {
	for verb := range strings.SplitSeq("v +v #v s q +q x X d b c U", " ") {
		v := any([]byte(privacyCanary))
		if verb == "c" || verb == "U" {
			v = []rune(privacyCanary)
		}
		text, found := fmt.Sprintf("%"+verb, v), false
		for _, form := range privacyForms {
			found = found || strings.Contains(text, form)
		}
		if !found {
			t.Errorf("%%%s of the canary is %q, in which no form is found", verb, text)
		}
	}
}

func TestPrivacyOfEntries(t *testing.T) {
	src := newContractSource()
	file := contractFile(privacyRecords()...)
	src.put(windowKey(0), file)
	src.put(windowKey(1), contractGzip(file))
	src.putListed(qlogs.Object{Key: windowKey(2), Size: windowLarge}, contractGzip(file))
	s := contractNew(src, nil, qlogs.Query{})
	var entries []qlogs.Entry
	for e, err := range s.Records(t.Context()) {
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		entries = append(entries, e)
		privacyPrint(t, "Entry", e)
		privacyJSON(t, "Entry", e)
		privacyJSON(t, "*Entry", &e)
		privacyPrint(t, "*Entry", &e)
		privacyPrint(t, "Record", e.Record)
		privacyParts(t, e.Record)
		privacyCursor(t, s.Cursor())
		privacyCursor(t, e.Cursor())
	}
	if want := 3 * len(privacyRecords()); len(entries) != want {
		t.Fatalf("%d records, want %d", len(entries), want)
	}
	privacyPrint(t, "Stats", s.Stats())

	const verbs = "v +v #v s q x X d"
	privacyFormat(t, "[]Entry", entries, verbs)
	privacyFormat(t, "map of entries", map[string]qlogs.Entry{"k": entries[0]}, verbs)
	privacyFormat(t, "struct of an entry", struct {
		E qlogs.Entry
		P *qlogs.Entry
	}{entries[0], &entries[1]}, verbs)
	// For %p and %w package fmt calls no methods. Entries hold a pointer.
	for _, verb := range []string{"%p", "%w"} {
		for _, v := range []any{entries[0], &entries[0], entries} {
			privacyCheck(t, fmt.Sprintf("%T in %s", v, verb), fmt.Sprintf(verb, v))
		}
	}
	// Package fmt cannot call methods of a value in an unexported field. What
	// %v writes of it is no text all the same; other verbs would show it.
	hidden := struct{ e qlogs.Entry }{entries[0]}
	privacyCheck(t, "unexported field of an entry", fmt.Sprintf("%v %+v %#v", hidden, hidden, hidden))
}

// privacyParts prints the parts of a record that are structs of their own, and
// sees that the canaries are there at all.
func privacyParts(t *testing.T, r record.Record) {
	t.Helper()
	switch r := r.(type) {
	case *record.GenerateAssistantResponse:
		privacyPrint(t, "request", r.Request)
		privacyPrint(t, "response", r.Response)
		privacyPrint(t, "record by value", *r)
		for _, l := range r.Response.SupplementaryWebLinks {
			privacyPrint(t, "link", l)
		}
		privacyPrint(t, "metadata", r.Response.MessageMetadata)
		if r.Request.Prompt != privacyCanary {
			t.Errorf("Prompt = %q, want %q", r.Request.Prompt, privacyCanary)
		}
	case *record.GenerateCompletions:
		privacyPrint(t, "request", r.Request)
		privacyPrint(t, "response", r.Response)
		privacyPrint(t, "record by value", *r)
		if r.Request.LeftContext != privacyCanary {
			t.Errorf("LeftContext = %q, want %q", r.Request.LeftContext, privacyCanary)
		}
	case *record.StartTaskAssistCodeGeneration:
		privacyPrint(t, "request", r.Request)
		privacyPrint(t, "response", r.Response)
		privacyPrint(t, "record by value", *r)
		if r.Request.Prompt != privacyCanary {
			t.Errorf("Prompt = %q, want %q", r.Request.Prompt, privacyCanary)
		}
	case *record.Unknown:
		privacyPrint(t, "record by value", *r)
		if !bytes.Contains(r.Raw, []byte(privacyCanary)) {
			t.Errorf("Raw has no %q", privacyCanary)
		}
	}
}

func TestPrivacyOfTyped(t *testing.T) {
	src := newContractSource()
	src.put(windowKey(0), contractFile(privacyRecords()...))
	records := func() *qlogs.Scan { return contractNew(src, nil, qlogs.Query{}) }
	n := 0
	for e := range qlogs.Only[*record.GenerateAssistantResponse](records().Records(t.Context())) {
		n++
		privacyPrint(t, "Typed", e)
		privacyPrint(t, "*Typed", &e)
		privacyJSON(t, "Typed", e)
		privacyFormat(t, "[]Typed", []qlogs.Typed[*record.GenerateAssistantResponse]{e}, "v +v #v s q x X d")
	}
	for e := range qlogs.Only[*record.Unknown](records().Records(t.Context())) {
		n++
		privacyPrint(t, "Typed", e)
	}
	if n != 4 {
		t.Errorf("%d entries, want 4", n)
	}
}

// privacyDamaged has bodies that cannot be read, or not all of them, each in a
// way of its own, and all full of canaries.
func privacyDamaged() map[string][]byte {
	request := `{"generateAssistantResponseEventRequest":{"prompt":"§CANARY7391§",%s}}`
	bad := func(s string) string { return fmt.Sprintf(request, s) }
	bodies := map[string][]byte{
		"text":         []byte(strings.Repeat(privacyCanary, 20)),
		"gzip of text": contractGzip([]byte(strings.Repeat(privacyCanary, 20))),
		"other JSON":   []byte(`{"§CANARY7391§":"§CANARY7391§"}`),
		"records":      []byte(`{"records":"§CANARY7391§"}`),
		"string":       []byte(`"§CANARY7391§"`),
		"rest":         append(contractFile(privacyRecords()...), privacyCanary...),
		"header":       privacyHeader(),
		"bad records": contractFile(
			bad(`§CANARY7391§`), bad(`"timeStamp":"§CANARY7391§"`), bad(`"timeStamp":"2026-03-02T09:00:00§"`), bad(`"timeStamp":§`), bad(`"userId":§CANARY7391§`),
			bad(`"userId":{"§CANARY7391§":1}`), bad(`"userId":["§CANARY7391§"]`), bad(`"modelId":"\§"`), bad(`"modelId":"\u§§§§"`), bad("\"modelId\":\"§\x01\""),
			bad(`"§CANARY7391§" "x"`), bad(`"§CANARY7391§":§`), bad(`"timeStamp":"20260302T090000Z §CANARY7391§"`), `"§CANARY7391§"`, `§`, `["§CANARY7391§"]`,
			`{"generateAssistantResponseEventRequest":"§CANARY7391§"}`, `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":"§CANARY7391§"}`,
			`{"generateCompletionsEventRequest":{"leftContext":["§CANARY7391§"]}}`, `{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":"§CANARY7391§"}}`,
			bad(`"x":"`+strings.Repeat(privacyCanary, 1000)+`"`), bad(`"x":`+strings.Repeat(`{"§CANARY7391§":`, 200)+`1`+strings.Repeat(`}`, 200)),
			`{"§CANARY7391§":`+strings.Repeat(`[`, 200)+strings.Repeat(`]`, 200)+`}`, bad(`"x":1.§`), bad(`"x":tr§e`), bad(`"x":-§`)),
	}
	whole := contractFile(privacyRecords()...)
	zipped := contractGzip(whole)
	for n := 1; n < len(whole); n += testutil.Pick(503, 101) {
		bodies[fmt.Sprint("cut JSON ", n)] = whole[:n]
		spoilt := bytes.Clone(whole)
		spoilt[n] = '"'
		bodies[fmt.Sprint("quote at ", n)] = spoilt
	}
	for n := 2; n < len(zipped); n += testutil.Pick(235, 47) {
		bodies[fmt.Sprint("cut gzip ", n)] = zipped[:n]
		spoilt := bytes.Clone(zipped)
		spoilt[n] ^= 0x55
		bodies[fmt.Sprint("spoilt gzip ", n)] = spoilt
	}
	return bodies
}

// privacyHeader returns a gzip file whose header has a name and a comment, and
// whose data are damaged.
func privacyHeader() []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Name, w.Comment, w.Extra = privacyCanary, privacyCanary, []byte(privacyCanary)
	_, err := io.WriteString(w, strings.Repeat(privacyCanary, 10))
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	body := buf.Bytes()
	body[len(body)-8] ^= 1
	return body
}

// No error that a scan yields shows a byte of the objects, nor does any that it wraps.
func TestPrivacyOfErrors(t *testing.T) {
	opts := &qlogs.Options{MaxRecordBytes: 8000, MaxDepth: 50, MaxRecords: 40}
	n := 0
	for name, body := range privacyDamaged() {
		for _, size := range []int64{int64(len(body)), windowLarge} {
			if n++; size == windowLarge && n/2%testutil.Pick(3, 1) != 0 {
				continue
			}
			src := newContractSource()
			src.putListed(qlogs.Object{Key: windowKey(0), Size: size}, body)
			s := contractNew(src, opts, qlogs.Query{})
			seen := map[string]bool{}
			errs := 0
			for e, err := range s.Records(t.Context()) {
				if err == nil {
					privacyCheck(t, name+": Entry", fmt.Sprintf("%v %+v %#v", e, e, e))
					continue
				}
				errs++
				privacyCheck(t, name, err.Error())
				var bad *qlogs.ObjectError
				if errors.As(err, &bad) && !seen[bad.Err.Error()] { // each kind once
					seen[bad.Err.Error()] = true
					privacyErrors(t, name, err)
				}
			}
			if errs == 0 && !strings.Contains(name, " at ") && !strings.HasPrefix(name, "spoilt") {
				t.Errorf("%s, %d bytes: no error", name, size)
			}
			privacyCursor(t, s.Cursor())
		}
	}
}
