package sourcetest_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A wrongSource is a Memory that is wrong where no hook reaches, too: in its ID, in a listing
// as a whole, and in what it opens although a Memory would not.
type wrongSource struct {
	*sourcetest.Memory
	id   func() string
	list func(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error]
	open func(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error)
}

func (s *wrongSource) ID() string {
	if s.id != nil {
		return s.id()
	}
	return s.Memory.ID()
}

func (s *wrongSource) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	if s.list != nil {
		return s.list(ctx, in)
	}
	return s.Memory.List(ctx, in)
}

func (s *wrongSource) Open(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
	if s.open != nil {
		return s.open(ctx, o, offset)
	}
	return s.Memory.Open(ctx, o, offset)
}

// rewritten has each object that is listed changed.
func rewritten(change func(in source.ListInput, o *source.Object)) func(*wrongSource, *sourcetest.Store) {
	return func(s *wrongSource, _ *sourcetest.Store) {
		s.OnObject = func(_ context.Context, in source.ListInput, o source.Object) (source.Object, error) {
			change(in, &o)
			return o, nil
		}
	}
}

// relisted has a listing made of all its pairs.
func relisted(change func(s *wrongSource, in source.ListInput, all []source.Object) []source.Object) func(*wrongSource, *sourcetest.Store) {
	return func(s *wrongSource, _ *sourcetest.Store) {
		s.list = func(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
			return func(yield func(source.Object, error) bool) {
				var all []source.Object
				for o, err := range s.Memory.List(ctx, in) {
					if err != nil {
						yield(o, err)
						return
					}
					all = append(all, o)
				}
				for _, o := range change(s, in, all) {
					if !yield(o, nil) {
						return
					}
				}
			}
		}
	}
}

// all lists another input.
func (s *wrongSource) all(in source.ListInput) (all []source.Object) {
	for o := range s.Memory.List(context.Background(), in) {
		all = append(all, o)
	}
	return all
}

