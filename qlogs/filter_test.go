package qlogs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// What is a log is told by the key and the size alone. Each row is one object.
func TestFilterLogObjects(t *testing.T) {
	const (
		account = "p/AWSLogs/111122223333/"
		kiro    = account + "KiroLogs/"
		chat    = kiro + "GenerateAssistantResponse/us-east-1/"
		hour    = chat + "2026/03/02/09/"
		uuid    = "26404955-bf00-40d3-b713-43d18edf0638"
	)
	log := path.Skips{}
	probe, folder, empty, foreign := path.Skips{Probe: 1}, path.Skips{Folder: 1}, path.Skips{Empty: 1}, path.Skips{Foreign: 1}
	report := path.Skips{Report: 1}
	for _, tt := range []struct {
		name, key string
		size      int
		want      path.Skips
	}{
		{"as AWS names it", hour + "111122223333_GenerateAssistantResponse_202603020905_3tbIeIrGJNDFbfVx.json.gz", 1, log},
		{"any .json.gz", hour + "x.json.gz", 1, log},
		{".json", hour + "x.json", 1, log},
		{".gz", hour + "x.gz", 1, log},
		{"the guide's form", hour + "zipFile.gz/logFile.json", 1, log},
		{"half of the guide's form", hour + "zipFile.gz", 1, log},
		{"unknown type", kiro + "BrandNew/us-east-1/2026/03/02/09/x.json.gz", 1, log},
		{"other extension", hour + "x.csv", 1, foreign},
		{"no extension", hour + "x", 1, foreign},
		{"extension in upper case", hour + "x.JSON.GZ", 1, foreign},
		{"AppleDouble file of a log", hour + "._x.json.gz", 1, foreign},
		{"AppleDouble file of AWS's name", hour + "._111122223333_GenerateAssistantResponse_202603020905_3tbIeIrGJNDFbfVx.json.gz", 1, foreign},
		{"AppleDouble file of .json", hour + "._x.json", 1, foreign},
		{"AppleDouble file in the guide's folder", hour + "zipFile.gz/._logFile.json", 1, foreign},
		{"AppleDouble file of a report", chat + kiro + "user_report/us-east-1/2026/03/02/00/._x.csv", 9, foreign},
		{"AppleDouble file in a product", kiro + "._x.json.gz", 1, foreign},
		{"iCloud's file of a log that is not there", hour + ".x.json.gz.icloud", 1, foreign},
		{"hidden log", hour + ".x.json.gz", 1, foreign},
		{"hidden log without a name", hour + ".json.gz", 1, foreign},
		{"lock of Emacs", hour + ".#x.json.gz", 1, foreign},
		{"lock of LibreOffice", hour + ".~lock.x.json.gz#", 1, foreign},
		{"backup of an editor", hour + "x.json.gz~", 1, foreign},
		{"autosaved by Emacs", hour + "#x.json.gz#", 1, foreign},
		{"swap file of vim", hour + ".x.json.gz.swp", 1, foreign},
		{"rsync's file under way", hour + ".x.json.gz.AbCd12", 1, foreign},
		{"rsync's file under way that ends like a log", hour + ".x.json.gz.json", 1, foreign},
		{"Syncthing's file under way", hour + ".syncthing.x.json.gz", 1, foreign},
		{"part of a download", hour + "x.json.gz.part", 1, foreign},
		{"temporary file", hour + "x.json.gz.tmp", 1, foreign},
		{"download of Chrome", hour + "x.json.gz.crdownload", 1, foreign},
		{"AWS's command under way", hour + "x.json.gz.6eF3d2Bc", 1, foreign},
		{"removed file of NFS", hour + ".nfs000000000012a4b700000001", 1, foreign},
		{"removed file of FUSE", hour + ".fuse_hidden0000001200000001", 1, foreign},
		{"folder settings of macOS", hour + ".DS_Store", 1, foreign},
		{"folder settings of macOS above the root", "p/.DS_Store", 1, foreign},
		{"thumbnails of Windows", hour + "Thumbs.db", 1, foreign},
		{"folder settings of Windows", hour + "desktop.ini", 1, foreign},
		{"dots in a name", hour + "x..json.gz", 1, log},
		{"empty companion", hour + "._x.json.gz", 0, empty},
		{"backup of a log", hour + "x.json.gz.bak", 1, foreign},
		{"a level too deep", hour + "copy/x.json.gz", 1, foreign},
		{"a level too high", chat + "2026/03/02/x.json.gz", 1, foreign},
		{"hour without zero", chat + "2026/03/02/9/x.json.gz", 1, foreign},
		{"no such day", chat + "2026/02/30/09/x.json.gz", 1, foreign},
		{"in the region's folder", chat + "x.json.gz", 1, foreign},
		{"in the type's folder", kiro + "GenerateAssistantResponse/x.json.gz", 1, foreign},
		{"in the account's folder", account + "x.json.gz", 1, foreign},
		{"in the root", "p/AWSLogs/x.json.gz", 1, foreign},
		{"above the root", "p/x.json.gz", 1, foreign},
		{"probe of Kiro", kiro + uuid, 103, probe},
		{"probe of Q Developer", account + "QDeveloperLogs/" + uuid, 103, probe},
		{"probe in upper case", kiro + strings.ToUpper(uuid), 103, probe},
		{"not quite a UUID", kiro + uuid[:35] + "g", 103, foreign},
		{"UUID without hyphens", kiro + strings.ReplaceAll(uuid, "-", "0"), 103, foreign},
		{"UUID in an hour", hour + uuid, 103, foreign},
		{"UUID above the product", account + uuid, 103, foreign},
		{"report in a bucket that was copied into a region", chat + kiro + "user_report/us-east-1/2026/03/02/00/x.csv", 9, report},
		{"log in a bucket that was copied into a region", chat + hour + "x.json.gz", 9, log},
		{"folder of an hour", hour, 0, folder},
		{"folder of a type", kiro + "GenerateAssistantResponse/", 0, folder},
		{"folder of the bucket", "p/", 0, folder},
		{"folder with content", hour + "sub/", 5, folder},
		{"empty log", hour + "x.json.gz", 0, empty},
		{"empty other", "p/x.txt", 0, empty},
		{"empty in an hour", hour + "x", 0, empty},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := newContractSource()
			src.put(tt.key, slices.Repeat([]byte(" "), tt.size))
			s := contractNew(src, nil, qlogs.Query{MayBeEmpty: true})
			got := contractRead(t, src, s)
			if st := s.Stats(); st.Listed != 1 || st.Skipped != tt.want {
				t.Errorf("%q: Stats() = %+v, want it listed once, and skipped as %+v", tt.key, st, tt.want)
			}
			isLog := tt.want.Total() == 0
			if opened := src.opens() == 1; opened != isLog || (len(got.errs) == 1) != isLog {
				t.Errorf("%q: %d opened, errors %v, want opened: %t", tt.key, src.opens(), got.errs, isLog)
			}
		})
	}
	t.Run("reports are neither listed nor read", func(t *testing.T) {
		src := newContractSource()
		src.put(kiro+"user_report/us-east-1/2026/03/02/00/KIRO_IDE_111122223333_user_report_202603020000.csv", []byte("x"))
		src.put(kiro+"by_user_analytic/us-east-1/2026/03/02/00/111122223333_by_user_analytic_202603020000_report.csv", []byte("x"))
		src.put(kiro+"user_report/us-east-1/2026/03/02/00/x.json.gz", []byte("x"))
		s := contractNew(src, nil, qlogs.Query{MayBeEmpty: true})
		if got := contractRead(t, src, s); len(got.pairs) != 0 || src.opens() != 0 {
			t.Errorf("pairs %q, %d opened, want none", got.pairs, src.opens())
		}
	})
}

