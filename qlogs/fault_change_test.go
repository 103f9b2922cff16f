package qlogs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
)

// changeStore has an object between two others, which become one another thing each
// time that it is opened, as long as there is one.
func changeStore(old []byte, then ...cursorObject) (store *cursorStore, keys []string) {
	store = newCursorStore()
	for i := range 3 {
		keys = append(keys, cursorKey(cursorChats, i))
	}
	store.put(keys[0], cursorFile(cursorRecord("before", 0)))
	store.put(keys[1], old)
	store.put(keys[2], cursorFile(cursorRecord("after", 2)))
	store.openHook = func(_ context.Context, key string) error {
		if key != keys[1] || len(then) == 0 {
			return nil
		}
		if now := then[0]; now.body == nil {
			store.remove(key)
		} else {
			store.putObject(key, now)
		}
		then = then[1:]
		return qlogs.ErrChanged
	}
	return store, keys
}

func changeRecords(ids ...string) []string {
	var records []string
	for _, id := range ids {
		records = append(records, cursorRecord(id, 1))
	}
	return records
}

// An object that has changed since it was listed is looked up and starts again
// once, whatever has become of it.
func TestChangeStartsAgain(t *testing.T) {
	small := cursorFile(changeRecords("small")...)
	other := cursorFile(changeRecords("a", "b", "c", "d")...)
	large := cursorLarge(changeRecords("x", "y")...)
	for _, tt := range []struct {
		name  string
		old   []byte
		then  []cursorObject
		opts  qlogs.Options
		want  []string // ids of the object; else class
		class error
		opens int // of the object
	}{
		{"larger", small, []cursorObject{{body: other, etag: "2"}}, qlogs.Options{}, []string{"a", "b", "c", "d"}, nil, 2},
		{"smaller", other, []cursorObject{{body: small, etag: "2"}}, qlogs.Options{}, []string{"small"}, nil, 2},
		{"the same", small, []cursorObject{{body: small, etag: "first"}}, qlogs.Options{}, []string{"small"}, nil, 2},
		{"beyond the byte budget", small, []cursorObject{{body: other, etag: "2"}}, qlogs.Options{BytesInFlight: 1}, []string{"a", "b", "c", "d"}, nil, 2},
		{"small to large", small, []cursorObject{{body: large, etag: "2"}}, qlogs.Options{}, []string{"x", "y"}, nil, 2},
		{"large to small", large, []cursorObject{{body: small, etag: "2"}}, qlogs.Options{}, []string{"small"}, nil, 2},
		{"large to large", large, []cursorObject{{body: large, etag: "2"}}, qlogs.Options{}, []string{"x", "y"}, nil, 2},
		{"small, twice", small, []cursorObject{{body: other, etag: "2"}, {body: small, etag: "3"}}, qlogs.Options{}, nil, qlogs.ErrChanged, 2},
		{"large, twice", large, []cursorObject{{body: large, etag: "2"}, {body: small, etag: "3"}}, qlogs.Options{}, nil, qlogs.ErrChanged, 2},
		// It is opened ahead of its turn, and then in its turn.
		{"small to large to small", small, []cursorObject{{body: large, etag: "2"}, {body: other, etag: "3"}}, qlogs.Options{}, nil, qlogs.ErrChanged, 2},
		{"small, gone", small, []cursorObject{{}}, qlogs.Options{}, nil, qlogs.ErrChanged, 1},
		{"large, gone", large, []cursorObject{{}}, qlogs.Options{}, nil, qlogs.ErrChanged, 1},
		{"small, archived", small, []cursorObject{{body: other, etag: "2", archived: true}}, qlogs.Options{}, nil, qlogs.ErrArchived, 1},
		{"large, archived", large, []cursorObject{{body: other, etag: "2", archived: true}}, qlogs.Options{}, nil, qlogs.ErrArchived, 1},
		{"small, too large", small, []cursorObject{{body: large, etag: "2"}}, qlogs.Options{MaxObjectBytes: 1 << 20}, nil, qlogs.ErrTooLarge, 1},
		{"large, too large", large, []cursorObject{{body: append(bytes.Clone(large), 0), etag: "2"}}, qlogs.Options{MaxObjectBytes: int64(len(large))}, nil, qlogs.ErrTooLarge, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store, keys := changeStore(tt.old, tt.then...)
			client := qlogs.New(store, &tt.opts)
			s := client.Scan(qlogs.Query{})
			var ids []string
			var errs []error
			for e, err := range s.Records(t.Context()) {
				if err != nil {
					errs = append(errs, err)
					continue
				}
				ids = append(ids, e.Record.RequestID())
				if last := tt.then[len(tt.then)-1]; e.Object.Key == keys[1] && (e.Object.ETag != last.etag || e.Object.Size != int64(len(last.body))) {
					t.Errorf("record %q comes with the object %+v, want the one that it is of", e.Record.RequestID(), e.Object)
				}
			}
			contractSame(t, "records", ids, slices.Concat([]string{"before"}, tt.want, []string{"after"}))
			var bad *qlogs.ObjectError
			switch {
			case tt.class == nil:
				if len(errs) != 0 {
					t.Errorf("errors %v, want none", errs)
				}
			case len(errs) != 1 || !errors.As(errs[0], &bad) || !errors.Is(bad, tt.class) || bad.Op != "open" || bad.Key != keys[1]:
				t.Errorf("errors %v, want one of %q that is %v", errs, keys[1], tt.class)
			case bad.Retryable != (tt.class == qlogs.ErrChanged):
				t.Errorf("error %v: Retryable = %t", bad, bad.Retryable)
			}
			if n := store.opens(keys[1]); n != tt.opens {
				t.Errorf("the object was opened %d times, want %d", n, tt.opens)
			}
			st := s.Stats()
			contractSums(t, st)
			if st.Listed != 3 || st.RecordsSeen != int64(len(ids)) {
				t.Errorf("Stats() = %+v, want 3 objects and %d records", st, len(ids))
			}
			if tt.class == nil { // the cursor covers the new object
				rest := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
				cursorWant(t, "from the cursor", rest, nil)
			}
		})
	}
}