// wrongSources are sources that break the contract, with subtests that have to fail and what
// has to be said.
var wrongSources = []struct {
	name  string
	fails string // subtests
	says  string
	spoil func(s *wrongSource, store *sourcetest.Store)
}{
	{"no ID", "id", "ID() is empty", func(s *wrongSource, _ *sourcetest.Store) {
		s.id = func() string { return "" }
	}},
	{"another ID each time", "id", "the same store must always have the same ID", func(s *wrongSource, _ *sourcetest.Store) {
		n := 0
		s.id = func() string { n++; return fmt.Sprint(n) }
	}},
	{"order of names", "order", "list in bytewise order of whole keys", relisted(func(_ *wrongSource, _ source.ListInput, all []source.Object) []source.Object {
		return slices.SortedFunc(slices.Values(all), func(a, b source.Object) int {
			return slices.Compare(strings.Split(a.Key, "/"), strings.Split(b.Key, "/"))
		})
	})},
	{"order of UTF-16", "characters", "list in bytewise order", relisted(func(_ *wrongSource, _ source.ListInput, all []source.Object) []source.Object {
		high := func(o source.Object) int { // what is beyond 16 bits sorts before what ends them
			switch {
			case strings.Contains(o.Key, "k/🙂"):
				return 1
			case strings.Contains(o.Key, "k/｡"):
				return 2
			}
			return 0
		}
		return slices.SortedStableFunc(slices.Values(all), func(a, b source.Object) int { return cmp.Compare(high(a), high(b)) })
	})},
	{"After included", "after order pages", "leave out all keys up to and including After", relisted(func(s *wrongSource, in source.ListInput, all []source.Object) []source.Object {
		if o, _, found := s.Object(in.After); found && strings.HasPrefix(in.After, in.Prefix) && !in.Folders {
			return slices.Insert(all, 0, o)
		}
		return all
	})},
	{"After ignored", "after", "leave out all keys up to and including After", relisted(func(s *wrongSource, in source.ListInput, _ []source.Object) []source.Object {
		in.After = ""
		return s.all(in)
	})},
	{"folder that After lies in", "folders", "leave out a folder that After lies in", relisted(func(s *wrongSource, in source.ListInput, all []source.Object) []source.Object {
		rest, within := strings.CutPrefix(in.After, in.Prefix)
		if name, more, below := strings.Cut(rest, "/"); within && below && more != "" && in.Folders {
			return slices.Insert(all, 0, source.Object{Key: in.Prefix + name + "/", Folder: true})
		}
		return all
	})},
	{"prefix ignored", "order", "yield only keys that start with Prefix", relisted(func(s *wrongSource, in source.ListInput, _ []source.Object) []source.Object {
		return s.all(source.ListInput{After: in.After})
	})},
	{"folders ignored", "folders", `fold what has a "/" after Prefix`, relisted(func(s *wrongSource, in source.ListInput, _ []source.Object) []source.Object {
		in.Folders = false
		return s.all(in)
	})},
	{"folders unasked", "order", "yield objects alone if Folders is not set", relisted(func(s *wrongSource, in source.ListInput, _ []source.Object) []source.Object {
		in.Folders = true
		return s.all(in)
	})},
	{"a folder for each key", "folders", "yield each key once", relisted(func(_ *wrongSource, _ source.ListInput, all []source.Object) []source.Object {
		var twice []source.Object
		for _, o := range all {
			if twice = append(twice, o); o.Folder {
				twice = append(twice, o)
			}
		}
		return twice
	})},
	{"folders to the last slash", "folders", "the first slash after Prefix", rewritten(func(_ source.ListInput, o *source.Object) {
		if o.Key == "f/d/" {
			o.Key = "f/d/x/"
		}
	})},
	{"folders with a size", "folders", "all else is zero", rewritten(func(_ source.ListInput, o *source.Object) {
		if o.Folder {
			o.Size = 4096
		}
	})},
	{"one page", "pages", "leaves out", relisted(func(_ *wrongSource, _ source.ListInput, all []source.Object) []source.Object {
		return all[:min(len(all), 1000)]
	})},
	{"pages that overlap", "pages", "yield each key once", relisted(func(_ *wrongSource, _ source.ListInput, all []source.Object) []source.Object {
		if len(all) > 1000 {
			all = slices.Insert(all, 1000, all[999])
		}
		return all
	})},
	{"keys as in URLs", "characters", "k/my%20logs", rewritten(func(_ source.ListInput, o *source.Object) {
		o.Key = (&url.URL{Path: o.Key}).EscapedPath()
	})},
	{"quotes escaped", "reserved_characters", `k/quo&quot;te`, rewritten(func(_ source.ListInput, o *source.Object) {
		o.Key = strings.ReplaceAll(o.Key, `"`, "&quot;")
	})},
	{"keys that are no text", "objects", "keys are valid UTF-8", rewritten(func(_ source.ListInput, o *source.Object) { o.Key += "\xff" })},
	{"an object more", "objects", "which it should not", relisted(func(_ *wrongSource, in source.ListInput, all []source.Object) []source.Object {
		return append(all, source.Object{Key: in.Prefix + "~"})
	})},
	{"sizes of something else", "objects", "bytes are stored", rewritten(func(_ source.ListInput, o *source.Object) { o.Size *= 2 })},
	{"versions listed", "objects", "listings leave it empty", rewritten(func(_ source.ListInput, o *source.Object) { o.VersionID = "1" })},
	{"all archived", "objects", "have to be restored first", rewritten(func(_ source.ListInput, o *source.Object) { o.Archived = true })},
	{"an ETag for each listing", "objects", "it changes only with the content", func(s *wrongSource, _ *sourcetest.Store) {
		n := 0
		s.OnObject = func(_ context.Context, _ source.ListInput, o source.Object) (source.Object, error) {
			n++
			o.ETag = fmt.Sprint(n)
			return o, nil
		}
		s.open = func(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
			o.ETag = ""
			return s.Memory.Open(ctx, o, offset)
		}
	}},
	{"an error for an empty prefix", "order", "yields the error", func(s *wrongSource, _ *sourcetest.Store) {
		s.OnList = func(_ context.Context, in source.ListInput) error {
			if slices.ContainsFunc(s.Keys(), func(key string) bool { return strings.HasPrefix(key, in.Prefix) }) {
				return nil
			}
			return fs.ErrNotExist
		}
	}},
	{"goes on when it is left", "left", "when yield returns false, return", func(s *wrongSource, _ *sourcetest.Store) {
		s.list = func(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
			return func(yield func(source.Object, error) bool) {
				for o, err := range s.Memory.List(ctx, in) {
					yield(o, err)
				}
			}
		}
	}},
	{"goes on when its context is done", "cancelled", "yield one error, the context's", func(s *wrongSource, _ *sourcetest.Store) {
		s.list = func(_ context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
			return s.Memory.List(context.Background(), in)
		}
	}},
	{"ends quietly when its context is done", "cancelled", "yields nothing, as for an empty store", func(s *wrongSource, _ *sourcetest.Store) {
		s.list = func(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
			return func(yield func(source.Object, error) bool) {
				for o, err := range s.Memory.List(ctx, in) {
					if ctx.Err() != nil || !yield(o, err) {
						return
					}
				}
			}
		}
	}},
	{"bodies from the start", "open", "want the", func(s *wrongSource, _ *sourcetest.Store) {
		s.open = func(ctx context.Context, o source.Object, _ int64) (io.ReadCloser, error) {
			return s.Memory.Open(ctx, o, 0)
		}
	}},
	{"bodies decompressed", "open", "give the bytes as they are stored", func(s *wrongSource, _ *sourcetest.Store) {
		s.OnBody = func(_ context.Context, o source.Object, offset int64, body io.Reader) io.Reader {
			if !strings.HasSuffix(o.Key, ".gz") || offset > 0 {
				return body
			}
			data, err := io.ReadAll(body)
			zr, err2 := gzip.NewReader(bytes.NewReader(data))
			if errors.Join(err, err2) != nil {
				return bytes.NewReader(data)
			}
			return zr
		}
	}},
	{"lines of another system", "open", "brings 4 bytes, other ones from byte 2 on", func(s *wrongSource, _ *sourcetest.Store) {
		s.OnBody = func(_ context.Context, o source.Object, offset int64, body io.Reader) io.Reader {
			if o.Key != "x/lines.json" || offset > 0 {
				return body
			}
			data, _ := io.ReadAll(body)
			return bytes.NewReader(bytes.ReplaceAll(data, []byte("\r\n\n"), []byte("\n")))
		}
	}},
	{"no body", "open", "no body and no error", func(s *wrongSource, _ *sourcetest.Store) {
		s.open = func(context.Context, source.Object, int64) (io.ReadCloser, error) { return nil, nil }
	}},
	{"whatever is there now", "changed", `wraps "object changed while it was read"`, func(s *wrongSource, _ *sourcetest.Store) {
		s.open = func(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
			if now, _, found := s.Object(o.Key); found {
				o = now
				offset = min(offset, o.Size)
			}
			return s.Memory.Open(ctx, o, offset)
		}
	}},
	{"sizes not compared", "changed", "given without its ETag", func(s *wrongSource, _ *sourcetest.Store) {
		s.open = func(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
			if now, _, found := s.Object(o.Key); found && o.ETag == "" {
				o = now
			}
			return s.Memory.Open(ctx, o, offset)
		}
	}},
	{"one ETag for all", "changed", "an ETag changes with the content", func(s *wrongSource, store *sourcetest.Store) {
		store.Put = func(_ context.Context, key string, body []byte) error {
			was, _, _ := s.Object(key)
			s.PutObject(source.Object{Key: key, ETag: was.ETag}, body)
			return nil
		}
	}},
	{"another error for what is gone", "gone", `wraps "file does not exist"`, func(s *wrongSource, _ *sourcetest.Store) {
		s.open = func(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
			rc, err := s.Memory.Open(ctx, o, offset)
			if errors.Is(err, fs.ErrNotExist) {
				err = errors.New("status 404")
			}
			return rc, err
		}
	}},
	{"deleted and still listed", "gone", "which it should not", relisted(func(s *wrongSource, _ source.ListInput, all []source.Object) []source.Object {
		if len(all) == 1 && all[0].Key == "x/two" {
			return slices.Insert(all, 0, source.Object{Key: "x/one", Size: 5})
		}
		return all
	})},
	{"another error for what is denied", "denied", `wraps "permission denied"`, func(s *wrongSource, store *sourcetest.Store) {
		deny := store.Deny
		store.Deny = func(t *testing.T, prefix string) source.Source {
			w := sourcetest.Wrap(deny(t, prefix))
			w.OnOpen = func(_ context.Context, o source.Object, _ int64) error {
				if strings.HasPrefix(o.Key, prefix) {
					return errors.New("status 403")
				}
				return nil
			}
			return w
		}
	}},
	{"denied as if empty", "denied", "List of a store that is denied yields nothing", func(s *wrongSource, store *sourcetest.Store) {
		store.Deny = func(_ *testing.T, prefix string) source.Source {
			o := &wrongSource{Memory: sourcetest.NewMemory("mem://test")}
			o.open = func(ctx context.Context, object source.Object, offset int64) (io.ReadCloser, error) {
				if strings.HasPrefix(object.Key, prefix) {
					return nil, fs.ErrPermission
				}
				return s.Memory.Open(ctx, object, offset)
			}
			return o
		}
	}},
	{"missing as if empty", "missing", "List of a store that is not there yields nothing", func(_ *wrongSource, store *sourcetest.Store) {
		store.Missing = sourcetest.NewMemory("mem://missing")
	}},
	{"something in an empty store", "missing", "List of an empty store", relisted(func(_ *wrongSource, _ source.ListInput, all []source.Object) []source.Object {
		if len(all) == 0 {
			all = append(all, source.Object{Key: ".keep"})
		}
		return all
	})},
	{"one at a time", "concurrent", "busy", func(s *wrongSource, _ *sourcetest.Store) {
		var calls atomic.Int64
		met := make(chan struct{})
		s.OnList = func(_ context.Context, in source.ListInput) error {
			if !strings.HasPrefix(in.Prefix, "c/") || in.After != "" {
				return nil
			}
			if calls.Add(1) == 2 {
				close(met)
			}
			select {
			case <-met:
				return errors.New("busy")
			case <-time.After(100 * time.Millisecond): // alone, as in the test of a context
				return nil
			}
		}
	}},
}

