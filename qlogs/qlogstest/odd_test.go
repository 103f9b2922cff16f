package qlogstest_test

import (
	"bytes"
	"compress/gzip"
	"reflect"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// decoded returns the records of an object as package record reads them.
func decoded(t *testing.T, body []byte) (records []record.Record) {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range record.Decode(zr, nil) {
		if err != nil {
			t.Errorf("Decode error = %v", err)
		}
		records = append(records, r)
	}
	return records
}

// reported is what the package says of a record, as package record reads it.
func reported(index int, r record.Record, odd qlogstest.Odd) qlogstest.Record {
	got := qlogstest.Record{
		Index: index, LogType: r.LogType(), RequestID: r.RequestID(), UserID: r.UserID(), Time: r.Time(),
		Odd: odd, Drifted: record.DriftedFields(r),
	}
	switch r := r.(type) {
	case *record.GenerateAssistantResponse:
		got.ModelID, got.PromptBytes = r.Request.ModelID, len(r.Request.Prompt)
	case *record.GenerateCompletions:
		got.ContextBytes = len(r.Request.LeftContext) + len(r.Request.RightContext)
	case *record.StartTaskAssistCodeGeneration:
		got.PromptBytes = len(r.Request.Prompt)
	}
	return got
}

// halves returns how the halves of a record stand.
func halves(r record.Record) (request, response record.State) {
	stem := strings.ToLower(r.LogType()[:1]) + r.LogType()[1:]
	s := r.(interface{ State(string) record.State })
	return s.State(stem + "EventRequest"), s.State(stem + "EventResponse")
}

func TestOddIsAsDescribed(t *testing.T) {
	each := testutil.Pick(20, 40)
	fields := map[path.LogType]int{path.GenerateAssistantResponse: 7, path.GenerateCompletions: 5, path.StartTaskAssistCodeGeneration: 5}
	for _, logType := range known {
		t.Run(string(logType), func(t *testing.T) {
			counts := map[qlogstest.Odd]int{}
			drifted := map[string]bool{}
			n := 0
			for o := range qlogstest.Generate(qlogstest.Config{Seed: 6, Objects: 12 * each, OddEvery: 2, MaxText: 1000, Types: []path.LogType{logType}}) {
				odd := 0
				for i, r := range decoded(t, o.Body) {
					want := o.Records[i]
					checkOdd(t, o.Key, r, want, logType)
					if want.Odd != qlogstest.NotOdd {
						odd++
						counts[want.Odd]++
					}
					if len(want.Drifted) > 0 {
						drifted[want.Drifted[0]] = true
					}
				}
				if want := 1 - n%2; odd != want {
					t.Errorf("object %d has %d odd records, want %d", n, odd, want)
				}
				n++
			}
			for odd := qlogstest.NullRequest; odd <= qlogstest.DriftedField; odd++ {
				if counts[odd] != each {
					t.Errorf("%d records are odd by their %v, want %d", counts[odd], odd, each)
				}
			}
			if want := fields[logType]; len(drifted) != want {
				t.Errorf("%d fields have drifted, want %d: %v", len(drifted), want, drifted)
			}
		})
	}
}

// checkOdd compares a record of a folder with what the package says of it.
func checkOdd(t *testing.T, key string, r record.Record, want qlogstest.Record, folder path.LogType) {
	t.Helper()
	if got := reported(want.Index, r, want.Odd); !reflect.DeepEqual(got, want) {
		t.Errorf("%s, %v: got %+v, want %+v", key, want.Odd, got, want)
	}
	request, response := halves(r)
	wantRequest, wantResponse, wantDrifted := record.Present, record.Present, 0
	switch want.Odd {
	case qlogstest.NullRequest:
		wantRequest = record.Null
	case qlogstest.NullResponse:
		wantResponse = record.Null
	case qlogstest.NoResponse:
		wantResponse = record.Absent
	case qlogstest.UnknownKind:
		if _, unknown := r.(*record.Unknown); !unknown || want.LogType == string(folder) {
			t.Errorf("%s: %T of the type %q, want an unknown one", key, r, want.LogType)
		}
	case qlogstest.UnknownFields:
		if got := r.(interface{ State(string) record.State }).State("schemaVersion"); got != record.Present {
			t.Errorf("%s: the unknown key is %v", key, got)
		}
	case qlogstest.DriftedField:
		wantDrifted = 1
	}
	if request != wantRequest || response != wantResponse || len(want.Drifted) != wantDrifted {
		t.Errorf("%s, %v: halves are %v and %v, and %q have drifted, want %v, %v and %d", key, want.Odd, request, response, want.Drifted, wantRequest, wantResponse, wantDrifted)
	}
}

// Objects that are not odd are the same with and without odd ones among them.
func TestOddChangesNothingElse(t *testing.T) {
	cfg := config()
	cfg.Objects = testutil.Pick(90, 300)
	var plain []qlogstest.Object
	for o := range qlogstest.Generate(cfg) {
		plain = append(plain, o)
	}
	cfg.OddEvery = 3
	i := 0
	for o := range qlogstest.Generate(cfg) {
		if i%3 > 0 && !reflect.DeepEqual(o, plain[i]) {
			t.Errorf("object %d, %s, is another one", i, o.Key)
		}
		if o.Key != plain[i].Key || o.Damage != plain[i].Damage {
			t.Errorf("object %d is %s, %v, want %s, %v", i, o.Key, o.Damage, plain[i].Key, plain[i].Damage)
		}
		i++
	}
}

// Records of types that are not known stay as they are.
func TestOddOfUnknownTypes(t *testing.T) {
	for o := range qlogstest.Generate(qlogstest.Config{Objects: 30, OddEvery: 1, Types: []path.LogType{"ReviewPicture"}}) {
		for _, r := range o.Records {
			if r.Odd != qlogstest.NotOdd || r.LogType != "ReviewPicture" {
				t.Errorf("%s: record %+v, want one of the type ReviewPicture that is not odd", o.Key, r)
			}
		}
	}
}