// A streamed object that changes under way starts again if it has delivered
// nothing, though records of it were seen; they are counted once.
func TestChangeUnderWay(t *testing.T) {
	for _, tt := range []struct {
		name     string
		first    string // record
		yields   bool
		restarts bool
	}{
		{"before To", cursorRecord("a", 1), true, false},
		{"beyond To", cursorRecord("a", 90), false, true},
		{"before From", cursorRecord("a", -90), false, true},
		{"damaged", cursorBad, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store, keys := changeStore(cursorLarge(tt.first, cursorRecord("b", 1)))
			now := cursorLarge(cursorRecord("c", 1), cursorRecord("d", 1))
			store.bodyHook = func(key string, body io.Reader) io.Reader {
				if key != keys[1] || store.opens(key) > 1 {
					return body
				}
				store.putObject(key, cursorObject{body: now, etag: "2"})
				return cursorBroken(body, cursorLargeSize/2)
			}
			q := qlogs.Query{From: cursorStart(), To: cursorStart().Add(time.Hour)}
			client := qlogs.New(store, nil)
			s := client.Scan(q)
			failed := cursorPair{keys[1], -1, "error: read"}
			want := []cursorPair{{keys[0], 0, "before"}}
			seen := int64(2)
			switch {
			case tt.restarts:
				want = append(want, cursorPair{keys[1], 0, "c"}, cursorPair{keys[1], 1, "d"})
				seen += 2
			case tt.first == cursorBad:
				want = append(want, cursorPair{keys[1], 0, "error: decode"}, failed)
				seen++
			default:
				want = append(want, cursorPair{keys[1], 0, "a"}, failed)
				seen++
			}
			cursorWant(t, "scan", cursorAll(t, s), append(want, cursorPair{keys[2], 0, "after"}))
			st := s.Stats()
			contractSums(t, st)
			if st.RecordsSeen != seen {
				t.Errorf("Stats() = %+v, want %d records seen", st, seen)
			}
			var rest []cursorPair
			if !tt.restarts { // another object by now: from its start
				rest = []cursorPair{{keys[1], 0, "c"}, {keys[1], 1, "d"}}
			}
			q.After = cursorText(t, s.Cursor())
			cursorWant(t, "from the cursor", cursorAll(t, client.Scan(q)), rest)
		})
	}
}

