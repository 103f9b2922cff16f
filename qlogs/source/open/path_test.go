package open_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/open"
)

// mirror returns a directory with the objects in it.
func mirror(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	for _, o := range objects() {
		file := filepath.Join(dir, filepath.FromSlash(o.Key))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, o.Body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fileURI returns the URI of a file, in which a space has to be written as %20.
func fileURI(name string) string {
	name = filepath.ToSlash(name)
	if !strings.HasPrefix(name, "/") { // C:/…
		name = "/" + name
	}
	return "file://" + strings.ReplaceAll(name, " ", "%20")
}

func TestDirectory(t *testing.T) {
	dir := mirror(t, "a mirror")
	t.Chdir(filepath.Dir(dir))
	for _, uri := range []string{
		dir, dir + "/", "a mirror", "./a mirror", "../" + filepath.Base(filepath.Dir(dir)) + "/a mirror",
		fileURI(dir), fileURI(dir) + "/", strings.Replace(fileURI(dir), "file://", "file://localhost", 1),
		strings.Replace(fileURI(dir), "file://", "FILE:", 1),
	} {
		checkReads(t, uri, nil, "")
	}
	checkReads(t, dir, &open.Options{Profile: "of buckets alone", RoleARN: "x"}, "")
	t.Chdir(dir)
	checkReads(t, ".", nil, "")
}

// A directory below AWSLogs is what it is in the mirror, so that keys are whole.
func TestDirectoryBelowAWSLogs(t *testing.T) {
	dir := mirror(t, "mirror")
	for _, below := range []string{"prompt-logs/AWSLogs", "prompt-logs/AWSLogs/", "prompt-logs/AWSLogs/111122223333"} {
		src, prefix, err := open.URI(t.Context(), filepath.Join(dir, filepath.FromSlash(below)), nil)
		want := strings.TrimPrefix(strings.TrimSuffix(below, "/"), "prompt-logs/")
		if err != nil || prefix != want {
			t.Errorf("%s: prefix %q and the error %v, want %q", below, prefix, err, want)
			continue
		}
		if got, want := src.ID(), source.Dir(filepath.Join(dir, "prompt-logs")).ID(); got != want {
			t.Errorf("%s: source %s, want %s", below, got, want)
		}
		if n, err := read(t.Context(), src, prefix); n != len(objects()) || err != nil {
			t.Errorf("%s: %d objects read and the error %v, want %d", below, n, err, len(objects()))
		}
	}
	t.Chdir(filepath.Join(dir, "prompt-logs", "AWSLogs", "111122223333"))
	checkReads(t, ".", nil, "AWSLogs/111122223333")

	// One hour's folder has the objects of that hour.
	key := objects()[0].Key
	hour := key[:strings.LastIndex(key, "/")]
	n := 0
	for _, o := range objects() {
		if strings.HasPrefix(o.Key, hour+"/") {
			n++
		}
	}
	src, prefix, err := open.URI(t.Context(), filepath.Join(dir, filepath.FromSlash(hour)), nil)
	if err != nil || prefix != strings.TrimPrefix(hour, "prompt-logs/") {
		t.Fatalf("%s: prefix %q and the error %v", hour, prefix, err)
	}
	if got, err := read(t.Context(), src, prefix); got != n || err != nil {
		t.Errorf("%s: %d objects read and the error %v, want %d", hour, got, err, n)
	}

	// A folder that only has the name is one above logs.
	named := filepath.Join(t.TempDir(), "AWSLogs", "backup")
	if err := os.Rename(dir, mkdirFor(t, named)); err != nil {
		t.Fatal(err)
	}
	checkReads(t, named, nil, "")
}

func mkdirFor(t *testing.T, name string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

// archive writes a zip file with the objects in it.
func archive(t *testing.T, name string, change func(*zip.FileHeader)) string {
	t.Helper()
	var data bytes.Buffer
	w := zip.NewWriter(&data)
	for i, o := range objects() {
		h := &zip.FileHeader{Name: o.Key, Method: []uint16{zip.Store, zip.Deflate}[i%2], Modified: time.Date(2026, 3, 4, 5, 6, 8, 0, time.UTC)}
		if change != nil {
			change(h)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write(o.Body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestZip(t *testing.T) {
	testutil.NoLeaks(t)
	file := archive(t, filepath.Join(t.TempDir(), "some logs.zip"), nil)
	t.Chdir(filepath.Dir(file))
	for _, uri := range []string{file, "some logs.zip", "./some logs.zip", fileURI(file)} {
		checkReads(t, uri, nil, "")
	}
	checkReads(t, archive(t, filepath.Join(t.TempDir(), "mirror"), nil), nil, "") // of another name
	checkReads(t, archive(t, filepath.Join(t.TempDir(), "top.zip"), func(h *zip.FileHeader) { h.Name = "mirror/" + h.Name }), nil, "")

	one, _, err := open.URI(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := open.URI(t.Context(), fileURI(file), nil)
	if err != nil || one.ID() != two.ID() {
		t.Errorf("IDs %q and %q, and the error %v: want the same", one.ID(), two.ID(), err)
	}
}

// A zip file is open only while something in it is read.
func TestZipIsClosed(t *testing.T) {
	testutil.NoLeaks(t)
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // which would close a file that is forgotten
	file := archive(t, filepath.Join(t.TempDir(), "logs.zip"), nil)
	src, _, err := open.URI(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	var bodies []io.ReadCloser
	for o, err := range src.List(t.Context(), source.ListInput{}) {
		if err != nil {
			t.Fatal(err)
		}
		body, err := src.Open(t.Context(), o, o.Size/2)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	for i, body := range bodies {
		got, err := io.ReadAll(body)
		if want := objects()[i].Body; err != nil || !bytes.Equal(got, want[len(want)/2:]) {
			t.Errorf("object %d from its middle on: %d bytes and the error %v, want %d", i, len(got), err, len(want)-len(want)/2)
		}
		for range 2 { // a second Close does nothing
			if err := body.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
				t.Error(err)
			}
		}
	}
	for _, name := range openFiles() {
		if name == file {
			t.Error("the zip file is still open")
		}
	}
	if err := os.Remove(file); err != nil { // Windows would refuse
		t.Fatal(err)
	}
	if _, err := read(t.Context(), src, ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a zip file that is gone: %v, want fs.ErrNotExist", err)
	}
}

// openFiles returns the names of the files that this process has open, on Linux.
func openFiles() (names []string) {
	links, _ := filepath.Glob("/proc/self/fd/*")
	for _, link := range links {
		if name, err := os.Readlink(link); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// If a zip file is replaced, the new one is read, and bodies of the old one stay what they are.
func TestZipIsReplaced(t *testing.T) {
	testutil.NoLeaks(t)
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be replaced")
	}
	file := archive(t, filepath.Join(t.TempDir(), "logs.zip"), nil)
	src, _, err := open.URI(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	var old []source.Object
	for o, err := range src.List(t.Context(), source.ListInput{}) {
		if err != nil {
			t.Fatal(err)
		}
		old = append(old, o)
	}
	body, err := src.Open(t.Context(), old[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	later := archive(t, file+".new", func(h *zip.FileHeader) {
		h.Name = "later/" + h.Name
		if strings.HasSuffix(h.Name, old[1].Key) {
			h.Name, h.Modified = old[1].Key, h.Modified.Add(time.Hour)
		}
	})
	if err := os.Rename(later, file); err != nil {
		t.Fatal(err)
	}
	for o, want := range map[int]error{0: fs.ErrNotExist, 1: qlogs.ErrChanged} {
		if _, err := src.Open(t.Context(), old[o], 0); !errors.Is(err, want) {
			t.Errorf("object %d of the old file: %v, want %v", o, err, want)
		}
	}
	if n, err := read(t.Context(), src, ""); n != len(old) || err != nil {
		t.Errorf("%d objects read and the error %v, want %d", n, err, len(old))
	}
	if got, err := io.ReadAll(body); err != nil || !bytes.Equal(got, objects()[0].Body) {
		t.Errorf("the body that was open: %d bytes and the error %v, want %d", len(got), err, len(objects()[0].Body))
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	// While nothing is open there is nothing to notice it by but the file itself.
	last := archive(t, file+".new", func(h *zip.FileHeader) { h.Name = "last/" + h.Name })
	if err := os.Rename(last, file); err != nil {
		t.Fatal(err)
	}
	for o, err := range src.List(t.Context(), source.ListInput{}) {
		if err != nil || !strings.HasPrefix(o.Key, "last/") {
			t.Errorf("listed %q and the error %v, want the last file's", o.Key, err)
		}
	}
}

func TestNoPath(t *testing.T) {
	const forms = "give s3://bucket/prefix, a directory, file:///directory or a zip file"
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.zip")
	if err := os.WriteFile(text, []byte("no zip file"), 0o644); err != nil {
		t.Fatal(err)
	}
	locked := archive(t, filepath.Join(dir, "locked.zip"), func(h *zip.FileHeader) { h.Flags |= 1 })
	for _, tt := range []struct {
		uri  string
		says []string
	}{
		{filepath.Join(dir, "missing"), []string{"missing", forms}},
		{fileURI(filepath.Join(dir, "missing")), []string{"missing", forms}},
		{filepath.Join(dir, "missing.zip"), []string{"missing.zip", forms}},
		{text, []string{"notes.zip", "is neither a directory nor a zip file", forms}},
		{locked, []string{"locked.zip", "it is encrypted: unpack it, and give the directory"}},
	} {
		err := checkFails(t, tt.uri, nil, tt.says...)
		if missing := strings.Contains(tt.uri, "missing"); errors.Is(err, fs.ErrNotExist) != missing {
			t.Errorf("errors.Is(%v, fs.ErrNotExist) = %t", err, !missing)
		}
	}
	if runtime.GOOS != "windows" {
		checkFails(t, os.DevNull, nil, "is neither a directory nor a file", forms)
	}
}
