package listing_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A listing that fails costs what it would have found and nothing else. That of the prefix
// itself is the root.
func TestListingFails(t *testing.T) {
	for _, tt := range []struct {
		denied    string
		partition path.Partition // what is known of it
		want      []string
	}{
		{"", path.Partition{}, []string{
			"found " + name(chats, 0), "done " + chats.String(),
			"found " + name(completes, 0), "done " + completes.String(),
			"skipped foreign z", "failed : denied, the root",
		}},
		{"logs/", path.Partition{Prefix: "logs"}, []string{
			"found " + name(chats, 0), "done " + chats.String(),
			"found " + name(completes, 0), "done " + completes.String(),
			"failed logs/: denied", "skipped foreign z",
		}},
		{"logs/AWSLogs/111122223333/", path.Partition{Prefix: "logs", Account: "111122223333"}, []string{
			"found " + name(chats, 0), "done " + chats.String(),
			"found " + name(completes, 0), "done " + completes.String(),
			"failed logs/AWSLogs/111122223333/: denied", "skipped foreign z",
		}},
		{chats.String(), chats, []string{
			"found " + name(chats, 0), "failed " + chats.String() + ": denied",
			"found " + name(completes, 0), "done " + completes.String(),
			"skipped foreign z",
		}},
	} {
		t.Run("denied "+tt.denied, func(t *testing.T) {
			b := newBucket(key(chats, 0), key(completes, 0), "z")
			b.fails[tt.denied] = errDenied
			var got []string
			err := listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
				got = append(got, text(e))
				if e.Kind == listing.Failed && e.Failure.Partition != tt.partition {
					t.Errorf("failed for %+v, want %+v", e.Failure.Partition, tt.partition)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			same(t, "events", got, tt.want)
		})
	}
}

// Once a sweep has come to its end, a later one of the same walk may meet a store that is
// away for a while: the prefix is no root any more.
func TestLaterListingFails(t *testing.T) {
	b := newBucket(key(chats, 0), "README")
	c := all(b)
	c.Follow = true
	w := listing.New(c)
	same(t, "first sweep", events(t, w.Sweep), []string{"skipped foreign README", "found " + name(chats, 0), "done " + chats.String()})
	b.fails[""], b.fails[chats.String()] = errDenied, errDenied
	same(t, "second sweep", events(t, w.Sweep), []string{
		"skipped foreign README, again", "found " + name(chats, 0), "failed " + chats.String() + ": denied", "failed : denied",
	})
	same(t, "poll", events(t, w.Poll), []string{"found " + name(chats, 0), "failed " + chats.String() + ": denied"})
	clear(b.fails)
	same(t, "third sweep", events(t, w.Sweep), []string{"skipped foreign README, again", "found " + name(chats, 0), "done " + chats.String()})
}

// A partition of which nothing is wanted any more has come to its end, whatever its last
// listing came to.
func TestListingFailsAndIsOver(t *testing.T) {
	b := newBucket(key(chats, 0))
	b.fails[chats.String()] = errDenied
	from := -1
	c := all(b)
	c.Follow = true
	c.Bounds = func(id path.Partition) (after, end string) { return hour(id, from), hour(id, 9) }
	c.Enter = func(p *listing.Partition) (after, end string) { return c.Bounds(p.ID) }
	w := listing.New(c)
	same(t, "sweep", events(t, w.Sweep), []string{"found " + name(chats, 0), "failed " + chats.String() + ": denied"})
	from = 9
	same(t, "sweep of nothing", events(t, w.Sweep), []string{"done " + chats.String()})
}

// A name that the source cannot look at costs nothing but what lies in it.
func TestNameFails(t *testing.T) {
	hidden := hour(chats, 1) + ".hidden.json.gz"
	trails := "logs/AWSLogs/111122223333/CloudTrail/"
	b := newBucket(key(chats, 0), key(chats, 1), hidden, key(chats, 130), chats.String()+"odd/1", chats.String()+"odd/2", trails+"x", "z")
	good := []string{
		"found " + name(chats, 0),
		"found " + name(chats, 1),
		"skipped foreign 2026/03/02/10/.hidden.json.gz",
		"found " + name(chats, 130),
		"skipped foreign odd/1",
		"skipped foreign odd/2",
		"done " + chats.String(),
		"skipped foreign z",
	}
	same(t, "events", sweep(t, all(b)), good)
	for _, tt := range []struct {
		name     string
		err      error
		from, to int // of good
		want     string
	}{
		{key(chats, 0), errBroken, 0, 1, "file failed " + name(chats, 0) + ": broken"},
		{key(chats, 0), source.ErrNoFile, 0, 1, "file failed " + name(chats, 0) + ": " + source.ErrNoFile.Error() + ", for good"},
		{hidden, errBroken, 2, 3, "file failed 2026/03/02/10/.hidden.json.gz: broken, for good"},
		{hidden, source.ErrNoFile, 2, 3, "skipped foreign 2026/03/02/10/.hidden.json.gz"},
		{hour(chats, 2), errBroken, 3, 4, "failed 2026/03/02/11/: broken, from 2026-03-02 11h on"},
		{hour(chats, 2), source.ErrNoFile, 3, 4, "skipped foreign 2026/03/02/11/"},
		{chats.String() + "2026/03/", errBroken, 0, 4, "failed 2026/03/: broken, from 2026-03-01 00h on"},
		{chats.String() + "odd/", errBroken, 4, 6, "failed odd/: broken"},
		{chats.String() + "odd/", source.ErrNoFile, 4, 6, "skipped foreign odd/"},
		{chats.String() + "odd/1", errBroken, 4, 5, "failed odd/1: broken"},
		{chats.String(), errBroken, 0, 7, "failed " + chats.String() + ": broken"},
		{"logs/", errBroken, 0, 7, "failed logs/: broken"},
		{"logs/", source.ErrNoFile, 0, 7, "skipped foreign logs/"},
		{trails, errBroken, 0, 0, "skipped foreign " + trails}, // no log can lie there
		{"z", errBroken, 7, 8, "failed z: broken"},             // it may be a folder
	} {
		b.fails = map[string]error{tt.name: tt.err}
		want := slices.Replace(slices.Clone(good), tt.from, tt.to, tt.want)
		same(t, fmt.Sprintf("events with %q, %v", tt.name, tt.err), sweep(t, all(b)), want)
	}
}

// A folder of a partition is told as known in the sweep after the one that told of it, but
// not once it was there in between. A file is told each time: its caller knows what it has
// heard.
func TestNameFailsAgain(t *testing.T) {
	b := newBucket(key(chats, 0), key(chats, 60), key(chats, 61))
	c := all(b)
	c.Follow = true
	w := listing.New(c)
	bad := "failed 2026/03/02/10/: broken, from 2026-03-02 10h on"
	first, done := "found "+name(chats, 0), "done "+chats.String()
	b.fails[hour(chats, 1)] = errBroken
	same(t, "sweep", events(t, w.Sweep), []string{first, bad, done})
	same(t, "poll", events(t, w.Poll), []string{first, bad + ", again"})
	same(t, "second sweep", events(t, w.Sweep), []string{first, bad + ", again", done})
	same(t, "third sweep", events(t, w.Sweep), []string{first, bad + ", again", done})
	clear(b.fails)
	same(t, "sweep of all", events(t, w.Sweep), []string{first, "found " + name(chats, 60), "found " + name(chats, 61), done})
	b.fails[hour(chats, 1)] = errBroken
	same(t, "sweep after that", events(t, w.Sweep), []string{first, bad, done})

	b.fails = map[string]error{key(chats, 60): errBroken}
	file := "file failed " + name(chats, 60) + ": broken"
	for range 2 {
		same(t, "sweep with a file", events(t, w.Sweep), []string{first, file, "found " + name(chats, 61), done})
	}
}

// A log beside folders lies in one of them: the source has not folded its keys.
func TestNotFolded(t *testing.T) {
	b := newBucket(key(chats, 0), "z")
	b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
		return func(yield func(source.Object, error) bool) {
			for _, key := range b.keys {
				if !yield(object(key), nil) {
					return
				}
			}
		}
	}
	var failed error
	err := listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
		if e.Kind == listing.Failed && e.Failure.Root {
			failed = e.Failure.Err
		}
		return nil
	})
	if err != nil || !errors.Is(failed, errors.ErrUnsupported) || !strings.Contains(failed.Error(), key(chats, 0)) {
		t.Errorf("errors %v and %v, want that the root does not fold %q", err, failed, key(chats, 0))
	}
}

