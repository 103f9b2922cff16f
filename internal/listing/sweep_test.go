package listing_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A sweep meets all that there is in the order of keys, with one listing for each folder
// that may lead to logs and one for each partition.
func TestSweep(t *testing.T) {
	old, bare := partition("logs-old", path.GenerateCompletions), partition("", path.GenerateCompletions)
	b := newBucket(
		"README", "logs/notes.txt", "logs/empty", "logs/marked/",
		"logs/AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/02/trail.json.gz",
		"logs/AWSLogs/111122223333/KiroLogs/01234567-89ab-cdef-0123-456789abcdef",
		key(chats, 0), key(chats, 90), hour(chats, 1), hour(chats, 1)+".hidden.json.gz",
		key(completes, 5), key(old, 0), key(bare, 0),
	)
	same(t, "events", sweep(t, all(b)), []string{
		"found " + name(bare, 0),
		"done " + bare.String(),
		"skipped foreign README",
		"found " + name(old, 0),
		"done " + old.String(),
		"skipped probe logs/AWSLogs/111122223333/KiroLogs/01234567-89ab-cdef-0123-456789abcdef",
		"found " + name(chats, 0),
		"skipped folder 2026/03/02/10/",
		"skipped foreign 2026/03/02/10/.hidden.json.gz",
		"found " + name(chats, 90),
		"done " + chats.String(),
		"found " + name(completes, 5),
		"done " + completes.String(),
		"skipped empty logs/empty",
		"skipped folder logs/marked/",
		"skipped foreign logs/notes.txt",
	})
	same(t, "listings", b.told(), []string{
		"LIST ",
		"LIST AWSLogs/",
		"LIST AWSLogs/111122223333/",
		"LIST AWSLogs/111122223333/KiroLogs/",
		"LIST AWSLogs/111122223333/KiroLogs/GenerateCompletions/",
		"LIST " + bare.String() + " after ",
		"LIST logs-old/",
		"LIST logs-old/AWSLogs/",
		"LIST logs-old/AWSLogs/111122223333/",
		"LIST logs-old/AWSLogs/111122223333/KiroLogs/",
		"LIST logs-old/AWSLogs/111122223333/KiroLogs/GenerateCompletions/",
		"LIST " + old.String() + " after ",
		"LIST logs/",
		"LIST logs/AWSLogs/",
		"LIST logs/AWSLogs/111122223333/",
		"LIST logs/AWSLogs/111122223333/KiroLogs/",
		"LIST logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/",
		"LIST " + chats.String() + " after ",
		"LIST logs/AWSLogs/111122223333/KiroLogs/GenerateCompletions/",
		"LIST " + completes.String() + " after ",
		"LIST logs/marked/",
	})
}

// An event has the object as it was listed, its key taken apart and its partition.
func TestEvent(t *testing.T) {
	keys := []string{key(chats, 0), key(chats, 1), hour(chats, 3) + "zipFile.gz/logFile.json", key(completes, 0)}
	var got []string
	err := listing.New(all(newBucket(keys...))).Sweep(t.Context(), func(e *listing.Event) error {
		if e.Kind != listing.Found {
			return nil
		}
		if want := object(e.Object.Key); e.Object != want {
			t.Errorf("object %+v, want %+v", e.Object, want)
		}
		if want, err := path.Parse(e.Object.Key); e.Key != want || err != nil {
			t.Errorf("key %+v, want %+v", e.Key, want)
		}
		p := e.Partition
		if p.ID != e.Key.Partition || p.Name != p.ID.String() || p.Folder != p.Name {
			t.Errorf("partition %+v of %q", p, e.Object.Key)
		}
		got = append(got, e.Object.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "keys", got, keys)
}

// Log roots are searched for as deep as SearchDepth says. A root that lies inside another
// one counts all folders above it.
func TestSearchDepth(t *testing.T) {
	const never = 100
	for _, tt := range []struct {
		prefix string // of the partition
		depth  int    // from which on it is found
	}{
		{"", 0}, {"a", 1}, {"a/b", 2}, {"a/b/c/d", 4}, {"AWSLogs", 1}, {"a/AWSLogs/AWSLogs", 3},
		{"AWSLogs/o-1", never}, {"a/AWSLogs/o-1/x", never}, // accounts and roots alone are followed there
	} {
		p := partition(tt.prefix, path.GenerateCompletions)
		for depth := range 6 {
			c := all(newBucket(key(p, 0)))
			c.SearchDepth = depth
			if got, want := slices.Contains(sweep(t, c), "found "+name(p, 0)), depth >= tt.depth; got != want {
				t.Errorf("below %q, searched %d folders deep: found %t, want %t", tt.prefix, depth, got, want)
			}
		}
	}
}

// What is not covered is not listed.
func TestCovers(t *testing.T) {
	other := chats
	other.Account = "444455556666"
	b := newBucket(key(chats, 0), key(completes, 0), key(other, 0))
	c := all(b)
	c.Covers = func(p path.Partition) bool {
		return (p.Account == "" || p.Account == chats.Account) && (p.LogType == "" || p.LogType == chats.LogType)
	}
	same(t, "events", sweep(t, c), []string{"found " + name(chats, 0), "done " + chats.String()})
	for _, list := range b.told() {
		if strings.Contains(list, other.Account) || strings.Contains(list, string(completes.LogType)) {
			t.Errorf("%s: not covered", list)
		}
	}
}

// Enter says which keys of a partition are listed. Where there can be none, there is no
// listing.
func TestEnter(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to int // hours
		want     []string
	}{
		{"all", -1, 9, []string{name(chats, 0), name(chats, 70), name(chats, 200)}},
		{"an hour", 1, 2, []string{name(chats, 70)}},
		{"none", 5, 6, nil},
		{"an empty range", 2, 2, nil},
		{"a range that ends before it begins", 2, 1, nil},
	} {
		b := newBucket(key(chats, 0), key(chats, 70), key(chats, 200))
		c := all(b)
		var entered []string
		bounds(&c, tt.from, tt.to)
		c.Enter = func(p *listing.Partition) (after, end string) {
			entered = append(entered, p.Name)
			p.State = tt.name
			return c.Bounds(p.ID)
		}
		var got []string
		done := false
		err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
			if e.Partition.State != tt.name {
				t.Errorf("%s: state %v in %q", tt.name, e.Partition.State, text(e))
			}
			if e.Kind == listing.Found {
				got = append(got, strings.TrimPrefix(e.Object.Key, e.Partition.Name))
			}
			done = e.Kind == listing.Done
			return nil
		})
		if err != nil || !done {
			t.Errorf("%s: error %v, done %t", tt.name, err, done)
		}
		same(t, tt.name, got, tt.want)
		same(t, tt.name+", entered", entered, []string{chats.String()})
		if lists := b.told(); tt.from >= tt.to && len(lists) != 6 {
			t.Errorf("%s: listings %q, want those above the partition", tt.name, lists)
		}
	}
}

