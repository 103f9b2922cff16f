package qlogs_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A contractSource is a store in memory whose answers a test can delay and spoil. Its hooks
// may block; they are given the context of the call.
type contractSource struct {
	*sourcetest.Memory
	chunk int // most bytes of one Read; 0: no bound

	onList   func(ctx context.Context, in qlogs.ListInput) error
	onListed func(ctx context.Context, key string) error
	onOpen   func(ctx context.Context, key string) error
	onRead   func(ctx context.Context, key string, at int) error

	mu sync.Mutex // for what hooks share
}

type contractObject struct {
	qlogs.Object
	body []byte
}

func newContractSource() *contractSource {
	s := &contractSource{Memory: sourcetest.NewMemory("contract://memory")}
	s.OnList = func(ctx context.Context, in qlogs.ListInput) error { return contractHook(ctx, s.onList, in) }
	s.OnObject = func(ctx context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		if err := contractHook(ctx, s.onListed, o.Key); err != nil {
			return qlogs.Object{}, err
		}
		return o, nil
	}
	s.OnOpen = func(ctx context.Context, o qlogs.Object, _ int64) error { return contractHook(ctx, s.onOpen, o.Key) }
	s.OnBody = func(ctx context.Context, o qlogs.Object, offset int64, _ io.Reader) io.Reader {
		_, data, _ := s.Object(o.Key)
		b := &contractBody{src: s, ctx: ctx, key: o.Key, data: data}
		if o.Size == windowLarge {
			b.pad = newContractPad(data, int(o.Size)-len(data))
		}
		b.at = int(offset) - b.pad.len()
		return b
	}
	return s
}

func contractHook[T any](ctx context.Context, hook func(context.Context, T) error, arg T) error {
	if hook == nil {
		return nil
	}
	return hook(ctx, arg)
}

// put stores an object as it is.
func (s *contractSource) put(key string, body []byte) {
	s.putListed(qlogs.Object{Key: key, Size: int64(len(body))}, body)
}

// putListed stores an object whose listing may lie, but for one of windowLarge bytes:
// its body is padded to the size listed.
func (s *contractSource) putListed(o qlogs.Object, body []byte) {
	o.ETag = cmp.Or(o.ETag, fmt.Sprintf("%q", fmt.Sprint(len(body))))
	s.PutObject(o, body)
}

// objects returns all objects in the order of their keys.
func (s *contractSource) objects() []contractObject {
	var all []contractObject
	for _, key := range s.Keys() {
		o, body, _ := s.Object(key)
		all = append(all, contractObject{o, body})
	}
	return all
}

// key is that of the i-th object.
func (s *contractSource) key(i int) string { return s.Keys()[i] }

// relist changes what listings say of the i-th object.
func (s *contractSource) relist(i int, change func(o *qlogs.Object)) {
	o, body, _ := s.Object(s.key(i))
	change(&o)
	s.PutObject(o, body)
}

// spoil changes the body of the i-th object, and not what listings say of it.
func (s *contractSource) spoil(i int, change func(body []byte) []byte) {
	o, body, _ := s.Object(s.key(i))
	s.PutObject(o, change(body))
}

// A contractPad makes a small body a large one when it comes before it, and does
// not change what is in it: spaces, or empty members of gzip, of which the first
// one is of such a size that the others are all the same.
type contractPad struct {
	first, rest []byte
}

const contractPadStep = 64 << 10

var (
	contractSpaces  = sync.OnceValue(func() []byte { return bytes.Repeat([]byte(" "), windowLarge) })
	contractMembers = sync.OnceValue(func() []byte {
		return bytes.Repeat(contractEmptyMember(contractPadStep), windowLarge/contractPadStep)
	})
)

// newContractPad returns a pad of n bytes before body.
func newContractPad(body []byte, n int) contractPad {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return contractPad{rest: contractSpaces()[:n]}
	}
	same := (n - contractLeastMember) / contractPadStep * contractPadStep
	return contractPad{contractEmptyMember(n - same), contractMembers()[:same]}
}

func (p contractPad) len() int { return len(p.first) + len(p.rest) }

// read copies from byte at on.
func (p contractPad) read(b []byte, at int) int {
	if at < len(p.first) {
		return copy(b, p.first[at:])
	}
	return copy(b, p.rest[at-len(p.first):])
}

const contractLeastMember = 10 + 2 + 2 + 8

// contractEmptyMember returns a member of gzip without content.
func contractEmptyMember(size int) []byte {
	extra := size - contractLeastMember
	m := []byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, byte(extra), byte(extra >> 8)}
	return append(append(m, make([]byte, extra)...), 3, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}

// A contractBody is read in the chunks of its source.
type contractBody struct {
	src  *contractSource
	ctx  context.Context
	key  string
	pad  contractPad // comes before data
	data []byte
	at   int // of data; negative in the pad
}

func (b *contractBody) Read(p []byte) (int, error) {
	if b.src.onRead != nil && b.at >= 0 {
		if err := b.src.onRead(b.ctx, b.key, b.at); err != nil {
			return 0, err
		}
	}
	if b.at < 0 {
		n := b.pad.read(p, b.pad.len()+b.at)
		b.at += n
		return n, nil
	}
	if b.at >= len(b.data) {
		return 0, io.EOF
	}
	if b.src.chunk > 0 && len(p) > b.src.chunk {
		p = p[:b.src.chunk]
	}
	n := copy(p, b.data[b.at:])
	b.at += n
	return n, nil
}

// opened returns the keys that were opened so far, in order.
func (s *contractSource) opened() []string {
	var keys []string
	for _, c := range s.Calls() {
		if c.Get {
			keys = append(keys, c.Object.Key)
		}
	}
	return keys
}

