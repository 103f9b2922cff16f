package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// pendingStore has three objects of two records each.
func pendingStore() (store *cursorStore, keys []string) {
	store = newCursorStore()
	for i := range 3 {
		key := cursorKey(cursorChats, i)
		store.put(key, cursorFile(cursorRecord(fmt.Sprint(i, "a"), 0), cursorRecord(fmt.Sprint(i, "b"), 0)))
		keys = append(keys, key)
	}
	return store, keys
}

func TestPendingErrors(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for _, test := range []struct {
		name    string
		err     error
		pending bool
	}{
		{"network", refused, true},
		{"cut connection", io.ErrUnexpectedEOF, true},
		{"timeout of the store's own", context.DeadlineExceeded, true},
		{"throttling", errors.New("SlowDown"), true},
		{"permission", fmt.Errorf("open: %w", fs.ErrPermission), true},
		{"changed, but listed as before", fmt.Errorf("%w: 1 byte", qlogs.ErrChanged), false},
		{"stalled", qlogs.ErrStalled, true},
		{"deleted", fmt.Errorf("open: %w", fs.ErrNotExist), false},
		{"archived", fmt.Errorf("%w: GLACIER", qlogs.ErrArchived), false},
	} {
		for _, where := range []string{"open", "read"} {
			if where == "read" && !test.pending {
				continue
			}
			store, keys := pendingStore()
			store.openHook = func(_ context.Context, key string) error {
				if key == keys[1] && where == "open" {
					return test.err
				}
				return nil
			}
			store.bodyHook = func(key string, body io.Reader) io.Reader {
				if key == keys[1] && where == "read" {
					return pendingBody(body, test.err)
				}
				return body
			}
			client := qlogs.New(store, &qlogs.Options{MaxResumes: -1})
			s := client.Scan(qlogs.Query{})
			failed := cursorPair{keys[1], -1, "error: " + where}
			cursorWant(t, test.name, cursorAll(t, s), []cursorPair{
				{keys[0], 0, "0a"}, {keys[0], 1, "0b"}, failed, {keys[2], 0, "2a"}, {keys[2], 1, "2b"},
			})
			after := cursorText(t, s.Cursor())
			var still, passed []cursorPair
			if test.pending {
				still = []cursorPair{failed}
				passed = []cursorPair{{keys[1], 0, "1a"}, {keys[1], 1, "1b"}}
			}
			again := client.Scan(qlogs.Query{After: after})
			cursorWant(t, test.name+", resumed while it fails", cursorAll(t, again), still)
			store.openHook, store.bodyHook = nil, nil
			last := client.Scan(qlogs.Query{After: cursorText(t, again.Cursor())})
			cursorWant(t, test.name+", resumed when it has passed", cursorAll(t, last), passed)
			cursorWant(t, test.name+", resumed a last time", cursorAll(t, client.Scan(qlogs.Query{After: last.Cursor()})), nil)
		}
	}
}

// pendingBody is body up to the tenth byte, then an error.
func pendingBody(body io.Reader, err error) io.Reader {
	return io.MultiReader(io.LimitReader(body, 10), pendingReader{err})
}

type pendingReader struct{ err error }

func (r pendingReader) Read([]byte) (int, error) { return 0, r.err }

// Errors of what is in an object do not pass, nor do those known from the listing.
func TestPendingNot(t *testing.T) {
	client := qlogs.New(cursorBucket(), &qlogs.Options{MaxRecordBytes: 100})
	s := client.Scan(qlogs.Query{})
	if got := cursorAll(t, s); len(got) == 0 {
		t.Fatal("the scan has no pairs")
	}
	cursorWant(t, "resumed", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), nil)

	small := qlogs.New(cursorBucket(), &qlogs.Options{MaxObjectBytes: 30})
	s = small.Scan(qlogs.Query{})
	cursorAll(t, s)
	cursorWant(t, "resumed, too large", cursorAll(t, small.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), nil)
}

func TestPendingStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, keys := pendingStore()
		store.openHook = func(ctx context.Context, key string) error {
			if key == keys[0] {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		client := qlogs.New(store, &qlogs.Options{StallTimeout: time.Minute})
		s := client.Scan(qlogs.Query{})
		stalled := 0
		for _, err := range s.Records(t.Context()) {
			if errors.Is(err, qlogs.ErrStalled) {
				stalled++
			} else if err != nil {
				t.Errorf("scan of a stalled object: %v, want ErrStalled", err)
			}
		}
		store.openHook = nil
		if stalled != 1 {
			t.Errorf("scan has %d stalls, want 1", stalled)
		}
		cursorWant(t, "resumed", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})),
			[]cursorPair{{keys[0], 0, "0a"}, {keys[0], 1, "0b"}})
	})
}

// A scan that is cancelled while its large head object waits for a request slot
// tells so as at any other time.
func TestPendingCancelledAtHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, keys := pendingStore()
		store.put(keys[1], cursorLarge(cursorRecord("1a", 0)))
		store.openHook = func(ctx context.Context, key string) error {
			if key == keys[2] { // it has the one slot from now on
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		begun := make(chan struct{})
		store.listHook = pendingAtCall(3, cursorChats.String(), func() { <-begun })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		client := qlogs.New(store, &qlogs.Options{InFlight: 1, StallTimeout: time.Hour})
		var got []cursorPair
		s := client.Scan(qlogs.Query{})
		for e, err := range s.Records(ctx) {
			if got = append(got, cursorPairOf(e, err)); len(got) == 2 {
				close(begun)
				synctest.Wait()
			}
		}
		cursorWant(t, "cancelled", got, []cursorPair{{keys[0], 0, "0a"}, {keys[0], 1, "0b"}, {"", -1, "end: " + context.DeadlineExceeded.Error()}})
		store.openHook, store.listHook = nil, nil
		cursorWant(t, "resumed", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})),
			[]cursorPair{{keys[1], 0, "1a"}, {keys[2], 0, "2a"}, {keys[2], 1, "2b"}})
	})
}

// pendingAtCall calls f before the n-th object of a prefix is listed.
func pendingAtCall(n int, prefix string, f func()) func(qlogs.ListInput) error {
	return func(in qlogs.ListInput) error {
		if in.Prefix == prefix {
			if n--; n == 0 {
				f()
			}
		}
		return nil
	}
}

// What is pending comes first and in its order, whatever became of the rest.
func TestPendingOrder(t *testing.T) {
	store := newCursorStore()
	failing := map[string]bool{}
	var want []cursorPair
	for i := range 20 {
		key := cursorKey(cursorOlder, i)
		if i%2 == 0 {
			key = cursorKey(cursorChats, i)
		}
		store.put(key, cursorFile(cursorRecord(fmt.Sprint(i), 0)))
		if failing[key] = i%3 == 0; failing[key] {
			want = append(want, cursorPair{key, 0, fmt.Sprint(i)})
		}
	}
	slices.SortFunc(want, func(a, b cursorPair) int { return strings.Compare(a.key, b.key) })
	store.openHook = cursorFailOpens(failing)
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	cursorAll(t, s)

	store.openHook = nil
	early := cursorKey(cursorChats, 1000) // before the second partition's
	store.put(early, cursorFile(cursorRecord("new", 0)))
	want = append(want, cursorPair{early, 0, "new"})
	after := cursorText(t, s.Cursor())
	cursorWant(t, "resumed", cursorAll(t, client.Scan(qlogs.Query{After: after})), want)
	for n := 1; n <= len(want); n++ {
		s := client.Scan(qlogs.Query{After: after})
		cursorLeave(t, s, n, "break")
		rest := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
		cursorWant(t, fmt.Sprintf("resumed after break at pair %d of a retry", n), rest, want[n-1:])
	}
}

