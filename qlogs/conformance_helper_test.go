package qlogs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A conformanceStore is a store that the suite fills and reads. Each is empty
// at first and belongs to one test.
type conformanceStore interface {
	// PutAll stores objects. Put stores one, in place of what was there, which
	// then counts as changed whatever its size; Delete removes one. These two are
	// called from goroutines of the code under test.
	PutAll(ctx context.Context, objs iter.Seq[qlogstest.Object]) error
	Put(ctx context.Context, key string, body []byte) error
	Delete(ctx context.Context, key string) error

	// Source reads everything, Missing a store that does not exist.
	Source() qlogs.Source
	Missing() qlogs.Source

	// Limited returns a source with the ID of Source that is denied something. It
	// reports false if the store cannot deny anything to the user of the tests.
	Limited(t *testing.T, denied stores.Denied) (qlogs.Source, bool)

	// Lists returns how many LIST requests all sources made so far, or -1 if
	// the store has no such requests.
	Lists() int64
}

// A confS3 is a bucket.
type confS3 struct {
	mem     *s3mem.Server // nil for another server
	client  *s3.Client
	bucket  string
	limited func(t *testing.T, denied stores.Denied) *s3.Client
	lists   atomic.Int64
}

// openConfMem makes a bucket on a server of its own in this process.
func openConfMem(t *testing.T) conformanceStore {
	mem, client := stores.MemS3(t)
	mem.CreateBucket("logs")
	limited := func(_ *testing.T, denied stores.Denied) *s3.Client {
		const access = "limited"
		mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
			if strings.Contains(r.Header.Get("Authorization"), "Credential="+access+"/") && confDenies(denied, r) {
				return &s3mem.Fault{Status: 403}
			}
			return nil
		})
		return s3.New(client.Options(), func(o *s3.Options) {
			o.Credentials = credentials.NewStaticCredentialsProvider(access, "secret", "")
		})
	}
	return &confS3{mem: mem, client: client, bucket: "logs", limited: limited}
}

func confDenies(denied stores.Denied, r s3mem.Request) bool {
	begins := func(name string) func(string) bool {
		return func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	}
	switch r.Op {
	case "ListObjectsV2":
		return denied.Bucket || slices.ContainsFunc(denied.List, begins(r.Prefix))
	case "GetObject":
		return denied.Bucket || slices.ContainsFunc(denied.Get, begins(r.Key))
	}
	return false
}

// openConfReal returns a function that makes one bucket after the other on srv.
func openConfReal(srv *stores.RealServer) func(t *testing.T) conformanceStore {
	buckets := 0
	return func(t *testing.T) conformanceStore {
		buckets++
		bucket := fmt.Sprintf("conformance-%d", buckets)
		if _, err := srv.Client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
			t.Fatalf("create bucket: %v", err)
		}
		// The client outlives this test, its connections must not.
		if c, ok := srv.Client.Options().HTTPClient.(interface{ CloseIdleConnections() }); ok {
			t.Cleanup(c.CloseIdleConnections)
		}
		limited := func(t *testing.T, denied stores.Denied) *s3.Client { return srv.Limited(t, bucket, denied) }
		return &confS3{client: srv.Client, bucket: bucket, limited: limited}
	}
}

func (s *confS3) PutAll(ctx context.Context, objs iter.Seq[qlogstest.Object]) error {
	if s.mem == nil {
		return stores.Upload(ctx, s.client, s.bucket, objs, 8)
	}
	for o := range objs {
		s.mem.Put(s.bucket, o.Key, o.Body)
	}
	return nil
}

func (s *confS3) Put(ctx context.Context, key string, body []byte) error {
	if s.mem != nil {
		s.mem.Put(s.bucket, key, body)
		return nil
	}
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(body)})
	return err
}

func (s *confS3) Delete(ctx context.Context, key string) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &key})
	return err
}

func (s *confS3) Source() qlogs.Source {
	return s3source.New(confCounter{s.client, &s.lists}, s.bucket, nil)
}

func (s *confS3) Missing() qlogs.Source { return s3source.New(s.client, "no-such-bucket", nil) }