const wrongEnv = "QLOGS_SOURCETEST_WRONG"

// TestWrongSources runs itself in a process, in which each wrong source has to fail.
func TestWrongSources(t *testing.T) {
	if os.Getenv(wrongEnv) != "" {
		for _, w := range wrongSources {
			t.Run(w.name, func(t *testing.T) {
				sourcetest.Test(t, func(_ *testing.T, objects map[string][]byte) sourcetest.Store {
					s := &wrongSource{Memory: sourcetest.NewMemory("mem://test")}
					store := memoryStore(s.Memory, objects)
					store.Source = s
					w.spoil(s, &store)
					return store
				})
			})
		}
		return
	}
	if testing.Short() {
		t.Skip("runs the suite on each wrong source; run without -short")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^TestWrongSources$", "-test.v")
	cmd.Env = append(os.Environ(), wrongEnv+"=1")
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		t.Fatalf("the tests of wrong sources end with %v, want failures:\n%s", err, out)
	}
	failed := map[string]bool{} // by "source/subtest", and by subtest
	said := map[string]string{} // by source
	subtests := map[string]bool{}
	for part := range strings.SplitSeq(string(out), "=== RUN   TestWrongSources/") {
		name, text, _ := strings.Cut(part, "\n")
		source, subtest, _ := strings.Cut(name, "/")
		said[source] += text
		subtests[subtest] = true
		for line := range strings.Lines(text) {
			if name, found := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: TestWrongSources/"); found {
				name, _, _ = strings.Cut(name, " (")
				_, subtest, _ := strings.Cut(name, "/")
				failed[name], failed[subtest] = true, true
			}
		}
	}
	for _, w := range wrongSources {
		name := strings.ReplaceAll(w.name, " ", "_")
		for subtest := range strings.FieldsSeq(w.fails) {
			if !failed[name+"/"+subtest] {
				t.Errorf("a source with %s passes the subtest %s", w.name, subtest)
			}
		}
		if !strings.Contains(said[name], w.says) {
			t.Errorf("of a source with %s the suite does not say %q", w.name, w.says)
		}
	}
	for subtest := range subtests {
		if subtest != "" && !failed[subtest] {
			t.Errorf("no wrong source fails the subtest %s", subtest)
		}
	}
}