// A loop that is left at the error has not finished it: the object is not
// pending but next.
func TestPendingBreakAtError(t *testing.T) {
	store, keys := pendingStore()
	store.openHook = cursorFailOpens(map[string]bool{keys[1]: true})
	client := qlogs.New(store, nil)
	for _, how := range cursorHows[:4] {
		s := client.Scan(qlogs.Query{})
		cursorLeave(t, s, 3, how)
		for i, after := 0, s.Cursor(); i < 3; i++ {
			again := client.Scan(qlogs.Query{After: cursorText(t, after)})
			got := cursorLeave(t, again, 1, how)
			cursorWant(t, how, got, []cursorPair{{keys[1], -1, "error: open"}})
			after = again.Cursor()
		}
	}
}

func TestPendingChangedMeanwhile(t *testing.T) {
	newer := cursorObject{body: cursorFile(cursorRecord("n0", 0)), etag: "second"}
	for _, test := range []struct {
		name   string
		change func(s *cursorStore, key string)
		want   func(key string) []cursorPair
	}{
		{"deleted", func(s *cursorStore, key string) { s.remove(key) },
			func(key string) []cursorPair { return []cursorPair{{key, -1, "error: open"}} }},
		{"replaced", func(s *cursorStore, key string) { s.putObject(key, newer) },
			func(key string) []cursorPair { return []cursorPair{{key, 0, "n0"}} }},
		{"archived", func(s *cursorStore, key string) { s.putObject(key, cursorObject{archived: true}) },
			func(key string) []cursorPair { return []cursorPair{{key, -1, "error: open"}} }},
	} {
		store, keys := pendingStore()
		store.openHook = cursorFailOpens(map[string]bool{keys[1]: true})
		client := qlogs.New(store, nil)
		s := client.Scan(qlogs.Query{})
		cursorAll(t, s)
		store.openHook = nil
		test.change(store, keys[1])
		again := client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
		cursorWant(t, test.name, cursorAll(t, again), test.want(keys[1]))
		// It is told once.
		cursorWant(t, test.name+", resumed again", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, again.Cursor())})), nil)
	}
}

func TestPendingDeletedIsNotExist(t *testing.T) {
	store, keys := pendingStore()
	store.openHook = cursorFailOpens(map[string]bool{keys[1]: true})
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	cursorAll(t, s)
	store.openHook = nil
	store.remove(keys[1])
	for _, err := range client.Scan(qlogs.Query{After: s.Cursor()}).Records(t.Context()) {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("retry of a deleted object: %v, want fs.ErrNotExist", err)
		}
	}
}

// Pending objects are known: to try them again takes no listing.
func TestPendingWithoutListing(t *testing.T) {
	for _, fail := range []error{fs.ErrPermission, fs.ErrNotExist, errCursorNetwork} {
		store, keys := pendingStore()
		store.openHook = cursorFailOpens(map[string]bool{keys[0]: true, keys[1]: true})
		client := qlogs.New(store, nil)
		s := client.Scan(qlogs.Query{})
		cursorAll(t, s)
		store.openHook = nil
		store.listHook = func(qlogs.ListInput) error { return fail }
		got := cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))
		// The last pair is the root's listing, which ends the scan.
		cursorWant(t, fail.Error(), got[:len(got)-1], []cursorPair{{keys[0], 0, "0a"}, {keys[0], 1, "0b"}, {keys[1], 0, "1a"}, {keys[1], 1, "1b"}})
	}
}

// A listing that fails half way costs nothing: the rest is listed when resumed.
func TestPendingPartition(t *testing.T) {
	store, keys := pendingStore()
	other := cursorKey(cursorOlder, 0)
	store.put(other, cursorFile(cursorRecord("x", 0)))
	calls := 0
	store.listHook = func(in qlogs.ListInput) error {
		if in.Prefix == cursorChats.String() {
			if calls++; calls == 3 {
				return fs.ErrPermission
			}
		}
		return nil
	}
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	cursorWant(t, "scan", cursorAll(t, s), []cursorPair{
		{keys[0], 0, "0a"}, {keys[0], 1, "0b"}, {keys[1], 0, "1a"}, {keys[1], 1, "1b"},
		{cursorChats.String(), -1, "error: list"}, {other, 0, "x"},
	})
	cursorWant(t, "resumed", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})),
		[]cursorPair{{keys[2], 0, "2a"}, {keys[2], 1, "2b"}})
}