func (s *confS3) Limited(t *testing.T, denied stores.Denied) (qlogs.Source, bool) {
	return s3source.New(confCounter{s.limited(t, denied), &s.lists}, s.bucket, nil), true
}

func (s *confS3) Lists() int64 { return s.lists.Load() }

// A confCounter counts LIST requests, less the SDK's retries.
type confCounter struct {
	s3source.API
	lists *atomic.Int64
}

func (c confCounter) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	c.lists.Add(1)
	return c.API.ListObjectsV2(ctx, in, opts...)
}

// A confDir is a directory.
type confDir struct {
	root   string
	clock  atomic.Int64
	closed map[string]os.FileMode // what is denied, with the mode that it had
}

func openConfDir(t *testing.T) conformanceStore {
	d := &confDir{root: t.TempDir(), closed: map[string]os.FileMode{}}
	t.Cleanup(d.lift)
	return d
}

func (d *confDir) PutAll(ctx context.Context, objs iter.Seq[qlogstest.Object]) error {
	return confPutEach(ctx, d, objs)
}

func confPutEach(ctx context.Context, s conformanceStore, objs iter.Seq[qlogstest.Object]) error {
	for o := range objs {
		if err := s.Put(ctx, o.Key, o.Body); err != nil {
			return err
		}
	}
	return nil
}

func (d *confDir) name(key string) string { return filepath.Join(d.root, filepath.FromSlash(key)) }

func (d *confDir) Put(_ context.Context, key string, body []byte) error {
	name := d.name(key)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name, body, 0o600); err != nil {
		return err
	}
	// The clock of a file system can be too coarse to tell two writes apart.
	written := confClock(&d.clock)
	return os.Chtimes(name, written, written)
}

// confClock returns a later time with each call.
func confClock(n *atomic.Int64) time.Time { return time.Unix(1_700_000_000+n.Add(1), 0) }

func (d *confDir) Delete(_ context.Context, key string) error { return os.Remove(d.name(key)) }

// Source lifts what is denied first: a directory has no second user.
func (d *confDir) Source() qlogs.Source {
	d.lift()
	return source.Dir(d.root)
}

func (d *confDir) Missing() qlogs.Source { return source.Dir(filepath.Join(d.root, "no-such-dir")) }

// Limited takes rights from files. That binds neither root, as whom tests run in
// containers, nor anybody on Windows.
func (d *confDir) Limited(t *testing.T, denied stores.Denied) (qlogs.Source, bool) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		return nil, false
	}
	if denied.Bucket {
		d.close(t, d.root)
	}
	for _, name := range slices.Concat(denied.List, denied.Get) {
		d.close(t, d.name(name))
	}
	return source.Dir(d.root), true
}

func (d *confDir) close(t *testing.T, name string) {
	info, err := os.Stat(name)
	if err == nil {
		d.closed[name] = info.Mode()
		err = os.Chmod(name, 0)
	}
	if err != nil {
		t.Fatalf("deny: %v", err)
	}
}

func (d *confDir) lift() {
	for name, mode := range d.closed {
		_ = os.Chmod(name, mode) // a test that needs it fails without
	}
	clear(d.closed)
}

func (d *confDir) Lists() int64 { return -1 }

// A confFS is a file system in memory that can change while it is read.
type confFS struct {
	mu    sync.Mutex
	files fstest.MapFS
	clock atomic.Int64
}

func openConfFS(*testing.T) conformanceStore { return &confFS{files: fstest.MapFS{}} }

func (m *confFS) Open(name string) (fs.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.files.Open(name)
}

func (m *confFS) PutAll(ctx context.Context, objs iter.Seq[qlogstest.Object]) error {
	return confPutEach(ctx, m, objs)
}

func (m *confFS) Put(_ context.Context, key string, body []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[key] = &fstest.MapFile{Data: body, ModTime: confClock(&m.clock)}
	return nil
}

func (m *confFS) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, key)
	return nil
}

func (m *confFS) Source() qlogs.Source  { return source.FS("fs:", m) }
func (m *confFS) Missing() qlogs.Source { return source.FS("fs:", confMissingFS{}) }
func (m *confFS) Lists() int64          { return -1 }

func (m *confFS) Limited(_ *testing.T, denied stores.Denied) (qlogs.Source, bool) {
	return source.FS("fs:", confDeniedFS{m, denied}), true
}

