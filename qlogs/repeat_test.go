package qlogs_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
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

// A repeatSource changes a listing as a whole. Hooks of a sourcetest.Memory cannot: for each
// object they give one, or none.
type repeatSource struct {
	qlogs.Source
	list func(in qlogs.ListInput, objects iter.Seq2[qlogs.Object, error]) iter.Seq2[qlogs.Object, error]
}

func (s *repeatSource) List(ctx context.Context, in qlogs.ListInput) iter.Seq2[qlogs.Object, error] {
	return s.list(in, s.Source.List(ctx, in))
}

// repeatAll lists what change makes of all that there is.
func repeatAll(change func(in qlogs.ListInput, all []qlogs.Object) []qlogs.Object) func(qlogs.ListInput, iter.Seq2[qlogs.Object, error]) iter.Seq2[qlogs.Object, error] {
	return func(in qlogs.ListInput, objects iter.Seq2[qlogs.Object, error]) iter.Seq2[qlogs.Object, error] {
		return func(yield func(qlogs.Object, error) bool) {
			var all []qlogs.Object
			for o, err := range objects {
				if err != nil {
					yield(o, err)
					return
				}
				all = append(all, o)
			}
			for _, o := range change(in, all) {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

// A key that a listing gives again at once, object or folder, is passed over and counted.
// All other disorder ends the scan.
func TestRepeatedKeys(t *testing.T) {
	each := func(times func(i int, o qlogs.Object) int) func(qlogs.ListInput, iter.Seq2[qlogs.Object, error]) iter.Seq2[qlogs.Object, error] {
		return func(_ qlogs.ListInput, objects iter.Seq2[qlogs.Object, error]) iter.Seq2[qlogs.Object, error] {
			return func(yield func(qlogs.Object, error) bool) {
				i := 0
				for o, err := range objects {
					for range times(i, o) {
						if !yield(o, err) {
							return
						}
					}
					i++
				}
			}
		}
	}
	inPartition := func(in qlogs.ListInput) bool { return !in.Folders }
	const n = 5 // objects
	for _, tt := range []struct {
		name     string
		list     func(qlogs.ListInput, iter.Seq2[qlogs.Object, error]) iter.Seq2[qlogs.Object, error]
		repeated int64
		fails    string
	}{
		{"none", each(func(int, qlogs.Object) int { return 1 }), 0, ""},
		{"one object", each(func(i int, o qlogs.Object) int {
			if i == 2 && !o.Folder {
				return 2
			}
			return 1
		}), 1, ""},
		{"the first object", each(func(i int, o qlogs.Object) int {
			if i == 0 && !o.Folder {
				return 2
			}
			return 1
		}), 1, ""},
		{"the last object, three times", each(func(i int, o qlogs.Object) int {
			if i == n-1 {
				return 4
			}
			return 1
		}), 3, ""},
		{"each object", each(func(_ int, o qlogs.Object) int {
			if o.Folder {
				return 1
			}
			return 2
		}), n, ""},
		{"each folder", each(func(_ int, o qlogs.Object) int {
			if o.Folder {
				return 2
			}
			return 1
		}), 6, ""},
		{"with another ETag and size", repeatAll(func(in qlogs.ListInput, all []qlogs.Object) []qlogs.Object {
			if inPartition(in) {
				again := all[2]
				again.ETag, again.Size = `"other"`, 1
				all = slices.Insert(all, 3, again)
			}
			return all
		}), 1, ""},
		{"the last but one again", repeatAll(func(in qlogs.ListInput, all []qlogs.Object) []qlogs.Object {
			if inPartition(in) {
				all = append(all, all[n-2])
			}
			return all
		}), 0, "key order"},
		{"the whole listing again", repeatAll(func(in qlogs.ListInput, all []qlogs.Object) []qlogs.Object {
			if inPartition(in) {
				all = append(all, all...)
			}
			return all
		}), 0, "key order"},
		{"an object as a folder", repeatAll(func(in qlogs.ListInput, all []qlogs.Object) []qlogs.Object {
			if inPartition(in) {
				all = append(all, qlogs.Object{Key: all[n-1].Key, Folder: true})
			}
			return all
		}), 0, "key order"},
		{"a folder among objects", repeatAll(func(in qlogs.ListInput, all []qlogs.Object) []qlogs.Object {
			if inPartition(in) {
				all = append(all, qlogs.Object{Key: in.Prefix + "3/", Folder: true})
			}
			return all
		}), 0, "folder"},
		{"an empty key", repeatAll(func(_ qlogs.ListInput, all []qlogs.Object) []qlogs.Object {
			return append([]qlogs.Object{{}, {}}, all...)
		}), 0, "key order"},
		{"a key for ever", func(in qlogs.ListInput, objects iter.Seq2[qlogs.Object, error]) iter.Seq2[qlogs.Object, error] {
			return func(yield func(qlogs.Object, error) bool) {
				for o := range objects {
					for yield(o, nil) {
					}
					return
				}
			}
		}, 1000, "key order"},
		{"keys before what was asked for", repeatAll(func(in qlogs.ListInput, all []qlogs.Object) []qlogs.Object {
			if in.After != "" {
				all = append([]qlogs.Object{{Key: in.Prefix + "2020/01/01/00/a.json.gz", Size: 1}, {Key: in.Prefix + "2020/01/01/00/b.json.gz", Size: 1}}, all...)
			}
			return all
		}), 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := newContractSource()
			for i := range n {
				at := contractStart.Add(time.Duration(i) * time.Minute)
				src.put(contractKey(contractPartition(), at, i), contractFile(contractChat(fmt.Sprint(i), at)))
			}
			scan := qlogs.New(&repeatSource{src, tt.list}, nil).Scan(qlogs.Query{From: contractStart})
			var ids []string
			var errs []string
			for e, err := range scan.Records(t.Context()) {
				if err != nil {
					errs = append(errs, err.Error())
					continue
				}
				ids = append(ids, e.Record.RequestID())
			}
			stats := scan.Stats()
			if stats.Repeated != tt.repeated {
				t.Errorf("Stats.Repeated = %d, want %d", stats.Repeated, tt.repeated)
			}
			if tt.fails != "" {
				if len(errs) != 1 || !strings.Contains(errs[0], tt.fails) {
					t.Errorf("errors %q, want one that says %q", errs, tt.fails)
				}
				return
			}
			if len(errs) > 0 || len(ids) != n || stats.Listed != n || stats.Partitions != 1 {
				t.Errorf("%d records, errors %q, Stats %+v, want %d records", len(ids), errs, stats, n)
			}
		})
	}
}

// In a bucket, too: within a page, over the border of two, and where pieces meet.
func TestRepeatedKeysInPieces(t *testing.T) {
	for _, repeat := range []int{1, 1000, 7, 999}[:testutil.Pick(2, 4)] {
		for _, size := range []int{chainsPage, 10_000} {
			t.Run(fmt.Sprintf("each of %d, pages of %d", repeat, size), func(t *testing.T) {
				testutil.NoLeaks(t)
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(cursorStart().AddDate(1, 0, 0)))
					api := newPagesAPI(12_096)
					api.repeat, api.size = repeat, size
					var keys []string
					scan := qlogs.New(s3source.New(api, "b", nil), nil).Scan(qlogs.Query{})
					for o, err := range scan.Objects(t.Context()) {
						if err != nil {
							t.Fatal(err)
						}
						keys = append(keys, o.Key)
					}
					chainsSame(t, keys, api.keys)
					if got, want := scan.Stats().Repeated, int64(len(keys)/repeat); got < want-want/100 || got > want+want/100+1 {
						t.Errorf("Stats.Repeated = %d, want about %d", got, want)
					}
				})
			})
		}
	}
}

