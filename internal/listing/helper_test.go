package listing_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A bucket is a source in memory. It is no sourcetest.Memory, whose hooks see one object at a
// time: its listings fail behind all that they gave, give one error for all that lies in a
// folder, and may be changed as a whole.
type bucket struct {
	keys  []string         // sorted
	fails map[string]error // by prefix: what the listing of it ends with, or, by another name, why that cannot be looked at
	page  int              // keys for one call; 0 is no bound
	wait  time.Duration    // for one call

	// apart has no two listings answer at the same moment, in whose order the walk would
	// decide this or that.
	apart bool

	// list, if it is not nil, changes what a listing gives.
	list func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error]

	mu    sync.Mutex
	lists []string
	calls int
	runs  int // listings, now
	now   int // calls, now

	mostCalls int // at the same time
	mostRuns  int // at the same time
	side      int // of partitions
	most      int // of partitions, at the same time
}

func newBucket(keys ...string) *bucket {
	b := &bucket{fails: map[string]error{}}
	b.add(keys...)
	return b
}

func (b *bucket) add(keys ...string) {
	b.keys = append(b.keys, keys...)
	slices.Sort(b.keys)
}

func (*bucket) ID() string { return "mem://bucket" }

func (*bucket) Open(context.Context, source.Object, int64) (io.ReadCloser, error) {
	return nil, errors.ErrUnsupported
}

func (b *bucket) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	names := b.names(ctx, in)
	if b.list != nil {
		names = b.list(in, names)
	}
	return func(yield func(source.Object, error) bool) {
		b.count(in, +1)
		defer b.count(in, -1)
		if b.apart {
			of := fnv.New32a()
			of.Write([]byte(in.After))
			time.Sleep(time.Duration(of.Sum32() % 1_000_000)) // nanoseconds
		}
		names(yield)
	}
}

func (b *bucket) count(in source.ListInput, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs += n
	b.mostRuns = max(b.mostRuns, b.runs)
	if !in.Folders {
		b.side += n
		b.most = max(b.most, b.side)
	}
	if n > 0 {
		text := "LIST " + in.Prefix
		if in.After != "" {
			text += " after " + strings.TrimPrefix(in.After, in.Prefix)
		}
		b.lists = append(b.lists, text)
	}
}

// names gives the objects and folders of a listing, and what cannot be looked at in their
// place.
func (b *bucket) names(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		last := ""
		given := 0
		i, _ := slices.BinarySearch(b.keys, in.Prefix)
		for ; i < len(b.keys) && strings.HasPrefix(b.keys[i], in.Prefix); i++ {
			o := object(b.keys[i])
			if o.Key <= in.After {
				continue
			}
			if n := strings.IndexByte(o.Key[len(in.Prefix):], '/'); in.Folders && n >= 0 {
				o = source.Object{Key: o.Key[:len(in.Prefix)+n+1], Folder: true}
			}
			o, err := b.look(in, o)
			if o.Key == last {
				continue
			}
			if given == 0 && !b.call(ctx) {
				yield(source.Object{}, ctx.Err())
				return
			}
			if given++; given == b.page {
				given = 0
			}
			last = o.Key
			if err != nil {
				o = source.Object{}
			}
			if !yield(o, err) {
				return
			}
		}
		if err := b.fails[in.Prefix]; err != nil {
			yield(source.Object{}, err)
		}
	}
}

// look returns why the source cannot look at an object, or at a folder that it lies in.
func (b *bucket) look(in source.ListInput, o source.Object) (source.Object, error) {
	if len(b.fails) == 0 {
		return o, nil
	}
	for i := len(in.Prefix); i < len(o.Key); i++ {
		name := o.Key[:i+1]
		if i+1 < len(o.Key) && o.Key[i] != '/' {
			continue
		}
		if err := b.fails[name]; err != nil && !(o.Folder && in.Folders && errors.Is(err, errDenied)) {
			return source.Object{Key: name}, &source.KeyError{Key: name, Err: err}
		}
	}
	return o, nil
}

