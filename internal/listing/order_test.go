package listing_test

import (
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// rewrite makes a list hook of what is to become of the names of one listing.
func rewrite(change func(in source.ListInput, names []source.Object) []source.Object) func(source.ListInput, iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
	return func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
		return func(yield func(source.Object, error) bool) {
			var list []source.Object
			for o := range names {
				list = append(list, o)
			}
			for _, o := range change(in, list) {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

// A key that comes again at once is passed over and told. All other disorder ends the walk.
func TestOrder(t *testing.T) {
	keys := []string{key(chats, 0), key(chats, 1), key(chats, 2)}
	for _, tt := range []struct {
		name    string
		folders bool // of listings that fold folders, else of those that do not
		change  func(names []source.Object) []source.Object
		repeats int
		ends    string
	}{
		{"as it should be", false, func(n []source.Object) []source.Object { return n }, 0, ""},
		{"the first key twice", false, func(n []source.Object) []source.Object { return slices.Insert(n, 0, n[0]) }, 1, ""},
		{"the last key three times", false, func(n []source.Object) []source.Object { return append(n, n[2], n[2]) }, 2, ""},
		{"a key with another size", false, func(n []source.Object) []source.Object {
			return slices.Insert(n, 1, source.Object{Key: n[0].Key, Size: 1})
		}, 1, ""},
		{"each folder twice", true, func(n []source.Object) []source.Object { return []source.Object{n[0], n[0]} }, 6, ""},
		{"the object of a folder behind it", true, func(n []source.Object) []source.Object {
			return []source.Object{n[0], {Key: n[0].Key}}
		}, 6, ""},
		{"a key behind a later one", false, func(n []source.Object) []source.Object { return append(n, n[1]) }, 0, "does not list in key order"},
		{"a key for ever", false, func(n []source.Object) []source.Object { return slices.Repeat(n[:1], 2000) }, 1000, "does not list in key order"},
		{"another prefix", false, func(n []source.Object) []source.Object { return append(n, source.Object{Key: "z"}) }, 0, "does not list in key order"},
		{"an empty key", false, func([]source.Object) []source.Object { return make([]source.Object, 2) }, 0, "does not list in key order"},
		{"the folder itself as a folder", true, func(n []source.Object) []source.Object {
			return []source.Object{{Key: n[0].Key[:strings.LastIndexByte(strings.TrimSuffix(n[0].Key, "/"), '/')+1], Folder: true}}
		}, 0, "does not list in key order"},
		{"a folder that was not asked for", false, func(n []source.Object) []source.Object {
			return append(n, source.Object{Key: chats.String() + "3/", Folder: true})
		}, 0, "in a listing without folders"},
		{"a negative size", false, func(n []source.Object) []source.Object {
			n[1].Size = -1
			return n
		}, 0, "a size of -1"},
		{"keys from the first on", false, func(n []source.Object) []source.Object {
			return slices.Insert(n, 0, source.Object{Key: chats.String()})
		}, 0, ""},
	} {
		b := newBucket(keys...)
		b.list = rewrite(func(in source.ListInput, names []source.Object) []source.Object {
			if in.Folders == tt.folders {
				return tt.change(names)
			}
			return names
		})
		var found []string
		repeats := 0
		err := listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
			switch e.Kind {
			case listing.Found:
				found = append(found, e.Object.Key)
			case listing.Repeated:
				repeats++
			case listing.Failed:
				t.Errorf("%s: event %q", tt.name, text(e))
			}
			return nil
		})
		if repeats != tt.repeats {
			t.Errorf("%s: %d repeats, want %d", tt.name, repeats, tt.repeats)
		}
		if tt.ends == "" {
			same(t, tt.name, found, keys)
		}
		if (err == nil) != (tt.ends == "") || err != nil && !strings.Contains(err.Error(), tt.ends) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.ends)
		}
	}
}

// Repeats are told as new in the first sweep alone.
func TestRepeatedAgain(t *testing.T) {
	b := newBucket(key(chats, 0))
	b.list = rewrite(func(_ source.ListInput, names []source.Object) []source.Object { return append(names, names[0]) })
	c := all(b)
	c.Follow = true
	w := listing.New(c)
	count := func(events []string, of string) (n int) {
		for _, e := range events {
			if e == of {
				n++
			}
		}
		return n
	}
	if n := count(events(t, w.Sweep), "repeated"); n != 7 {
		t.Errorf("%d repeats in the first sweep, want 7", n)
	}
	if n := count(events(t, w.Poll), "repeated, again"); n != 1 {
		t.Errorf("%d repeats in a poll, want 1", n)
	}
	if n := count(events(t, w.Sweep), "repeated, again"); n != 7 {
		t.Errorf("%d repeats in the second sweep, want 7", n)
	}
}

