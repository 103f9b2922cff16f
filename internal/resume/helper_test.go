package resume_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

var scope = resume.Scope{Source: "test:"}

// parts are partitions in the order of their keys.
var parts = []path.Partition{
	{Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"},
	{Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateCompletions, Region: "us-east-1"},
	{Account: "444455556666", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "eu-central-1"},
}

// objectOf returns the n-th object of a partition: ten lie in an hour.
func objectOf(part, n int) source.Object {
	hour := time.Date(2026, 3, 2, 0, n/10*60, 0, 0, time.UTC)
	key := parts[part].NewKey(hour.Add(time.Duration(n%10)*time.Minute), fmt.Sprintf("%016d", n)).String()
	return source.Object{Key: key, Size: int64(100 + n), ETag: fmt.Sprintf("etag-%d-%d", part, n)}
}

func keyOf(t *testing.T, o source.Object) path.Key {
	t.Helper()
	key, err := path.Parse(o.Key)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newTracker(t *testing.T, from *resume.State, to time.Time) *resume.Tracker {
	t.Helper()
	tracker, err := resume.New(resume.Config{Scope: scope, Lookback: time.Hour, To: to}, from)
	if err != nil {
		t.Fatal(err)
	}
	return tracker
}

// stored is the state as another process finds it.
func stored(t *testing.T, s *resume.State) *resume.State {
	t.Helper()
	text, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	back, err := resume.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.MarshalText()
	if err != nil || string(again) != string(text) {
		t.Fatalf("a text that was read and written again is another one: %v", err)
	}
	return back
}

// A rest is what is left of one object.
type rest struct {
	done  int // records
	retry bool
}

// restOf returns, by key, what a scan from a state has to read of the objects.
func restOf(t *testing.T, from *resume.State, objects []source.Object) map[string]rest {
	t.Helper()
	tracker := newTracker(t, from, time.Time{})
	left := map[string]rest{}
	items, err := tracker.Retries()
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		left[item.Object.Key] = rest{item.Before.Done, true}
	}
	sents := map[string]*resume.Sent{}
	for _, o := range objects {
		key := keyOf(t, o)
		part := key.Partition.String()
		if sents[part] == nil {
			sents[part] = tracker.Sent(part, false)
			sents[part].Begin(true)
		}
		item, verdict := sents[part].Take(o, key)
		if wants := sents[part].Wants(o, key); wants != verdict {
			t.Errorf("%s: Wants = %v, Take = %v", o.Key, wants, verdict)
		}
		if verdict != resume.Wanted {
			continue
		}
		if _, twice := left[o.Key]; twice {
			t.Errorf("%s is pending and sent as well", o.Key)
		}
		left[o.Key] = rest{item.Before.Done, false}
	}
	return left
}