type confMissingFS struct{}

func (confMissingFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

type confDeniedFS struct {
	fs.FS
	denied stores.Denied
}

func (d confDeniedFS) Open(name string) (fs.File, error) {
	f, err := d.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	names := d.denied.Get
	if info.IsDir() {
		name, names = name+"/", d.denied.List
	}
	if d.denied.Bucket || slices.ContainsFunc(names, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f, nil
}

// confTamper does something to the store at the moment when one object has been
// listed and the scan does not know of it yet.
func confTamper(src qlogs.Source, key string, act func(ctx context.Context)) qlogs.Source {
	w := sourcetest.Wrap(src)
	w.OnObject = func(ctx context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		if o.Key == key {
			act(ctx)
		}
		return o, nil
	}
	return w
}

// confUntagged is a source without ETags.
func confUntagged(src qlogs.Source) qlogs.Source {
	w := sourcetest.Wrap(src)
	w.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		o.ETag = ""
		return o, nil
	}
	return w
}

// confStart is the first minute of the suite's own objects.
func confStart() time.Time { return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) }

func confPartition(prefix string, logType path.LogType) path.Partition {
	return path.Partition{Prefix: prefix, Account: "111122223333", Product: path.KiroLogs, LogType: logType, Region: "us-east-1"}
}

// confChats returns n objects of one chat record each, every so many minutes,
// whose request IDs are their keys' suffixes: "0000", "0001", and so on.
func confChats(p path.Partition, n int, every time.Duration) []qlogstest.Object {
	w := confZip()
	objs := make([]qlogstest.Object, n)
	for i := range objs {
		minute, id := confStart().Add(time.Duration(i)*every), fmt.Sprintf("%04d", i)
		objs[i] = qlogstest.Object{Key: p.NewKey(minute, id).String(), Body: confZipChat(w, id, minute)}
	}
	return objs
}

// confChat returns the file of one chat. Files are of the same size if their ids are.
func confChat(id string, at time.Time) []byte { return confZipChat(confZip(), id, at) }

// confZip returns a writer to be used again: a new one costs a megabyte.
func confZip() *gzip.Writer {
	w, err := gzip.NewWriterLevel(nil, gzip.NoCompression)
	if err != nil {
		panic(err) // the level exists
	}
	return w
}

func confZipChat(w *gzip.Writer, id string, at time.Time) []byte {
	var b bytes.Buffer
	w.Reset(&b)
	// A buffer takes everything.
	_, _ = fmt.Fprintf(w, `{"records":[{"generateAssistantResponseEventRequest":{"prompt":"why?","userId":"d-1234567890.u1","timeStamp":%q},`+
		`"generateAssistantResponseEventResponse":{"assistantResponse":"so","requestId":%q}}]}`, at.Format(time.RFC3339Nano), id)
	_ = w.Close()
	return b.Bytes()
}

// confFill stores objects or ends the test.
func confFill(t *testing.T, s conformanceStore, objs []qlogstest.Object) {
	t.Helper()
	if err := s.PutAll(t.Context(), slices.Values(objs)); err != nil {
		t.Fatalf("fill the store: %v", err)
	}
}

// confFillKeys stores an object of a few bytes, its own key, under each key.
func confFillKeys(t *testing.T, s conformanceStore, keys []string) {
	t.Helper()
	var objs []qlogstest.Object
	for _, k := range keys {
		objs = append(objs, qlogstest.Object{Key: k, Body: []byte(k)})
	}
	confFill(t, s, objs)
}

// confLimited returns a source to which something is denied, or skips the test.
func confLimited(t *testing.T, s conformanceStore, denied stores.Denied) qlogs.Source {
	t.Helper()
	src, ok := s.Limited(t, denied)
	if !ok {
		t.Skip("nothing denies root a file: run the tests as another user")
	}
	return src
}

// confList returns the objects of a listing and its error, not those of single names.
func confList(t *testing.T, src qlogs.Source, in qlogs.ListInput) ([]qlogs.Object, error) {
	t.Helper()
	var objs []qlogs.Object
	var failed error
	for o, err := range src.List(t.Context(), in) {
		if failed != nil {
			t.Errorf("List(%+v) yields %q after the error %v", in, o.Key, failed)
		}
		if name := (*source.KeyError)(nil); errors.As(err, &name) {
			continue
		}
		if failed = err; err == nil {
			objs = append(objs, o)
		}
	}
	return objs, failed
}

