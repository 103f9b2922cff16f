package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// A pagesAPI lists keys of one partition, a page a call, and takes its time for each. Some
// of its answers are no listings, or repeat themselves.
type pagesAPI struct {
	s3source.API
	size   int
	repeat int // each so many keys one comes twice; 0 is never
	bad    func(call int, in *s3.ListObjectsV2Input) *s3.ListObjectsV2Output

	mu    sync.Mutex
	keys  []string
	calls int
}

func (a *pagesAPI) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	select {
	case <-time.After(chainsCall):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	out := &s3.ListObjectsV2Output{Name: in.Bucket, IsTruncated: aws.Bool(false)}
	if in.Delimiter != nil {
		folder, _, _ := strings.Cut(strings.TrimPrefix(cursorChats.String(), aws.ToString(in.Prefix)), "/")
		out.CommonPrefixes = []types.CommonPrefix{{Prefix: aws.String(aws.ToString(in.Prefix) + folder + "/")}}
		return out, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	if a.bad != nil {
		if out := a.bad(a.calls, in); out != nil {
			return out, nil
		}
	}
	i, found := slices.BinarySearch(a.keys, max(aws.ToString(in.ContinuationToken), aws.ToString(in.StartAfter), aws.ToString(in.Prefix)))
	if found && (in.ContinuationToken == nil || a.repeat == 0 || i%a.repeat != 0) {
		i++
	}
	for ; i < len(a.keys) && len(out.Contents) < a.size; i++ {
		o := types.Object{Key: &a.keys[i], Size: aws.Int64(1), ETag: aws.String("e")}
		out.Contents = append(out.Contents, o)
		// The last one of a page comes again on the next.
		if a.repeat > 0 && i%a.repeat == 0 && len(out.Contents) < a.size {
			out.Contents = append(out.Contents, o)
		}
	}
	if i < len(a.keys) {
		out.IsTruncated, out.NextContinuationToken = aws.Bool(true), &a.keys[i-1]
	}
	return out, nil
}

func newPagesAPI(n int) *pagesAPI {
	var b chainsBucket
	b.add(cursorStart(), 20*chainsDay, n)
	return &pagesAPI{size: chainsPage, keys: b.keys}
}

// Outputs that are no listing, as the SDK makes them of other documents.
var noListings = map[string]func(in *s3.ListObjectsV2Input) *s3.ListObjectsV2Output{
	"nothing": func(*s3.ListObjectsV2Input) *s3.ListObjectsV2Output { return &s3.ListObjectsV2Output{} },
	"a name of something": func(*s3.ListObjectsV2Input) *s3.ListObjectsV2Output {
		return &s3.ListObjectsV2Output{Name: aws.String("Welcome")}
	},
	"the prefix alone": func(in *s3.ListObjectsV2Input) *s3.ListObjectsV2Output {
		return &s3.ListObjectsV2Output{Prefix: in.Prefix, Delimiter: in.Delimiter}
	},
	"another prefix": func(*s3.ListObjectsV2Input) *s3.ListObjectsV2Output {
		return &s3.ListObjectsV2Output{Prefix: aws.String("other/"), IsTruncated: aws.Bool(false)}
	},
	"fewer than it counts": func(*s3.ListObjectsV2Input) *s3.ListObjectsV2Output {
		return &s3.ListObjectsV2Output{KeyCount: aws.Int32(1000), IsTruncated: aws.Bool(false)}
	},
	"an object without a key": func(*s3.ListObjectsV2Input) *s3.ListObjectsV2Output {
		return &s3.ListObjectsV2Output{Contents: []types.Object{{}}, IsTruncated: aws.Bool(false)}
	},
}

// In a partition that is listed in pieces, a page that is no listing is asked for again,
// and if it does not get better, the partition ends there: no key behind it comes, and
// none before it is missing.
func TestNoListingInPieces(t *testing.T) {
	sound := newPagesAPI(20_160).keys
	for name, bad := range noListings {
		for _, always := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, always %t", name, always), func(t *testing.T) {
				testutil.NoLeaks(t)
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(cursorStart().AddDate(1, 0, 0)))
					api := &pagesAPI{size: chainsPage, keys: sound}
					hole := api.keys[15_000]
					tries := map[string]int{}
					api.bad = func(call int, in *s3.ListObjectsV2Input) *s3.ListObjectsV2Output {
						at := max(aws.ToString(in.ContinuationToken), aws.ToString(in.StartAfter))
						tries[at]++
						if always && at >= hole || !always && call%3 == 0 && tries[at] == 1 {
							return bad(in)
						}
						return nil
					}
					var keys []string
					var errs []error
					scan := qlogs.New(s3source.New(api, "b", nil), nil).Scan(qlogs.Query{})
					for o, err := range scan.Objects(t.Context()) {
						if err != nil {
							errs = append(errs, err)
							continue
						}
						keys = append(keys, o.Key)
					}
					if !always {
						if len(errs) > 0 {
							t.Errorf("errors %v, want none", errs)
						}
						chainsSame(t, keys, api.keys)
						return
					}
					var failed *qlogs.PartitionError
					if len(errs) != 1 || !errors.As(errs[0], &failed) || failed.Partition != cursorChats || !strings.Contains(failed.Error(), "no listing") {
						t.Errorf("errors %v, want one of the partition that says that there is no listing", errs)
					}
					if len(keys) < 15_000 || len(keys) == len(api.keys) {
						t.Errorf("%d keys of %d, want those before the hole, which are 15,000", len(keys), len(api.keys))
					}
					chainsSame(t, keys, api.keys[:len(keys)])
				})
			})
		}
	}
}

// Follow tells of polls and sweeps that get no listing, and misses nothing that arrives
// meanwhile.
func TestNoListingInFollow(t *testing.T) {
	for name, bad := range noListings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				followClock(0)
				api := &pagesAPI{size: 3}
				add := func() {
					api.mu.Lock()
					defer api.mu.Unlock()
					key := cursorChats.NewKey(time.Now().UTC(), fmt.Sprintf("%016d", len(api.keys))).String()
					api.keys = append(api.keys, key)
				}
				add()
				start := time.Now()
				api.bad = func(_ int, in *s3.ListObjectsV2Input) *s3.ListObjectsV2Output {
					if at := time.Since(start); at > 5*time.Minute && at < 40*time.Minute {
						return bad(in)
					}
					return nil
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var wg sync.WaitGroup
				wg.Go(func() {
					for range 60 {
						time.Sleep(time.Minute)
						add()
					}
					time.Sleep(30 * time.Minute)
					cancel()
				})
				var got []string
				failed := 0
				for _, err := range qlogs.New(s3source.New(noObjects{api}, "b", nil), nil).Scan(qlogs.Query{}).Follow(ctx) {
					var object *qlogs.ObjectError
					var partition *qlogs.PartitionError
					switch {
					case errors.As(err, &object):
						if !slices.Contains(got, object.Key) {
							got = append(got, object.Key)
						}
					case errors.As(err, &partition) && strings.Contains(err.Error(), "no listing"):
						failed++
					case !errors.Is(err, context.Canceled):
						t.Errorf("error %v", err)
					}
				}
				wg.Wait()
				confSame(t, "objects", got, api.keys)
				if failed < 30 {
					t.Errorf("%d errors of listings, want one for each minute of 35", failed)
				}
			})
		})
	}
}

// noObjects has objects that are gone for good.
type noObjects struct{ *pagesAPI }

func (noObjects) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, fmt.Errorf("get: %w", qlogs.ErrArchived)
}
