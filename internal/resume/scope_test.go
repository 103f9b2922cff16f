package resume_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A State goes on with an equal scope, and of another one an error names what differs.
func TestScopeDiffers(t *testing.T) {
	type id struct{ n int }
	full := func() resume.Scope {
		return resume.Scope{
			Source: "test:", Prefix: "p/", Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"},
			Products: []path.Product{path.KiroLogs}, Types: []path.LogType{path.GenerateAssistantResponse},
		}
	}
	nameless := resume.Scope{Nameless: id{1}}
	for _, tt := range []struct {
		name        string
		one, second resume.Scope
		words       string // "" if it goes on
	}{
		{"the same", full(), full(), ""},
		{"another source", full(), func() resume.Scope { s := full(); s.Source = "other:"; return s }(), `it is of source "test:", not "other:"`},
		{"another prefix", full(), func() resume.Scope { s := full(); s.Prefix = "q/"; return s }(), `it is of prefix "p/", not "q/"`},
		{"other accounts", full(), func() resume.Scope { s := full(); s.Accounts = nil; return s }(), "its query has other Accounts"},
		{"other Regions", full(), func() resume.Scope { s := full(); s.Regions = []string{"us-east-1", "eu-west-1"}; return s }(), "its query has other Regions"},
		{"other products", full(), func() resume.Scope { s := full(); s.Products = nil; return s }(), "its query has other Products"},
		{"other types", full(), func() resume.Scope { s := full(); s.Types = nil; return s }(), "its query has other Types"},
		{"the same without an ID", nameless, resume.Scope{Nameless: id{1}}, ""},
		{"another without an ID", nameless, resume.Scope{Nameless: id{2}}, "a source without an ID"},
		{"another source object of the same ID", full(), func() resume.Scope { s := full(); s.Nameless = id{3}; return s }(), ""},
	} {
		tracker, err := resume.New(resume.Config{Scope: tt.one}, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = resume.New(resume.Config{Scope: tt.second}, tracker.State())
		if tt.words == "" && err != nil || tt.words != "" && (!errors.Is(err, resume.ErrScope) || !strings.Contains(err.Error(), tt.words)) {
			t.Errorf("%s: New = %v, want %q", tt.name, err, tt.words)
		}
	}
}

// Hours of a text may be the first and the last that there are, and none beyond.
func TestTextHours(t *testing.T) {
	const hours = 12_000 * 366 * 24 // from before the year 0 to beyond the year 9999
	floor := func(n int) form { return newForm().num(1).shared(0, formPart).num(n) }
	for name, tt := range map[string]struct {
		form  form
		valid bool
	}{
		"the first floor":          {floor(1).num(0, 0, 0), true},
		"the last floor":           {floor(hours).num(0, 0, 0), true},
		"a floor beyond":           {floor(hours+1).num(0, 0, 0), false},
		"the last hour":            {floor(0).num(1, hours).objects(1).num(0, 0), true},
		"an hour beyond":           {floor(0).num(1, hours+1).objects(1).num(0, 0), false},
		"the last behind another":  {floor(0).num(2, 5).objects(1).num(hours-5).objects(1).num(0, 0), true},
		"one beyond behind others": {floor(0).num(2, 5).objects(1).num(hours-4).objects(1).num(0, 0), false},
		"one beyond the floor":     {floor(hours).num(1, 2).objects(1).num(0, 0), false},
	} {
		s, err := resume.Parse(tt.form.text())
		if (err == nil) != tt.valid {
			t.Errorf("%s: Parse = %v, want success: %t", name, err, tt.valid)
			continue
		}
		if err == nil {
			if again, err := s.MarshalText(); err != nil || string(again) != string(tt.form.text()) {
				t.Errorf("%s: written again %q, %v, want %q", name, again, err, tt.form.text())
			}
		}
	}
}

// An object that arrives late lifts a floor that was held to its own hour, and no further: what
// lies between it and the newest one may not have been listed.
func TestLateObjectFloor(t *testing.T) {
	first, err := resume.New(resume.Config{Scope: scope, Lookback: 10 * time.Hour}, nil)
	if err != nil {
		t.Fatal(err)
	}
	finish := func(tracker *resume.Tracker, n int) {
		sent := tracker.Sent(parts[0].String(), false)
		sent.Begin(true)
		o := objectOf(0, n)
		item, verdict := sent.Take(o, keyOf(t, o))
		if verdict != resume.Wanted {
			t.Fatalf("Take of object %d = %v", n, verdict)
		}
		tracker.Finish(item, &resume.Outcome{Left: -1})
	}
	hours := func(tracker *resume.Tracker) int {
		return int(tracker.Floor(parts[0].String()).Sub(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)) / time.Hour)
	}
	for n := 0; n <= 100; n += 10 {
		finish(first, n)
	}
	if got := hours(first); got != 0 {
		t.Fatalf("the floor is at hour %d, want 0", got)
	}
	next := newTracker(t, stored(t, first.State()), time.Time{}) // with a Lookback of an hour
	for _, late := range []int{3, 5} {
		finish(next, 10*late+1)
		if got := hours(next); got != late {
			t.Errorf("the floor is at hour %d after an object of hour %d, want that hour", got, late)
		}
	}
	if got := next.Listed(parts[0].String(), time.Time{}); !got.Equal(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("the floor is %v after all is listed, want an hour before the newest object", got)
	}
}
