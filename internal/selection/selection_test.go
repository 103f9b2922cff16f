package selection_test

import (
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/selection"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
)

var hour = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func key(t *testing.T, name string) path.Key {
	t.Helper()
	p := path.Partition{Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
	k, err := path.Parse(p.String() + "2026/03/02/09/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func chat(t *testing.T, at string) record.Record {
	t.Helper()
	text := `{"generateAssistantResponseEventRequest":{"prompt":"p"` + at + `}}`
	r, err := record.Unmarshal([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A record's own time goes before the minute of its object's key, and that before the hour.
func TestTime(t *testing.T) {
	minute := key(t, "111122223333_GenerateAssistantResponse_202603020905_3tbIeIrGJNDFbfVx.json.gz")
	for _, tt := range []struct {
		name string
		at   string
		key  path.Key
		want time.Time
		span time.Duration
	}{
		{"its own", `,"timeStamp":"2026-03-02T09:41:00Z"`, minute, hour.Add(41 * time.Minute), 0},
		{"the minute", "", minute, hour.Add(5 * time.Minute), 0},
		{"the hour", "", key(t, "x.json.gz"), hour, time.Hour - 1},
	} {
		if got, span := selection.Time(chat(t, tt.at), tt.key); !got.Equal(tt.want) || span != tt.span {
			t.Errorf("%s: Time = %v, %v, want %v, %v", tt.name, got, span, tt.want, tt.span)
		}
	}
}

// From belongs to the selected time and To does not. A record that may be in the selected
// time is in it.
func TestCompare(t *testing.T) {
	at := `,"timeStamp":"2026-03-02T09:30:00Z"`
	half := hour.Add(30 * time.Minute)
	for _, tt := range []struct {
		name     string
		at       string
		from, to time.Time
		want     int
	}{
		{"open ends", at, time.Time{}, time.Time{}, 0},
		{"at From", at, half, time.Time{}, 0},
		{"before From", at, half.Add(1), time.Time{}, -1},
		{"at To", at, time.Time{}, half, +1},
		{"before To", at, time.Time{}, half.Add(1), 0},
		{"no time, From in its hour", "", half, time.Time{}, 0},
		{"no time, From behind its hour", "", hour.Add(time.Hour), time.Time{}, -1},
		{"no time, To in its hour", "", time.Time{}, half, 0},
		{"no time, To at its hour", "", time.Time{}, hour, +1},
	} {
		s, err := selection.New(selection.Selection{From: tt.from, To: tt.to})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Compare(chat(t, tt.at), key(t, "x.json.gz")); got != tt.want {
			t.Errorf("%s: Compare = %d, want %d", tt.name, got, tt.want)
		}
	}
}

// The normal form has sorted lists without repetitions, and the error names all that is wrong.
func TestNew(t *testing.T) {
	s, err := selection.New(selection.Selection{Prefix: "logs", Regions: []string{"us-east-1", "eu-west-1", "us-east-1"}, To: hour, Pad: time.Hour})
	if err != nil || s.Prefix != "logs/" || strings.Join(s.Regions, " ") != "eu-west-1 us-east-1" || !s.Until.Equal(hour.Add(time.Hour)) || s.All() {
		t.Errorf("New = %+v, %v", s, err)
	}
	_, err = selection.New(selection.Selection{Prefix: "s3://b/p", Accounts: []string{"1"}, From: hour, To: hour})
	for _, says := range []string{"Prefix", "Accounts", "From"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want it to name %s", err, says)
		}
	}
}

// A folder is covered as long as nothing that is known of it contradicts the selection.
func TestCovers(t *testing.T) {
	s, err := selection.New(selection.Selection{Accounts: []string{"111122223333"}, Types: []path.LogType{path.GenerateCompletions}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		p    path.Partition
		want bool
	}{
		{path.Partition{}, true},
		{path.Partition{Account: "111122223333"}, true},
		{path.Partition{Account: "222233334444"}, false},
		{path.Partition{Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse}, false},
		{path.Partition{Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateCompletions, Region: "us-east-1"}, true},
		{path.Partition{Account: "111122223333", Product: path.KiroLogs, LogType: "user_report"}, false},
	} {
		if got := s.Covers(tt.p); got != tt.want {
			t.Errorf("Covers(%+v) = %t, want %t", tt.p, got, tt.want)
		}
	}
}
