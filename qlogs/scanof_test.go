package qlogs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// scanOf yields the objects of a contractBucket, in their order and then once more.
func scanOf(src *contractSource) iter.Seq2[qlogs.Object, error] {
	return func(yield func(qlogs.Object, error) bool) {
		for range 2 {
			for _, o := range src.objects() {
				if !yield(o.Object, nil) {
					return
				}
			}
		}
	}
}

// A scan of given objects counts, has no cursor, and does not list.
func TestScanOf(t *testing.T) {
	src := contractBucket(5)
	scan := qlogs.New(src, nil).ScanOf(scanOf(src))
	n := 0
	for e, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if !e.Cursor().IsZero() {
			t.Errorf("entry %d has a cursor", n)
		}
		n++
	}
	st := scan.Stats()
	if n != 10 || st.Listed != 10 || st.Read != 10 || st.RecordsYielded != 10 || st.Gets != 10 || st.Lists != 0 || len(src.lists()) != 0 {
		t.Errorf("%d records, %d listings, Stats() = %+v, want 10 of each and no listing", n, len(src.lists()), st)
	}
	if !scan.Cursor().IsZero() {
		t.Errorf("Cursor() = %q, want the zero Cursor", scan.Cursor())
	}
	for _, err := range scan.Records(t.Context()) {
		if !errors.Is(err, qlogs.ErrScanUsed) {
			t.Errorf("a second range yields %v", err)
		}
	}
	objects := 0
	for _, err := range qlogs.New(src, nil).ScanOf(scanOf(src)).Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		objects++
	}
	if objects != 10 {
		t.Errorf("Objects yields %d, want 10", objects)
	}
}

// Its sequence may be endless: it is asked for no more than what is read ahead.
func TestScanOfEndless(t *testing.T) {
	src := contractBucket(1)
	given, only := 0, src.objects()[0].Object
	endless := func(yield func(qlogs.Object, error) bool) {
		for yield(only, nil) {
			given++
		}
	}
	n := 0
	for _, err := range qlogs.New(src, &qlogs.Options{InFlight: 1}).ScanOf(endless).Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 100 {
			break
		}
	}
	if given > 200 {
		t.Errorf("%d objects were taken for 100 records, want no more than 200", given)
	}
}

// An error of the sequence is the last pair.
func TestScanOfError(t *testing.T) {
	src, broken := contractBucket(3), errors.New("line 4 is damaged")
	scan := qlogs.New(src, nil).ScanOf(func(yield func(qlogs.Object, error) bool) {
		for o, err := range scanOf(src) {
			if !yield(o, err) {
				return
			}
			if o.Key == src.key(2) {
				yield(qlogs.Object{}, broken)
				return
			}
		}
	})
	n, last := 0, error(nil)
	for _, err := range scan.Records(t.Context()) {
		if last = err; err == nil {
			n++
		}
	}
	if n != 3 || !errors.Is(last, broken) || !qlogs.EndsScan(last) {
		t.Errorf("%d records and then %v, want 3 and the sequence's error", n, last)
	}
}

// What needs a cursor is refused, and what is wrong with a call of SaveTo is told.
func TestScanOfRefusals(t *testing.T) {
	src := contractBucket(3)
	client := qlogs.New(src, nil)
	store := keep.CursorFile(t.TempDir() + "/cursor")
	refused := func(name string, scan *qlogs.Scan, seq iter.Seq2[qlogs.Entry, error], says string) {
		t.Helper()
		var errs []error
		for _, err := range seq {
			errs = append(errs, err)
		}
		if len(errs) != 1 || errs[0] == nil || !strings.Contains(errs[0].Error(), says) {
			t.Errorf("%s: pairs %v, want one error that says %q", name, errs, says)
		}
	}
	given := client.ScanOf(scanOf(src))
	refused("Follow", given, given.Follow(t.Context()), "cannot be followed")
	given = client.ScanOf(scanOf(src))
	given.SaveTo(store, nil)
	refused("SaveTo", given, given.Records(t.Context()), "no cursor to save")
	twice := client.Scan(qlogs.Query{})
	twice.SaveTo(store, nil)
	twice.SaveTo(store, nil)
	refused("SaveTo twice", twice, twice.Records(t.Context()), "called twice")
	none := client.Scan(qlogs.Query{})
	none.SaveTo(nil, nil)
	refused("SaveTo without a store", none, none.Records(t.Context()), "the store is nil")

	late := client.Scan(qlogs.Query{})
	var errs []error
	n := 0
	for _, err := range late.Records(t.Context()) {
		if n++; err != nil {
			errs = append(errs, err)
		}
		late.SaveTo(store, nil)
	}
	if n != 2 || len(errs) != 1 || !strings.Contains(errs[0].Error(), "call it before") {
		t.Errorf("SaveTo inside the loop: %d pairs, errors %v, want one entry and one error", n, errs)
	}
}

