package listing_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A key that is itself where a partition is cut is told of once.
func TestPiecesCutAtKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(0, 0)
		for minute := range 15_000 { // each minute may be a cut
			log := key(chats, minute)
			b.keys = append(b.keys, log, log[:len(log)-len("0123456789abcdef.json.gz")])
		}
		slices.Sort(b.keys)
		c := all(b)
		c.Prefix = chats.String()
		var told []string
		err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
			if e.Kind == listing.Found || e.Kind == listing.Skipped {
				told = append(told, e.Object.Key)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sameKeys(t, told, b.keys)
		if b.most < 2 {
			t.Error("it was not listed in pieces")
		}
	})
}

// Each listing counts as one request, whether a sweep, a poll or a look asks for it.
func TestCalls(t *testing.T) {
	b := newBucket(key(chats, 0), key(completes, 0))
	b.fails[hour(completes, 0)] = errBroken
	c := all(b)
	c.Calls, c.Follow = new(stall.Calls), true
	w := listing.New(c)
	events(t, w.Sweep)
	events(t, w.Poll)
	if _, _, err := listing.Find(t.Context(), c, key(chats, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := listing.LookAt(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got, want := c.Calls.Requests.Load(), int64(len(b.told())); got != want || want < 8 {
		t.Errorf("%d requests, want %d", got, want)
	}
}

// An error of the function that takes the events ends the walk and is returned, whatever the
// event.
func TestEventErrors(t *testing.T) {
	for _, kind := range []listing.Kind{listing.Found, listing.Skipped, listing.Repeated, listing.FileFailed, listing.Failed, listing.Done} {
		for _, poll := range []bool{false, true} {
			b := newBucket(key(chats, 0), key(chats, 1), key(chats, 2), chats.String()+"notes", "logs/notes")
			b.fails[key(chats, 1)], b.fails[hour(completes, 0)] = errBroken, errBroken
			b.fails[chats.String()] = errDenied
			if kind == listing.Done || kind == listing.Repeated {
				clear(b.fails)
			}
			b.add(key(completes, 0))
			b.list = rewrite(func(in source.ListInput, names []source.Object) []source.Object {
				if len(names) > 0 && kind == listing.Repeated && !in.Folders {
					names = append(names, names[len(names)-1])
				}
				return names
			})
			if kind != listing.Repeated {
				b.list = nil
			}
			c := all(b)
			c.Follow = true
			w := listing.New(c)
			run := w.Sweep
			if poll {
				if kind == listing.Done { // there is none
					continue
				}
				events(t, w.Sweep)
				run = w.Poll
			}
			after := 0
			err := run(t.Context(), func(e *listing.Event) error {
				switch {
				case after > 0:
					after++
				case e.Kind == kind:
					after = 1
					return errStop
				}
				return nil
			})
			if err != errStop || after != 1 {
				t.Errorf("kind %d, poll %t: error %v, %d events behind it, want %v and none", kind, poll, err, after-1, errStop)
			}
			if b.runs != 0 {
				t.Errorf("kind %d, poll %t: %d listings go on", kind, poll, b.runs)
			}
		}
	}
}

// What a sweep passes on its way says where logs may be instead.
func TestPassed(t *testing.T) {
	var foreign []string
	for n := range 5 {
		foreign = append(foreign, fmt.Sprintf("logs/AWSLogs/x%d/", n))
	}
	other := partition("other", chats.LogType)
	for _, tt := range []struct {
		name   string
		prefix string
		depth  int
		keys   []string
		want   listing.Passed
	}{
		{"nothing", "", 8, []string{"a/b/c"}, listing.Passed{}},
		{"logs", "", 8, []string{key(chats, 0), key(other, 0)}, listing.Passed{Roots: 2}},
		{"a root", "logs/AWSLogs/", 8, []string{key(chats, 0)}, listing.Passed{Roots: 1}},
		{"an account", "logs/AWSLogs/111122223333/", 8, []string{key(chats, 0)}, listing.Passed{Roots: 1}},
		{"a partition", chats.String(), 8, []string{key(chats, 0)}, listing.Passed{}},
		{"foreign folders", "", 8, []string{foreign[0] + "a", foreign[1] + "a", foreign[2] + "a", foreign[3] + "a"}, listing.Passed{Roots: 1, Foreign: foreign[:3]}},
		{"another service", "", 8, []string{"logs/AWSLogs/111122223333/CloudTrail/a"}, listing.Passed{Roots: 1, Foreign: []string{"logs/AWSLogs/111122223333/CloudTrail/"}}},
		{"deeper", "", 1, []string{"a/b/c"}, listing.Passed{Deeper: true}},
		{"a root that lies deeper", "", 1, []string{"AWSLogs/AWSLogs/AWSLogs/c"}, listing.Passed{Roots: 2, Deeper: true}},
		{"as deep as is searched", "", 2, []string{"a/b/c", key(chats, 0)}, listing.Passed{Roots: 1}},
	} {
		b := newBucket(tt.keys...)
		c := all(b)
		c.Prefix, c.SearchDepth = tt.prefix, tt.depth
		w := listing.New(c)
		events(t, w.Sweep)
		if got := w.Passed(); got.Roots != tt.want.Roots || got.Deeper != tt.want.Deeper || !slices.Equal(got.Foreign, tt.want.Foreign) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
