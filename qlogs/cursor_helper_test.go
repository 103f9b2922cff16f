package qlogs_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A cursorStore is a store in memory, whose hooks, if set, make requests fail: most tests
// tell requests by their keys alone. Objects that are put have the ETag "first".
type cursorStore struct {
	*sourcetest.Memory
	id       string // if not "mem"
	openHook func(ctx context.Context, key string) error
	bodyHook func(key string, body io.Reader) io.Reader
	listHook func(in qlogs.ListInput) error // before each object, and at the end
}

type cursorObject struct {
	body     []byte
	etag     string
	archived bool
}

func newCursorStore() *cursorStore {
	s := &cursorStore{Memory: sourcetest.NewMemory("mem")}
	s.OnOpen = func(ctx context.Context, o qlogs.Object, _ int64) error {
		if s.openHook == nil {
			return nil
		}
		return s.openHook(ctx, o.Key)
	}
	s.OnBody = func(_ context.Context, o qlogs.Object, _ int64, body io.Reader) io.Reader {
		if s.bodyHook == nil {
			return body
		}
		return s.bodyHook(o.Key, body)
	}
	s.OnList = func(_ context.Context, in qlogs.ListInput) error {
		if s.listHook == nil {
			return nil
		}
		return s.listHook(in)
	}
	s.OnObject = func(ctx context.Context, in qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		return o, s.OnList(ctx, in)
	}
	return s
}

func (s *cursorStore) ID() string { return cmp.Or(s.id, s.Memory.ID()) }

func (s *cursorStore) put(key string, body []byte) {
	s.putObject(key, cursorObject{body: body, etag: "first"})
}

func (s *cursorStore) putObject(key string, o cursorObject) {
	s.PutObject(qlogs.Object{Key: key, ETag: o.etag, Archived: o.archived}, o.body)
}

func (s *cursorStore) remove(key string) { s.Delete(key) }

// requests returns how many objects were opened and listings begun so far.
func (s *cursorStore) requests() (opens, lists int) {
	for _, c := range s.Calls() {
		if c.Get {
			opens++
		} else {
			lists++
		}
	}
	return opens, lists
}

// opens returns how often an object was opened so far.
func (s *cursorStore) opens(key string) int {
	n := 0
	for _, c := range s.Calls() {
		if c.Get && c.Object.Key == key {
			n++
		}
	}
	return n
}

// fails has the bodies of the first n keys fail after their first byte, for a
// reason that may pass.
func (s *cursorStore) fails(n int) {
	failing := map[string]bool{}
	for _, key := range s.Keys()[:n] {
		failing[key] = true
	}
	s.bodyHook = func(key string, body io.Reader) io.Reader {
		if failing[key] {
			return cursorBroken(body, 1)
		}
		return body
	}
}

var errCursorNetwork = errors.New("connection reset")

// cursorBroken is body up to n bytes, then an error of the network.
func cursorBroken(body io.Reader, n int64) io.Reader {
	return io.MultiReader(io.LimitReader(body, n), iotest.ErrReader(errCursorNetwork))
}

var (
	cursorChats  = path.Partition{Prefix: "logs", Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
	cursorInline = path.Partition{Prefix: "logs", Account: "111122223333", Product: path.KiroLogs, LogType: path.GenerateCompletions, Region: "us-east-1"}
	cursorOlder  = path.Partition{Prefix: "logs", Account: "222233334444", Product: path.QDeveloperLogs, LogType: path.GenerateAssistantResponse, Region: "eu-central-1"}
)

// cursorStart is the minute of the first object of each partition.
func cursorStart() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// cursorKey is the key of a partition's object of that minute.
func cursorKey(p path.Partition, minute int) string {
	return p.NewKey(cursorStart().Add(time.Duration(minute)*time.Minute), "AbCdEfGhIjKlMnOp").String()
}

const (
	cursorCanary = "canary-in-the-prompt"

	// cursorBad is a record that is damaged, but whose quotes and braces balance.
	cursorBad = `{"generateAssistantResponseEventRequest":"` + cursorCanary + `"}`
)

// cursorRecord is the JSON of a record of that minute.
func cursorRecord(id string, minute int) string {
	at := cursorStart().Add(time.Duration(minute) * time.Minute).Format(time.RFC3339Nano)
	return fmt.Sprintf(`{"generateAssistantResponseEventRequest":{"prompt":%q,"userId":"d-1234567890.u","timeStamp":%q},`+
		`"generateAssistantResponseEventResponse":{"assistantResponse":"","requestId":%q}}`, cursorCanary, at, id)
}

func cursorFile(records ...string) []byte {
	return cursorGzip(`{"records":[` + strings.Join(records, ",") + `]}`)
}

// A gzip writer takes much more memory than the files here.
var cursorWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func cursorGzip(text string) []byte {
	var b bytes.Buffer
	zw := cursorWriters.Get().(*gzip.Writer)
	defer cursorWriters.Put(zw)
	zw.Reset(&b)
	io.WriteString(zw, text)
	zw.Close()
	return b.Bytes()
}

// cursorLarge is a gzip file so large that it is streamed, with much space between
// its records: empty gzip members whose headers have an extra field.
func cursorLarge(records ...string) []byte {
	header := []byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 0xff, 0xff}
	empty := slices.Concat(header, make([]byte, 0xffff), []byte{3, 0}, make([]byte, 8))
	file := append(make([]byte, 0, cursorLargeSize+1<<20), cursorGzip(`{"records":[`)...)
	gap := func() {
		for range cursorLargeSize/len(empty)/max(len(records)-1, 1) + 1 {
			file = append(file, empty...)
		}
	}
	for i, r := range records {
		if i > 0 {
			file = append(file, cursorGzip(",")...)
			gap()
		}
		file = append(file, cursorGzip(r)...)
	}
	if len(records) < 2 {
		gap()
	}
	return append(file, cursorGzip("]}")...)
}

