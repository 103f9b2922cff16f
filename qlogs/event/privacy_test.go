package event_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/event"
)

// Its runes are rare, so that an error that echoes one of them, or the first byte as a
// rune, is found too.
const canary = "§CANARY7391§"

// Addresses, which %#v shows, have any digits.
var address = regexp.MustCompile(`\(0x[0-9a-f]+\)`)

func checkPrivacy(t *testing.T, data string) {
	t.Helper()
	_, err := event.Decode([]byte(data))
	if err == nil {
		return
	}
	texts := []string{err.Error(), fmt.Sprintf("%v %+v %s %q %x", err, err, err, err, err)}
	for _, bad := range badParts(err) {
		texts = append(texts, bad.Error(), fmt.Sprintf("%v %+v %#v %q", bad, bad, bad, bad), bad.Err.Error(), fmt.Sprintf("%#v", bad.Err))
	}
	for _, text := range texts {
		text = address.ReplaceAllString(text, "")
		for _, form := range []string{"CANARY", "§", "Â", `\u00a7`, `\xc2`, "c2a7", "43414e415259"} {
			if strings.Contains(text, form) {
				t.Fatalf("Decode(%s): the error shows %q of it: %s", data, form, text)
			}
		}
	}
}

// TestPrivacy puts what must not be shown in place of each value and each name of
// each event, as other JSON types too, and breaks the JSON there.
func TestPrivacy(t *testing.T) {
	n := 0
	for _, name := range fixtures(t) {
		if strings.HasPrefix(name, "deep") {
			continue // the envelopes make deep ones
		}
		var v any
		if err := json.Unmarshal(fixture(t, name), &v); err != nil {
			t.Fatal(err)
		}
		mutate(v, func() {
			if n++; n%testutil.Pick(23, 1) != 0 {
				return
			}
			data := mustJSON(v)
			checkPrivacy(t, data)
			checkPrivacy(t, envelopes[n%len(envelopes)].wrap(data))
			at := strings.Index(data, canary)
			damaged := []string{data[:at+2], data[:at+6], data[:at] + `"` + data[at:], data + canary, canary + data}
			checkPrivacy(t, damaged[n%len(damaged)])
		})
	}
	if n < 1000 {
		t.Fatalf("%d places, want more", n)
	}
}

// mutate calls f for each place of v with the canary there. The ID of a message is
// left alone: an Error has it as a field.
func mutate(v any, f func()) {
	others := []any{canary, "%" + canary, []any{canary}, map[string]any{canary: canary}, `{"` + canary + `":"` + canary + `"}`}
	switch v := v.(type) {
	case map[string]any:
		for name, old := range v {
			if strings.EqualFold(name, "messageId") {
				continue
			}
			mutate(old, f)
			for _, other := range others {
				v[name] = other
				f()
			}
			delete(v, name)
			v[canary] = old
			f()
			delete(v, canary)
			v[name] = old
		}
	case []any:
		for i, old := range v {
			mutate(old, f)
			for _, other := range others {
				v[i] = other
				f()
			}
			v[i] = old
		}
	}
}

// TestPrivacyOfNumbers: encoding/json shows numbers that do not fit.
func TestPrivacyOfNumbers(t *testing.T) {
	for _, data := range []string{
		`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"object":{"size":7391.5}}}]}`,
		`{"Records":7391}`, `{"Type":7391}`, `{"source":"aws.s3","detail-type":"Object Created","detail":{"object":{"size":7391e99}}}`,
	} {
		if _, err := event.Decode([]byte(data)); err == nil || strings.Contains(err.Error(), "7391") {
			t.Errorf("Decode(%s) = %v, want an error without the number", data, err)
		}
	}
}