// A change that shows in the body of an object that is read whole does as well.
// The bytes of both bodies are counted.
func TestChangeInABody(t *testing.T) {
	now := cursorFile(changeRecords("now")...)
	for _, gone := range []bool{false, true} {
		store, keys := changeStore(cursorFile(changeRecords("old")...))
		store.bodyHook = func(key string, body io.Reader) io.Reader {
			if key != keys[1] || store.opens(key) > 1 {
				return body
			}
			if gone {
				store.remove(key)
			} else {
				store.putObject(key, cursorObject{body: now, etag: "2"})
			}
			return io.MultiReader(io.LimitReader(body, 10), pendingReader{qlogs.ErrChanged})
		}
		s := qlogs.New(store, nil).Scan(qlogs.Query{})
		want := cursorPair{keys[1], 0, "now"}
		size := len(cursorFile(cursorRecord("before", 0))) + len(cursorFile(cursorRecord("after", 2))) + 10
		if gone {
			want = cursorPair{keys[1], -1, "error: open"}
		} else {
			size += len(now)
		}
		cursorWant(t, fmt.Sprintf("gone: %t", gone), cursorAll(t, s), []cursorPair{{keys[0], 0, "before"}, want, {keys[2], 0, "after"}})
		if st := s.Stats(); st.BytesStored != int64(size) {
			t.Errorf("gone: %t: Stats() = %+v, want %d bytes stored", gone, st, size)
		}
	}
}

// An object that a cursor stands in, and that has changed since, has no record
// that was delivered before.
func TestChangeInsideACursor(t *testing.T) {
	for _, tt := range []struct {
		name     string
		old, now []byte
	}{
		{"small", cursorFile(changeRecords("a", "b", "c")...), cursorFile(changeRecords("d", "e", "f")...)},
		{"large", cursorLarge(changeRecords("a", "b", "c")...), cursorLarge(changeRecords("d", "e", "f")...)},
	} {
		store, keys := changeStore(tt.old)
		client := qlogs.New(store, nil)
		first := client.Scan(qlogs.Query{})
		cursorLeave(t, first, 4, "break") // within the object
		changed := false
		store.openHook = func(_ context.Context, key string) error {
			if key != keys[1] || changed {
				return nil
			}
			changed = true
			store.putObject(key, cursorObject{body: tt.now, etag: "2"})
			return qlogs.ErrChanged
		}
		got := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, first.Cursor())}))
		cursorWant(t, tt.name, got, []cursorPair{{keys[1], 0, "d"}, {keys[1], 1, "e"}, {keys[1], 2, "f"}, {keys[2], 0, "after"}})
	}
}

// A look-up that fails tells nothing of the object, whatever its class is.
func TestChangeLookUpFails(t *testing.T) {
	for _, old := range [][]byte{cursorFile(changeRecords("a")...), cursorLarge(changeRecords("a", "b")...)} {
		for _, denied := range []error{fs.ErrPermission, fs.ErrNotExist} {
			store, keys := changeStore(old, cursorObject{body: old, etag: "2"})
			store.listHook = func(in qlogs.ListInput) error {
				if strings.HasSuffix(in.Prefix, "/09/") {
					return denied
				}
				return nil
			}
			got := contractResult{}
			for _, err := range qlogs.New(store, nil).Scan(qlogs.Query{}).Records(t.Context()) {
				if err != nil {
					got.errs = append(got.errs, err)
				}
			}
			var bad *qlogs.ObjectError
			if len(got.errs) != 1 || !errors.As(got.errs[0], &bad) || !bad.Retryable || !errors.Is(bad, qlogs.ErrChanged) || errors.Is(bad, denied) {
				t.Errorf("errors %v, want one of %q that is %v and pending", got.errs, keys[1], qlogs.ErrChanged)
			}
			if !strings.Contains(fmt.Sprint(got.errs), denied.Error()) {
				t.Errorf("errors %v, want one that tells of %v", got.errs, denied)
			}
		}
	}
}