// cursorLargeSize is above the size from which objects are streamed.
const cursorLargeSize = 9 << 20

// A cursorPair is what a loop got: a record by its request ID, or an error.
type cursorPair struct {
	key   string
	index int
	what  string
}

func cursorPairOf(e qlogs.Entry, err error) cursorPair {
	var object *qlogs.ObjectError
	var partition *qlogs.PartitionError
	switch {
	case err == nil:
		return cursorPair{e.Object.Key, e.Index, e.Record.RequestID()}
	case errors.As(err, &object):
		return cursorPair{object.Key, object.Index, "error: " + object.Op}
	case errors.As(err, &partition):
		return cursorPair{partition.Prefix, -1, "error: list"}
	}
	return cursorPair{"", -1, "end: " + err.Error()}
}

// cursorAll returns all pairs of a scan.
func cursorAll(t testing.TB, s *qlogs.Scan) []cursorPair {
	t.Helper()
	var got []cursorPair
	for e, err := range s.Records(t.Context()) {
		got = append(got, cursorPairOf(e, err))
	}
	return got
}

// cursorHows are the ways to leave a loop at some pair. With "cancel" the loop goes on.
var cursorHows = []string{"break", "return", "panic", "goexit", "cancel"}

// cursorLeave reads until it has n pairs, leaves the loop in the given way, and
// returns the pairs.
func cursorLeave(t testing.TB, s *qlogs.Scan, n int, how string) []cursorPair {
	t.Helper()
	var got []cursorPair
	done := make(chan struct{})
	go func() { // for "goexit"
		defer close(done)
		defer func() {
			if r := recover(); r != nil && r != cursorCanary {
				panic(r)
			}
		}()
		cursorLoop(t, s, n, how, &got)
	}()
	<-done
	return got
}

func cursorLoop(t testing.TB, s *qlogs.Scan, n int, how string, got *[]cursorPair) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for e, err := range s.Records(ctx) {
		*got = append(*got, cursorPairOf(e, err))
		if len(*got) != n {
			continue
		}
		switch how {
		case "return":
			return
		case "panic":
			panic(cursorCanary)
		case "goexit":
			runtime.Goexit()
		case "cancel":
			cancel()
			continue
		}
		break
	}
}

// cursorText returns c as it comes back from its text.
func cursorText(t testing.TB, c qlogs.Cursor) qlogs.Cursor {
	t.Helper()
	text, err := c.MarshalText()
	if err != nil {
		t.Fatalf("MarshalText() error = %v, want nil", err)
	}
	var back qlogs.Cursor
	if err := back.UnmarshalText(text); err != nil {
		t.Fatalf("UnmarshalText(%q) = %v, want nil", text, err)
	}
	return back
}

// cursorSize says what a cursor holds.
func cursorSize(t testing.TB, c qlogs.Cursor) resume.Size {
	t.Helper()
	state, err := resume.Parse([]byte(c.String()))
	if err != nil {
		t.Fatal(err)
	}
	return state.Size()
}

// cursorWant compares pairs.
func cursorWant(t testing.TB, what string, got, want []cursorPair) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%s: got %d pairs, want %d", what, len(got), len(want))
	for i := range max(len(got), len(want)) {
		var g, w cursorPair
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Fatalf("%s: pair %d = %+v, want %+v", what, i, g, w)
		}
	}
}

// cursorBucket has objects of several records and every kind of damage in three
// partitions, and things that are no logs.
func cursorBucket() *cursorStore {
	s := newCursorStore()
	record := func(id string) string { return cursorRecord(id, 0) }
	s.put(cursorKey(cursorChats, 0), cursorFile(record("a0"), record("a1"), record("a2")))
	s.put(cursorKey(cursorChats, 1), cursorFile(record("b0"), cursorBad, record("b2"), cursorBad))
	s.put(cursorKey(cursorChats, 2), cursorGzip(`{"records":[`+record("c0")+`,`+record("c1")+`,{"x":`))
	s.put(cursorKey(cursorChats, 3), []byte("not gzip and no JSON"))
	s.put(cursorKey(cursorChats, 4), cursorFile())
	s.put(cursorKey(cursorChats, 5), cursorFile(cursorBad))
	s.put(cursorKey(cursorInline, 0), nil)
	s.put(cursorKey(cursorInline, 1), cursorFile(record("d0")))
	bad := cursorFile(record("e0"), record("e1"))
	bad[len(bad)-8] ^= 1
	s.put(cursorKey(cursorInline, 2), bad)
	s.put(cursorKey(cursorInline, 3), cursorFile(record("f0"), record("f1")))
	s.put(cursorKey(cursorInline, 3)+".part", []byte("foreign"))
	s.put("logs/AWSLogs/111122223333/KiroLogs/01234567-89ab-cdef-0123-456789abcdef", []byte("probe"))
	s.putObject(cursorKey(cursorOlder, 0), cursorObject{body: cursorFile(record("g0")), archived: true})
	s.put(cursorKey(cursorOlder, 1), cursorFile(record("h0"), record("h1")))
	return s
}

// cursorFailOpens fails the opening of those keys, for a reason that may pass.
func cursorFailOpens(failing map[string]bool) func(context.Context, string) error {
	return func(_ context.Context, key string) error {
		if failing[key] {
			return errCursorNetwork
		}
		return nil
	}
}
