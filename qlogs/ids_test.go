package qlogs_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// What stands where an id is expected is shown only if it can be one: by an Identity in
// every form, by an entry, and by a user's id. What differs stays different.
func TestIDsShowNoText(t *testing.T) {
	for _, id := range []string{"my secret is hunter2", "hunter2\nlevel=INFO msg=forged", "hunter2 \x1b[31m", "hünter2 hunter2", strings.Repeat("hunter2", 20)} {
		file := contractFile(
			idsRecord(t, "generateAssistantResponseEventRequest", "generateAssistantResponseEventResponse", id, "a"),
			idsRecord(t, "generateAssistantResponseEventRequest", "generateAssistantResponseEventResponse", id, "b"),
			idsRecord(t, id+"EventRequest", id+"EventResponse", id, "a"),
		)
		src := newContractSource()
		src.putListed(qlogs.Object{Key: windowKey(0), Size: int64(len(file)), ETag: `"e"`}, file)
		var shown strings.Builder
		requests := map[string]int{}
		for e, err := range qlogs.New(src, nil).Scan(qlogs.Query{}).Records(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(e.Record.RequestID(), id) || string(e.Record.UserID()) != id {
				t.Errorf("the record's own ids are %q and %q, want them as they stand", e.Record.RequestID(), string(e.Record.UserID()))
			}
			one := e.Identity()
			requests[one.LogType+" "+one.RequestID]++
			idsShow(t, &shown, one, e, e.Record.UserID(), e.Record.LogType())
		}
		if strings.Contains(shown.String(), "hunter2") {
			t.Errorf("%q is shown:\n%s", id, shown.String())
		}
		if len(requests) != 3 {
			t.Errorf("identities of three records have %d ids: %q", len(requests), requests)
		}
	}
}

// idsRecord is a record whose ids and user hold any text.
func idsRecord(t *testing.T, request, response, id, end string) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{
		request:  map[string]any{"prompt": "p", "userId": id, "timeStamp": "2026-03-02T09:00:00Z"},
		response: map[string]any{"requestId": id + end},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// idsShow writes values in all forms in which they may meet somebody's eye.
func idsShow(t *testing.T, b *strings.Builder, id qlogs.Identity, entry qlogs.Entry, user record.UserID, logType string) {
	t.Helper()
	for _, v := range []any{id, &id, []qlogs.Identity{id}, entry, user, []record.UserID{user}, logType} {
		fmt.Fprintf(b, "%v %+v %s %q\n", v, v, v, v)
		slog.New(slog.NewTextHandler(b, nil)).Info("text", "value", v)
	}
	for _, v := range []any{id, &id, []qlogs.Identity{id}, entry, []qlogs.Entry{entry}} {
		slog.New(slog.NewJSONHandler(b, nil)).Info("json", "value", v)
	}
	var binary bytes.Buffer
	if err := gob.NewEncoder(&binary).Encode(id); err != nil {
		t.Fatal(err)
	}
	b.Write(binary.Bytes())
	if err := xml.NewEncoder(b).Encode(id); err != nil {
		t.Fatal(err)
	}
}

// Identities that were stored stand for the same records when they are read back, whatever
// stood for an id.
func TestIdentitiesOfTextSeedDedup(t *testing.T) {
	file := contractFile(
		idsRecord(t, "generateAssistantResponseEventRequest", "generateAssistantResponseEventResponse", "not an id", "a"),
		idsRecord(t, "generateAssistantResponseEventRequest", "generateAssistantResponseEventResponse", "not an id", "b"),
	)
	src := newContractSource()
	src.putListed(qlogs.Object{Key: windowKey(0), Size: int64(len(file)), ETag: `"e"`}, file)
	d := keep.NewDedup(nil)
	for e, err := range qlogs.New(src, nil).Scan(qlogs.Query{}).Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(e.Identity())
		if err != nil {
			t.Fatal(err)
		}
		var stored qlogs.Identity
		if err := json.Unmarshal(data, &stored); err != nil {
			t.Fatal(err)
		}
		d.Seed(stored)
		break
	}
	var passed []string
	for e, err := range d.Records(qlogs.New(src, nil).Scan(qlogs.Query{}).Records(t.Context())) {
		if err != nil {
			t.Fatal(err)
		}
		passed = append(passed, e.Record.RequestID())
	}
	contractSame(t, "records behind the stored one", passed, []string{"not an idb"})
}