// A source that gives no answer for the stall timeout has failed. The time that the events
// take does not count.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(key(chats, 0), key(chats, 1), key(completes, 0))
		b.wait = 59 * time.Second
		c := all(b)
		slow := listing.New(c)
		err := slow.Sweep(t.Context(), func(e *listing.Event) error {
			if e.Kind == listing.Failed {
				t.Errorf("event %q", text(e))
			}
			time.Sleep(time.Hour)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		b.wait = 61 * time.Second
		var failed error
		err = listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
			failed = e.Failure.Err
			return nil
		})
		if err != nil || !errors.Is(failed, stall.Err) {
			t.Errorf("errors %v and %v, want %v of the root", err, failed, stall.Err)
		}
		if _, _, err := listing.Find(t.Context(), listing.Config{Source: b, StallTimeout: c.StallTimeout}, key(chats, 0)); !errors.Is(err, stall.Err) {
			t.Errorf("error %v of Find, want %v", err, stall.Err)
		}
	})
}

// A listing that hangs is a stall, wherever that is: at its begin, behind a name, and behind one
// that was not asked for.
func TestStallBehind(t *testing.T) {
	for names := range 3 {
		synctest.Test(t, func(t *testing.T) {
			src := &hanging{newBucket(key(chats, 0)), []string{key(chats, 0), key(chats, 1)}[:names]}
			c := all(src)
			c.Bounds = func(path.Partition) (after, end string) { return key(chats, 0), hour(chats, 5) }
			c.Enter = func(p *listing.Partition) (after, end string) { return c.Bounds(p.ID) }
			begin := time.Now()
			var failed error
			err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
				if e.Failure != nil {
					failed = e.Failure.Err
				}
				return nil
			})
			if err != nil || !errors.Is(failed, stall.Err) || time.Since(begin) != c.StallTimeout {
				t.Errorf("behind %d names: errors %v and %v after %v, want %v after %v", names, err, failed, time.Since(begin), stall.Err, c.StallTimeout)
			}
		})
	}
}

