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

// encodePart encodes a part of a record.
func encodePart(t testing.TB, part json.Marshaler) string {
	t.Helper()
	out, err := part.MarshalJSON()
	if err != nil {
		t.Fatalf("MarshalJSON = %v", err)
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

// strict decodes one record with StrictFields.
func strict(in string) (record.Record, error) {
	d := record.NewDecoder(nil, &record.DecoderOptions{StrictFields: true, MaxDepth: 10_000})
	d.ResetBytes([]byte(`{"records":[` + in + `]}`))
	return d.Next()
}

func chat(t testing.TB, in string) *record.GenerateAssistantResponse {
	t.Helper()
	r, ok := unmarshal(t, in).(*record.GenerateAssistantResponse)
	if !ok {
		t.Fatalf("Unmarshal(%q) is no chat", in)
	}
	return r
}
