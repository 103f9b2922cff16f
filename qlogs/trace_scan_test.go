package qlogs_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// traceScans are stories about what is found, and in which order.
func traceScans() []traceStory {
	return []traceStory{
		{"small", `
			A scan of a bucket with three objects.

			The folders above the partition are listed one after the other, since each is known from
			the one before. All objects are requested at once.`, traceSmall},
		{"nothing", `
			Scans of prefixes without logs.

			A prefix without keys is one request. Where there are other objects, folders are searched
			for log roots.`, traceNothing},
		{"prefix", `
			Scans of a prefix below the log root, down to an hour folder.

			No listing asks for less than the prefix. The folders above it cost nothing.`, tracePrefix},
		{"folders", `
			A scan of two accounts with several products, log types and Regions.

			The search goes depth first, which is the order of keys. Folders of other services, of CSV
			reports and of names that are none in the layout are not listed.`, traceFolders},
		{"roots", `
			A scan of log roots at several places, one inside another.

			Any folder may hold a root, down to a depth. Inside AWSLogs/ only accounts and a further
			AWSLogs/ are looked into.`, traceRoots},
		{"selected", `
			Scans of selected accounts, log types and Regions.

			What is not selected is not listed, as soon as its folder tells.`, traceSelected},
		{"time", `
			Scans of a range of time.

			A listing begins at the hour folder of From, less an hour, and its pages end at that of To
			and an hour. The records' own time decides what the loop gets.`, traceTime},
		{"objects", `
			A scan for objects alone.

			The listings are those of a scan for records, and nothing is opened.`, traceObjects},
		{"pages", `
			A scan of a partition of five objects, which the store lists two at a time.

			Objects are requested while further pages are listed.`, tracePages},
		{"long", `
			A scan for the objects of a partition of 24,000 keys.

			A page of keys takes an answer, so a chain of requests brings 1,000 keys in 30 ms. From
			4,000 keys on, more and more chains of requests begin, each at a minute that lies
			ahead, and the one before it ends there.`, traceLong},
		{"long-uneven", `
			A scan, with at most 4 listings at a time, for the objects of a partition that has 100 keys
			a minute for two hours, and then 15.

			A piece is meant to have 8,000 keys. How long its time is follows from what is listed so far.`, traceLongUneven},
		{"long-slow", `
			A scan for the records of a partition of 6,000 keys, with a loop that is slow.

			As long as the loop has enough to do, one chain of requests is enough. The objects are
			archived: they cost no request.`, traceLongSlow},
		{"denied", `
			Scans in which a folder, a partition and an object are denied.

			Each denial costs itself alone. A later scan from the cursor, when all is allowed, lists
			again what was denied, and reads the object first.`, traceDenied},
		{"denied-prefix", `
			Scans whose own prefix is denied.

			Nothing else was asked for, so the scan ends, unless the prefix is a partition.`, traceDeniedPrefix},
		{"broken-list", `
			A scan in which the second page of a partition does not come.

			What was listed is read, the next partition too. A scan from the cursor lists the
			partition again, from its floor on.`, traceBrokenList},
		{"disorder", `
			Scans of stores that list keys twice, or out of order.

			A key that comes again at once is passed over. Any other disorder ends the scan, since
			cursors rely on the order.`, traceDisorder},
		{"odd-names", `
			A scan in which the store cannot look at some names.

			Each costs itself: a log is an object that failed, a folder in a partition is one
			part of it. The next scan from the cursor finds them.`, traceOddNames},
		{"directory", `
			A scan of a directory, and one from its cursor.

			Folders are read when the search comes to them, and a partition's again when its objects
			are listed. Files are opened side by side.`, traceDirectory},
		{"directory-denied", `
			A scan of a directory in which an hour folder cannot be read.

			The listing goes on behind the folder. The next scan from the cursor reads it.`, traceDirectoryDenied},
		{"directory-long", `
			A scan for the objects of a directory of 6,000 files.

			Pieces of the partition are not listed side by side: each would read the folders again.`, traceDirectoryLong},
		{"directory-follow", `
			Following a directory.

			A poll reads the folders of the hours that it looks at.`, traceDirectoryFollow},
	}
}

