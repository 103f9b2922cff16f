package sourcetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// listed returns what a listing yields: keys, and "!" for an error.
func listed(ctx context.Context, src source.Source, in source.ListInput) []string {
	var got []string
	for o, err := range src.List(ctx, in) {
		if err != nil {
			got = append(got, "!")
			continue
		}
		got = append(got, o.Key)
	}
	return got
}

func read(ctx context.Context, src source.Source, o source.Object, offset int64) (string, error) {
	rc, err := src.Open(ctx, o, offset)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(rc)
	return string(b), errors.Join(err, rc.Close())
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}

// naive lists as the documentation of ListInput says it, from all keys.
func naive(keys []string, in source.ListInput) []string {
	var got []string
	for _, key := range slices.Sorted(slices.Values(keys)) {
		rest, within := strings.CutPrefix(key, in.Prefix)
		if !within {
			continue
		}
		if name, _, below := strings.Cut(rest, "/"); below && in.Folders {
			key = in.Prefix + name + "/"
		}
		if key > in.After {
			got = append(got, key)
		}
	}
	return slices.Compact(got)
}

// Whatever is stored and removed, a listing of any page size is what it should be.
func TestMemoryListsAsDocumented(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	word := func(n int) string {
		var b strings.Builder
		for range rng.IntN(n) {
			b.WriteByte("ab/-0"[rng.IntN(5)])
		}
		return b.String()
	}
	for range 300 {
		m := sourcetest.NewMemory("mem://test")
		m.PageSize = rng.IntN(4)
		there := map[string]bool{}
		for range 1 + rng.IntN(60) {
			key := "x" + word(8)
			m.Put(key, nil)
			there[key] = true
			if rng.IntN(3) == 0 {
				key = "x" + word(3)
				m.Delete(key)
				delete(there, key)
			}
			if rng.IntN(5) > 0 {
				continue
			}
			var keys []string
			for key := range there {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			same(t, "Keys()", m.Keys(), keys)
			in := source.ListInput{Prefix: ("x" + word(4))[rng.IntN(2):], Folders: rng.IntN(2) == 0}
			if rng.IntN(2) == 0 {
				in.After = "x" + word(6)
			}
			if got, want := listed(t.Context(), m, in), naive(keys, in); !slices.Equal(got, want) {
				t.Fatalf("List(%+v) of %q in pages of %d = %q, want %q", in, keys, m.PageSize, got, want)
			}
		}
		m.CheckClosed(t)
	}
}

func TestMemoryObjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := sourcetest.NewMemory("mem://test")
		if got := m.ID(); got != "mem://test" {
			t.Errorf("ID() = %q, want mem://test", got)
		}
		one := m.Put("a/one", []byte("12345"))
		if one.Key != "a/one" || one.Size != 5 || one.ETag == "" || !one.LastModified.Equal(time.Now()) || one.VersionID != "" {
			t.Errorf("Put returns %+v, want 5 bytes of now with an ETag", one)
		}
		if again := m.Put("a/other", []byte("12345")); again.ETag != one.ETag {
			t.Errorf("ETags of the same content = %s, %s, want the same", one.ETag, again.ETag)
		}
		when := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		given := source.Object{Key: "b", Size: 9, ETag: "e", VersionID: "v", StorageClass: "GLACIER", LastModified: when, Archived: true}
		want := given
		want.VersionID = ""
		if got := m.PutObject(given, []byte("x")); got != want {
			t.Errorf("PutObject returns %+v, want %+v", got, want)
		}
		for o, err := range m.List(t.Context(), source.ListInput{Prefix: "b"}) {
			if o != want || err != nil {
				t.Errorf("List yields %+v, %v, want %+v", o, err, want)
			}
		}
		if o, body, found := m.Object("b"); o != want || string(body) != "x" || !found {
			t.Errorf("Object(b) = %+v, %q, %t, want %+v, x", o, body, found, want)
		}
		if o, body, found := m.Object("c"); o != (source.Object{}) || body != nil || found {
			t.Errorf("Object(c) = %+v, %q, %t, want none", o, body, found)
		}
	})
}

