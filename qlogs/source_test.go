package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A sourceFS is a file system that counts and changes what it is asked.
type sourceFS struct {
	fstest.MapFS
	onReadDir func(name string) error
	read      []string // names of directories
	reverse   bool     // answer in descending order
	plain     bool     // files cannot seek
}

func (f *sourceFS) ReadDir(name string) ([]fs.DirEntry, error) {
	f.read = append(f.read, name)
	if f.onReadDir != nil {
		if err := f.onReadDir(name); err != nil {
			return nil, err
		}
	}
	entries, err := f.MapFS.ReadDir(name)
	if f.reverse {
		slices.Reverse(entries)
	}
	return entries, err
}

func (f *sourceFS) Open(name string) (fs.File, error) {
	file, err := f.MapFS.Open(name)
	if f.plain && err == nil {
		file = struct{ fs.File }{file}
	}
	return file, err
}

func newSourceFS(keys ...string) *sourceFS {
	f := &sourceFS{MapFS: fstest.MapFS{}}
	for _, k := range keys {
		f.MapFS[k] = &fstest.MapFile{Data: []byte(k), ModTime: confStart()}
	}
	return f
}

func TestDirID(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	want := "file://" + filepath.ToSlash(filepath.Join(wd, "logs"))
	for _, name := range []string{"logs", "./logs", "logs/", "logs/../logs", filepath.Join(wd, "logs")} {
		if got := source.Dir(name).ID(); got != want {
			t.Errorf("Dir(%q).ID() = %q, want %q", name, got, want)
		}
	}
	if got := source.Dir(".").ID(); got == want {
		t.Errorf("Dir(%q).ID() = %q, want another than that of the directory in it", ".", got)
	}
	if got := source.FS("fs:", fstest.MapFS{}).ID(); got != "fs:" {
		t.Errorf("FS(…).ID() = %q, want fs:", got)
	}
}

// TestDirLinks: what a link to a file points at is an object; what is no file
// is none, and a link to a directory is not followed, so that no loop can arise.
func TestDirLinks(t *testing.T) {
	root := t.TempDir()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Skipf("this system cannot make what the test needs: %v", err)
		}
	}
	ok(os.MkdirAll(filepath.Join(root, "d", "empty"), 0o755))
	ok(os.WriteFile(filepath.Join(root, "d", "file"), []byte("12345"), 0o600))
	ok(os.Symlink("file", filepath.Join(root, "d", "link")))
	ok(os.Symlink("nothing", filepath.Join(root, "d", "dangling")))
	ok(os.Symlink("..", filepath.Join(root, "d", "loop")))
	t.Chdir(root) // the name of a socket must be short
	socket, err := new(net.ListenConfig).Listen(t.Context(), "unix", "d/socket")
	ok(err)
	defer socket.Close()

	src := source.Dir(root)
	confSame(t, "List", confListKeys(t, src, qlogs.ListInput{}), []string{"d/file", "d/link"})
	confSame(t, "List of folders", confListKeys(t, src, qlogs.ListInput{Prefix: "d/", Folders: true}), []string{"d/empty/", "d/file", "d/link"})
	for _, key := range []string{"d/file", "d/link"} {
		o := confFind(t, src, key)
		if got, err := confReadAll(t.Context(), src, o, 0); o.Size != 5 || err != nil || string(got) != "12345" {
			t.Errorf("Open(%+v) = %q, %v, want 12345", o, got, err)
		}
	}
}

func TestDirObject(t *testing.T) {
	root := t.TempDir()
	name := filepath.Join(root, "file")
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	written := time.Date(2026, time.March, 2, 9, 0, 0, 123456000, time.UTC)
	if err := os.Chtimes(name, written, written); err != nil {
		t.Fatal(err)
	}
	o := confFind(t, source.Dir(root), "file")
	if !o.LastModified.Equal(written) || o.Size != 5 || o.StorageClass != "" || o.Archived || o.VersionID != "" {
		t.Errorf("List gives %+v, want 5 bytes of %v", o, written)
	}
	if again := confFind(t, source.Dir(root), "file"); again.ETag != o.ETag {
		t.Errorf("ETags of an unchanged file = %s, %s, want the same", o.ETag, again.ETag)
	}
}