func traceSmall(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:05", "a", 2)
	tr.put(p, "09:05", "b", 1)
	tr.put(p, "09:30", "c", 1)
	tr.now("a scan of everything")
	tr.scan(qlogs.Query{}, nil)
	tr.done()
}

func traceNothing(tr *tracer) {
	tr.store.Put("backup/2026/03/file", []byte("x"))
	tr.store.Put("readme.txt", []byte("x"))
	tr.now("a prefix without keys")
	tr.scan(qlogs.Query{Prefix: "lots"}, nil)
	tr.done()
	tr.now("a bucket without logs")
	tr.scan(qlogs.Query{}, nil)
	tr.done()
	tr.now("a log type without objects in its Region")
	tr.scan(qlogs.Query{Prefix: "logs/AWSLogs/111122223333/KiroLogs/GenerateCompletions/us-east-1/"}, nil)
	tr.done()
}

func tracePrefix(tr *tracer) {
	p := tr.chats()
	tr.put(p, "08:59", "a", 1)
	tr.put(p, "09:05", "b", 1)
	tr.put(p, "10:00", "c", 1)
	for _, prefix := range []string{"logs/AWSLogs/111122223333/KiroLogs", p.String(), p.String() + "2026/03/02/09"} {
		tr.now("%s", tr.short(prefix))
		tr.scan(qlogs.Query{Prefix: prefix}, nil)
		tr.done()
	}
}

// traceAccounts fills the store with partitions of two accounts.
func traceAccounts(tr *tracer) {
	for _, p := range []path.Partition{
		tracePartition("", "111122223333", path.KiroLogs, path.GenerateAssistantResponse, "eu-central-1"),
		tracePartition("", "111122223333", path.KiroLogs, path.GenerateAssistantResponse, "us-east-1"),
		tracePartition("", "111122223333", path.KiroLogs, path.GenerateCompletions, "us-east-1"),
		tracePartition("", "111122223333", path.QDeveloperLogs, "SomethingNew", "us-east-1"),
		tracePartition("", "222233334444", path.KiroLogs, path.GenerateAssistantResponse, "us-east-1"),
	} {
		tr.put(tr.part(p), "09:05", "a", 1)
	}
}

func traceFolders(tr *tracer) {
	traceAccounts(tr)
	for _, key := range []string{
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/02/trail.json.gz",
		"AWSLogs/111122223333/KiroLogs/26404955-bf00-40d3-b713-43d18edf0638",
		"AWSLogs/111122223333/KiroLogs/GenerateCompletions/not a Region/file",
		"AWSLogs/111122223333/KiroLogs/user_report/us-east-1/2026/03/02/00/report.csv",
		"AWSLogs/not an account/file",
		"AWSLogs/note.txt",
	} {
		tr.store.Put(key, []byte("x"))
	}
	tr.now("a scan of everything")
	tr.scan(qlogs.Query{}, nil)
	tr.done()
}

func traceRoots(tr *tracer) {
	for _, prefix := range []string{"", "AWSLogs", "logs/a/b", "logs/logs"} {
		tr.put(tr.part(tracePartition(prefix, "111122223333", path.KiroLogs, path.GenerateAssistantResponse, "us-east-1")), "09:05", "a", 1)
	}
	tr.now("a scan of everything")
	tr.scan(qlogs.Query{}, nil)
	tr.done()
	tr.now("one that searches in one folder alone")
	tr.scan(qlogs.Query{Prefix: "logs"}, &qlogs.Options{SearchDepth: 1})
	tr.done()
}