// What was listed ahead may be more than is wanted by then, which ends before a key and begins
// behind one.
func TestListedMore(t *testing.T) {
	b := newBucket(key(chats, 0), key(chats, 1), key(chats, 2), key(chats, 3), key(chats, 4))
	c := all(b)
	c.Enter = func(p *listing.Partition) (after, end string) { return key(chats, 1), key(chats, 3) }
	same(t, "events", sweep(t, c), []string{"found " + name(chats, 2), "done " + chats.String()})
}

// A store may begin before the bounds, and with the key that they begin behind, which is not
// told of.
func TestBeginsBefore(t *testing.T) {
	keys := []string{key(chats, 0), key(chats, 1), key(chats, 2), key(chats, 3)}
	for first := range 3 {
		b := newBucket(keys...)
		b.list = rewrite(func(in source.ListInput, names []source.Object) []source.Object {
			if in.Folders {
				return names
			}
			names = nil
			for _, key := range keys[first:] {
				names = append(names, object(key))
			}
			return names
		})
		c := all(b)
		c.Bounds = func(path.Partition) (after, end string) { return keys[1], keys[3] }
		c.Enter = func(p *listing.Partition) (after, end string) { return c.Bounds(p.ID) }
		same(t, "events", sweep(t, c), []string{"found " + name(chats, 2), "done " + chats.String()})
	}
}

// Names before the range, which some stores give, are passed over: neither that they come
// again nor that they fail is told, unless what is wanted may lie in them.
func TestBeforeTheRange(t *testing.T) {
	b := newBucket(key(chats, 0), key(chats, 60), key(chats, 70), key(chats, 120))
	b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
		if in.Folders {
			return names
		}
		return func(yield func(source.Object, error) bool) {
			failed := func(name string) bool {
				return yield(source.Object{}, &source.KeyError{Key: name, Err: errBroken})
			}
			_ = failed(chats.String()+"2026/02/") && yield(object(b.keys[0]), nil) && yield(object(b.keys[0]), nil) &&
				failed(hour(chats, 1)) && failed(b.keys[1]) && yield(object(b.keys[2]), nil) && yield(object(b.keys[2]), nil) && yield(object(b.keys[3]), nil)
		}
	}
	c := all(b)
	c.Bounds = func(path.Partition) (after, end string) { return b.keys[1], hour(chats, 9) }
	c.Enter = func(*listing.Partition) (after, end string) { return c.Bounds(chats) }
	same(t, "events", sweep(t, c), []string{
		"failed 2026/03/02/10/: broken, from 2026-03-02 10h on",
		"found " + name(chats, 70), "repeated", "found " + name(chats, 120), "done " + chats.String(),
	})
}

// What was listed ahead and is not wanted any more is not told as repeated either.
func TestRepeatedOutside(t *testing.T) {
	for _, tt := range []struct {
		from    int
		repeats int
	}{{-1, 6}, {1, 2}, {9, 0}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(key(chats, 0), key(completes, 0), key(completes, 1), key(completes, 90))
			b.list = rewrite(func(in source.ListInput, names []source.Object) []source.Object {
				if in.Prefix != completes.String() {
					return names
				}
				var twice []source.Object
				for _, o := range names {
					twice = append(twice, o, o, o)
				}
				return twice
			})
			c := all(b)
			c.Enter = func(p *listing.Partition) (after, end string) {
				if p.ID == completes {
					return hour(p.ID, tt.from), hour(p.ID, 9)
				}
				return c.Bounds(p.ID)
			}
			repeats := 0
			err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
				time.Sleep(time.Second) // the next partition is listed meanwhile
				if e.Kind == listing.Repeated {
					repeats++
				}
				return nil
			})
			if err != nil || repeats != tt.repeats {
				t.Errorf("from hour %d: %d repeats, error %v, want %d", tt.from, repeats, err, tt.repeats)
			}
		})
	}
}
