package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// TestConformance holds every kind of source to the same behavior.
func TestConformance(t *testing.T) {
	t.Run("s3mem", func(t *testing.T) { conformance(t, openConfMem) })
	t.Run("dir", func(t *testing.T) { conformance(t, openConfDir) })
	t.Run("fs", func(t *testing.T) { conformance(t, openConfFS) })
	t.Run("memory", func(t *testing.T) { conformance(t, openConfMemory) })
}

func TestRealS3Conformance(t *testing.T) {
	open := openConfReal(stores.RealS3(t))
	t.Run("source", func(t *testing.T) { sourcetest.Test(t, confContract(open)) })
	conformance(t, open)
}

// S3 keeps the contract of a source. Directories, file systems and memory are tested beside
// their packages.
func TestS3KeepsContract(t *testing.T) { sourcetest.Test(t, confContract(openConfMem)) }

// conformance tests what scans make of a kind of source.
func conformance(t *testing.T, open func(t *testing.T) conformanceStore) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, s conformanceStore)
	}{
		{"three pages", confThreePages},
		{"prefix of any characters", confAnyPrefix},
		{"log roots", confRoots},
		{"generated bucket", confGenerated},
		{"missing store", confMissing},
		{"missing prefix", confMissingPrefix},
		{"store denied", confStoreDenied},
		{"listing denied", confListingDenied},
		{"object denied", confObjectDenied},
		{"object deleted", confObjectDeleted},
		{"object replaced", confObjectReplaced},
		{"cancelled", confCancelled},
		{"left", confLeft},
		{"cancelled before", confCancelledBefore},
	} {
		t.Run(tt.name, func(t *testing.T) {
			testutil.NoLeaks(t)
			tt.run(t, open(t))
		})
	}
}

// confThreePages lists more keys than two pages of S3 hold.
func confThreePages(t *testing.T, s conformanceStore) {
	p := confPartition("logs", path.GenerateAssistantResponse)
	n, hourly := 2500, 300
	if s.Lists() < 0 { // it has no pages
		n, hourly = testutil.Pick(250, n), testutil.Pick(30, hourly)
	}
	objs := confChats(p, n, time.Hour/time.Duration(hourly))
	var want []string
	for _, o := range objs {
		want = append(want, o.Key)
	}
	confFill(t, s, objs)
	src := s.Source()
	requests := func(what string, n int64, f func()) {
		before := s.Lists()
		f()
		if got := s.Lists() - before; before >= 0 && got != n {
			t.Errorf("%s: %d LIST requests, want %d", what, got, n)
		}
	}
	requests("List", 3, func() {
		confSame(t, "List", confListKeys(t, src, qlogs.ListInput{Prefix: p.String()}), want)
	})
	requests("List after the second object", 3, func() {
		confSame(t, "List after the second object", confListKeys(t, src, qlogs.ListInput{Prefix: p.String(), After: want[1]}), want[2:])
	})
	// One page of each folder above the partition: "", logs/, AWSLogs/, the
	// account's, the product's and the type's.
	requests("Objects", 6+3, func() {
		var got []string
		for o, err := range qlogs.New(src, nil).Scan(qlogs.Query{}).Objects(t.Context()) {
			if err != nil {
				t.Errorf("Objects yields the error %v", err)
			}
			got = append(got, o.Key)
		}
		confSame(t, "Objects", got, want)
	})
	requests("Records of one hour", 1, func() {
		r := confRead(t.Context(), src, qlogs.Query{Prefix: p.String(), From: confStart().Add(4 * time.Hour), To: confStart().Add(5 * time.Hour)}, 0)
		r.noErrors(t)
		confSame(t, "Records of one hour", r.ids, confIDs(n)[4*hourly:5*hourly])
	})
}

func confBegin(prefix string, keys []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, prefix) })
}

