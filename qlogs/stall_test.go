package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

const stallLimit = 7 * time.Second

// stallKey blocks the calls for one key until their context ends.
func stallKey(key string, from int) func(context.Context, string, int) error {
	return func(ctx context.Context, k string, at int) error {
		if k != key || at < from {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// A store that sends nothing is given up after exactly the timeout; the rest is read.
func TestStallOfAnObject(t *testing.T) {
	for _, tt := range []struct {
		name string
		op   string
		size int64 // as listed; 0: as it is
		from int   // -1: in Open
	}{
		{"open", "open", 0, -1},
		{"first read", "read", 0, 0},
		{"read in the middle", "read", 0, 64},
		{"read of the end", "read", 0, 192},
		{"open of a large object", "open", windowLarge, -1},
		{"first read of a large object", "read", windowLarge, 0},
		{"read in the middle of a large object", "read", windowLarge, 64},
	} {
		for _, limit := range []time.Duration{stallLimit, 0} {
			t.Run(fmt.Sprintf("%s, %v", tt.name, limit), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					src := contractBucket(4)
					src.chunk = 64
					src.putListed(qlogs.Object{Key: src.key(1), Size: max(tt.size, 192)}, contractFile(contractChat("r0001", contractStart))[:192])
					block := stallKey(src.key(1), tt.from)
					if tt.from < 0 {
						src.onOpen = func(ctx context.Context, key string) error { return block(ctx, key, 0) }
					} else {
						src.onRead = block
					}
					begin := time.Now()
					got := contractRead(t, src, contractNew(src, &qlogs.Options{StallTimeout: limit}, qlogs.Query{}))
					if limit == 0 {
						limit = time.Minute
					}
					if took := time.Since(begin); took != limit {
						t.Errorf("the scan took %v, want %v", took, limit)
					}
					contractSame(t, "pairs", got.pairs, []string{"r0000", "error", "r0002", "r0003"})
					var bad *qlogs.ObjectError
					if len(got.errs) != 1 || !errors.As(got.errs[0], &bad) || bad.Op != tt.op || bad.Key != src.key(1) || !errors.Is(bad, qlogs.ErrStalled) {
						t.Errorf("errors %v, want one of %q, %v", got.errs, tt.op, qlogs.ErrStalled)
					}
				})
			})
		}
	}
}

// stallFS has files that take long to read.
type stallFS struct {
	fstest.MapFS
	slow map[string]bool
}

func (f stallFS) Open(name string) (fs.File, error) {
	file, err := f.MapFS.Open(name)
	if err != nil || !f.slow[name] {
		return file, err
	}
	return stallFile{file}, nil
}

type stallFile struct{ fs.File }

func (f stallFile) Read(p []byte) (int, error) {
	time.Sleep(stallLimit + 1)
	return f.File.Read(p)
}

// A file that takes too long costs nothing but itself, whoever read it.
func TestStallOfFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 40
		files := stallFS{fstest.MapFS{}, map[string]bool{}}
		var want []string
		bucket := contractBucket(n)
		for i, id := range contractIDs(n) {
			o := bucket.objects()[i]
			files.MapFS[o.Key] = &fstest.MapFile{Data: o.body}
			if i%2 == 1 {
				files.slow[o.Key], id = true, "error"
			}
			want = append(want, id)
		}
		scan := qlogs.New(source.FS("fs:", files), &qlogs.Options{StallTimeout: stallLimit, InFlight: 1}).Scan(qlogs.Query{})
		got := contractRead(t, bucket, scan)
		contractSame(t, "pairs", got.pairs, want)
		for _, err := range got.errs {
			if !errors.Is(err, qlogs.ErrStalled) {
				t.Errorf("error %v, want %v", err, qlogs.ErrStalled)
			}
		}
	})
}

// stallTwin sends each request for an object twice. The second answer comes late and
// is closed.
type stallTwin struct {
	*s3.Client
	late sync.WaitGroup
}

func (c *stallTwin) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	c.late.Go(func() {
		late := append(opts[:len(opts):len(opts)], func(o *s3.Options) {
			o.HTTPClient = stallLate{o.HTTPClient}
		})
		if out, err := c.Client.GetObject(ctx, in, late...); err == nil {
			out.Body.Close()
		}
	})
	return c.Client.GetObject(ctx, in, opts...)
}

type stallLate struct{ s3.HTTPClient }

func (h stallLate) Do(r *http.Request) (*http.Response, error) {
	resp, err := h.HTTPClient.Do(r)
	time.Sleep(20 * time.Millisecond)
	return resp, err
}

// A request of an object that ends after the object has nothing to do with the next one.
func TestStallAfterLateRequest(t *testing.T) {
	s := newS3Server(t, 8)
	stuck := testutil.Pick(2, 4)
	client := &stallTwin{Client: s.client}
	s.mu.Lock()
	s.fault = func(r s3mem.Request) *s3mem.Fault {
		if r.Op != "GetObject" || slices.Index(s.keys, r.Key) < len(s.keys)-stuck {
			return nil
		}
		return &s3mem.Fault{Stall: true}
	}
	s.mu.Unlock()
	defer client.late.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	opts := &qlogs.Options{InFlight: 1, StallTimeout: 200 * time.Millisecond, MaxResumes: -1}
	stalls := 0
	for _, err := range qlogs.New(s3source.New(client, "logs", nil), opts).Scan(qlogs.Query{}).Records(ctx) {
		if err == nil {
			continue
		}
		if stalls++; !errors.Is(err, qlogs.ErrStalled) {
			t.Errorf("error %v, want %v", err, qlogs.ErrStalled)
		}
	}
	if stalls != stuck {
		t.Errorf("%d objects failed, want the %d that are stuck", stalls, stuck)
	}
}

