package qlogs_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// An entry's identity says where the record lies and what it is: the request id and, where
// the record has none, a time from the key.
func TestIdentity(t *testing.T) {
	hour := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	minute := contractPartition().NewKey(hour.Add(7*time.Minute), "abcdefghij012345")
	guide := path.Key{Partition: contractPartition(), Hour: hour, Name: "zipFile.gz/logFile.json"}
	at := hour.Add(8*time.Minute + 123456789)
	chat := func(id string, at time.Time) record.Record {
		r := &record.GenerateAssistantResponse{Response: &record.GenerateAssistantResponseResponse{RequestID: id}}
		r.Request.TimeStamp = at
		return r
	}
	for _, test := range []struct {
		name string
		e    qlogs.Entry
		want qlogs.Identity
		json string
	}{
		{"chat", qlogs.Entry{Record: chat("id", at), Key: minute, Object: qlogs.Object{Key: minute.String(), ETag: "e", VersionID: "v"}, Index: 3},
			qlogs.Identity{Key: minute.String(), ETag: "e", VersionID: "v", Index: 3, LogType: "GenerateAssistantResponse", RequestID: "id", Time: at},
			`{"key":"` + minute.String() + `","etag":"e","versionId":"v","index":3,"logType":"GenerateAssistantResponse","requestId":"id","time":"2026-03-02T09:08:00.123456789Z"}`},
		{"without time", qlogs.Entry{Record: chat("id", time.Time{}), Key: minute, Object: qlogs.Object{Key: minute.String()}},
			qlogs.Identity{Key: minute.String(), LogType: "GenerateAssistantResponse", RequestID: "id", Time: hour.Add(7 * time.Minute)},
			`{"key":"` + minute.String() + `","index":0,"logType":"GenerateAssistantResponse","requestId":"id","time":"2026-03-02T09:07:00Z"}`},
		{"without time and minute", qlogs.Entry{Record: chat("", time.Time{}), Key: guide, Object: qlogs.Object{Key: guide.String()}},
			qlogs.Identity{Key: guide.String(), LogType: "GenerateAssistantResponse", Time: hour},
			`{"key":"` + guide.String() + `","index":0,"logType":"GenerateAssistantResponse","time":"2026-03-02T09:00:00Z"}`},
		{"zero", qlogs.Entry{}, qlogs.Identity{}, `{"key":"","index":0}`},
	} {
		got := test.e.Identity()
		if got != test.want {
			t.Errorf("%s: Identity() = %+v, want %+v", test.name, got, test.want)
		}
		text, err := json.Marshal(got)
		if err != nil || string(text) != test.json {
			t.Errorf("%s: JSON is %s (%v), want %s", test.name, text, err, test.json)
		}
		var back qlogs.Identity
		if err := json.Unmarshal(text, &back); err != nil || back != got {
			t.Errorf("%s: back from JSON: %+v (%v), want %+v", test.name, back, err, got)
		}
	}
}
