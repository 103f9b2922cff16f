package record_test

import (
	"encoding/json"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/record"
)

func encode(t testing.TB, r record.Record) string {
	t.Helper()
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("Marshal = %v", err)
	}
	return string(out)
}

func unmarshal(t testing.TB, in string) record.Record {
	t.Helper()
	r, err := record.Unmarshal([]byte(in))
	if err != nil {
		t.Fatalf("Unmarshal(%q) = %v", in, err)
	}
	return r
}

func chat(t testing.TB, in string) *record.GenerateAssistantResponse {
	t.Helper()
	r, ok := unmarshal(t, in).(*record.GenerateAssistantResponse)
	if !ok {
		t.Fatalf("Unmarshal(%q) is no chat", in)
	}
	return r
}
