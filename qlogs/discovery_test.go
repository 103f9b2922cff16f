package qlogs_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// discoveryPut puts one log with one record of that id below a prefix.
func discoveryPut(src *contractSource, prefix, id string) {
	p := contractPartition()
	p.Prefix = prefix
	src.put(contractKey(p, contractStart, 0), contractFile(contractChat(id, contractStart)))
}

func TestDiscoveryFindsLogRoots(t *testing.T) {
	deep := func(n int) string { return strings.TrimSuffix(strings.Repeat("d/", n), "/") }
	for _, tt := range []struct {
		name   string
		prefix string // where the log lies
		query  string
		depth  int
		found  bool
	}{
		{"bucket root", "", "", 0, true},
		{"one level", "logs", "", 0, true},
		{"doubled", "logs/logs", "", 0, true},
		{"spaces, plus, percent, unicode", "a b+c/100%/Ünïcode", "", 0, true},
		{"a prefix that starts with a slash", "/", "", 0, true},
		{"an empty element", "a//b", "", 0, true},
		{"eight levels", deep(8), "", 0, true},
		{"nine levels", deep(9), "", 0, false},
		{"nine levels with the option", deep(9), "", 9, true},
		{"two levels with one allowed", deep(2), "", 1, false},
		{"nine levels, one of them in the query", deep(9), "d/", 0, true},
		{"ten levels, one of them in the query", deep(10), "d/", 0, false},
		{"AWSLogs in AWSLogs", "AWSLogs", "", 0, true},
		{"AWSLogs in AWSLogs below a prefix", "logs/AWSLogs", "", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := newContractSource()
			discoveryPut(src, tt.prefix, "id")
			var want []string
			if tt.found {
				want = []string{"id"}
			}
			s := contractNew(src, &qlogs.Options{SearchDepth: tt.depth}, qlogs.Query{Prefix: tt.query, MayBeEmpty: true})
			got := contractRead(t, src, s)
			contractSame(t, "records", got.pairs, want)
			if st := s.Stats(); st.Partitions != int64(len(want)) {
				t.Errorf("Stats().Partitions = %d, want %d", st.Partitions, len(want))
			}
		})
	}
}

// Each visited folder costs one LIST, and what cannot hold logs is not visited.
func TestDiscoveryCost(t *testing.T) {
	src := newContractSource()
	discoveryPut(src, "", "root")
	discoveryPut(src, "logs", "one")
	discoveryPut(src, "logs/logs", "two")
	for _, key := range []string{
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/02/trail.json.gz",
		"AWSLogs/111122223333/Config/us-east-1/2026/3/2/config.json.gz",
		"AWSLogs/o-abcdef1234/111122223333/CloudTrail/us-east-1/2026/03/02/trail.json.gz",
		"AWSLogs/111122223333/KiroLogs/user_report/us-east-1/2026/03/02/00/KIRO_IDE_111122223333_user_report_202603020000.csv",
		"AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/Not_A_Region/2026/03/02/09/x.json.gz",
		"readme.txt",
		"logs/readme.txt",
	} {
		src.put(key, []byte("no log"))
	}
	s := contractNew(src, nil, qlogs.Query{})
	got := contractRead(t, src, s)
	contractSame(t, "records", got.pairs, []string{"root", "one", "two"})
	tail := []string{"AWSLogs/", "AWSLogs/111122223333/", "AWSLogs/111122223333/KiroLogs/", "AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/", "AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/"}
	want := []string{""}
	want = append(want, tail...)
	want = append(want, "logs/")
	for _, f := range tail {
		want = append(want, "logs/"+f)
	}
	want = append(want, "logs/logs/")
	for _, f := range tail {
		want = append(want, "logs/logs/"+f)
	}
	contractSame(t, "listed prefixes", slices.Sorted(slices.Values(src.listed())), want)
	for _, in := range src.lists() {
		if partition := strings.HasSuffix(in.Prefix, "us-east-1/"); in.Folders == partition {
			t.Errorf("List(%+v): Folders = %t, want %t", in, in.Folders, !partition)
		}
	}
	if st := s.Stats(); st.Partitions != 3 || st.Skipped.Foreign != 2 {
		t.Errorf("Stats() = %+v, want 3 partitions and 2 foreign objects", st)
	}
}

