package qlogstest_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

func TestTotals(t *testing.T) {
	const ana, ben = record.UserID("d-1234567890.ana"), record.UserID("d-1234567890.ben")
	at := time.Date(2026, 3, 2, 9, 59, 59, 0, time.UTC)
	key := qlogstest.Key(path.GenerateAssistantResponse, at, "a")
	var got qlogstest.Totals
	if !reflect.DeepEqual(got, qlogstest.Totals{}) {
		t.Errorf("Totals of nothing = %+v", got)
	}
	for _, o := range []qlogstest.Object{
		{Key: key, Kind: path.Log, Records: []qlogstest.Record{
			{LogType: "GenerateAssistantResponse", UserID: ana, Time: at.Add(time.Second), PromptBytes: 4},
			{LogType: "GenerateAssistantResponse", UserID: ana, Time: at},
			{LogType: "GenerateAssistantResponse", UserID: ben, PromptBytes: 1, Drifted: []string{"x.timeStamp"}},
		}, BadRecords: []int{3}},
		{Key: qlogstest.Key(path.GenerateCompletions, at, "b"), Kind: path.Log, Failed: true, Records: []qlogstest.Record{
			{LogType: "ReviewCode", Time: at, ContextBytes: 7},
		}},
		{Key: key, Kind: path.Empty},
		{Key: "prompt-logs/AWSLogs/111122223333/KiroLogs/x", Kind: path.Probe},
	} {
		got.Add(o)
	}
	var want qlogstest.Totals
	want.Add(qlogstest.Object{Key: qlogstest.Key(path.GenerateCompletions, at, "c"), Kind: path.Empty}) // makes the maps
	want.Add(qlogstest.Object{Key: key, Kind: path.Empty})
	want.Partitions, want.Listed, want.Skipped = 2, 4, path.Skips{Probe: 1, Empty: 1}
	want.Read, want.Failed = 1, 1
	want.RecordsSeen, want.RecordsYielded, want.RecordsFailed, want.RecordsDrifted = 5, 4, 1, 1
	want.RecordsByUser = map[record.UserID]int{ana: 2, ben: 1, "": 1}
	want.RecordsByType = map[string]int{"GenerateAssistantResponse": 3, "ReviewCode": 1}
	want.RecordsByHour = map[time.Time]int{at.Truncate(time.Hour): 3, at.Truncate(time.Hour).Add(time.Hour): 1}
	want.PromptsByUser = map[record.UserID]int{ana: 1, ben: 1}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Totals = %+v, want %+v", got, want)
	}
}

// A scan reports what the totals say.
func TestTotalsAreThoseOfAScan(t *testing.T) {
	var want qlogstest.Totals
	store := sourcetest.NewMemory("mem://logs")
	for o := range qlogstest.Generate(qlogstest.Config{Seed: 9, Objects: testutil.Pick(200, 600), DamageEvery: 6, OddEvery: 3, MaxText: 2000, Prefixes: []string{"", "a"}}) {
		store.Put(o.Key, o.Body)
		want.Add(o)
	}
	users, types, hours, failed := map[record.UserID]int{}, map[string]int{}, map[time.Time]int{}, int64(0)
	scan := qlogs.New(store, nil).Scan(qlogs.Query{})
	for e, err := range scan.Records(t.Context()) {
		if err != nil {
			failed++
			continue
		}
		users[e.Record.UserID()]++
		types[e.Record.LogType()]++
		hour := e.Key.Hour
		if at := e.Record.Time(); !at.IsZero() {
			hour = at.Truncate(time.Hour)
		}
		hours[hour]++
	}
	if !reflect.DeepEqual(users, want.RecordsByUser) || !reflect.DeepEqual(types, want.RecordsByType) || !reflect.DeepEqual(hours, want.RecordsByHour) {
		t.Errorf("records by user, type and hour = %v, %v, %v, want %v, %v, %v", users, types, hours, want.RecordsByUser, want.RecordsByType, want.RecordsByHour)
	}
	if failed != want.Failed+want.RecordsFailed {
		t.Errorf("%d errors, want %d of objects and %d of records", failed, want.Failed, want.RecordsFailed)
	}
	got := scan.Stats()
	if got.Skipped != want.Skipped {
		t.Errorf("Stats().Skipped = %+v, want %+v", got.Skipped, want.Skipped)
	}
	for _, c := range []struct {
		name      string
		got, want int64
	}{
		{"Partitions", got.Partitions, want.Partitions},
		{"Listed", got.Listed, want.Listed},
		{"Read", got.Read, want.Read},
		{"Failed", got.Failed, want.Failed},
		{"RecordsSeen", got.RecordsSeen, want.RecordsSeen},
		{"RecordsYielded", got.RecordsYielded, want.RecordsYielded},
		{"RecordsFailed", got.RecordsFailed, want.RecordsFailed},
		{"RecordsDrifted", got.RecordsDrifted, want.RecordsDrifted},
	} {
		if c.got != c.want || c.want == 0 {
			t.Errorf("Stats().%s = %d, want %d, which is not 0", c.name, c.got, c.want)
		}
	}
}