// The names of the counters in JSON and in logs are the same, and all are added.
func TestStatsNames(t *testing.T) {
	src := contractBucket(3)
	scan := qlogs.New(src, nil).Scan(qlogs.Query{})
	for range scan.Records(t.Context()) {
	}
	st := scan.Stats()
	data, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "stats", st)
	var logged struct{ Stats json.RawMessage }
	if err := json.Unmarshal([]byte(log.String()), &logged); err != nil {
		t.Fatal(err)
	}
	if string(logged.Stats) != string(data) {
		t.Errorf("logged as %s, in JSON %s", logged.Stats, data)
	}
	var back, sum qlogs.Stats
	if err := json.Unmarshal(data, &back); err != nil || back != st {
		t.Errorf("read back %+v, %v, want %+v", back, err, st)
	}
	sum.Add(st)
	if sum != st {
		t.Errorf("added to nothing %+v, want %+v", sum, st)
	}
	if sum.Add(st); sum.RecordsYielded != 6 || sum.Lists != 2*st.Lists || sum.Waited != 2*st.Waited {
		t.Errorf("added twice %+v, from %+v", sum, st)
	}
}

// The objects of a scan may be given whole: an error of one of its listings costs nothing else.
func TestScanOfObjects(t *testing.T) {
	src := sourcetest.NewMemory("mem://logs")
	var ids []string
	for _, account := range []string{"111122223333", "222233334444", "333344445555"} {
		p := contractPartition()
		p.Account = account
		src.Put(contractKey(p, contractStart, 0), contractGzip(contractFile(contractChat(account, contractStart))))
		if account != "222233334444" {
			ids = append(ids, account)
		}
	}
	src.OnList = func(_ context.Context, in qlogs.ListInput) error {
		if strings.Contains(in.Prefix, "222233334444") {
			return fs.ErrPermission
		}
		return nil
	}
	client := qlogs.New(src, nil)
	scan := client.ScanOf(client.Scan(qlogs.Query{}).Objects(t.Context()))
	var got []string
	failed := 0
	for e, err := range scan.Records(t.Context()) {
		switch {
		case err == nil:
			got = append(got, e.Record.RequestID())
		case errors.Is(err, fs.ErrPermission) && !qlogs.EndsScan(err):
			failed++
		default:
			t.Errorf("error %v", err)
		}
	}
	contractSame(t, "records", got, ids)
	if failed != 1 {
		t.Errorf("%d errors, want that of the account's listing", failed)
	}
}

// An error of the sequence ends the scan if it could be the last pair of one.
func TestScanOfErrors(t *testing.T) {
	broken := errors.New("manifest: broken")
	for _, tt := range []struct {
		err  error
		ends bool
	}{
		{broken, true},
		{fmt.Errorf("manifest: %w", &qlogs.ObjectError{Op: "open", Key: "k", Err: broken}), false},
		{&qlogs.PartitionError{Prefix: "p/", Err: broken}, false},
	} {
		src := contractBucket(2)
		var pairs []string
		for e, err := range qlogs.New(src, nil).ScanOf(func(yield func(qlogs.Object, error) bool) {
			_ = yield(src.objects()[0].Object, nil) && yield(qlogs.Object{}, tt.err) && yield(src.objects()[1].Object, nil)
		}).Records(t.Context()) {
			if err != nil {
				if err.Error() != tt.err.Error() {
					t.Errorf("error %v, want %v as it is", err, tt.err)
				}
				pairs = append(pairs, "error")
				continue
			}
			pairs = append(pairs, e.Record.RequestID())
		}
		want := []string{"r0000", "error", "r0001"}
		if tt.ends {
			want = want[:2]
		}
		contractSame(t, tt.err.Error(), pairs, want)
	}
}

func TestScanOfNil(t *testing.T) {
	client := qlogs.New(contractBucket(1), nil)
	for name, err := range map[string]error{
		"Records": only(t, client.ScanOf(nil).Records(t.Context())),
		"Objects": only(t, client.ScanOf(nil).Objects(t.Context())),
		"Follow":  only(t, client.ScanOf(nil).Follow(t.Context())),
	} {
		if err == nil || !strings.Contains(err.Error(), "the sequence of objects is nil") || !qlogs.EndsScan(err) {
			t.Errorf("%s: error %v, want one that names the nil sequence", name, err)
		}
	}
}

// only returns the error of a sequence that yields nothing else.
func only[T any](t *testing.T, seq iter.Seq2[T, error]) (err error) {
	t.Helper()
	n := 0
	for _, err = range seq {
		n++
	}
	if n != 1 {
		t.Errorf("%d pairs, want 1", n)
	}
	return err
}
