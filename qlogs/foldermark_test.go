package qlogs_test

import (
	"bytes"
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// A store that lists the object that marks a folder beside the folder itself lists the
// folder twice in a row. What lies in it, and behind it, is read.
func TestFolderMarks(t *testing.T) {
	for _, prefix := range []string{"", "p/AWSLogs/", "p/AWSLogs/111122223333/"} {
		s := newS3Server(t, 6)
		for _, o := range confChats(confPartition("q", path.GenerateCompletions), 2, time.Minute) {
			s.Put("logs", o.Key, o.Body)
		}
		marked := 0
		s.Intercept(func(r s3mem.Request) *s3mem.Fault {
			if r.Op != "ListObjectsV2" || r.Delimiter == "" || r.Prefix != prefix {
				return nil
			}
			return &s3mem.Fault{Change: func(a *rewrite.Answer) {
				start := bytes.Index(a.Body, []byte("<CommonPrefixes><Prefix>"))
				folder, _, _ := bytes.Cut(a.Body[start+len("<CommonPrefixes><Prefix>"):], []byte("<"))
				mark := "<Contents><Key>" + string(folder) + `</Key><Size>0</Size><ETag>"d"</ETag></Contents>`
				a.Body = slices.Insert(a.Body, start, []byte(mark)...)
				marked++
			}}
		})
		for _, src := range []qlogs.Source{s3source.New(s.client, "logs", nil), s3source.New(s.client, "logs", &s3source.Options{PlainSDK: true}), s3source.New(wrappedAPI{s.client}, "logs", nil)} {
			marked = 0
			r := confRead(t.Context(), src, qlogs.Query{}, 0)
			r.noErrors(t)
			if len(r.ids) != 8 || r.scan.Stats().Repeated != 1 || marked != 1 {
				t.Errorf("below %q: %d records, %d repeated, %d marks, want 8, 1 and 1", prefix, len(r.ids), r.scan.Stats().Repeated, marked)
			}
		}
	}
}

// unionFS names each entry as often as a union of that many file systems may.
type unionFS struct {
	fs.FS
	times int
}

func (u unionFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(u.FS, name)
	return slices.Repeat(entries, u.times), err
}

func TestUnionsOfFileSystems(t *testing.T) {
	root := t.TempDir()
	oddTree(t, root)
	for _, times := range []int{1, 2, 3} {
		got := oddRead(t, qlogs.New(source.FS("fs:", unionFS{os.DirFS(root), times}), nil).Scan(qlogs.Query{}))
		contractSame(t, "records", got.ids, oddKeys())
		contractSame(t, "errors", got.errs, nil)
	}
}