func traceSelected(tr *tracer) {
	traceAccounts(tr)
	tr.now("account 222233334444")
	tr.scan(qlogs.Query{Accounts: []string{"222233334444"}}, nil)
	tr.done()
	tr.now("completions")
	tr.scan(qlogs.Query{Types: []path.LogType{path.GenerateCompletions}}, nil)
	tr.done()
	tr.now("QDeveloperLogs, and the Region eu-central-1, which that has not")
	tr.scan(qlogs.Query{Products: []path.Product{path.QDeveloperLogs}, Regions: []string{"eu-central-1"}}, nil)
	tr.done()
}

func traceTime(tr *tracer) {
	p := tr.chats()
	for hour := 5; hour < 15; hour++ {
		tr.put(p, fmt.Sprintf("%02d:10", hour), "a", 1)
		tr.put(p, fmt.Sprintf("%02d:40", hour), "b", 1)
	}
	tr.now("from 9:30 to 10:30")
	tr.scan(qlogs.Query{Prefix: p.String(), From: traceAt("09:30"), To: traceAt("10:30")}, nil)
	tr.done()
	tr.now("from 9:30 to 10:30, with no hours more")
	tr.scan(qlogs.Query{Prefix: p.String(), From: traceAt("09:30"), To: traceAt("10:30")}, &qlogs.Options{ListPad: -1})
	tr.done()
	tr.now("from 14:00 on")
	tr.scan(qlogs.Query{Prefix: p.String(), From: traceAt("14:00")}, nil)
	tr.done()
	tr.now("to 6:00, in an hour folder that lies behind")
	tr.scan(qlogs.Query{Prefix: p.String() + "2026/03/02/09", To: traceAt("06:00")}, nil)
	tr.done()
}

func traceObjects(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:05", "a", 1)
	tr.put(p, "11:05", "b", 1)
	tr.put(p, "13:05", "c", 1)
	tr.now("from 10:30 on")
	tr.objects(tr.store, qlogs.Query{From: traceAt("10:30")}, nil)
	tr.done()
}

// objects lists what a scan would read.
func (tr *tracer) objects(src qlogs.Source, q qlogs.Query, opts *qlogs.Options) {
	n := 0
	for _, err := range qlogs.New(src, opts).Scan(q).Objects(tr.Context()) {
		if err != nil {
			tr.got(traceError(err), 0)
			continue
		}
		n++
	}
	tr.got(fmt.Sprintf("%d objects", n), 0)
}

func tracePages(tr *tracer) {
	tr.store.PageSize = 2
	p := tr.chats()
	for i := range 5 {
		tr.put(p, fmt.Sprintf("09:0%d", i), "a", 1)
	}
	tr.now("the partition")
	tr.scan(qlogs.Query{Prefix: p.String()}, nil)
	tr.done()
}

// fill stores n objects that nobody opens, one every so often from a minute on.
func (tr *tracer) fill(p path.Partition, from string, n int, every time.Duration, archived bool) {
	for i := range n {
		key := p.NewKey(traceAt(from).Add(time.Duration(i)*every), fmt.Sprintf("%05d", i)).String()
		tr.store.PutObject(qlogs.Object{Key: key, Size: 1, ETag: "e", Archived: archived}, nil)
	}
}

func traceLong(tr *tracer) {
	p := tr.chats()
	tr.fill(p, "01 12:00", 24_000, 600*time.Millisecond, false)
	tr.now("the partition")
	tr.objects(tr.store, qlogs.Query{Prefix: p.String()}, nil)
	tr.done()
}

func traceLongUneven(tr *tracer) {
	p := tr.chats()
	tr.fill(p, "01 00:00", 12_000, 600*time.Millisecond, false)
	tr.fill(p, "01 02:00", 12_000, 4*time.Second, false)
	tr.now("the partition")
	// Behind the last key a piece more or less is begun. With 12 listings it is not certain
	// what is known when one begins.
	tr.objects(tr.store, qlogs.Query{Prefix: p.String(), To: time.Date(2026, 3, 1, 15, 20, 0, 0, time.UTC)}, &qlogs.Options{Lists: 4})
	tr.done()
}