func confAnyPrefix(t *testing.T, s conformanceStore) {
	prefixes := []string{"my logs", "a+b", "a b+c", "100%", "%2F", "%zz", "a%20b", "é", "日志/🙂", "a&b=c;d", "it's(1)!~", "a#b", "$,@[]{}^`"}
	if _, isDir := s.(*confDir); !isDir || runtime.GOOS != "windows" {
		prefixes = append(prefixes, `quo"te`, "<x>", "a?b", "a*b", "a|b", "a:b")
	}
	var objs []qlogstest.Object
	for _, prefix := range prefixes {
		objs = append(objs, confChats(confPartition(prefix, path.GenerateCompletions), 2, time.Minute)...)
	}
	confFill(t, s, objs)
	src := s.Source()
	for i, prefix := range prefixes {
		p := confPartition(prefix, path.GenerateCompletions)
		want := []string{objs[2*i].Key, objs[2*i+1].Key}
		confSame(t, fmt.Sprintf("List(%q)", prefix), confListKeys(t, src, qlogs.ListInput{Prefix: p.String()}), want)
		confSame(t, fmt.Sprintf("List(%q) after the first", prefix), confListKeys(t, src, qlogs.ListInput{Prefix: p.String(), After: want[0]}), want[1:])
		r := confRead(t.Context(), src, qlogs.Query{Prefix: prefix}, 0)
		r.noErrors(t)
		confSame(t, fmt.Sprintf("Records(%q)", prefix), r.pairs, []string{want[0] + "#0", want[1] + "#0"})
		if len(r.entries) > 0 && r.entries[0].Key.Prefix != prefix {
			t.Errorf("Records(%q): Key.Prefix = %q", prefix, r.entries[0].Key.Prefix)
		}
	}
	r := confRead(t.Context(), src, qlogs.Query{}, 0)
	r.noErrors(t)
	var want []string
	for _, o := range objs {
		want = append(want, o.Key+"#0")
	}
	slices.Sort(want)
	confSame(t, "Records", r.pairs, want)
}

func confRoots(t *testing.T, s conformanceStore) {
	roots := []string{"", "logs", "logs/logs", "logs/a/b/c", "AWSLogs", "team-1/AWSLogs/AWSLogs", "zz"}
	var objs []qlogstest.Object
	for _, root := range roots {
		objs = append(objs, confChats(confPartition(root, path.GenerateAssistantResponse), 1, time.Minute)...)
	}
	confFill(t, s, objs)
	confFillKeys(t, s, []string{
		"readme.txt", "logs/readme.txt", "other/2026/03/02/file", "a/b/c/d/e/f/g/h/i/AWSLogs/x",
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/02/trail.json.gz",
	})
	want := make([]string, len(objs))
	for i, o := range objs {
		want[i] = o.Key + "#0"
	}
	slices.Sort(want)
	src := s.Source()
	r := confRead(t.Context(), src, qlogs.Query{}, 0)
	r.noErrors(t)
	confSame(t, "Records", r.pairs, want)
	if got := r.scan.Stats(); got.Partitions != int64(len(roots)) || got.Read != int64(len(roots)) || got.Skipped.Foreign != 3 {
		t.Errorf("Stats = %+v, want %d partitions, as many objects read, and the three others in folders that were visited skipped", got, len(roots))
	}
	r = confRead(t.Context(), src, qlogs.Query{Prefix: "logs"}, 0)
	r.noErrors(t)
	confSame(t, "Records below logs/", r.pairs, confBegin("logs/", want))
}

// confGenerated reads a bucket of which the generator knows what has to come of it.
func confGenerated(t *testing.T, s conformanceStore) {
	n := testutil.Pick(120, 600)
	objs := slices.Collect(qlogstest.Generate(qlogstest.Config{
		Seed: 7, Objects: n, DamageEvery: 6, OddEvery: 5, MaxText: testutil.Pick(5_000, 20_000),
		Prefixes: []string{"", "logs", "logs/logs", "my logs+1"},
		Accounts: []string{"111122223333", "444455556666"},
		Types:    []path.LogType{path.GenerateAssistantResponse, path.GenerateCompletions, path.StartTaskAssistCodeGeneration, "StartSomethingNew"},
	}))
	confFill(t, s, objs)
	slices.SortFunc(objs, func(a, b qlogstest.Object) int { return strings.Compare(a.Key, b.Key) })
	whole := confWant(objs, time.Time{}, time.Time{})

	t.Run("whole", func(t *testing.T) {
		r := confRead(t.Context(), s.Source(), qlogs.Query{}, 0)
		confSame(t, "pairs", r.pairs, whole)
		confCheckEntries(t, r, objs)
		confCheckErrors(t, r, objs)
		confCheckStats(t, r, objs)

		memory := openConfFS(t)
		confFill(t, memory, objs)
		again := confRead(t.Context(), memory.Source(), qlogs.Query{}, 0)
		confSame(t, "pairs and those of memory", r.pairs, again.pairs)
	})
	t.Run("time range", func(t *testing.T) {
		from := time.Date(2026, time.March, 2, 10, 20, 30, 0, time.UTC)
		to := time.Date(2026, time.March, 3, 9, 10, 11, 0, time.UTC)
		r := confRead(t.Context(), s.Source(), qlogs.Query{From: from, To: to}, 0)
		want := confRecords(confWant(objs, from, to))
		if len(want) == 0 || len(want) == len(confRecords(whole)) {
			t.Fatalf("%d records in the time range, want some and not all", len(want))
		}
		confSame(t, "records", confRecords(r.pairs), want)
		if st := r.scan.Stats(); st.Listed >= int64(len(objs)) || st.RecordsFiltered == 0 {
			t.Errorf("Stats = %+v, want less than %d objects listed and some records filtered", st, len(objs))
		}
	})
	t.Run("resume", func(t *testing.T) {
		for _, most := range []int{len(whole) / 5, len(whole) * 3 / 4} {
			r := confRead(t.Context(), s.Source(), qlogs.Query{}, most)
			confSame(t, fmt.Sprintf("the first %d", most), r.pairs, whole[:most])
			// The pair at which the loop was left is not finished.
			rest := r.resume(t, s.Source(), qlogs.Query{})
			confSame(t, fmt.Sprintf("from the cursor after %d", most), rest.pairs, whole[most-1:])
		}
	})
}