// One key list, read with many time ranges. The ids are minutes from 09:00.
func TestFilterTime(t *testing.T) {
	src := newContractSource()
	at := func(minute int) time.Time { return contractStart.Add(time.Duration(minute) * time.Minute) }
	for minute := -120; minute < 180; minute += 20 {
		src.put(contractKey(contractPartition(), at(minute), 0), contractGzip(contractFile(contractChat(fmt.Sprint(minute), at(minute)))))
	}
	zone := time.FixedZone("", -5*3600)
	for _, tt := range []struct {
		name     string
		from, to time.Time
		want     []string
	}{
		{"from is in", at(20), at(60), []string{"20", "40"}},
		{"just after", at(20).Add(1), at(60).Add(1), []string{"40", "60"}},
		{"a nanosecond", at(20), at(20).Add(1), []string{"20"}},
		{"other zone", at(20).In(zone), at(60).In(zone), []string{"20", "40"}},
		{"over an hour's edge", at(-20), at(20), []string{"-20", "0"}},
		{"before all", at(-1000), at(-500), nil},
		{"after all", at(1000), at(2000), nil},
		{"open end", at(140), time.Time{}, []string{"140", "160"}},
		{"open start", time.Time{}, at(-90), []string{"-120", "-100"}},
		{"between two", at(1), at(19), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := contractRead(t, src, contractNew(src, nil, qlogs.Query{From: tt.from, To: tt.to}))
			contractSame(t, "records", got.pairs, tt.want)
		})
	}
}

