package record_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/record"
)

var unknownIDCases = []struct {
	name, in                string
	time, user, id, logType string
}{
	{"as the known kinds", `{"reviewCodeEventRequest":{"prompt":"p","userId":"u","timeStamp":"T"},"reviewCodeEventResponse":{"requestId":"r"}}`, "T", "u", "r", "ReviewCode"},
	{"response half first", `{"reviewCodeEventResponse":{"requestId":"r"},"reviewCodeEventRequest":{"timeStamp":"T","userId":"u"}}`, "T", "u", "r", "ReviewCode"},
	{"request half alone", `{"reviewCodeEventRequest":{"userId":"u","timeStamp":"T"}}`, "T", "u", "", "ReviewCode"},
	{"known response half alone", `{"generateAssistantResponseEventResponse":{"requestId":"r"}}`, "", "", "r", ""},
	{"no ids", `{"reviewCodeEventRequest":{},"reviewCodeEventResponse":{}}`, "", "", "", "ReviewCode"},
	{"nothing", `{}`, "", "", "", ""},
	{"beside the halves", `{"userId":"u","timeStamp":"T","requestId":"r","body":{}}`, "T", "u", "r", ""},
	{"beside halves without any", `{"userId":"u","aEventRequest":{},"timeStamp":"T","aEventResponse":null,"requestId":"r"}`, "T", "u", "r", "A"},
	{"in the other half", `{"aEventRequest":{"requestId":"r"},"aEventResponse":{"userId":"u","timeStamp":"T"}}`, "T", "u", "r", "A"},
	{"everywhere", `{"userId":"x","timeStamp":"1999-01-01T00:00:00Z","requestId":"x","aEventResponse":{"requestId":"r","userId":"y","timeStamp":"1998-01-01T00:00:00Z"},"aEventRequest":{"requestId":"z","userId":"u","timeStamp":"T"}}`, "T", "u", "r", "A"},
	{"other types in the first half", `{"aEventRequest":{"userId":7,"timeStamp":["T"],"requestId":"r"},"aEventResponse":{"userId":"u","timeStamp":"T","requestId":{}},"userId":"x"}`, "T", "u", "r", "A"},
	{"other types everywhere", `{"userId":{"id":"u"},"timeStamp":1785193409,"requestId":null,"aEventRequest":{"userId":["u"],"timeStamp":true}}`, "", "", "", "A"},
	{"a time that is none", `{"aEventRequest":{"timeStamp":"noon","userId":""},"timeStamp":"T","userId":"u"}`, "T", "u", "", "A"},
	{"duplicates", `{"aEventRequest":{"userId":"x","userId":"u","timeStamp":"1999-01-01T00:00:00Z","timeStamp":"T"},"aEventResponse":{"requestId":"x","requestId":"r"}}`, "T", "u", "r", "A"},
	{"duplicates that end in another type", `{"aEventRequest":{"userId":"x","userId":7},"userId":"u","requestId":"x","requestId":[]}`, "", "u", "", "A"},
	{"duplicate halves", `{"aEventRequest":{"userId":"x","timeStamp":"T"},"aEventRequest":{"userId":"u"}}`, "", "u", "", "A"},
	{"a duplicate half that is null", `{"aEventResponse":{"requestId":"x"},"aEventResponse":null,"requestId":"r"}`, "", "", "r", ""},
	{"halves of several kinds", `{"aEventRequest":{"userId":"x","timeStamp":"T"},"bEventRequest":{"userId":"u"},"bEventResponse":{"requestId":"r"},"aEventResponse":{}}`, "T", "u", "r", ""},
	{"halves that are no objects", `{"aEventRequest":"userId","aEventResponse":[{"requestId":"x"}],"requestId":"r"}`, "", "", "r", "A"},
	{"escaped keys", `{"\u0061Event\u0052equest":{"user\u0049d":"u","t\u0069meStamp":"T"},"aEventRespons\u0065":{"\u0072equestId":"r"}}`, "T", "u", "r", "A"},
	{"escaped values", `{"aEventRequest":{"userId":"\u0075","timeStamp":"2026-07-27T23:03:29.027400929\u005a"},"aEventResponse":{"requestId":"\u0072"}}`, "T", "u", "r", "A"},
	{"other spellings", `{"aEventRequest":{"userid":"x","UserId":"x","user_id":"x","timestamp":"T"},"aeventresponse":{"requestId":"x"},"RequestId":"x"}`, "", "", "", "A"},
	{"deeper", `{"aEventRequest":{"context":{"userId":"x","timeStamp":"T"}},"a":{"userId":"x"},"b":[{"requestId":"x"}]}`, "", "", "", "A"},
	{"a long key", `{"` + strings.Repeat("k", 300) + `EventRequest":{"` + strings.Repeat("k", 300) + `":1,"userId":"u"}}`, "", "u", "", ""},
	{"a key with an end alone", `{"EventRequest":{"userId":"u"},"EventResponse":{"requestId":"r"}}`, "", "u", "r", ""},
	{"what is longer than an id", `{"aEventRequest":{"userId":"` + strings.Repeat("x", 2000) + `","timeStamp":"` + strings.Repeat("1", 100_000) + `"},"userId":"u"}`, "", "u", "", "A"},
	{"rare times", `{"aEventRequest":{"timeStamp":"2026-07-28 04:33:29.027400929+05:30"}}`, "T", "", "", "A"},
	{"spaces", " {\n\"aEventRequest\" : { \"userId\" :\t\"u\" , \"timeStamp\": \"T\" } ,\"aEventResponse\":{ \"requestId\" : \"r\" } } ", "T", "u", "r", "A"},
}