// Each answer of the store starts the timeout anew.
func TestStallNotOfASlowStore(t *testing.T) {
	for _, size := range []int64{0, windowLarge} {
		synctest.Test(t, func(t *testing.T) {
			src := contractBucket(3)
			src.chunk = 10
			src.relist(1, func(o *qlogs.Object) { o.Size = max(o.Size, size) })
			slow := func(ctx context.Context) error { return contractWait(ctx, stallLimit-1) }
			src.onOpen = func(ctx context.Context, _ string) error { return slow(ctx) }
			src.onRead = func(ctx context.Context, _ string, _ int) error { return slow(ctx) }
			src.onListed = func(ctx context.Context, _ string) error { return slow(ctx) }
			contractSame(t, "records", contractReadAll(t, src, &qlogs.Options{StallTimeout: stallLimit}), contractIDs(3))
		})
	}
}

func TestStallOfAListing(t *testing.T) {
	part := contractPartition().String()
	for _, tt := range []struct {
		name, prefix string
		key          int // -1: before the first object
		want         []string
	}{
		{"first listing", "", -1, []string{"error"}},
		{"folder", "logs/AWSLogs/", -1, []string{"error", "other"}},
		{"partition", part, -1, []string{"error", "other"}},
		{"in a partition", "", 2, []string{"r0000", "r0001", "error", "other"}},
	} {
		for _, objects := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, Objects %t", tt.name, objects), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					src := contractBucket(4)
					discoveryPut(src, "other", "other")
					forever := func(ctx context.Context) error {
						<-ctx.Done()
						return ctx.Err()
					}
					src.onList = func(ctx context.Context, in qlogs.ListInput) error {
						if tt.key < 0 && in.Prefix == tt.prefix {
							return forever(ctx)
						}
						return nil
					}
					src.onListed = func(ctx context.Context, key string) error {
						if tt.key >= 0 && key == src.key(tt.key) {
							return forever(ctx)
						}
						return nil
					}
					begin := time.Now()
					s := contractNew(src, &qlogs.Options{StallTimeout: stallLimit}, qlogs.Query{})
					var errs []error
					if objects {
						for _, err := range s.Objects(t.Context()) {
							if err != nil {
								errs = append(errs, err)
							}
						}
					} else {
						got := contractRead(t, src, s)
						contractSame(t, "pairs", got.pairs, tt.want)
						errs = got.errs
					}
					if len(errs) != 1 || !errors.Is(errs[0], qlogs.ErrStalled) {
						t.Fatalf("errors %v, want one %v", errs, qlogs.ErrStalled)
					}
					var bad *qlogs.PartitionError
					if final := len(tt.want) == 1; errors.As(errs[0], &bad) == final {
						t.Errorf("error %v: a *PartitionError: %t, want %t", errs[0], final, !final)
					}
					if took := time.Since(begin); took != stallLimit {
						t.Errorf("the scan took %v, want %v", took, stallLimit)
					}
				})
			})
		}
	}
}

// The time that the loop takes is its own: whatever it waits for, and wherever
// the reading stands then, nothing stalls.
func TestStallNotOfASlowLoop(t *testing.T) {
	for _, opts := range []qlogs.Options{
		{StallTimeout: stallLimit},
		{StallTimeout: stallLimit, InFlight: 1, BytesInFlight: 1},
		{StallTimeout: stallLimit, InFlight: 4, BytesInFlight: 5000},
	} {
		synctest.Test(t, func(t *testing.T) {
			src, want := windowMixed(30, 11)
			src.onOpen = func(ctx context.Context, _ string) error { return contractWait(ctx, time.Millisecond) }
			src.onRead = func(ctx context.Context, _ string, _ int) error { return contractWait(ctx, time.Millisecond) }
			var got []string
			for e, err := range contractNew(src, &opts, qlogs.Query{}).Records(t.Context()) {
				if err != nil {
					t.Fatalf("unexpected error: %v", err)
				}
				got = append(got, e.Record.RequestID())
				time.Sleep(time.Hour)
			}
			contractSame(t, "records", got, want)
		})
	}
}

// A loop may take its time in the middle of a streamed object, too, and in Objects.
func TestStallNotOfASlowLoopInAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var records []string
		for i := range 200 {
			records = append(records, windowChat(fmt.Sprint("id", i), 5000))
		}
		src := newContractSource()
		src.chunk = 500
		src.putListed(qlogs.Object{Key: windowKey(0), Size: windowLarge}, contractGzip(contractFile(records...)))
		src.putListed(qlogs.Object{Key: windowKey(1), Size: windowLarge}, contractFile(records...))
		src.onRead = func(ctx context.Context, _ string, _ int) error { return contractWait(ctx, time.Second) }
		n := 0
		for _, err := range contractNew(src, &qlogs.Options{StallTimeout: stallLimit}, qlogs.Query{}).Records(t.Context()) {
			if err != nil {
				t.Fatalf("unexpected error: %v", err)
			}
			n++
			time.Sleep(time.Hour)
		}
		if n != 400 {
			t.Errorf("%d records, want 400", n)
		}
		for _, err := range contractNew(src, &qlogs.Options{StallTimeout: stallLimit}, qlogs.Query{}).Objects(t.Context()) {
			if err != nil {
				t.Fatalf("unexpected error: %v", err)
			}
			time.Sleep(time.Hour)
		}
	})
}

// Waiting for another object's request is not waiting for the store.
func TestStallNotOfAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := contractBucket(50)
		src.onOpen = func(ctx context.Context, _ string) error { return contractWait(ctx, stallLimit-1) }
		contractSame(t, "records", contractReadAll(t, src, &qlogs.Options{InFlight: 1, StallTimeout: stallLimit}), contractIDs(50))
	})
}
