package qlogs_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// A time that UTC has no year of four digits for has drifted: neither an entry nor its
// identity would be JSON.
func TestFarTimes(t *testing.T) {
	for _, text := range []string{"9999-12-31T23:59:60Z", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"} {
		r, err := record.Unmarshal([]byte(`{"generateAssistantResponseEventRequest":{"timeStamp":"` + text + `"}}`))
		if err != nil {
			t.Fatal(err)
		}
		e := qlogs.Entry{Record: r}
		contractSame(t, text+": drifted", e.Drifted(), []string{"generateAssistantResponseEventRequest.timeStamp"})
		for _, v := range []any{e, e.Identity()} {
			var line bytes.Buffer
			slog.New(slog.NewJSONHandler(&line, nil)).Info("entry", "value", v)
			if _, err := json.Marshal(v); err != nil || !json.Valid(line.Bytes()) {
				t.Errorf("%s: Marshal of %T: %v, and logged %s", text, v, err, &line)
			}
		}
		if data, err := json.Marshal(r); err != nil || !bytes.Contains(data, []byte(text)) {
			t.Errorf("Marshal = %s, %v, want the time as it stands", data, err)
		}
	}
}