// A page that has nothing but the last key of the one before is the last, or an error.
func TestRepeatedPages(t *testing.T) {
	part := contractPartition().String()
	name := func(i int) string {
		return contractKey(contractPartition(), contractStart.Add(time.Duration(i)*time.Minute), i)
	}
	for _, tt := range []struct {
		name  string
		pages [][]int // keys
		ends  bool    // with the last page
		want  int     // keys, or -1 for an error
	}{
		{"the last key again, at the end", [][]int{{1, 2}, {2}}, true, 2},
		{"the last key again, with more", [][]int{{1, 2}, {2, 3}}, true, 3},
		{"the last key again, three times", [][]int{{1, 2}, {2, 2, 2, 3}}, true, 3},
		{"the last key again, without an end", [][]int{{1, 2}, {2}, {2}, {2}, {2}, {2}}, false, -1},
		{"the same page again", [][]int{{1, 2}, {1, 2}, {1, 2}}, false, -1},
		{"an earlier key again", [][]int{{1, 2}, {1, 3}}, true, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := &endlessAPI{page: func(_, token string) ([]string, string) {
				i := 0
				_, _ = fmt.Sscan(token, &i)
				var keys []string
				for _, n := range tt.pages[min(i, len(tt.pages)-1)] {
					keys = append(keys, name(n))
				}
				if tt.ends && i == len(tt.pages)-1 {
					return keys, ""
				}
				return keys, fmt.Sprint(i + 1)
			}}
			failed := 0
			scan := qlogs.New(s3source.New(api, "b", nil), nil).Scan(qlogs.Query{Prefix: part})
			for _, err := range scan.Objects(t.Context()) {
				if err != nil {
					failed++
				}
			}
			got := int(scan.Stats().Listed) // they are empty
			if tt.want >= 0 && (got != tt.want || failed > 0) || tt.want < 0 && failed != 1 {
				t.Errorf("%d keys and %d errors, want %d keys", got, failed, tt.want)
			}
		})
	}
}

// A listing that says no word of its end goes on as long as there is a token.
func TestListingWithoutTruncation(t *testing.T) {
	page := func(token string, keys ...string) *s3.ListObjectsV2Output {
		out := &s3.ListObjectsV2Output{Name: aws.String("logs")}
		if token != "" {
			out.NextContinuationToken = &token
		}
		for _, k := range keys {
			out.Contents = append(out.Contents, types.Object{Key: aws.String(k)})
		}
		return out
	}
	api := &s3Stub{pages: []*s3.ListObjectsV2Output{page("1", "a", "b"), page("2", "c"), page("", "d")}}
	confSame(t, "keys", confListKeys(t, s3source.New(api, "logs", nil), qlogs.ListInput{}), []string{"a", "b", "c", "d"})
}