func traceLongSlow(tr *tracer) {
	p := tr.chats()
	tr.fill(p, "01 12:00", 6_000, 600*time.Millisecond, true)
	tr.now("a loop that takes 10 ms for each pair")
	tr.loop(qlogs.New(tr.store, nil).Scan(qlogs.Query{Prefix: p.String()}).Records(tr.Context()), func() bool {
		time.Sleep(10 * time.Millisecond)
		return true
	})
	tr.done()
}

// deny has requests fail whose prefix or key is one of those.
func (tr *tracer) deny(names ...string) {
	denied := map[string]bool{}
	for _, name := range names {
		denied[name] = true
	}
	tr.onList = func(_ context.Context, in qlogs.ListInput) error {
		if denied[in.Prefix] {
			return fs.ErrPermission
		}
		return nil
	}
	tr.onOpen = func(_ context.Context, o qlogs.Object, _ int64) error {
		if denied[o.Key] {
			return fs.ErrPermission
		}
		return nil
	}
}

func traceDenied(tr *tracer) {
	p := tr.chats()
	types := tr.part(tracePartition("logs", "111122223333", path.KiroLogs, path.GenerateCompletions, "us-east-1"))
	other := tr.part(tracePartition("logs", "222233334444", path.KiroLogs, path.GenerateAssistantResponse, "us-east-1"))
	tr.put(p, "09:05", "a", 1)
	b := tr.put(p, "09:06", "b", 1)
	tr.put(p, "09:07", "c", 1)
	tr.put(types, "09:05", "d", 1)
	tr.put(other, "09:05", "e", 1)
	tr.deny(b, types.String(), "logs/AWSLogs/222233334444/")
	tr.now("with denials")
	after := tr.scan(qlogs.Query{}, nil)
	tr.done()
	tr.deny()
	tr.now("from the cursor, when all is allowed")
	tr.scan(qlogs.Query{After: after}, nil)
	tr.done()
}

func traceDeniedPrefix(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:05", "a", 1)
	for _, prefix := range []string{"", "logs/AWSLogs/", p.String()} {
		tr.deny(prefix)
		tr.now("a scan of %q", tr.short(prefix))
		tr.scan(qlogs.Query{Prefix: prefix}, nil)
		tr.done()
	}
}

func traceBrokenList(tr *tracer) {
	tr.store.PageSize = 2
	p := tr.chats()
	next := tr.part(tracePartition("logs", "111122223333", path.KiroLogs, path.GenerateCompletions, "us-east-1"))
	for hour := 5; hour < 9; hour++ {
		tr.put(p, fmt.Sprintf("%02d:10", hour), "a", 1)
	}
	tr.put(next, "09:05", "b", 1)
	q := qlogs.Query{Prefix: "logs/AWSLogs/111122223333/KiroLogs/"}
	tr.onList = func(_ context.Context, in qlogs.ListInput) error {
		if in.Prefix == p.String() && in.After > in.Prefix {
			return errTrace
		}
		return nil
	}
	tr.now("the first scan")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.onList = nil
	tr.now("from its cursor")
	tr.scan(q, nil)
	tr.done()
}

func traceDisorder(tr *tracer) {
	p := tr.chats()
	tr.put(p, "09:05", "a", 1)
	tr.put(p, "09:06", "b", 1)
	tr.put(p, "09:07", "c", 1)
	q := qlogs.Query{Prefix: p.String()}
	disordered := func(change func(all []qlogs.Object) []qlogs.Object) qlogs.Source {
		return &repeatSource{tr.store, repeatAll(func(in qlogs.ListInput, all []qlogs.Object) []qlogs.Object {
			if in.Prefix != p.String() {
				return all
			}
			return change(all)
		})}
	}
	tr.now("each key comes twice")
	tr.scanIn(disordered(func(all []qlogs.Object) []qlogs.Object {
		return []qlogs.Object{all[0], all[0], all[1], all[1], all[2], all[2]}
	}), q, nil)
	tr.done()
	tr.now("all keys come twice")
	tr.scanIn(disordered(func(all []qlogs.Object) []qlogs.Object {
		return append(all, all...)
	}), q, nil)
	tr.done()
}

