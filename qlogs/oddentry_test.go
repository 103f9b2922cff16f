package qlogs_test

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

var errOdd = errors.New("input/output error")

// TestOddEntriesOfFileSystems: a directory or a file that a file system fails at costs
// itself, and is read once that is over.
func TestOddEntriesOfFileSystems(t *testing.T) {
	root := t.TempDir()
	oddTree(t, root)
	first := oddPartitions[0]
	hour := strings.TrimSuffix(oddHour(2), "/")
	for _, tt := range []struct {
		name    string
		fails   string
		partial bool
		odd     string // the name of the error
		gone    string
	}{
		{"hour", hour, false, hour + "/", hour},
		{"hour, cut", hour, true, hour + "/", hour},
		{"last hour", oddHour(5)[:len(oddHour(5))-1], false, oddHour(5), oddHour(5)},
		{"day", hour[:len(hour)-3], false, hour[:len(hour)-2], hour[:len(hour)-2]},
		{"day, cut", hour[:len(hour)-3], true, hour[:len(hour)-2], oddHour(5)},
		{"partition", strings.TrimSuffix(first.String(), "/"), false, first.String(), first.String()},
		{"account", "AWSLogs/111122223333", false, "AWSLogs/111122223333/", "AWSLogs"},
		{"file", oddKey(first, 2), false, oddKey(first, 2), oddKey(first, 2)},
		{"last file", oddKey(first, 5), false, oddKey(first, 5), oddKey(first, 5)},
	} {
		for _, reason := range []error{errOdd, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}} {
			t.Run(tt.name, func(t *testing.T) {
				broken := &oddFS{FS: os.DirFS(root), fails: map[string]error{tt.fails: reason}, partial: tt.partial}
				s := qlogs.New(source.FS("fs:", broken), nil).Scan(qlogs.Query{})
				got := oddRead(t, s)
				contractSame(t, "records", got.ids, oddKeys(tt.gone))
				contractSame(t, "names of errors", got.errs, []string{tt.odd})
				if len(got.reason) == 1 && !errors.Is(got.reason[0], reason) {
					t.Errorf("error %v, want %v", got.reason[0], reason)
				}

				again := qlogs.New(source.FS("fs:", broken), nil).Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
				got = oddRead(t, again)
				if len(got.ids) != 0 {
					t.Errorf("records of the next scan: %q, want none", got.ids)
				}
				last := qlogs.New(source.FS("fs:", os.DirFS(root)), nil).Scan(qlogs.Query{After: cursorText(t, again.Cursor())})
				got = oddRead(t, last)
				all := oddKeys()
				contractSame(t, "records once it is mended", got.ids, slices.DeleteFunc(all, func(key string) bool { return !strings.HasPrefix(key, tt.gone) }))
			})
		}
	}
}

// TestOddEntriesHold: a folder that cannot be read holds its partition for as long as it
// is, even if the newest objects are older than the lookback by then.
func TestOddEntriesHold(t *testing.T) {
	root := t.TempDir()
	oddTree(t, root)
	hour := strings.TrimSuffix(oddHour(0), "/")
	opts := &qlogs.Options{Lookback: time.Hour}
	broken := &oddFS{FS: os.DirFS(root), fails: map[string]error{hour: errOdd}}
	var after qlogs.Cursor
	for range 3 {
		s := qlogs.New(source.FS("fs:", broken), opts).Scan(qlogs.Query{After: after})
		oddRead(t, s)
		after = cursorText(t, s.Cursor())
	}
	got := oddRead(t, qlogs.New(source.FS("fs:", os.DirFS(root)), opts).Scan(qlogs.Query{After: after}))
	contractSame(t, "records once it is mended", got.ids, []string{oddKey(oddPartitions[0], 0)})
}

// TestOddEntriesFollowed: Follow tells of a folder once, goes on, and reads it when it can.
func TestOddEntriesFollowed(t *testing.T) {
	root := t.TempDir()
	oddTree(t, root)
	hour := strings.TrimSuffix(oddHour(2), "/")
	file := oddKey(oddPartitions[1], 3)
	synctest.Test(t, func(t *testing.T) {
		followClock(5*time.Hour + 30*time.Minute)
		broken := &oddFS{FS: os.DirFS(root), fails: map[string]error{hour: errOdd, file: errOdd}}
		opts := &qlogs.Options{Lookback: time.Hour, PollInterval: time.Minute, SweepInterval: 10 * time.Minute}
		s := qlogs.New(source.FS("fs:", broken), opts).Scan(qlogs.Query{To: cursorStart().Add(8 * time.Hour)})
		var ids, errs []string
		for e, err := range s.Follow(t.Context()) {
			var object *qlogs.ObjectError
			var partition *qlogs.PartitionError
			switch {
			case err == nil:
				ids = append(ids, e.Record.RequestID())
			case errors.As(err, &object):
				errs = append(errs, object.Key)
				time.AfterFunc(25*time.Minute, func() { broken.mend(file) })
			case errors.As(err, &partition):
				errs = append(errs, partition.Prefix)
				time.AfterFunc(2*time.Hour, func() { broken.mend(hour) })
			default:
				t.Fatal(err)
			}
		}
		contractSame(t, "records before", ids[:min(len(ids), 2*oddHours-2)], oddKeys(oddHour(2), file))
		contractSame(t, "records once they are mended", ids[min(len(ids), 2*oddHours-2):], []string{file, oddKey(oddPartitions[0], 2)})
		if n := len(slices.DeleteFunc(slices.Clone(errs), func(name string) bool { return name != oddHour(2) })); n != 1 {
			t.Errorf("errors of %q, want one of the folder", errs)
		}
	})
}