// TestFSReadsInRangeOnly: a range of keys costs the folders that it lies in.
func TestFSReadsInRangeOnly(t *testing.T) {
	f := newSourceFS("p/01/a", "p/02/a", "p/02/b", "p/03/a", "p/03.x/a", "p/04/a", "q/01/a")
	src := source.FS("fs:", f)
	confSame(t, "List", confListKeys(t, src, qlogs.ListInput{Prefix: "p/", After: "p/02/a"}), []string{"p/02/b", "p/03.x/a", "p/03/a", "p/04/a"})
	confSame(t, "directories", f.read, []string{"p", "p/02", "p/03.x", "p/03", "p/04"})
	f.read = nil
	for o, err := range src.List(t.Context(), qlogs.ListInput{Prefix: "p/", After: "p/01/z"}) {
		if err != nil || o.Key != "p/02/a" {
			t.Errorf("List begins with %q, %v, want p/02/a", o.Key, err)
		}
		break
	}
	confSame(t, "directories until the loop was left", f.read, []string{"p", "p/01", "p/02"})
	f.read = nil
	confListKeys(t, src, qlogs.ListInput{Prefix: "p/03/"})
	confSame(t, "directories of a deep prefix", f.read, []string{"p/03"})
}

func TestFSOrderOfEntries(t *testing.T) {
	f := newSourceFS("a-b/1", "a/1", "a/2", "a.b", "a0", "b")
	f.reverse = true
	confSame(t, "List", confListKeys(t, source.FS("fs:", f), qlogs.ListInput{}), []string{"a-b/1", "a.b", "a/1", "a/2", "a0", "b"})
}

func TestFSPrefixes(t *testing.T) {
	src := source.FS("fs:", newSourceFS("a/b/1", "a/b/2", "a/bc/3"))
	for _, tt := range []struct {
		prefix string
		want   []string
	}{
		{"a/b", []string{"a/b/1", "a/b/2", "a/bc/3"}},
		{"a/b/", []string{"a/b/1", "a/b/2"}},
		{"a/b/2", []string{"a/b/2"}},
		{"a/b/3", nil},
		{"b/", nil},
		{"a/b/1/", nil},
		{"a/b/1/2/", nil},
		{"a/../a/b/", nil},
		{"./a/b/", nil},
		{"/a/b/", nil},
		{"a//b/", nil},
		{"../", nil},
		{"a/b/\xff/", nil},
	} {
		confSame(t, fmt.Sprintf("List(%q)", tt.prefix), confListKeys(t, src, qlogs.ListInput{Prefix: tt.prefix}), tt.want)
	}
}

func TestFSListFails(t *testing.T) {
	broken := errors.New("the disk is broken")
	f := newSourceFS("a/1", "b/1", "c/1")
	f.onReadDir = func(name string) error {
		if name == "b" {
			return broken
		}
		return nil
	}
	var got []string
	for o, err := range source.FS("fs:", f).List(t.Context(), qlogs.ListInput{}) {
		var name *source.KeyError
		if errors.As(err, &name) && errors.Is(err, broken) {
			o.Key = "error of " + name.Key
		} else if err != nil {
			t.Errorf("List yields the error %v, want %v", err, broken)
		}
		got = append(got, o.Key)
	}
	confSame(t, "List", got, []string{"a/1", "error of b/", "c/1"})
	objs, err := confList(t, source.FS("fs:", f), qlogs.ListInput{Prefix: "b/"})
	if len(objs) != 0 || err != broken {
		t.Errorf("List of the folder = %+v, %v, want %v", objs, err, broken)
	}
}