// Records count by their own time, not by their object's key; one object may
// have records inside and outside of the range.
func TestFilterIsByRecord(t *testing.T) {
	src := newContractSource()
	src.put(contractKey(contractPartition(), contractStart, 0), contractFile(
		contractChat("before", contractStart.Add(-time.Nanosecond)),
		contractChat("first", contractStart),
		contractChat("last", contractStart.Add(time.Hour-time.Nanosecond)),
		contractChat("after", contractStart.Add(time.Hour)),
	))
	// It lies an hour late, which the padding covers.
	src.put(contractKey(contractPartition(), contractStart.Add(time.Hour), 1), contractFile(contractChat("late", contractStart)))
	// So does this one, whose hour is out of reach of the padding.
	src.put(contractKey(contractPartition(), contractStart.Add(3*time.Hour), 2), contractFile(contractChat("too late", contractStart)))
	q := qlogs.Query{From: contractStart, To: contractStart.Add(time.Hour)}
	s := contractNew(src, nil, q)
	got := contractRead(t, src, s)
	contractSame(t, "records", got.pairs, []string{"first", "last", "late"})
	if i := got.entries[1].Index; i != 2 {
		t.Errorf("Index of the third record = %d, want 2: filtered ones count", i)
	}
	if n := s.Stats().RecordsFiltered; n != 2 {
		t.Errorf("RecordsFiltered = %d, want 2", n)
	}
	got = contractRead(t, src, contractNew(src, &qlogs.Options{ListPad: 3 * time.Hour}, q))
	contractSame(t, "records with a padding of 3 hours", got.pairs, []string{"first", "last", "late", "too late"})
}

