package record_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/record"
)

// A user's id prints as a string does; what cannot be one prints as its digest.
func TestUserIDFormat(t *testing.T) {
	const id = record.UserID("d-1234567890.u1")
	for format, want := range map[string]string{
		"%v": "d-1234567890.u1", "%s": "d-1234567890.u1", "%q": `"d-1234567890.u1"`, "%-17s|": "d-1234567890.u1  |", "%17v": "  d-1234567890.u1", "%.4s": "d-12", "%x": "642d313233343536373839302e7531",
	} {
		if got := fmt.Sprintf(format, id); got != want {
			t.Errorf("Sprintf(%q) = %q, want %q", format, got, want)
		}
	}
	digests := map[string]bool{}
	for _, text := range []record.UserID{"a prompt", "a\nline", "ü", record.UserID(strings.Repeat("x", 200))} {
		got := fmt.Sprint(text)
		if !strings.HasPrefix(got, "sha256:") || len(got) != len("sha256:")+32 || digests[got] {
			t.Errorf("Sprint(%q) = %q, want a digest of its own", string(text), got)
		}
		digests[got] = true
		if logged := slog.AnyValue(text).Resolve().String(); logged != got {
			t.Errorf("%q is logged as %q, want %q", string(text), logged, got)
		}
		if data, err := json.Marshal(map[record.UserID]record.UserID{text: text}); err != nil || !strings.Contains(strings.ReplaceAll(string(data), `\n`, "\n"), string(text)) {
			t.Errorf("Marshal of %q: %s, %v, want it as it is", string(text), data, err)
		}
	}
}

// An unknown record shows what it says of itself, if that can be ids, and no name of a key.
func TestUnknownFormat(t *testing.T) {
	for in, want := range map[string]string{
		`{"aEventRequest":{"userId":"u","timeStamp":"2026-07-27T23:03:29Z"},"aEventResponse":{"requestId":"r"}}`: `Unknown{bytes=102 userId=u timeStamp=2026-07-27T23:03:29Z requestId=r}`,
		`{"aEventRequest":{"userId":"my secret","timeStamp":"my secret"},"requestId":"my\nsecret"}`:              `Unknown{bytes=89 userIdBytes=9 requestIdBytes=9}`,
		`{"my secretEventRequest":{"prompt":"my secret"}}`:                                                       `Unknown{bytes=48}`,
	} {
		u := unmarshal(t, in)
		if got := fmt.Sprint(u); got != want {
			t.Errorf("Sprint = %s, want %s", got, want)
		}
		if got := u.LogValue().String(); strings.Contains(got, "secret") || !strings.Contains(got, "type=Unknown") {
			t.Errorf("LogValue = %s", got)
		}
	}
	for key, want := range map[string]string{
		"reviewCode": "ReviewCode", "x2": "X2", "my secret": "", "élan": "Élan", "é a": "", "—": "", "a.b": "", "1a": "", "a\\n": "", strings.Repeat("a", 64): "A" + strings.Repeat("a", 63), strings.Repeat("a", 65): "",
	} {
		if got := unmarshal(t, `{"`+key+`EventRequest":{}}`).LogType(); got != want {
			t.Errorf("LogType of %.20q = %q, want %q", key, got, want)
		}
	}
}