// A streamed object that fails in the middle goes on behind what was delivered.
func TestPendingInside(t *testing.T) {
	store := newCursorStore()
	key, next := cursorKey(cursorChats, 0), cursorKey(cursorChats, 1)
	r := func(id string) string { return cursorRecord(id, 0) }
	store.put(key, cursorLarge(r("a0"), cursorBad, r("a2"), r("a3"), r("a4")))
	store.put(next, cursorFile(r("b0")))
	store.bodyHook = pendingLimit(key, cursorLargeSize*5/8) // between a2 and a3
	client := qlogs.New(store, &qlogs.Options{MaxResumes: -1})
	failed := cursorPair{key, -1, "error: read"}
	all := []cursorPair{{key, 0, "a0"}, {key, 1, "error: decode"}, {key, 2, "a2"}, failed, {next, 0, "b0"}}
	s := client.Scan(qlogs.Query{})
	cursorWant(t, "scan", cursorAll(t, s), all)
	inside := cursorText(t, s.Cursor())
	cursorWant(t, "resumed while it fails", cursorAll(t, client.Scan(qlogs.Query{After: inside})), []cursorPair{failed})

	// The same place, reached by leaving the loop.
	left := client.Scan(qlogs.Query{})
	cursorLeave(t, left, 4, "break")
	cursorWant(t, "resumed after break at the error", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, left.Cursor())})), all[3:])

	// It gets further the second time, and to its end the third.
	store.bodyHook = pendingLimit(key, cursorLargeSize*7/8)
	again := client.Scan(qlogs.Query{After: inside})
	cursorWant(t, "resumed, failing later", cursorAll(t, again), []cursorPair{{key, 3, "a3"}, failed})
	store.bodyHook = nil
	cursorWant(t, "resumed when it has passed", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, again.Cursor())})), []cursorPair{{key, 4, "a4"}})
	rest := []cursorPair{{key, 3, "a3"}, {key, 4, "a4"}}
	for n := 1; n <= len(rest); n++ {
		s := client.Scan(qlogs.Query{After: inside})
		cursorLeave(t, s, n, "panic")
		cursorWant(t, "resumed inside of a retry", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), rest[n-1:])
	}

	// Another object by now is read from its start.
	store.putObject(key, cursorObject{body: cursorFile(r("n0")), etag: "second"})
	cursorWant(t, "resumed with another object", cursorAll(t, client.Scan(qlogs.Query{After: inside})), []cursorPair{{key, 0, "n0"}})
}

// pendingLimit breaks the body of an object at that byte.
func pendingLimit(key string, limit int64) func(string, io.Reader) io.Reader {
	return func(k string, body io.Reader) io.Reader {
		if k == key {
			return cursorBroken(body, limit)
		}
		return body
	}
}

// A position inside of an object is kept when the object fails and becomes pending.
func TestPendingFromInside(t *testing.T) {
	store, keys := pendingStore()
	client := qlogs.New(store, nil)
	inside := cursorOf(t, client, qlogs.Query{}, 1)
	store.openHook = cursorFailOpens(map[string]bool{keys[0]: true})
	s := client.Scan(qlogs.Query{After: inside})
	cursorAll(t, s)
	store.openHook = nil
	cursorWant(t, "resumed", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), []cursorPair{{keys[0], 1, "0b"}})
}