// confWant returns the pairs that a scan of sorted objects has to yield; those
// of records only if they are in a time range, of which a zero end is open.
func confWant(objs []qlogstest.Object, from, to time.Time) []string {
	var want []string
	for _, o := range objs {
		bad := o.BadRecords
		for _, r := range o.Records {
			for ; len(bad) > 0 && bad[0] < r.Index; bad = bad[1:] {
				want = append(want, fmt.Sprintf("%s#%d!", o.Key, bad[0]))
			}
			at := r.Time
			if key, err := path.Parse(o.Key); err == nil && at.IsZero() {
				at, _ = key.Minute()
			}
			if !at.Before(from) && (to.IsZero() || at.Before(to)) {
				want = append(want, fmt.Sprintf("%s#%d", o.Key, r.Index))
			}
		}
		for _, i := range bad {
			want = append(want, fmt.Sprintf("%s#%d!", o.Key, i))
		}
		if o.Failed {
			want = append(want, o.Key+"#-1!")
		}
	}
	return want
}

// confRecords leaves out the pairs of errors.
func confRecords(pairs []string) []string {
	return slices.DeleteFunc(slices.Clone(pairs), func(p string) bool { return strings.HasSuffix(p, "!") })
}

func confCheckEntries(t *testing.T, r confScan, objs []qlogstest.Object) {
	t.Helper()
	wants := map[string]qlogstest.Record{}
	sizes := map[string]int{}
	for _, o := range objs {
		sizes[o.Key] = len(o.Body)
		for _, w := range o.Records {
			wants[fmt.Sprintf("%s#%d", o.Key, w.Index)] = w
		}
	}
	for _, e := range r.entries {
		w, rec := wants[fmt.Sprintf("%s#%d", e.Object.Key, e.Index)], e.Record
		if w.LogType != "" && (rec.LogType() != w.LogType || rec.RequestID() != w.RequestID || rec.UserID() != w.UserID || !rec.Time().Equal(w.Time) || !slices.Equal(e.Drifted(), w.Drifted)) {
			t.Errorf("record %d of %q = %v, want %+v", e.Index, e.Object.Key, rec, w)
		}
		if e.Key.String() != e.Object.Key || e.Object.Size != int64(sizes[e.Object.Key]) || e.Object.LastModified.IsZero() || e.Object.ETag == "" {
			t.Errorf("record %d of %q is of the object %+v with the key %v, want its size, %d, its time and its ETag", e.Index, e.Object.Key, e.Object, e.Key, sizes[e.Object.Key])
		}
	}
}

func confCheckErrors(t *testing.T, r confScan, objs []qlogstest.Object) {
	t.Helper()
	damage := map[string]qlogstest.Damage{}
	for _, o := range objs {
		damage[o.Key] = o.Damage
	}
	for _, err := range r.errs {
		var o *qlogs.ObjectError
		if !errors.As(err, &o) {
			t.Errorf("scan yields the error %v, want errors of objects alone", err)
			continue
		}
		ok := false
		switch damage[o.Key] {
		case qlogstest.NotGzip:
			ok = errors.Is(err, qlogs.ErrCorruptJSON)
		case qlogstest.Cut:
			ok = errors.Is(err, qlogs.ErrCorruptGzip) && errors.Is(err, io.ErrUnexpectedEOF)
		case qlogstest.BadChecksum:
			ok = errors.Is(err, qlogs.ErrCorruptGzip) && !errors.Is(err, io.ErrUnexpectedEOF)
		case qlogstest.BadJSON:
			ok = errors.Is(err, qlogs.ErrCorruptJSON) || errors.Is(err, io.ErrUnexpectedEOF)
		case qlogstest.BadRecord:
			ok = o.Op == "decode" && o.Index >= 0
		}
		if !ok {
			t.Errorf("an object with the damage %q has the error %v", damage[o.Key], err)
		}
	}
}