func TestUnknownIDs(t *testing.T) {
	for _, c := range unknownIDCases {
		t.Run(c.name, func(t *testing.T) {
			in := strings.ReplaceAll(c.in, `"T"`, `"`+stamp+`"`)
			var want time.Time
			if c.time != "" {
				want = time.Date(2026, 7, 27, 23, 3, 29, 27400929, time.UTC)
			}
			d := record.NewDecoder(&stepReader{[]byte(`{"records":[` + in + `]}`), 7}, nil)
			streamed, err := d.Next()
			if err != nil {
				t.Fatal(err)
			}
			whole := record.NewDecoder(nil, nil)
			whole.ResetBytes([]byte(`{"records":[` + in + `]}`))
			first, err := whole.Next()
			if err != nil {
				t.Fatal(err)
			}
			var method record.Unknown
			if err := json.Unmarshal([]byte(in), &method); err != nil {
				t.Fatal(err)
			}
			for way, r := range map[string]record.Record{"one": unmarshal(t, in), "streamed": streamed, "whole": first, "built": &record.Unknown{Raw: []byte(in)}, "method": &method} {
				if r.Time() != want || r.UserID() != record.UserID(c.user) || r.RequestID() != c.id || r.LogType() != c.logType {
					t.Errorf("%s: %v, %q, %q of type %q, want %v, %q, %q, %q", way, r.Time(), r.UserID(), r.RequestID(), r.LogType(), want, c.user, c.id, c.logType)
				}
				if got := encode(t, r); unspaced(got) != unspaced(in) {
					t.Errorf("%s: encoded as %q", way, got)
				}
			}
		})
	}
}

// unspaced is JSON without spaces.
func unspaced(in string) string {
	var b bytes.Buffer
	_ = json.Compact(&b, []byte(in))
	return b.String()
}

// The ids are those of Raw as it is set.
func TestUnknownIDsOfAnotherRaw(t *testing.T) {
	u := unmarshal(t, `{"aEventRequest":{"userId":"u"},"requestId":"r"}`).(*record.Unknown)
	copied := *u
	u.Raw = json.RawMessage(`{"userId":"v"}`)
	if u.UserID() != "v" || u.RequestID() != "" || copied.UserID() != "u" {
		t.Errorf("ids %q, %q of another Raw, %q of the first", u.UserID(), u.RequestID(), copied.UserID())
	}
	u.Raw = nil
	copied.Raw = copied.Raw[:len(copied.Raw)-1]
	for _, u := range []*record.Unknown{u, &copied, nil} {
		if !u.Time().IsZero() || u.UserID() != "" || u.RequestID() != "" {
			t.Errorf("ids %v, %q, %q, want none", u.Time(), u.UserID(), u.RequestID())
		}
	}
}

// FuzzUnknownIDs sets any bytes as Raw: nothing panics, and a decoded record tells what
// one tells that was built.
func FuzzUnknownIDs(f *testing.F) {
	for _, c := range unknownIDCases {
		f.Add([]byte(c.in))
	}
	for _, c := range shapes {
		f.Add([]byte(c.in))
	}
	for _, in := range []string{``, `{`, `"`, `{"`, `{"userId":"`, `{"userId":"\`, `{"userId":"\x"}`, `{"aEventRequest":{`, `{"aEventRequest":{"userId"`, `{"timeStamp":"\u"}`, `[{"userId":"u"}]`, `{"userId":"u"`, `{"userId":"u"}}`, `{"userId" "u"}`, "\xff", `{"userId":tru"e}`} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		built := &record.Unknown{Raw: bytes.Clone(data)}
		at, user, id := built.Time(), built.UserID(), built.RequestID()
		r, err := record.Unmarshal(data)
		if err != nil {
			return
		}
		if u, ok := r.(*record.Unknown); ok && (u.Time() != at || u.UserID() != user || u.RequestID() != id) {
			t.Fatalf("%q decodes to %v, %q, %q, and has %v, %q, %q", data, u.Time(), u.UserID(), u.RequestID(), at, user, id)
		}
	})
}