func traceOddNames(tr *tracer) {
	p := tr.chats()
	tr.put(p, "08:05", "a", 1)
	b := tr.put(p, "08:06", "b", 1)
	tr.put(p, "09:05", "c", 1)
	tr.put(p, "10:05", "d", 1)
	hour := p.String() + "2026/03/02/09/"
	tr.store.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		switch {
		case o.Key == b:
			return qlogs.Object{}, &source.KeyError{Key: b, Err: fs.ErrPermission}
		case strings.HasPrefix(o.Key, hour):
			return qlogs.Object{}, &source.KeyError{Key: hour, Err: fs.ErrPermission}
		}
		return o, nil
	}
	q := qlogs.Query{Prefix: p.String()}
	tr.now("a log and an hour folder cannot be looked at")
	q.After = tr.scan(q, nil)
	tr.done()
	tr.store.OnObject = nil
	tr.now("from its cursor, when they can")
	tr.scan(q, nil)
	tr.done()
}

// directory returns a directory of a few hours in two partitions.
func (tr *tracer) directory() (*traceFS, path.Partition) {
	p := tr.chats()
	other := tr.part(tracePartition("logs", "111122223333", path.KiroLogs, path.GenerateCompletions, "us-east-1"))
	f := &traceFS{files: fstest.MapFS{}, tr: tr}
	f.put(p, "08:05", "a", 1)
	f.put(p, "09:05", "b", 1)
	f.put(p, "10:00", "c", 1)
	f.put(other, "08:05", "d", 1)
	return f, p
}

func traceDirectory(tr *tracer) {
	f, p := tr.directory()
	tr.now("a scan of everything")
	after := tr.scanIn(source.FS("fs:", f), qlogs.Query{}, nil)
	tr.done()
	f.put(p, "10:00", "e", 1)
	tr.now("from its cursor, with one file more")
	tr.scanIn(source.FS("fs:", f), qlogs.Query{After: after}, nil)
	tr.done()
	tr.now("from 9:00 to 10:00, with no hours more; a file is written again when it was listed")
	time.AfterFunc(5*traceLatency-traceLatency/2, func() { f.put(p, "09:05", "b", 2) })
	tr.scanIn(source.FS("fs:", f), qlogs.Query{Prefix: p.String(), From: traceAt("09:00"), To: traceAt("10:00")}, &qlogs.Options{ListPad: -1})
	tr.done()
}

func traceDirectoryDenied(tr *tracer) {
	f, p := tr.directory()
	f.denied = p.String() + "2026/03/02/09"
	q := qlogs.Query{Prefix: p.String()}
	tr.now("the first scan")
	q.After = tr.scanIn(source.FS("fs:", f), q, nil)
	tr.done()
	f.denied = ""
	tr.now("from its cursor, when it can be read")
	tr.scanIn(source.FS("fs:", f), q, nil)
	tr.done()
}

func traceDirectoryLong(tr *tracer) {
	p := tr.chats()
	f := &traceFS{files: fstest.MapFS{}, tr: tr}
	for hour := range 6 {
		for i := range 1000 {
			f.put(p, fmt.Sprintf("0%d:30", hour), fmt.Sprintf("%04d", i), 0)
		}
	}
	tr.now("the partition")
	tr.objects(source.FS("fs:", f), qlogs.Query{Prefix: p.String()}, nil)
	tr.done()
}

func traceDirectoryFollow(tr *tracer) {
	f, p := tr.directory()
	tr.later("10:01", func() { f.put(p, "10:01", "e", 1) })
	tr.now("the partition")
	tr.followIn(source.FS("fs:", f), "10:03", qlogs.Query{Prefix: p.String()}, nil, nil)
	tr.done()
}