func confCheckStats(t *testing.T, r confScan, objs []qlogstest.Object) {
	t.Helper()
	var totals qlogstest.Totals
	var stored int64
	for _, o := range objs {
		totals.Add(o)
		if o.Kind == path.Log {
			stored += int64(len(o.Body))
		}
	}
	want := qlogs.Stats{
		Partitions: totals.Partitions, Listed: totals.Listed, Skipped: totals.Skipped, Read: totals.Read, Failed: totals.Failed, BytesStored: stored,
		RecordsSeen: totals.RecordsSeen, RecordsYielded: totals.RecordsYielded, RecordsFailed: totals.RecordsFailed, RecordsDrifted: totals.RecordsDrifted,
	}
	got := statsCounted(r.scan.Stats())
	want.BytesDecompressed = got.BytesDecompressed
	if got != want || got.BytesDecompressed <= got.BytesStored/2 {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
}

// confOnly checks that a scan had one error and nothing else.
func confOnly(t *testing.T, r confScan, want error) {
	t.Helper()
	if len(r.pairs) != 1 || len(r.errs) != 1 || !errors.Is(r.errs[0], want) {
		t.Errorf("scan yields %d records and the errors %v, want only one that is %v", len(r.entries), r.errs, want)
	}
}

func confMissing(t *testing.T, s conformanceStore) {
	if objs, err := confList(t, s.Missing(), qlogs.ListInput{}); len(objs) != 0 || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("List = %v, %v, want only an error that is %v", objs, err, fs.ErrNotExist)
	}
	confOnly(t, confRead(t.Context(), s.Missing(), qlogs.Query{}, 0), fs.ErrNotExist)
}

// confMissingPrefix: a prefix without keys is nothing wrong for a store, and an error of a
// scan, unless it may be empty.
func confMissingPrefix(t *testing.T, s conformanceStore) {
	confFill(t, s, confChats(confPartition("logs", path.GenerateAssistantResponse), 1, time.Minute))
	r := confRead(t.Context(), s.Source(), qlogs.Query{Prefix: "lots", MayBeEmpty: true}, 0)
	if got := statsCounted(r.scan.Stats()); len(r.pairs) != 0 || got != (qlogs.Stats{}) {
		t.Errorf("scan yields %v with %+v, want nothing", r.pairs, got)
	}
	r = confRead(t.Context(), s.Source(), qlogs.Query{Prefix: "lots"}, 0)
	var failed *qlogs.PartitionError
	if len(r.errs) != 1 || len(r.pairs) != 1 || !errors.As(r.errs[0], &failed) || !errors.Is(failed, qlogs.ErrNoLogs) || failed.Prefix != "lots/" {
		t.Errorf("scan of a prefix without keys yields %v, want one error that is ErrNoLogs", r.pairs)
	}
}

func confStoreDenied(t *testing.T, s conformanceStore) {
	p := confPartition("logs", path.GenerateAssistantResponse)
	confFill(t, s, confChats(p, 3, time.Minute))
	src := confLimited(t, s, stores.Denied{Bucket: true})
	if objs, err := confList(t, src, qlogs.ListInput{}); len(objs) != 0 || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("List = %v, %v, want only an error that is %v", objs, err, fs.ErrPermission)
	}
	r := confRead(t.Context(), src, qlogs.Query{}, 0)
	confOnly(t, r, fs.ErrPermission)
	again := r.resume(t, s.Source(), qlogs.Query{})
	again.noErrors(t)
	confSame(t, "from the cursor, when allowed", again.ids, confIDs(3))
}