// What Read is given is that, where the caller knows what it is, or nothing.
func TestChangeOfWhatIsGiven(t *testing.T) {
	now := cursorFile(changeRecords("now", "too")...)
	for _, tt := range []struct {
		object  qlogs.Object
		changed bool
	}{
		{qlogs.Object{ETag: "first"}, true},
		{qlogs.Object{VersionID: "first"}, true},
		{qlogs.Object{ETag: "first", VersionID: "first"}, true},
		{qlogs.Object{}, false},
	} {
		store, keys := changeStore(cursorFile(changeRecords("old")...), cursorObject{body: now, etag: "2"})
		o := tt.object
		o.Key, o.Size = keys[1], 100
		var ids []string
		var errs []error
		for e, err := range qlogs.New(store, nil).Read(t.Context(), o) {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			ids = append(ids, e.Record.RequestID())
		}
		_, lists := store.requests()
		if tt.changed {
			if len(ids) != 0 || len(errs) != 1 || !errors.Is(errs[0], qlogs.ErrChanged) || lists != 0 {
				t.Errorf("%+v: records %q, errors %v, %d listings, want %v without a look-up", o, ids, errs, lists, qlogs.ErrChanged)
			}
			continue
		}
		if !slices.Equal(ids, []string{"now", "too"}) || len(errs) != 0 || lists != 1 {
			t.Errorf("%+v: records %q, errors %v, %d listings, want those that are there now", o, ids, errs, lists)
		}
	}
}

// An object that has grown beyond the byte budget is not requested again before
// the loop waits for it.
func TestChangeWaitsForBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 8
		store := newCursorStore()
		for i := range n {
			store.put(cursorKey(cursorChats, i), cursorFile(cursorRecord("old", i)))
		}
		var mu sync.Mutex
		grown := 0
		store.openHook = func(ctx context.Context, key string) error {
			if err := contractWait(ctx, time.Millisecond); err != nil { // until all have been opened
				return err
			}
			mu.Lock()
			first := store.opens(key) == 1
			if !first {
				grown++
			}
			mu.Unlock()
			if !first {
				return nil
			}
			store.putObject(key, cursorObject{body: contractFile(windowChat("new", 30_000)), etag: "2"})
			return qlogs.ErrChanged
		}
		got := 0
		for _, err := range qlogs.New(store, &qlogs.Options{BytesInFlight: 30_000}).Scan(qlogs.Query{}).Records(t.Context()) {
			if err != nil {
				t.Fatalf("unexpected error: %v", err)
			}
			got++
			synctest.Wait()
			mu.Lock()
			opens := 0
			for i := range n {
				opens += min(store.opens(cursorKey(cursorChats, i)), 1)
			}
			if grown != got || opens != n {
				t.Errorf("at record %d: %d objects were opened, %d once more, want %d and %d", got, opens, grown, n, got)
			}
			mu.Unlock()
		}
		if got != n {
			t.Errorf("%d records, want %d", got, n)
		}
	})
}

// An object that has grown waits for the byte budget before it is read again, and
// so do those behind it: nothing hangs, whatever the budget is.
func TestChangeBytesInFlight(t *testing.T) {
	for _, budget := range []int64{1, 20_000, 200_000} {
		for _, inFlight := range []int{1, 8} {
			synctest.Test(t, func(t *testing.T) {
				store := newCursorStore()
				var want []string
				var mu sync.Mutex
				opened := map[string]bool{}
				for i := range 100 {
					id := fmt.Sprintf("id%02d", i)
					want = append(want, id)
					store.put(cursorKey(cursorChats, i), cursorFile(cursorRecord("old", i)))
				}
				store.openHook = func(ctx context.Context, key string) error {
					if err := contractWait(ctx, time.Millisecond); err != nil {
						return err
					}
					mu.Lock()
					first := !opened[key]
					opened[key] = true
					i, _ := slices.BinarySearch(store.Keys(), key)
					mu.Unlock()
					if !first || i%3 == 0 {
						return nil
					}
					store.putObject(key, cursorObject{body: contractFile(windowChat(want[i], 10_000)), etag: "2"})
					return qlogs.ErrChanged
				}
				opts := &qlogs.Options{BytesInFlight: budget, InFlight: inFlight}
				n := 0
				for e, err := range qlogs.New(store, opts).Scan(qlogs.Query{}).Records(t.Context()) {
					if err != nil {
						t.Fatalf("unexpected error: %v", err)
					}
					id := want[n]
					if n%3 == 0 {
						id = "old"
					}
					if e.Record.RequestID() != id {
						t.Errorf("record %d is %q, want %q", n, e.Record.RequestID(), id)
					}
					n++
				}
				if n != 100 {
					t.Errorf("%d records, want 100", n)
				}
			})
		}
	}
}