// A prefix may be any folder from the bucket root down to one inside an hour,
// and no listing asks for less than it.
func TestDiscoveryPrefix(t *testing.T) {
	src := newContractSource()
	discoveryPut(src, "logs", "in")
	guide := contractPartition().String() + "2026/03/02/10/zipFile.gz/logFile.json"
	src.put(guide, contractFile(contractChat("guide", contractStart)))
	discoveryPut(src, "other", "other")
	discoveryPut(src, "logs2", "beside")
	discoveryPut(src, "", "root")
	both := []string{"in", "guide"}
	for _, tt := range []struct {
		prefix string
		want   []string
	}{
		{"", []string{"root", "in", "guide", "beside", "other"}},
		{"logs", both},
		{"logs/", both},
		{"logs/AWSLogs", both},
		{"logs/AWSLogs/111122223333", both},
		{"logs/AWSLogs/111122223333/KiroLogs/", both},
		{"logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse", both},
		{contractPartition().String(), both},
		{contractPartition().String() + "2026", both},
		{contractPartition().String() + "2026/03/", both},
		{contractPartition().String() + "2026/03/02", both},
		{contractPartition().String() + "2026/03/02/09", []string{"in"}},
		{contractPartition().String() + "2026/03/02/10/", []string{"guide"}},
		{contractPartition().String() + "2026/03/02/10/zipFile.gz", []string{"guide"}},
		{contractPartition().String() + "2026/03/02/11", nil},
		{contractPartition().String() + "2025", nil},
		{"log", nil},
		{"nothing/here", nil},
		{"logs/AWSLogs/111122223333/CloudTrail", nil},
	} {
		for _, q := range []qlogs.Query{
			{Prefix: tt.prefix, MayBeEmpty: true},
			{Prefix: tt.prefix, MayBeEmpty: true, From: contractStart.Add(-48 * time.Hour), To: contractStart.Add(48 * time.Hour)},
		} {
			src.ResetCalls()
			got := contractRead(t, src, contractNew(src, nil, q))
			contractSame(t, "records below "+tt.prefix, got.pairs, tt.want)
			for _, p := range src.listed() {
				if !strings.HasPrefix(p, tt.prefix) {
					t.Errorf("Prefix %q: %q is listed, which is above it", tt.prefix, p)
				}
			}
		}
	}
}