// confListingDenied: the rights of S3 and of versitygw can depend on the prefix
// of a listing, so that one partition can be denied among others.
func confListingDenied(t *testing.T, s conformanceStore) {
	parts := []path.Partition{
		confPartition("logs", path.GenerateAssistantResponse),
		confPartition("logs", path.GenerateCompletions),
		confPartition("logs", path.StartTaskAssistCodeGeneration),
	}
	all := map[path.Partition][]string{}
	for _, p := range parts {
		objs := confChats(p, 5, time.Minute)
		confFill(t, s, objs)
		for _, o := range objs {
			all[p] = append(all[p], o.Key+"#0")
		}
	}
	src := confLimited(t, s, stores.Denied{List: []string{parts[1].String()}})
	r := confRead(t.Context(), src, qlogs.Query{}, 0)
	confSame(t, "pairs", r.pairs, slices.Concat(all[parts[0]], []string{"!"}, all[parts[2]]))
	var perr *qlogs.PartitionError
	if len(r.errs) != 1 || !errors.As(r.errs[0], &perr) || perr.Partition != parts[1] || perr.Prefix != parts[1].String() || !errors.Is(perr, fs.ErrPermission) {
		t.Errorf("errors = %v, want a *PartitionError of %q that is %v", r.errs, parts[1], fs.ErrPermission)
	}
	if st := r.scan.Stats(); st.Listed != 10 || st.Read != 10 || st.Partitions != 3 {
		t.Errorf("Stats = %+v, want 3 partitions and 10 objects listed and read", st)
	}
	again := r.resume(t, s.Source(), qlogs.Query{})
	again.noErrors(t)
	confSame(t, "from the cursor, when allowed", again.pairs, all[parts[1]])
}

func confObjectDenied(t *testing.T, s conformanceStore) {
	objs := confChats(confPartition("logs", path.GenerateAssistantResponse), 9, time.Minute)
	confFill(t, s, objs)
	src := confLimited(t, s, stores.Denied{Get: []string{objs[4].Key}})
	r := confRead(t.Context(), src, qlogs.Query{}, 0)
	confOneFails(t, r, objs, 4, fs.ErrPermission)
	again := r.resume(t, s.Source(), qlogs.Query{})
	again.noErrors(t)
	confSame(t, "from the cursor, when allowed", again.ids, []string{"0004"})
}

// confOneFails checks that of objects with one record each all but one were
// read and that one failed, once, in its place.
func confOneFails(t *testing.T, r confScan, objs []qlogstest.Object, bad int, reason error) {
	t.Helper()
	var want []string
	for i, o := range objs {
		pair := o.Key + "#0"
		if i == bad {
			pair = o.Key + "#-1!"
		}
		want = append(want, pair)
	}
	confSame(t, "pairs", r.pairs, want)
	if len(r.errs) != 1 || !errors.Is(r.errs[0], reason) {
		t.Errorf("errors = %v, want one that is %v", r.errs, reason)
	}
	if st := r.scan.Stats(); st.Read != int64(len(objs)-1) || st.Failed != 1 || st.Listed != int64(len(objs)) {
		t.Errorf("Stats = %+v, want %d objects listed, 1 failed, the others read", st, len(objs))
	}
}

func confObjectDeleted(t *testing.T, s conformanceStore) {
	objs := confChats(confPartition("logs", path.GenerateAssistantResponse), 9, time.Minute)
	confFill(t, s, objs)
	src := confTamper(s.Source(), objs[4].Key, func(ctx context.Context) {
		if err := s.Delete(ctx, objs[4].Key); err != nil {
			t.Errorf("delete: %v", err)
		}
	})
	r := confRead(t.Context(), src, qlogs.Query{}, 0)
	confOneFails(t, r, objs, 4, fs.ErrNotExist)
	// What is gone will not come back: it is finished.
	again := r.resume(t, s.Source(), qlogs.Query{})
	confSame(t, "from the cursor", again.pairs, nil)
}