// TestFSListMeetsChanges: what goes away while it is listed was never there.
func TestFSListMeetsChanges(t *testing.T) {
	f := newSourceFS("a/1", "b/1", "c/1", "d/1")
	f.onReadDir = func(name string) error {
		if name == "a" {
			delete(f.MapFS, "b/1")
		}
		return nil
	}
	confSame(t, "List", confListKeys(t, source.FS("fs:", f), qlogs.ListInput{}), []string{"a/1", "c/1", "d/1"})
}

func TestFSListCancelled(t *testing.T) {
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var got []string
	for o, err := range source.FS("fs:", newSourceFS("a/1", "b/1", "c/1")).List(ctx, qlogs.ListInput{}) {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, o.Key)
		cancel(reason)
	}
	confSame(t, "pairs", got, []string{"a/1", "enough"})
}

// TestFSOpenWithoutSeek: a file system need not have files that can seek.
func TestFSOpenWithoutSeek(t *testing.T) {
	f := newSourceFS("a/123456789")
	f.plain = true
	src := source.FS("fs:", f)
	o := confFind(t, src, "a/123456789")
	for _, offset := range []int64{0, 1, 10} {
		if got, err := confReadAll(t.Context(), src, o, offset); err != nil || string(got) != o.Key[offset:] {
			t.Errorf("Open at %d = %q, %v, want %q", offset, got, err, o.Key[offset:])
		}
	}
	if _, err := confReadAll(t.Context(), src, o, 12); !errors.Is(err, io.EOF) {
		t.Errorf("Open beyond the end: error = %v, want %v", err, io.EOF)
	}
}

func TestFSOpenNoFile(t *testing.T) {
	src := source.FS("fs:", newSourceFS("a/1"))
	for _, key := range []string{"", "/", "../a/1", "/a/1", "a//1", "a/1/2", "a/\xff"} {
		if body, err := confReadAll(t.Context(), src, qlogs.Object{Key: key, Size: 3}, 0); err == nil {
			t.Errorf("Open(%q) = %q, want an error", key, body)
		}
	}
}

// TestDirStaysInside: a link to a file leads out of the directory on purpose; a
// key does not.
func TestDirStaysInside(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	src := source.Dir(filepath.Join(root, "logs"))
	for _, key := range []string{"../secret", "x/../../secret", filepath.Join(root, "secret")} {
		if body, err := confReadAll(t.Context(), src, qlogs.Object{Key: key, Size: 6}, 0); err == nil {
			t.Errorf("Open(%q) = %q, want an error", key, body)
		}
	}
}

// TestFSDeniedFolders: a directory that cannot be read costs what lies below it,
// whatever its place.
func TestFSDeniedFolders(t *testing.T) {
	p, other := confPartition("p", path.GenerateAssistantResponse), confPartition("p", path.GenerateCompletions)
	objs := slices.Concat(confChats(p, 3, time.Hour), confChats(other, 1, time.Hour))
	folders := strings.Split(objs[1].Key, "/")
	for depth := 2; depth < len(folders); depth++ {
		denied := strings.Join(folders[:depth], "/")
		f := newSourceFS()
		for _, o := range objs {
			f.MapFS[o.Key] = &fstest.MapFile{Data: o.Body, ModTime: confStart()}
		}
		f.onReadDir = func(name string) error {
			if name == denied {
				return fs.ErrPermission
			}
			return nil
		}
		var want []string
		told := false
		for _, o := range objs {
			switch {
			case strings.HasPrefix(o.Key, denied+"/"):
				if !told {
					want = append(want, "!")
				}
				told = true
			default:
				want = append(want, o.Key+"#0")
			}
		}
		r := confRead(t.Context(), source.FS("fs:", f), qlogs.Query{}, 0)
		confSame(t, "pairs without "+denied, r.pairs, want)
		var perr *qlogs.PartitionError
		if len(r.errs) != 1 || !errors.As(r.errs[0], &perr) || !errors.Is(perr, fs.ErrPermission) || denied+"/" != perr.Prefix {
			t.Errorf("errors without %q = %v, want one *PartitionError of it that is %v", denied, r.errs, fs.ErrPermission)
		}
	}
}