// hanging is a bucket whose listings of partitions hang behind some names.
type hanging struct {
	*bucket
	names []string
}

func (h *hanging) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	if in.Folders {
		return h.bucket.List(ctx, in)
	}
	return func(yield func(source.Object, error) bool) {
		for _, key := range h.names {
			if !yield(object(key), nil) {
				return
			}
		}
		<-ctx.Done()
		yield(source.Object{}, ctx.Err())
	}
}

// A panic of the source comes to whoever called, from the goroutine of a piece too.
func TestPanic(t *testing.T) {
	for _, folders := range []bool{true, false} {
		b := newBucket(key(chats, 0))
		b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
			if in.Folders == folders {
				panic("the source is broken")
			}
			return names
		}
		func() {
			defer func() {
				if p := recover(); p == nil {
					t.Errorf("no panic; folders %t", folders)
				}
			}()
			err := listing.New(all(b)).Sweep(t.Context(), func(*listing.Event) error { return nil })
			t.Errorf("error %v, want a panic", err)
		}()
	}
}

// A file system is a source as any other. What it cannot look at is told.
func TestFileSystem(t *testing.T) {
	fsys := fstest.MapFS{
		key(chats, 0):               &fstest.MapFile{Data: []byte("log")},
		key(chats, 1):               &fstest.MapFile{Mode: fs.ModeNamedPipe},
		hour(chats, 1) + "notes.md": &fstest.MapFile{Data: []byte("text")},
		"README":                    &fstest.MapFile{Mode: fs.ModeSocket},
	}
	same(t, "events", sweep(t, all(source.FS("fs", fsys))), []string{
		"skipped foreign README",
		"found " + name(chats, 0),
		"file failed " + name(chats, 1) + ": " + source.ErrNoFile.Error() + ": p---------, for good",
		"skipped foreign 2026/03/02/10/notes.md",
		"done " + chats.String(),
	})
	o, found, err := listing.Find(context.Background(), listing.Config{Source: source.FS("fs", fsys), StallTimeout: time.Minute}, key(chats, 0))
	if o.Key != key(chats, 0) || o.Size != 3 || !found || err != nil {
		t.Errorf("Find = %+v, %t, %v", o, found, err)
	}
}
