//go:build unix

package qlogs_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// TestOddEntriesOfDirectories: what cannot be looked at in a directory costs itself, and
// is told: as an error of its name, or as a count of what is foreign.
func TestOddEntriesOfDirectories(t *testing.T) {
	link := func(target, name string) func(string) error {
		return func(root string) error {
			name := filepath.Join(root, name)
			return errors.Join(os.RemoveAll(name), os.Symlink(target, name))
		}
	}
	pipe := func(name string) func(string) error {
		return func(root string) error { return syscall.Mkfifo(filepath.Join(root, name), 0o600) }
	}
	dir := func(name string) func(string) error {
		return func(root string) error { return os.MkdirAll(filepath.Join(root, name), 0o755) }
	}
	hour := oddHour(2)
	folder := strings.TrimSuffix(hour, "/")
	day := hour[:len(hour)-len("/11/")]
	log := hour + "odd.json.gz"
	partition := oddPartitions[0].String()
	for i, tt := range []struct {
		name  string
		make  func(root string) error
		odd   string // an error of that name, or else a count
		gone  string // with what lies below
		final bool   // not tried again
	}{
		{"hour folder that is a link to itself", link("11", folder), folder, hour, false},
		{"hour folder in a circle of links", func(root string) error {
			aside := filepath.Join(t.TempDir(), "aside")
			return errors.Join(link(aside, folder)(root), os.Symlink(filepath.Join(root, folder), aside))
		}, folder, hour, false},
		{"hour folder that is a link to nothing", link("nothing", folder), folder, hour, false},
		{"hour folder that is a link to a name too long", link(strings.Repeat("a", 300), folder), folder, hour, false},
		{"hour folder that is a link through a file", link("../../../../odd/x", folder), folder, hour, false},
		{"day folder that is a link to itself", link("02", day), day, day + "/", false},
		{"year folder that is a link to itself", link("2026", partition+"2026"), partition + "2026", partition, false},
		{"log that is a link to itself", link("odd.json.gz", log), log, "", false},
		{"log that is a link to a name too long", link(strings.Repeat("a", 300), log), log, "", false},
		{"log that is a link to nothing", link("nothing", log), log, "", false},
		{"other file that is a link to itself", link("odd", hour+"odd"), hour + "odd", "", true},
		{"log that is a pipe", pipe(log), log, "", true},
		{"log that is a link to a directory", link(".", log), log, "", true},
		{"log whose name is not UTF-8", func(root string) error {
			return os.WriteFile(filepath.Join(root, hour+"\xff.json.gz"), []byte("x"), 0o600)
		}, hour + "\xff.json.gz", "", true},
		{"account that is a link to itself", link("222233334444", "AWSLogs/222233334444"), "AWSLogs/222233334444", "", false},
		{"root that is a link to itself", link("logs", "logs"), "logs", "", false},
		{"link to itself that is no folder of logs", link("x", "AWSLogs/111122223333/CloudTrail"), "", "", false},
		{"pipe", pipe(hour + "pipe"), "", "", false},
		{"pipe above all", pipe("pipe"), "", "", false},
		{"linked hour folder", func(root string) error {
			aside := filepath.Join(t.TempDir(), "aside")
			return errors.Join(os.Rename(filepath.Join(root, folder), aside), os.Symlink(aside, filepath.Join(root, folder)))
		}, "", hour, false},
		{"linked root", link("AWSLogs", "more"), "", "", false},
		{"linked product", link("KiroLogs", "AWSLogs/111122223333/QDeveloperLogs"), "", "", false},
		{"folder whose name is not UTF-8", dir(day + "/\xff"), "", "", false},
		{"folder above all whose name is not UTF-8", dir("\xff/AWSLogs"), "", "", false},
		{"log type whose name is not UTF-8", dir("AWSLogs/111122223333/KiroLogs/\xff/us-east-1"), "", "", false},
	} {
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			oddTree(t, root)
			if err := os.WriteFile(filepath.Join(root, partition, "odd"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := tt.make(root); err != nil {
				t.Skipf("this system cannot make what the test needs: %v", err)
			}
			client := qlogs.New(source.Dir(root), nil)
			s := client.Scan(qlogs.Query{})
			got := oddRead(t, s)
			contractSame(t, "records", got.ids, oddKeys(tt.gone))
			var errs []string
			foreign := int64(1)
			if tt.odd != "" {
				errs, foreign = []string{tt.odd}, 0
			}
			contractSame(t, "names of errors", got.errs, errs)
			if st := s.Stats(); st.Skipped.Foreign != foreign {
				t.Errorf("%+v: %d foreign, want %d", st.Skipped, st.Skipped.Foreign, foreign)
			}
			if got.final != tt.final {
				t.Errorf("errors %v: not pending: %t, want %t", got.reason, got.final, tt.final)
			}
			if tt.odd == "" {
				return
			}

			// Once it is mended it is read, and nothing else is.
			if err := os.RemoveAll(filepath.Join(root, tt.odd)); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, key := range oddKeys() {
				if tt.gone != "" && strings.HasPrefix(key, tt.gone) {
					oddWrite(t, root, key)
					want = append(want, key)
				}
			}
			if tt.odd == log && !tt.final {
				oddWrite(t, root, log)
				want = []string{log}
			}
			rest := oddRead(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
			contractSame(t, "records once it is mended", rest.ids, want)
			if len(rest.errs) != 0 {
				t.Errorf("errors once it is mended: %v", rest.reason)
			}
		})
	}
}

// TestOddSocket: a socket is no log, whatever its name is.
func TestOddSocket(t *testing.T) {
	root := t.TempDir()
	oddTree(t, root)
	t.Chdir(filepath.Join(root, oddHour(2))) // the name of a socket must be short
	socket, err := new(net.ListenConfig).Listen(t.Context(), "unix", "s.json.gz")
	if err != nil {
		t.Skipf("this system has no sockets in directories: %v", err)
	}
	defer socket.Close()
	got := oddRead(t, qlogs.New(source.Dir(root), nil).Scan(qlogs.Query{}))
	contractSame(t, "records", got.ids, oddKeys())
	contractSame(t, "names of errors", got.errs, []string{oddHour(2) + "s.json.gz"})
}

// TestOddLookUps: a look-up tells of the name that it is for, and of no other.
func TestOddLookUps(t *testing.T) {
	root := t.TempDir()
	oddTree(t, root)
	hour := filepath.Join(root, oddHour(2))
	for _, name := range []string{"000.json.gz", "999.json.gz", "zzz"} {
		if err := os.Symlink(name, filepath.Join(hour, name)); err != nil {
			t.Skipf("this system cannot make links: %v", err)
		}
	}
	client := qlogs.New(source.Dir(root), nil)
	for _, tt := range []struct {
		key    string
		reason error
	}{
		{oddKey(oddPartitions[0], 2), nil},
		{oddHour(2) + "000.json.gz", syscall.ELOOP},
		{oddHour(2) + "999.json.gz", syscall.ELOOP},
		{oddHour(2) + "998.json.gz", fs.ErrNotExist},
	} {
		n := 0
		for _, err := range client.Read(t.Context(), qlogs.Object{Key: tt.key, Size: -1}) {
			var bad *qlogs.ObjectError
			if n++; !errors.Is(err, tt.reason) || err != nil && (!errors.As(err, &bad) || bad.Key != tt.key) {
				t.Errorf("Read(%q) = %v, want %v", tt.key, err, tt.reason)
			}
		}
		if n != 1 {
			t.Errorf("Read(%q) yields %d pairs, want 1", tt.key, n)
		}
	}
}