// opens returns how many objects were opened so far.
func (s *contractSource) opens() int { return len(s.opened()) }

// lists returns what was listed so far, in order.
func (s *contractSource) lists() []qlogs.ListInput {
	var lists []qlogs.ListInput
	for _, c := range s.Calls() {
		if !c.Get {
			lists = append(lists, c.In)
		}
	}
	return lists
}

// listed returns the prefixes that were listed, in order.
func (s *contractSource) listed() []string {
	var prefixes []string
	for _, in := range s.lists() {
		prefixes = append(prefixes, in.Prefix)
	}
	return prefixes
}

// contractWait blocks for d, or until ctx is done.
func contractWait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// contractStart is a time at the full hour, in the middle of a day.
var contractStart = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func contractPartition() path.Partition {
	return path.Partition{
		Prefix: "logs", Account: "111122223333", Product: path.KiroLogs,
		LogType: path.GenerateAssistantResponse, Region: "us-east-1",
	}
}

// contractKey returns the n-th key of a minute.
func contractKey(p path.Partition, minute time.Time, n int) string {
	return p.NewKey(minute, fmt.Sprintf("%016d", n)).String()
}

// contractChat returns a record with that request id.
func contractChat(id string, at time.Time) string {
	return fmt.Sprintf(`{"generateAssistantResponseEventRequest":{"prompt":"p","userId":"d-1234567890.u","timeStamp":%q},"generateAssistantResponseEventResponse":{"assistantResponse":"a","requestId":%q}}`,
		at.Format(time.RFC3339Nano), id)
}

// contractTimeless returns a record of that request id without a time.
func contractTimeless(id string) string {
	return fmt.Sprintf(`{"generateAssistantResponseEventRequest":{"prompt":"p"},"generateAssistantResponseEventResponse":{"requestId":%q}}`, id)
}

func contractFile(records ...string) []byte {
	return []byte(`{"records":[` + strings.Join(records, ",") + `]}`)
}

// A writer of gzip is far larger than what most tests write.
var contractWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func contractGzip(data []byte) []byte {
	var buf bytes.Buffer
	w := contractWriters.Get().(*gzip.Writer)
	defer contractWriters.Put(w)
	w.Reset(&buf)
	_, err := w.Write(data)
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// contractBucket has n objects of one record each, one a minute, whose request
// ids are r0000, r0001, … in key order.
func contractBucket(n int) *contractSource {
	src := newContractSource()
	for i := range n {
		at := contractStart.Add(time.Duration(i) * time.Minute)
		src.put(contractKey(contractPartition(), at, i), contractGzip(contractFile(contractChat(fmt.Sprintf("r%04d", i), at))))
	}
	return src
}

// contractIDs returns the ids r0000, r0001, … of a contractBucket.
func contractIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("r%04d", i)
	}
	return ids
}

// A contractResult is what a loop that ran to its end got.
type contractResult struct {
	entries []qlogs.Entry
	errs    []error
	pairs   []string // request ids and "error", in order
}

// contractRead ranges over a scan to its end and checks what holds for all scans.
func contractRead(t *testing.T, src *contractSource, s *qlogs.Scan) contractResult {
	t.Helper()
	var got contractResult
	for e, err := range s.Records(t.Context()) {
		if err != nil {
			if e.Record != nil || e.Object.Key != "" {
				t.Errorf("an error comes with the entry %v, want the zero Entry", e)
			}
			got.errs = append(got.errs, err)
			got.pairs = append(got.pairs, "error")
			continue
		}
		got.entries = append(got.entries, e)
		got.pairs = append(got.pairs, e.Record.RequestID())
	}
	src.CheckClosed(t)
	contractSums(t, s.Stats())
	if st := s.Stats(); st.RecordsYielded != int64(len(got.entries)) {
		t.Errorf("Stats().RecordsYielded = %d, want %d", st.RecordsYielded, len(got.entries))
	}
	return got
}

// contractSums checks that the counters of a finished loop add up.
func contractSums(t *testing.T, st qlogs.Stats) {
	t.Helper()
	if sum := st.Skipped.Total() + st.Read + st.Failed; st.Listed != sum {
		t.Errorf("Listed = %d, want Skipped + Read + Failed = %d: %+v", st.Listed, sum, st)
	}
	if sum := st.RecordsYielded + st.RecordsFiltered + st.RecordsFailed; st.RecordsSeen != sum {
		t.Errorf("RecordsSeen = %d, want Yielded + Filtered + Failed = %d: %+v", st.RecordsSeen, sum, st)
	}
}

func contractNew(src *contractSource, opts *qlogs.Options, q qlogs.Query) *qlogs.Scan {
	return qlogs.New(src, opts).Scan(q)
}

// statsCounted is st without what depends on the source's requests and on time.
func statsCounted(st qlogs.Stats) qlogs.Stats {
	st.Lists, st.Gets, st.Retries, st.Resumes, st.Waited = 0, 0, 0, 0, 0
	return st
}

// contractReadAll reads the whole source with the given options and wants no error.
func contractReadAll(t *testing.T, src *contractSource, opts *qlogs.Options) []string {
	t.Helper()
	got := contractRead(t, src, contractNew(src, opts, qlogs.Query{}))
	for _, err := range got.errs {
		t.Errorf("unexpected error: %v", err)
	}
	return got.pairs
}

// contractSame compares two lists of words.
func contractSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("%s differ from place %d on: got %q, want %q", what, i, got[min(i, len(got)):min(i+5, len(got))], want[min(i, len(want)):min(i+5, len(want))])
			break
		}
	}
	t.Errorf("%s: got %d, want %d", what, len(got), len(want))
}