func TestDiscoverySelections(t *testing.T) {
	src := newContractSource()
	for _, account := range []string{"111122223333", "222233334444"} {
		for _, product := range []path.Product{path.KiroLogs, path.QDeveloperLogs} {
			for _, logType := range []path.LogType{path.GenerateAssistantResponse, path.GenerateCompletions, "NewThing"} {
				for _, region := range []string{"eu-central-1", "us-east-1"} {
					p := path.Partition{Account: account, Product: product, LogType: logType, Region: region}
					src.put(contractKey(p, contractStart, 0), contractFile(contractChat(p.String(), contractStart)))
				}
			}
		}
	}
	for _, tt := range []struct {
		name  string
		q     qlogs.Query
		want  int
		lists int
	}{
		{"all", qlogs.Query{}, 24, 1 + 1 + 2 + 4 + 12 + 24},
		{"account", qlogs.Query{Accounts: []string{"222233334444"}}, 12, 1 + 1 + 1 + 2 + 6 + 12},
		{"product", qlogs.Query{Products: []path.Product{path.KiroLogs}}, 12, 1 + 1 + 2 + 2 + 6 + 12},
		{"type", qlogs.Query{Types: []path.LogType{"NewThing"}}, 8, 1 + 1 + 2 + 4 + 4 + 8},
		{"types, one twice", qlogs.Query{Types: []path.LogType{"NewThing", path.GenerateCompletions, "NewThing"}}, 16, 1 + 1 + 2 + 4 + 8 + 16},
		{"region", qlogs.Query{Regions: []string{"us-east-1"}}, 12, 1 + 1 + 2 + 4 + 12 + 12},
		{"everything", qlogs.Query{Accounts: []string{"111122223333"}, Products: []path.Product{path.QDeveloperLogs}, Types: []path.LogType{path.GenerateCompletions}, Regions: []string{"us-east-1"}}, 1, 6},
		{"nothing", qlogs.Query{Accounts: []string{"999999999999"}}, 0, 2},
		{"prefix and another account", qlogs.Query{Prefix: "AWSLogs/111122223333", Accounts: []string{"222233334444"}}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src.ResetCalls()
			tt.q.MayBeEmpty = true
			got := contractRead(t, src, contractNew(src, nil, tt.q))
			if len(got.entries) != tt.want || len(got.errs) != 0 {
				t.Errorf("%d records, errors %v, want %d, none", len(got.entries), got.errs, tt.want)
			}
			for _, e := range got.entries {
				k := e.Key
				if len(tt.q.Accounts) > 0 && !slices.Contains(tt.q.Accounts, k.Account) || len(tt.q.Types) > 0 && !slices.Contains(tt.q.Types, k.LogType) ||
					len(tt.q.Products) > 0 && !slices.Contains(tt.q.Products, k.Product) || len(tt.q.Regions) > 0 && !slices.Contains(tt.q.Regions, k.Region) {
					t.Errorf("%q is read, but not selected", e.Object.Key)
				}
			}
			if n := len(src.listed()); n != tt.lists {
				t.Errorf("%d LIST calls, want %d: %q", n, tt.lists, src.listed())
			}
		})
	}
}

// A listing that fails below the query's prefix costs what lies there alone.
func TestDiscoveryPartitionErrors(t *testing.T) {
	src := newContractSource()
	for _, prefix := range []string{"a", "b", "c"} {
		for _, region := range []string{"eu-central-1", "us-east-1"} {
			p := contractPartition()
			p.Prefix, p.Region = prefix, region
			src.put(contractKey(p, contractStart, 0), contractFile(contractChat(prefix+" "+region, contractStart)))
		}
	}
	b := contractPartition()
	b.Prefix = "b"
	account := path.Partition{Prefix: "b", Account: b.Account}
	product := account
	product.Product = b.Product
	logType := product
	logType.LogType = b.LogType
	rest := []string{"c eu-central-1", "c us-east-1"}
	for _, tt := range []struct {
		prefix string
		want   path.Partition
		pairs  []string
	}{
		{"b/", path.Partition{Prefix: "b"}, []string{"error"}},
		{"b/AWSLogs/", path.Partition{Prefix: "b"}, []string{"error"}},
		{"b/AWSLogs/111122223333/", account, []string{"error"}},
		{"b/AWSLogs/111122223333/KiroLogs/", product, []string{"error"}},
		{"b/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/", logType, []string{"error"}},
		{b.String(), b, []string{"b eu-central-1", "error"}},
	} {
		t.Run(tt.prefix, func(t *testing.T) {
			src.onList = func(_ context.Context, in qlogs.ListInput) error {
				if in.Prefix == tt.prefix {
					return fs.ErrPermission
				}
				return nil
			}
			got := contractRead(t, src, contractNew(src, nil, qlogs.Query{}))
			contractSame(t, "pairs", got.pairs, slices.Concat([]string{"a eu-central-1", "a us-east-1"}, tt.pairs, rest))
			var bad *qlogs.PartitionError
			if len(got.errs) != 1 || !errors.As(got.errs[0], &bad) || !errors.Is(bad, fs.ErrPermission) {
				t.Fatalf("errors %v, want one *PartitionError of fs.ErrPermission", got.errs)
			}
			if bad.Prefix != tt.prefix || bad.Partition != tt.want {
				t.Errorf("error of %q, %+v, want %q, %+v", bad.Prefix, bad.Partition, tt.prefix, tt.want)
			}
			if !strings.Contains(bad.Error(), tt.prefix) {
				t.Errorf("Error() = %q, want it to name %q", bad, tt.prefix)
			}
		})
	}
}

