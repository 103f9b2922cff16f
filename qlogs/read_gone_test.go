package qlogs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// TestReadGone: an object that is named and not there, or that cannot be looked up, is an
// error, whatever is known of it. One that is there and empty is none.
func TestReadGone(t *testing.T) {
	there, empty, gone := cursorKey(cursorChats, 0), cursorKey(cursorChats, 1), cursorKey(cursorChats, 2)
	file := cursorFile(cursorRecord("a", 0))
	mem, client := stores.MemS3(t)
	mem.Put("logs", there, file)
	mem.Put("logs", empty, nil)
	store := newCursorStore()
	store.put(there, file)
	store.put(empty, nil)
	root := t.TempDir()
	name := filepath.Join(root, filepath.FromSlash(there))
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, file, 0o600),
		os.WriteFile(filepath.Join(root, filepath.FromSlash(empty)), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	failing := newCursorStore()
	failing.listHook = func(qlogs.ListInput) error { return fs.ErrPermission }

	for _, src := range []struct {
		name   string
		source qlogs.Source
		reason error
	}{
		{"S3", s3source.New(client, "logs", nil), fs.ErrNotExist},
		{"memory", store, fs.ErrNotExist},
		{"directory", source.Dir(root), fs.ErrNotExist},
		{"no folder", source.FS("fs:", fstest.MapFS{}), fs.ErrNotExist},
		{"no permission", failing, fs.ErrPermission},
	} {
		for _, o := range []qlogs.Object{
			{Key: gone},
			{Key: gone, Size: -1},
			{Key: gone, VersionID: "v"},
			{Key: gone, Size: -1, VersionID: "v"},
			{Key: gone, Size: -1, ETag: `"e"`},
			{Key: gone, StorageClass: "STANDARD"},
			{Key: "logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2020/01/01/00/x.json.gz"},
		} {
			var errs []error
			for _, err := range qlogs.New(src.source, nil).Read(t.Context(), o) {
				errs = append(errs, err)
			}
			var bad *qlogs.ObjectError
			if len(errs) != 1 || !errors.As(errs[0], &bad) || !errors.Is(bad, src.reason) || bad.Key != o.Key || bad.Op != "open" {
				t.Errorf("%s: Read(%+v) yields %v, want one *ObjectError that is %v", src.name, o, errs, src.reason)
			}
		}
	}
	for _, src := range []qlogs.Source{s3source.New(client, "logs", nil), store, source.Dir(root)} {
		for _, o := range []qlogs.Object{
			{Key: empty}, {Key: empty, Size: -1}, {Key: empty, VersionID: "v"}, {Key: empty, ETag: `"e"`},
			{Key: gone + ".txt"}, {Key: "readme"}, {Key: "logs/"},
		} {
			for e, err := range qlogs.New(src, nil).Read(t.Context(), o) {
				t.Errorf("%s: Read(%+v) yields %v, %v, want nothing", src.ID(), o, e, err)
			}
		}
		n := 0
		for _, err := range qlogs.New(src, nil).Read(t.Context(), qlogs.Object{Key: there}) {
			if n++; err != nil {
				t.Errorf("%s: Read of what is there: %v", src.ID(), err)
			}
		}
		if n != 1 {
			t.Errorf("%s: Read of what is there yields %d pairs, want 1", src.ID(), n)
		}
	}
}