// An object that was replaced after it had been listed is read as it is now. One
// that is replaced again and again has changed.
func confObjectReplaced(t *testing.T, s conformanceStore) {
	longer := func(n int) string { return "0004 and more" + strings.Repeat("!", n) }
	shorter := func(n int) string { return strings.Repeat("4", 4-n) }
	for _, tt := range []struct {
		name     string
		id       func(n int) string // of the n-th new object
		untagged bool
	}{
		{"by a larger one", longer, false},
		{"by a smaller one", shorter, false},
		{"by one of the same size", func(n int) string { return fmt.Sprint(4000 + n) }, false},
		{"by a larger one, without ETags", longer, true},
		{"by a smaller one, without ETags", shorter, true},
	} {
		for _, times := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, times %d", tt.name, times), func(t *testing.T) {
				prefix := fmt.Sprint(tt.name, times)
				objs := confChats(confPartition(prefix, path.GenerateAssistantResponse), 9, time.Minute)
				confFill(t, s, objs)
				n := 0
				src := confTamper(s.Source(), objs[4].Key, func(ctx context.Context) {
					if n == times {
						return
					}
					n++
					if err := s.Put(ctx, objs[4].Key, confChat(tt.id(n), confStart())); err != nil {
						t.Errorf("put: %v", err)
					}
				})
				if tt.untagged {
					src = confUntagged(src)
				}
				q := qlogs.Query{Prefix: prefix}
				r := confRead(t.Context(), src, q, 0)
				ids := confIDs(9)
				ids[4] = tt.id(1)
				var rest []string
				if times == 1 {
					r.noErrors(t)
				} else {
					confOneFails(t, r, objs, 4, qlogs.ErrChanged)
					ids = slices.Delete(ids, 4, 5)
					rest = []string{tt.id(2)}
				}
				confSame(t, "records", r.ids, ids)
				again := r.resume(t, s.Source(), q)
				again.noErrors(t)
				confSame(t, "from the cursor", again.ids, rest)
			})
		}
	}
}

func confReadAll(ctx context.Context, src qlogs.Source, o qlogs.Object, offset int64) ([]byte, error) {
	r, err := src.Open(ctx, o, offset)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r)
	return body, errors.Join(err, r.Close())
}

func confCancelled(t *testing.T, s conformanceStore) {
	confFill(t, s, confChats(confPartition("logs", path.GenerateAssistantResponse), 80, time.Minute))
	src := sourcetest.Wrap(s.Source())
	reason := errors.New("enough")
	for _, n := range []int{1, 50} {
		ctx, cancel := context.WithCancelCause(t.Context())
		r := confScan{scan: qlogs.New(src, nil).Scan(qlogs.Query{})}
		for e, err := range r.scan.Records(ctx) {
			if r.add(e, err); len(r.pairs) == n {
				cancel(reason)
			}
		}
		src.CheckClosed(t)
		cancel(nil)
		if len(r.pairs) != n+1 || len(r.errs) != 1 || r.errs[0] != reason {
			t.Errorf("cancelled at record %d: %d pairs with the errors %v, want one more, %q", n, len(r.pairs), r.errs, reason)
		}
		again := r.resume(t, src, qlogs.Query{})
		again.noErrors(t)
		confSame(t, "from the cursor", again.ids, confIDs(80)[n:])
	}
}

func confLeft(t *testing.T, s conformanceStore) {
	confFill(t, s, confChats(confPartition("logs", path.GenerateAssistantResponse), 80, time.Minute))
	src := sourcetest.Wrap(s.Source())
	for _, n := range []int{1, 50} {
		r := confRead(t.Context(), src, qlogs.Query{}, n)
		src.CheckClosed(t)
		confSame(t, fmt.Sprintf("left at record %d", n), r.ids, confIDs(n))

		r = confScan{scan: qlogs.New(src, nil).Scan(qlogs.Query{})}
		confPanic(t, func() {
			for e, err := range r.scan.Records(t.Context()) {
				if r.add(e, err); len(r.pairs) == n {
					panic("a bug in the loop")
				}
			}
		})
		src.CheckClosed(t)
		again := r.resume(t, src, qlogs.Query{})
		again.noErrors(t)
		confSame(t, "from the cursor after a panic", again.ids, confIDs(80)[n-1:])
	}
	for o, err := range s.Source().List(t.Context(), qlogs.ListInput{}) {
		if err != nil || o.Folder {
			t.Errorf("List yields %+v, %v, want an object", o, err)
		}
		break
	}
}

func confPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("the panic of the loop did not come out")
		}
	}()
	f()
}

func confCancelledBefore(t *testing.T, s conformanceStore) {
	confFill(t, s, confChats(confPartition("logs", path.GenerateAssistantResponse), 3, time.Minute))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := confRead(ctx, s.Source(), qlogs.Query{}, 0)
	confOnly(t, r, context.Canceled)
	n := 0
	for o, err := range s.Source().List(ctx, qlogs.ListInput{}) {
		if n++; n > 1 || !errors.Is(err, context.Canceled) {
			t.Errorf("List yields %+v, %v, want only %v", o, err, context.Canceled)
		}
	}
	if n != 1 {
		t.Errorf("List yields %d pairs, want one", n)
	}
}