// A listing that breaks off delivers what it had, then its error, then the others.
func TestDiscoveryListingBreaksOff(t *testing.T) {
	src := contractBucket(5)
	p := contractPartition()
	p.Region = "us-west-2"
	src.put(contractKey(p, contractStart, 0), contractFile(contractChat("other", contractStart)))
	broken := errors.New("connection reset")
	src.onListed = func(_ context.Context, key string) error {
		if key == src.key(3) {
			return broken
		}
		return nil
	}
	got := contractRead(t, src, contractNew(src, nil, qlogs.Query{}))
	contractSame(t, "pairs", got.pairs, []string{"r0000", "r0001", "r0002", "error", "other"})
	if len(got.errs) != 1 || !errors.Is(got.errs[0], broken) {
		t.Errorf("errors %v, want %v", got.errs, broken)
	}
}

// When the query's own prefix cannot be listed there is nothing to go on with.
func TestDiscoveryRootFails(t *testing.T) {
	for _, prefix := range []string{"", "logs/", "logs/AWSLogs/111122223333/", contractPartition().String(), contractPartition().String() + "2026/03/"} {
		src := contractBucket(3)
		src.onList = func(context.Context, qlogs.ListInput) error { return fs.ErrNotExist }
		for _, objects := range []bool{false, true} {
			s := contractNew(src, nil, qlogs.Query{Prefix: prefix})
			var errs []error
			if objects {
				for _, err := range s.Objects(t.Context()) {
					errs = append(errs, err)
				}
			} else {
				errs = contractRead(t, src, s).errs
			}
			if len(errs) != 1 || !errors.Is(errs[0], fs.ErrNotExist) || !strings.Contains(errs[0].Error(), strconv.Quote(prefix)) {
				t.Fatalf("Prefix %q, Objects %t: errors %v, want one fs.ErrNotExist that names it", prefix, objects, errs)
			}
			var bad *qlogs.PartitionError
			if one := path.Locate(prefix).Level >= path.LevelRegion; errors.As(errs[0], &bad) != one {
				t.Errorf("Prefix %q, Objects %t: error %v, a *PartitionError: %t, want %t", prefix, objects, errs[0], !one, one)
			}
		}
	}
}

// A source that does not keep the order of keys would lose records on resume:
// it is found out.
func TestDiscoveryUnorderedSource(t *testing.T) {
	folders := newContractSource()
	for _, prefix := range []string{"a", "b", "c", "d", "e"} {
		discoveryPut(folders, prefix, prefix)
	}
	folder := func(key string) qlogs.Object { return qlogs.Object{Key: key, Folder: true} }
	bucket := contractBucket(5)
	two, four := bucket.objects()[1].Object, bucket.objects()[3].Object
	for _, tt := range []struct {
		name    string
		src     *contractSource
		instead map[string]qlogs.Object // of the object of a key
	}{
		{"objects", bucket, map[string]qlogs.Object{two.Key: four, four.Key: two}},
		{"an object again, behind another", bucket, map[string]qlogs.Object{four.Key: two}},
		{"folders", folders, map[string]qlogs.Object{"b/": folder("d/"), "d/": folder("b/")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.src.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
				if other, ok := tt.instead[o.Key]; ok {
					return other, nil
				}
				return o, nil
			}
			got := contractRead(t, tt.src, contractNew(tt.src, nil, qlogs.Query{}))
			var object *qlogs.ObjectError
			var partition *qlogs.PartitionError
			if len(got.errs) != 1 || got.pairs[len(got.pairs)-1] != "error" || errors.As(got.errs[0], &object) || errors.As(got.errs[0], &partition) {
				t.Fatalf("pairs %q, errors %v, want one final error", got.pairs, got.errs)
			}
			if msg := got.errs[0].Error(); !strings.Contains(msg, "order") || !strings.Contains(msg, "contract://memory") {
				t.Errorf("error %q, want it to name the source and its order", msg)
			}
		})
	}
}