// Without a time of its own a record is placed by the minute in its object's
// name, else by its hour folder, which may overlap the range or not.
func TestFilterRecordsWithoutTime(t *testing.T) {
	src := newContractSource()
	unknown := `{"brandNewEventRequest":{"x":1}}`
	minute := func(m int) time.Time { return contractStart.Add(time.Duration(m) * time.Minute) }
	for _, m := range []int{0, 30, 59} {
		src.put(contractKey(contractPartition(), minute(m), m), contractFile(contractTimeless("minute"), unknown))
	}
	folder := contractPartition().String() + "2026/03/02/09/"
	src.put(folder+"other.json", contractFile(contractTimeless("hour"), unknown))
	src.put(folder+"zipFile.gz/logFile.json", contractFile(contractTimeless("hour")))
	minutes := func(n int) []string { return slices.Repeat([]string{"minute", ""}, n) }
	hour := []string{"hour", "", "hour"}
	for _, tt := range []struct {
		name     string
		from, to time.Time
		want     []string
	}{
		{"whole hour", minute(0), minute(60), slices.Concat(minutes(3), hour)},
		{"first minute", minute(0), minute(1), slices.Concat(minutes(1), hour)},
		{"between minutes", minute(1), minute(30), hour},
		{"one minute", minute(30), minute(31), slices.Concat(minutes(1), hour)},
		{"last nanosecond", minute(60).Add(-1), minute(60), hour},
		{"hour before", minute(-60), minute(0), nil},
		{"hour after", minute(60), minute(120), nil},
		{"open start", time.Time{}, minute(30), slices.Concat(minutes(1), hour)},
		{"open end", minute(59), time.Time{}, slices.Concat(minutes(1), hour)},
		{"no range", time.Time{}, time.Time{}, slices.Concat(minutes(3), hour)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := contractRead(t, src, contractNew(src, nil, qlogs.Query{From: tt.from, To: tt.to}))
			contractSame(t, "records", got.pairs, tt.want)
		})
	}
}

// A time range is one listing of a range of keys for each partition: it starts
// at the padded hour of From and is left at the first key beyond that of To.
func TestFilterListsOnlyTheRange(t *testing.T) {
	day := contractStart.Truncate(24 * time.Hour)
	for _, tt := range []struct {
		name        string
		pad         time.Duration
		first, last int // hours of the day to list
	}{
		{"default padding", 0, 8, 12},
		{"no padding", -1, 9, 11},
		{"padding of 90 minutes", 90 * time.Minute, 7, 13},
		{"padding beyond all", 1000 * time.Hour, 0, 23},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := newContractSource()
			for hour := range 24 {
				src.put(contractKey(contractPartition(), day.Add(time.Duration(hour)*time.Hour), hour), contractFile())
			}
			var listed []string
			src.onListed = func(_ context.Context, key string) error {
				if !strings.HasSuffix(key, "/") {
					listed = append(listed, key)
				}
				return nil
			}
			var want []string
			for _, o := range src.objects()[tt.first : tt.last+1] {
				want = append(want, o.Key)
			}
			s := contractNew(src, &qlogs.Options{ListPad: tt.pad}, qlogs.Query{From: contractStart.Add(10 * time.Minute), To: contractStart.Add(3 * time.Hour)})
			contractRead(t, src, s)
			contractSame(t, "opened objects", slices.Sorted(slices.Values(src.opened())), want)
			if n := s.Stats().Listed; n != int64(len(want)) {
				t.Errorf("Listed = %d, want %d", n, len(want))
			}
			if n := len(listed); n > len(want)+1 {
				t.Errorf("the source listed %d keys, want %d and one that shows the end", n, len(want))
			}
			if n := len(src.listed()); n != 7 {
				t.Errorf("%d LIST calls, want 7: one for each folder down to the partition", n)
			}
		})
	}
}

// Below a time folder the range of the query and that of the folder are both kept.
func TestFilterTimeBelowTimeFolder(t *testing.T) {
	src := contractBucket(180) // 09:00 to 11:59, one a minute
	hour := contractPartition().String() + "2026/03/02/10/"
	at := func(minute int) time.Time { return contractStart.Add(time.Duration(minute) * time.Minute) }
	for _, tt := range []struct {
		name     string
		from, to time.Time
		want     []string
		lists    int
	}{
		{"part of it", at(70), at(75), contractIDs(180)[70:75], 1},
		{"more than it", at(0), at(180), contractIDs(180)[60:120], 1},
		{"before it", at(-600), at(-300), nil, 0},
		{"after it", at(600), at(900), nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src.ResetCalls()
			got := contractRead(t, src, contractNew(src, nil, qlogs.Query{Prefix: hour, From: tt.from, To: tt.to}))
			contractSame(t, "records", got.pairs, tt.want)
			if n := len(src.listed()); n > tt.lists {
				t.Errorf("%d LIST calls, want at most %d: %+v", n, tt.lists, src.lists())
			}
		})
	}
}