// A prefix inside a partition is listed alone.
func TestPrefixInPartition(t *testing.T) {
	b := newBucket(key(chats, 0), key(chats, 60), key(chats, 61), key(chats, 120))
	c := all(b)
	c.Prefix = hour(chats, 1)
	same(t, "events", sweep(t, c), []string{"found " + name(chats, 60), "found " + name(chats, 61), "done " + hour(chats, 1)})
	same(t, "listings", b.told(), []string{"LIST " + hour(chats, 1)})
}

// An error of the function that takes the events ends the walk at once, and is returned as
// it is.
func TestStop(t *testing.T) {
	b := newBucket("README", key(chats, 0), key(chats, 1), key(completes, 0), "z")
	n := len(sweep(t, all(b)))
	for stop := 1; stop <= n; stop++ {
		w := listing.New(all(b))
		met := 0
		want := fmt.Errorf("at %d: %w", stop, errStop)
		err := w.Sweep(t.Context(), func(*listing.Event) error {
			if met++; met == stop {
				return want
			}
			return nil
		})
		if err != want || met != stop {
			t.Errorf("error %v after %d events, want %v", err, met, want)
		}
		if b.runs != 0 {
			t.Errorf("%d listings go on", b.runs)
		}
	}
}

// A context that is done ends the walk with its cause.
func TestContext(t *testing.T) {
	b := newBucket("README", key(chats, 0), key(chats, 1), key(completes, 0), "z")
	n := len(sweep(t, all(b)))
	b.page = 1
	for stop := range n {
		ctx, cancel := context.WithCancelCause(t.Context())
		met := 0
		if stop == 0 {
			cancel(errStop)
		}
		err := listing.New(all(b)).Sweep(ctx, func(e *listing.Event) error {
			if e.Kind == listing.Failed {
				t.Errorf("event %q", text(e))
			}
			if met++; met == stop {
				cancel(errStop)
			}
			return nil
		})
		if err != errStop {
			t.Errorf("error %v after %d events, want %v", err, met, errStop)
		}
		if b.runs != 0 {
			t.Errorf("%d listings go on", b.runs)
		}
		cancel(nil)
	}
}

// The event is the same memory each time: a walk takes no memory for a key.
func TestSweepAllocates(t *testing.T) {
	allocs := func(n int) float64 {
		b := newBucket()
		for i := range n {
			b.keys = append(b.keys, key(chats, i))
		}
		var first *listing.Event
		return testing.AllocsPerRun(3, func() {
			first = nil
			_ = listing.New(all(b)).Sweep(context.Background(), func(e *listing.Event) error {
				if first == nil {
					first = e
				} else if e != first {
					t.Error("an event of its own")
				}
				return nil
			})
		})
	}
	const more = 20_000
	if few, many := allocs(100), allocs(100+more); many-few > more/20 {
		t.Errorf("%.0f allocations for %d more keys, want none for a key", many-few, more)
	}
}

// BenchmarkSweep lists a partition of 100,000 keys that are in memory.
func BenchmarkSweep(b *testing.B) {
	src := newBucket(even(100_000, 30*day)...)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := listing.New(all(src)).Sweep(b.Context(), func(e *listing.Event) error {
			if e.Kind == listing.Found {
				n++
			}
			return nil
		})
		if n != len(src.keys) || err != nil {
			b.Fatalf("%d keys, error %v, want %d", n, err, len(src.keys))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(src.keys)), "ns/key")
}