// call waits for the answer of the store.
func (b *bucket) call(ctx context.Context) bool {
	b.mu.Lock()
	b.calls++
	b.now++
	b.mostCalls = max(b.mostCalls, b.now)
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.now--
		b.mu.Unlock()
	}()
	if b.wait == 0 {
		return ctx.Err() == nil
	}
	select {
	case <-time.After(b.wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// told returns the listings since the last time, in the order of their prefixes: those of
// one moment may come in any order.
func (b *bucket) told() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lists := b.lists
	b.lists = nil
	slices.Sort(lists)
	return lists
}

var (
	errDenied = errors.New("denied")  // of a listing
	errBroken = errors.New("broken")  // of a name
	errStop   = errors.New("no more") // of whoever takes the events
	start     = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	chats     = partition("logs", path.GenerateAssistantResponse)
	completes = partition("logs", path.GenerateCompletions)
)

// object returns the object of a key. Those whose name ends in "/" or "empty" have no bytes.
func object(key string) source.Object {
	if strings.HasSuffix(key, "/") || strings.HasSuffix(key, "empty") {
		return source.Object{Key: key}
	}
	return source.Object{Key: key, Size: int64(len(key)), ETag: "etag"}
}

func partition(prefix string, t path.LogType) path.Partition {
	return path.Partition{Prefix: prefix, Account: "111122223333", Product: path.KiroLogs, LogType: t, Region: "us-east-1"}
}

// key returns the key of a log, minutes after the start.
func key(p path.Partition, minutes int) string {
	return p.NewKey(start.Add(time.Duration(minutes)*time.Minute), "0123456789abcdef").String()
}

// hour returns the folder of an hour, hours after the start.
func hour(p path.Partition, hours int) string {
	return p.String() + start.Add(time.Duration(hours)*time.Hour).Format("2006/01/02/15/")
}

// all is a config that leaves nothing out.
func all(src source.Source) listing.Config {
	return listing.Config{
		Source:       src,
		Covers:       func(path.Partition) bool { return true },
		Enter:        func(p *listing.Partition) (after, end string) { return p.ID.Range(time.Time{}, time.Time{}) },
		Bounds:       func(id path.Partition) (after, end string) { return id.Range(time.Time{}, time.Time{}) },
		Lists:        12,
		SearchDepth:  8,
		StallTimeout: time.Minute,
		Hungry:       func() bool { return true },
	}
}

// bounds has c list hours of each partition.
func bounds(c *listing.Config, from, to int) {
	c.Bounds = func(id path.Partition) (after, end string) { return hour(id, from), hour(id, to) }
	c.Enter = func(p *listing.Partition) (after, end string) { return c.Bounds(p.ID) }
}

// sweep returns what a sweep of a new walk meets.
func sweep(t *testing.T, c listing.Config) []string {
	t.Helper()
	return events(t, listing.New(c).Sweep)
}

// events returns what a sweep or a poll meets.
func events(t *testing.T, f func(context.Context, func(*listing.Event) error) error) []string {
	t.Helper()
	var list []string
	err := f(t.Context(), func(e *listing.Event) error {
		list = append(list, text(e))
		return nil
	})
	if err != nil {
		t.Fatalf("error %v after the events %q", err, list)
	}
	return list
}

// text is an event as a line, with the name of an object or folder within its partition.
func text(e *listing.Event) string {
	within := func(name string) string {
		if e.Partition != nil && name != e.Partition.Name {
			return strings.TrimPrefix(name, e.Partition.Name)
		}
		return name
	}
	again := ""
	if e.Again {
		again = ", again"
	}
	switch e.Kind {
	case listing.Found:
		return "found " + within(e.Object.Key)
	case listing.Skipped:
		what := map[path.Kind]string{path.Foreign: "foreign", path.Log: "log", path.Probe: "probe", path.Folder: "folder", path.Report: "report", path.Empty: "empty"}
		return fmt.Sprintf("skipped %s %s%s", what[e.What], within(e.Object.Key), again)
	case listing.Repeated:
		return "repeated" + again
	case listing.FileFailed:
		text := fmt.Sprintf("file failed %s: %v", within(e.Object.Key), e.Failure.Err)
		if e.Failure.Final {
			text += ", for good"
		}
		return text
	case listing.Failed:
		text := fmt.Sprintf("failed %s: %v", within(e.Failure.Prefix), e.Failure.Err)
		if e.Failure.Root {
			text += ", the root"
		}
		if e.Failure.Timed {
			text += e.Failure.From.Format(", from 2006-01-02 15h on")
		}
		return text + again
	case listing.Done:
		return "done " + e.Partition.Folder
	}
	return fmt.Sprintf("an event of kind %d", e.Kind)
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n  %s\nwant:\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// name is the name of a key within its partition.
func name(p path.Partition, minutes int) string {
	return strings.TrimPrefix(key(p, minutes), p.String())
}
