package qlogs_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// A contractSource is a store in memory whose answers a test can delay, spoil
// and count. Its hooks may block; they are given the context of the call.
type contractSource struct {
	objects   []contractObject
	unordered bool // objects were moved about
	chunk     int  // most bytes of one Read; 0: no bound

	onList   func(ctx context.Context, in qlogs.ListInput) error
	onListed func(ctx context.Context, key string) error
	onOpen   func(ctx context.Context, key string) error
	onRead   func(ctx context.Context, key string, at int) error

	mu       sync.Mutex
	lists    []qlogs.ListInput
	opened   []string // keys, in the order of Open
	inFlight int
	maxFlies int
	misuse   []string
}

type contractObject struct {
	qlogs.Object
	body []byte
}

// put stores an object as it is.
func (s *contractSource) put(key string, body []byte) {
	s.putListed(qlogs.Object{Key: key, Size: int64(len(body))}, body)
}

// putListed stores an object whose listing may lie, but for one of windowLarge bytes:
// its body is padded to the size listed.
func (s *contractSource) putListed(o qlogs.Object, body []byte) {
	o.ETag = cmp.Or(o.ETag, fmt.Sprintf("%q", fmt.Sprint(len(body))))
	i, _ := slices.BinarySearchFunc(s.objects, o.Key, func(c contractObject, key string) int { return strings.Compare(c.Key, key) })
	s.objects = slices.Insert(s.objects, i, contractObject{o, body})
}

func (s *contractSource) ID() string { return "contract://memory" }

func (s *contractSource) List(ctx context.Context, in qlogs.ListInput) iter.Seq2[qlogs.Object, error] {
	return func(yield func(qlogs.Object, error) bool) {
		s.mu.Lock()
		s.lists = append(s.lists, in)
		s.mu.Unlock()
		if err := contractHook(ctx, s.onList, in); err != nil {
			yield(qlogs.Object{}, err)
			return
		}
		for o := range s.selected(in) {
			if err := contractHook(ctx, s.onListed, o.Key); err != nil {
				yield(qlogs.Object{}, err)
				return
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (s *contractSource) selected(in qlogs.ListInput) iter.Seq[qlogs.Object] {
	return func(yield func(qlogs.Object) bool) {
		folder := ""
		for _, o := range s.objects {
			if !strings.HasPrefix(o.Key, in.Prefix) || !s.unordered && o.Key <= in.After {
				continue
			}
			listed := o.Object
			if i := strings.IndexByte(o.Key[len(in.Prefix):], '/'); in.Folders && i >= 0 {
				listed = qlogs.Object{Key: o.Key[:len(in.Prefix)+i+1], Folder: true}
				if listed.Key == folder {
					continue
				}
				folder = listed.Key
			}
			if !yield(listed) {
				return
			}
		}
	}
}

func contractHook[T any](ctx context.Context, hook func(context.Context, T) error, arg T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if hook == nil {
		return nil
	}
	return hook(ctx, arg)
}

func (s *contractSource) Open(ctx context.Context, o qlogs.Object, offset int64) (io.ReadCloser, error) {
	s.mu.Lock()
	s.opened = append(s.opened, o.Key)
	s.inFlight++
	s.maxFlies = max(s.maxFlies, s.inFlight)
	s.mu.Unlock()
	if err := contractHook(ctx, s.onOpen, o.Key); err != nil {
		s.landed()
		return nil, err
	}
	i := slices.IndexFunc(s.objects, func(c contractObject) bool { return c.Key == o.Key })
	if i < 0 {
		s.landed()
		return nil, fs.ErrNotExist
	}
	listed := s.objects[i]
	b := &contractBody{src: s, ctx: ctx, key: o.Key, data: listed.body}
	if listed.Size == windowLarge {
		b.pad = newContractPad(listed.body, int(listed.Size)-len(listed.body))
	}
	b.at = int(offset) - b.pad.len()
	return b, nil
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

func (s *contractSource) landed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
}

// A contractBody ends its request when it is closed.
type contractBody struct {
	src    *contractSource
	ctx    context.Context
	key    string
	pad    contractPad // comes before data
	data   []byte
	at     int // of data; negative in the pad
	closed bool
}

func (b *contractBody) Read(p []byte) (int, error) {
	if b.closed {
		b.src.misused("Read of %q after Close", b.key)
	}
	hook := func(ctx context.Context, at int) error {
		if b.src.onRead == nil || at < 0 {
			return nil
		}
		return b.src.onRead(ctx, b.key, at)
	}
	if err := contractHook(b.ctx, hook, b.at); err != nil {
		return 0, err
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

func (b *contractBody) Close() error {
	if b.closed {
		b.src.misused("second Close of %q", b.key)
		return nil
	}
	b.closed = true
	b.src.landed()
	return nil
}

func (s *contractSource) misused(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.misuse = append(s.misuse, fmt.Sprintf(format, args...))
}

// opens returns how many objects were opened so far.
func (s *contractSource) opens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.opened)
}

// listed returns the prefixes that were listed, in order.
func (s *contractSource) listed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var prefixes []string
	for _, in := range s.lists {
		prefixes = append(prefixes, in.Prefix)
	}
	return prefixes
}

// checkQuiet fails the test if a body is open or was misused.
func (s *contractSource) checkQuiet(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight != 0 {
		t.Errorf("%d bodies are open after the loop, want 0", s.inFlight)
	}
	for _, m := range s.misuse {
		t.Error(m)
	}
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
	src := &contractSource{}
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
	src.checkQuiet(t)
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