// confListKeys returns the keys of a listing, which must not fail.
func confListKeys(t *testing.T, src qlogs.Source, in qlogs.ListInput) []string {
	t.Helper()
	objs, err := confList(t, src, in)
	if err != nil {
		t.Errorf("List(%+v) error = %v", in, err)
	}
	keys := make([]string, len(objs))
	for i, o := range objs {
		keys[i] = o.Key
		if o.Folder != strings.HasSuffix(o.Key, "/") {
			t.Errorf("List(%+v) yields %q with Folder = %t", in, o.Key, o.Folder)
		}
		if o.Folder && o != (qlogs.Object{Key: o.Key, Folder: true}) {
			t.Errorf("List(%+v) yields the folder %+v, want nothing but its key", in, o)
		}
	}
	return keys
}

// confFind returns the listed object of a key.
func confFind(t *testing.T, src qlogs.Source, key string) qlogs.Object {
	t.Helper()
	objs, err := confList(t, src, qlogs.ListInput{Prefix: key})
	if err != nil || len(objs) != 1 || objs[0].Key != key {
		t.Fatalf("List(%q) = %+v, %v, want that object", key, objs, err)
	}
	return objs[0]
}

// confSame compares lists of strings.
func confSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("%s: got %d, want %d; from place %d on %q, want %q", what, len(got), len(want), i, confSome(got, i), confSome(want, i))
			return
		}
	}
}

func confSome(list []string, from int) []string {
	list = list[min(from, len(list)):]
	return list[:min(len(list), 5)]
}

// A confScan is all that a scan yielded.
type confScan struct {
	pairs   []string // "key#index" of records, "key#index!" of object errors, "!" of others
	ids     []string // request IDs of records
	entries []qlogs.Entry
	errs    []error
	scan    *qlogs.Scan
}

// confRead runs a scan until it ends or has yielded most pairs, if most is not 0.
func confRead(ctx context.Context, src qlogs.Source, q qlogs.Query, most int) confScan {
	return confReadWith(ctx, src, qlogs.Options{}, q, most)
}

func confReadWith(ctx context.Context, src qlogs.Source, opts qlogs.Options, q qlogs.Query, most int) confScan {
	r := confScan{scan: qlogs.New(src, &opts).Scan(q)}
	for e, err := range r.scan.Records(ctx) {
		r.add(e, err)
		if len(r.pairs) == most {
			break
		}
	}
	return r
}

func (r *confScan) add(e qlogs.Entry, err error) {
	if err != nil {
		r.errs = append(r.errs, err)
		r.pairs = append(r.pairs, confPlace(err))
		return
	}
	r.entries = append(r.entries, e)
	r.ids = append(r.ids, e.Record.RequestID())
	r.pairs = append(r.pairs, fmt.Sprintf("%s#%d", e.Object.Key, e.Index))
}

func confPlace(err error) string {
	if o, ok := err.(*qlogs.ObjectError); ok {
		return fmt.Sprintf("%s#%d!", o.Key, o.Index)
	}
	return "!"
}

// noErrors tells of all errors of the scan.
func (r *confScan) noErrors(t *testing.T) {
	t.Helper()
	for _, err := range r.errs {
		t.Errorf("scan yields the error %v", err)
	}
}

// resume stands for a program that stores the scan's cursor, ends, and goes on later.
func (r *confScan) resume(t *testing.T, src qlogs.Source, q qlogs.Query) confScan {
	t.Helper()
	if err := q.After.UnmarshalText([]byte(r.scan.Cursor().String())); err != nil {
		t.Fatalf("UnmarshalText of a cursor's own text: %v", err)
	}
	return confRead(t.Context(), src, q, 0)
}

// confIDs returns "0000", "0001" and so on, n of them, without some.
func confIDs(n int, without ...string) []string {
	var ids []string
	for i := range n {
		if id := fmt.Sprintf("%04d", i); !slices.Contains(without, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