// The errors of S3 itself, through the SDK.
func TestPendingS3(t *testing.T) {
	for _, test := range []struct {
		name    string
		fault   s3mem.Fault
		pending bool
	}{
		{"throttling", s3mem.Fault{Status: http.StatusServiceUnavailable}, true},
		{"internal error", s3mem.Fault{Status: http.StatusInternalServerError}, true},
		{"denied", s3mem.Fault{Status: http.StatusForbidden}, true},
		{"replaced, but listed as before", s3mem.Fault{Status: http.StatusPreconditionFailed}, false},
		{"dropped", s3mem.Fault{Drop: true}, true},
		{"cut", s3mem.Fault{CutAfter: 20}, true},
		{"deleted", s3mem.Fault{Status: http.StatusNotFound}, false},
		{"encrypted with the writer's key", s3mem.Fault{Status: http.StatusBadRequest, Code: "InvalidRequest", Message: "The object was stored using a form of Server Side Encryption."}, false},
		{"not allowed", s3mem.Fault{Status: http.StatusMethodNotAllowed}, false},
		{"not implemented", s3mem.Fault{Status: http.StatusNotImplemented}, false},
		{"archived", s3mem.Fault{Status: http.StatusForbidden, Code: "InvalidObjectState"}, false},
	} {
		mem, api := stores.MemS3(t)
		keys := []string{cursorKey(cursorChats, 0), cursorKey(cursorChats, 1)}
		for _, key := range keys {
			mem.Put("logs", key, cursorFile(cursorRecord("x", 0)))
		}
		mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
			if r.Op == "GetObject" && r.Key == keys[0] {
				return &test.fault
			}
			return nil
		})
		client := qlogs.New(s3source.New(pendingOnce{api}, "logs", nil), nil)
		s := client.Scan(qlogs.Query{})
		if got := cursorAll(t, s); len(got) != 2 || got[0].index != -1 || got[1] != (cursorPair{keys[1], 0, "x"}) {
			t.Errorf("%s: %v, want an error and a record", test.name, got)
		}
		mem.Intercept(nil)
		var want []cursorPair
		if test.pending {
			want = []cursorPair{{keys[0], 0, "x"}}
		}
		cursorWant(t, test.name, cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), want)
	}
}

// pendingOnce is a client that does not retry.
type pendingOnce struct{ *s3.Client }

func (c pendingOnce) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return c.Client.GetObject(ctx, in, append(opts, func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })...)
}

// A file that could not be looked at once goes on where its reading had stopped.
func TestPendingUnlistedInside(t *testing.T) {
	for _, replaced := range []bool{false, true} {
		store := newCursorStore()
		key := cursorKey(cursorChats, 0)
		store.put(key, cursorFile(cursorRecord("a0", 0), cursorRecord("a1", 0), cursorRecord("a2", 0)))
		client := qlogs.New(store, nil)
		s := client.Scan(qlogs.Query{})
		cursorLeave(t, s, 2, "break") // a0 is finished

		store.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
			if o.Folder {
				return o, nil
			}
			return qlogs.Object{}, &source.KeyError{Key: o.Key, Err: errCursorNetwork}
		}
		s = client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
		if got := cursorAll(t, s); len(got) != 1 || got[0].key != key {
			t.Fatalf("a file that cannot be looked at: %v, want its error", got)
		}
		store.OnObject = nil
		want := []cursorPair{{key, 1, "a1"}, {key, 2, "a2"}}
		if replaced {
			store.putObject(key, cursorObject{body: cursorFile(cursorRecord("b0", 0)), etag: "second"})
			want = []cursorPair{{key, 0, "b0"}}
		}
		cursorWant(t, fmt.Sprintf("resumed, replaced: %t", replaced), cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), want)
	}
}

// A file that was cut off when it was read, and cannot be looked at when it is whole, is read by
// the scan that can look at it, however far the others of its partition have come.
func TestUnlistedReplaced(t *testing.T) {
	store := newCursorStore()
	key := cursorKey(cursorChats, 0)
	whole := cursorFile(cursorRecord("a0", 0))
	store.putObject(key, cursorObject{body: whole[:len(whole)-9], etag: "cut"})
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	cursorAll(t, s)

	store.putObject(key, cursorObject{body: whole, etag: "whole"})
	other := cursorKey(cursorChats, 500)
	store.put(other, cursorFile(cursorRecord("b0", 500)))
	store.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		if o.Key == key {
			return qlogs.Object{}, &source.KeyError{Key: o.Key, Err: errCursorNetwork}
		}
		return o, nil
	}
	s = client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
	cursorWant(t, "where the file cannot be looked at", cursorAll(t, s), []cursorPair{{other, 0, "b0"}})
	store.OnObject = nil
	s = client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
	cursorWant(t, "where it can", cursorAll(t, s), []cursorPair{{key, 0, "a0"}})
}
