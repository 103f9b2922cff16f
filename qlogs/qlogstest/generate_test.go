package qlogstest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
)

type half struct {
	Prompt       string
	LeftContext  string
	RightContext string
	UserID       record.UserID `json:"userId"`
	TimeStamp    time.Time     `json:"timeStamp"`
	ModelID      string        `json:"modelId"`
	RequestID    string        `json:"requestId"`

	AssistantResponse string
	Completions       []string
}

// known are the types whose records readers know.
var known = []path.LogType{path.GenerateAssistantResponse, path.GenerateCompletions, path.StartTaskAssistCodeGeneration}

// read gunzips and parses an object with the standard library alone.
func read(t *testing.T, o qlogstest.Object) []qlogstest.Record {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(o.Body))
	if err != nil {
		t.Fatalf("%s: %v", o.Key, err)
	}
	data, err := io.ReadAll(zr)
	if err != nil {
		t.Fatalf("%s: %v", o.Key, err)
	}
	var doc struct {
		Records []json.RawMessage
	}
	data = bytes.ReplaceAll(data, []byte(`{"broken":oops}`), []byte("17")) // encoding/json gives up on the whole file
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatalf("%s: %v", o.Key, err)
	}
	var out []qlogstest.Record
	for i, raw := range doc.Records {
		w, ok := parse(raw)
		if ok {
			w.Index = i
			out = append(out, w)
		} else if !slices.Contains(o.BadRecords, i) {
			t.Errorf("%s: record %d is damaged", o.Key, i)
		}
	}
	return out
}

func parse(raw []byte) (qlogstest.Record, bool) {
	var halves map[string]half
	if err := json.Unmarshal(raw, &halves); err != nil {
		return qlogstest.Record{}, false
	}
	var w qlogstest.Record
	for name, h := range halves {
		if stem, ok := strings.CutSuffix(name, "EventRequest"); ok {
			w.LogType = strings.ToUpper(stem[:1]) + stem[1:]
			w.UserID, w.Time = h.UserID, h.TimeStamp
			w.ModelID, w.PromptBytes, w.ContextBytes = h.ModelID, len(h.Prompt), len(h.LeftContext)+len(h.RightContext)
		} else {
			w.RequestID = h.RequestID
		}
	}
	return w, true
}

func config() qlogstest.Config {
	return qlogstest.Config{
		Seed: 7, Objects: testutil.Pick(200, 800), DamageEvery: 10, MaxText: testutil.Pick(8<<10, 64<<10),
		Prefixes: []string{"", "logs/logs", "p q+r"}, Accounts: []string{"111122223333", "444455556666"},
		Types:   append([]path.LogType{"GenerateReview"}, known...),
		Regions: []string{"us-east-1", "eu-central-1"},
	}
}

func TestRecordsAreInTheObjects(t *testing.T) {
	keys := make(map[string]bool)
	seen := make(map[string]bool)
	n := 0
	for o := range qlogstest.Generate(config()) {
		n++
		if keys[o.Key] {
			t.Errorf("key %q occurs twice", o.Key)
		}
		keys[o.Key] = true
		if o.Kind != path.Log || o.Damage != qlogstest.NoDamage && o.Damage != qlogstest.BadRecord {
			continue
		}
		k, err := path.Parse(o.Key)
		if err != nil {
			t.Fatalf("key: %v", err)
		}
		for _, value := range []string{k.Prefix, k.Account, string(k.Product), string(k.LogType), k.Region} {
			seen[value] = true
		}
		minute, ok := k.Minute()
		got := read(t, o)
		if !reflect.DeepEqual(got, o.Records) {
			t.Fatalf("%s: records = %+v, want %+v", o.Key, got, o.Records)
		}
		for _, w := range got {
			if !w.Time.IsZero() && (!ok || !w.Time.Truncate(time.Minute).Equal(minute)) {
				t.Errorf("%s: record time %v is in another minute", o.Key, w.Time)
			}
			if w.LogType != string(k.LogType) {
				t.Errorf("%s: log type %q, want %q", o.Key, w.LogType, k.LogType)
			}
		}
	}
	if want := config().Objects; n != want {
		t.Errorf("objects = %d, want %d", n, want)
	}
	if want := 3 + 2 + 2 + 4 + 2; len(seen) != want {
		t.Errorf("prefixes, accounts, products, types and regions = %d, want all %d", len(seen), want)
	}
}