// Open tells all that the contract of Source has it tell.
func TestMemoryOpen(t *testing.T) {
	m := sourcetest.NewMemory("mem://test")
	o := m.PutObject(source.Object{Key: "a", ETag: "e1", VersionID: "v1"}, []byte("12345"))
	with := func(change func(*source.Object)) source.Object {
		o := o
		change(&o)
		return o
	}
	m.PutObject(source.Object{Key: "cold", Archived: true}, []byte("12345"))
	for _, tt := range []struct {
		name   string
		o      source.Object
		offset int64
		want   string
		err    error
	}{
		{"as listed", o, 0, "12345", nil},
		{"from the middle", o, 3, "45", nil},
		{"from the end", o, 5, "", nil},
		{"from behind the end", o, 6, "", fs.ErrInvalid},
		{"from before the start", o, -1, "", fs.ErrInvalid},
		{"by its key and size", source.Object{Key: "a", Size: 5}, 0, "12345", nil},
		{"by its version", source.Object{Key: "a", VersionID: "v1"}, 0, "12345", nil},
		{"another ETag", with(func(o *source.Object) { o.ETag = "e" }), 0, "", source.ErrChanged},
		{"another version", with(func(o *source.Object) { o.VersionID = "v2" }), 0, "", source.ErrChanged},
		{"another size", source.Object{Key: "a", Size: 4}, 0, "", source.ErrChanged},
		{"another key", with(func(o *source.Object) { o.Key = "b" }), 0, "", fs.ErrNotExist},
		{"archived", source.Object{Key: "cold", Size: 5}, 0, "", source.ErrArchived},
	} {
		got, err := read(t.Context(), m, tt.o, tt.offset)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: Open = %q, %v, want %q, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
	m.Put("a", []byte("54321"))
	if _, err := read(t.Context(), m, o, 0); !errors.Is(err, source.ErrChanged) {
		t.Errorf("Open of what was replaced: error = %v, want %v", err, source.ErrChanged)
	}
	m.Delete("a")
	if _, err := read(t.Context(), m, o, 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of what was deleted: error = %v, want %v", err, fs.ErrNotExist)
	}
	bare := m.PutObject(source.Object{Key: "bare"}, []byte("12345"))
	if got, err := read(t.Context(), m, bare, 0); bare.ETag != "" || got != "12345" || err != nil {
		t.Errorf("Open of an object with the ETag %q = %q, %v, want 12345 of one without", bare.ETag, got, err)
	}
	m.CheckClosed(t)
}

// Each page and each Open takes the latency, and shows the store as it is then.
func TestMemoryCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := sourcetest.NewMemory("mem://test")
		m.Latency, m.PageSize = 30*time.Millisecond, 2
		for _, key := range []string{"f/a", "f/b/1", "f/b/2", "f/c", "f/d"} {
			m.Put(key, []byte(key))
		}
		begin := time.Now()
		same(t, "List", listed(t.Context(), m, source.ListInput{Prefix: "f/", Folders: true}), []string{"f/a", "f/b/", "f/c", "f/d"})
		if _, err := read(t.Context(), m, source.Object{Key: "f/b/1", Size: 5}, 2); err != nil {
			t.Errorf("Open error = %v", err)
		}
		if _, err := read(t.Context(), m, source.Object{Key: "no such key"}, 0); err == nil {
			t.Error("Open of a key that is not there: no error")
		}
		var got []string
		for _, c := range m.Calls() {
			got = append(got, fmt.Sprintf("%v %v %v", c.Began.Sub(begin), c.Ended.Sub(c.Began), c))
		}
		same(t, "Calls", got, []string{
			"0s 30ms LIST f/ folders after - → 2",
			"30ms 30ms LIST f/ folders after f/b/ → 2",
			"60ms 30ms GET f/b/1 from 2 → 3 bytes",
			`90ms 30ms GET "no such key" from 0 → open no such key: file does not exist`,
		})
		m.ResetCalls()
		if got := m.Calls(); len(got) != 0 {
			t.Errorf("Calls after ResetCalls = %v, want none", got)
		}

		time.AfterFunc(45*time.Millisecond, func() { // between two pages
			m.Put("f/b/0", nil)
			m.Put("f/bb", nil)
			m.Delete("f/c")
		})
		same(t, "List", listed(t.Context(), m, source.ListInput{Prefix: "f/", Folders: true}), []string{"f/a", "f/b/", "f/bb", "f/d"})
	})
}

func TestMemoryCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reason := errors.New("enough")
		m := sourcetest.NewMemory("mem://test")
		o := m.Put("a", []byte("12345"))
		m.Put("b", nil)
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		rc, err := m.Open(ctx, o, 0)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range m.List(ctx, source.ListInput{}) {
			if n++; n == 2 && err != reason || n > 2 {
				t.Errorf("pair %d after the end of the context: error = %v, want only %v", n, err, reason)
			}
			cancel(reason)
		}
		if _, err := rc.Read(make([]byte, 1)); err != reason {
			t.Errorf("Read error = %v, want %v", err, reason)
		}
		if err := rc.Close(); err != nil {
			t.Errorf("Close error = %v", err)
		}

		m.Latency = time.Hour
		ctx, stop := context.WithTimeoutCause(t.Context(), time.Second, reason)
		defer stop()
		begin := time.Now()
		if _, err := m.Open(ctx, o, 0); err != reason || time.Since(begin) != time.Second {
			t.Errorf("Open error = %v after %v, want %v after 1s", err, time.Since(begin), reason)
		}
		for _, err := range m.List(ctx, source.ListInput{}) {
			if err != reason {
				t.Errorf("List error = %v, want %v", err, reason)
			}
		}
		m.CheckClosed(t)
	})
}

// Many keys in any order are listed fast: this test takes minutes if a key costs time for
// each other one.
func TestMemoryManyKeys(t *testing.T) {
	const n = 100_000
	m := sourcetest.NewMemory("mem://test")
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		m.PutObject(source.Object{Key: fmt.Sprintf("%02d/%06d", i%100, i), Size: 1, ETag: "e"}, nil)
	}
	if got := len(listed(t.Context(), m, source.ListInput{})); got != n {
		t.Errorf("List yields %d keys, want %d", got, n)
	}
	if got := len(listed(t.Context(), m, source.ListInput{Folders: true})); got != 100 {
		t.Errorf("List yields %d folders, want 100", got)
	}
	if got := len(m.Calls()); got != n/1000+1 {
		t.Errorf("%d calls, want %d pages of objects and one of folders", got, n/1000)
	}
}

func TestMemoryConcurrent(t *testing.T) {
	m := sourcetest.NewMemory("mem://test")
	m.PageSize = 3
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 50 {
				key := fmt.Sprintf("%d/%d", i, k)
				o := m.Put(key, []byte(key))
				if got, err := read(t.Context(), m, o, 0); got != key || err != nil {
					t.Errorf("Open(%q) = %q, %v", key, got, err)
				}
				if got := listed(t.Context(), m, source.ListInput{Prefix: fmt.Sprintf("%d/", i)}); len(got) != 1 {
					t.Errorf("List = %q, want %q", got, key)
				}
				m.Delete(key)
			}
		})
	}
	wg.Wait()
	if open, most := m.Bodies(); open != 0 || most < 1 || most > 8 {
		t.Errorf("Bodies() = %d, %d, want 0 and at most 8", open, most)
	}
	m.CheckClosed(t)
}

// A report is a testing.TB that keeps what a test would say.
type report struct {
	testing.TB
	said []string
}

func (r *report) Helper()                      {}
func (r *report) Error(args ...any)            { r.said = append(r.said, fmt.Sprint(args...)) }
func (r *report) Errorf(f string, args ...any) { r.said = append(r.said, fmt.Sprintf(f, args...)) }

func TestCheckClosed(t *testing.T) {
	m := sourcetest.NewMemory("mem://test")
	o := m.Put("a", []byte("12345"))
	first, err1 := m.Open(t.Context(), o, 0)
	_, err2 := m.Open(t.Context(), o, 0)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if open, most := m.Bodies(); open != 2 || most != 2 {
		t.Errorf("Bodies() = %d, %d, want 2, 2", open, most)
	}
	first.Close()
	first.Close()
	first.Read(nil)
	r := &report{TB: t}
	for range m.List(t.Context(), source.ListInput{}) {
		m.CheckClosed(r)
	}
	same(t, "CheckClosed", r.said, []string{
		"1 bodies are open: close what Open returns",
		"1 listings have not ended",
		`second Close of "a"`,
		`Read after Close of "a"`,
	})
}