func TestSameSeedSameObjects(t *testing.T) {
	cfg := config()
	cfg.Objects = 200
	seq := qlogstest.Generate(cfg)
	first, second := slices.Collect(seq), slices.Collect(seq)
	if !reflect.DeepEqual(first, second) {
		t.Error("two passes differ")
	}
	cfg.Objects = 100
	if got := slices.Collect(qlogstest.Generate(cfg)); !reflect.DeepEqual(got, first[:100]) {
		t.Error("fewer objects are not the first ones of more")
	}
	cfg.Seed++
	if got := slices.Collect(qlogstest.Generate(cfg)); got[0].Key == first[0].Key {
		t.Errorf("another seed makes the same key %q", got[0].Key)
	}
}

func TestDefaults(t *testing.T) {
	n := 0
	from := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for o := range qlogstest.Generate(qlogstest.Config{}) {
		n++
		k, err := path.Parse(o.Key)
		if err != nil || k.Prefix != "prompt-logs" || k.Account != "111122223333" || k.Region != "us-east-1" {
			t.Errorf("key %q, %v: not as documented", o.Key, err)
		}
		if k.Hour.Before(from) || !k.Hour.Before(from.AddDate(0, 0, 3)) {
			t.Errorf("key %q: hour out of range", o.Key)
		}
		if o.Damage != qlogstest.NoDamage {
			t.Errorf("%s: damage %v, want none", o.Key, o.Damage)
		}
	}
	if n != 100 {
		t.Errorf("objects = %d, want 100", n)
	}
}

// TestLooksReal checks the shares that a reader's statistics depend on.
func TestLooksReal(t *testing.T) {
	var chats, emptyPrompts, noModel, completions, noCompletions, objects, records, size int
	users := make(map[record.UserID]int)
	for o := range qlogstest.Generate(qlogstest.Config{Seed: 3, Objects: testutil.Pick(600, 2000), Products: []path.Product{path.KiroLogs}}) {
		objects++
		size += len(o.Body)
		for _, w := range o.Records {
			records++
			users[w.UserID]++
			if w.LogType == string(path.GenerateAssistantResponse) {
				chats++
				if w.PromptBytes == 0 {
					emptyPrompts++
				}
			}
		}
		zr, err := gzip.NewReader(bytes.NewReader(o.Body))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(zr)
		if err != nil {
			t.Fatal(err)
		}
		noModel += bytes.Count(data, []byte("generateAssistantResponseEventRequest")) - bytes.Count(data, []byte(`"modelId"`))
		completions += bytes.Count(data, []byte("generateCompletionsEventRequest"))
		noCompletions += bytes.Count(data, []byte(`"completions":[]`))
	}
	within := func(what string, part, whole int, low, high float64) {
		t.Helper()
		if r := float64(part) / float64(whole); r < low || r > high {
			t.Errorf("%s: %d of %d = %.3f, want %.2f to %.2f", what, part, whole, r, low, high)
		}
	}
	within("empty prompts", emptyPrompts, chats, 0.63, 0.77)
	within("chats without model", noModel, chats, 0.03, 0.12)
	within("empty completions", noCompletions, completions, 0.2, 0.4)
	within("records an object", records, objects, 1.05, 1.4)
	within("bytes an object", size, objects, 700, 4000)
	if len(users) != 20 {
		t.Errorf("users = %d, want 20", len(users))
	}
}

// What no reader would take for logs is refused.
func TestConfigRefused(t *testing.T) {
	for _, cfg := range []qlogstest.Config{
		{Accounts: []string{"111122223333", "abc"}},
		{Products: []path.Product{"OtherLogs"}},
		{Types: []path.LogType{"lowercase"}},
		{Types: []path.LogType{"A B"}},
		{Types: []path.LogType{""}},
		{Regions: []string{"a/b"}},
		{Regions: []string{"moon"}},
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "qlogstest: Config: ") {
					t.Errorf("Generate(%+v) panics with %q, want a text that names the values", cfg, text)
				}
			}()
			for o := range qlogstest.Generate(cfg) {
				t.Errorf("%+v makes %q", cfg, o.Key)
				break
			}
		}()
	}
}
