package listing_test

import (
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/qlogs/source"
)

var update = flag.Bool("update", false, "write the traces in testdata/pieces")

// spread returns n keys, evenly from one time after the start to another.
func spread(n int, from, to time.Duration) []string {
	var list []string
	for i := range n {
		at := start.Add(from + (to-from)/time.Duration(n)*time.Duration(i))
		list = append(list, chats.NewKey(at, fmt.Sprintf("%016d", i)).String())
	}
	return list
}

// Where a partition is cut, and when each piece begins, is written down for partitions of
// several shapes: what is decided does not depend on how fast the machine is.
func TestPiecesTrace(t *testing.T) {
	for _, tt := range []struct {
		name        string
		lists, page int
		now         time.Duration // after the start
		keys        [][]string
	}{
		{"even", 12, 1000, 400 * day, [][]string{even(30_000, 10*day)}},
		{"uneven", 12, 1000, 400 * day, [][]string{uneven(40_000, 8)}},
		{"gap", 12, 1000, 400 * day, [][]string{spread(12_000, 0, day), spread(12_000, 21*day, 22*day)}},
		{"denser", 12, 1000, 400 * day, [][]string{spread(6_000, 0, 3*day), spread(25_000, 3*day, 3*day+6*time.Hour), spread(2_000, 4*day, 9*day)}},
		{"denser within", 12, 1000, 400 * day, [][]string{spread(12_000, 0, 6*day), spread(30_000, 7*day, 7*day+12*time.Hour), spread(20_000, 8*day, 18*day)}},
		{"as many as may run", 4, 1000, 400 * day, [][]string{spread(17_562, 0, 30*time.Hour), spread(19_109, 30*time.Hour, 49*time.Hour), spread(13_624, 49*time.Hour, 234*time.Hour)}},
		{"sparser", 12, 1000, 400 * day, [][]string{spread(9_000, 0, 3*time.Hour), spread(12_000, 3*time.Hour, 30*day)}},
		{"an hour", 12, 1000, 400 * day, [][]string{spread(25_000, 0, time.Hour)}},
		{"few", 12, 1000, 400 * day, [][]string{spread(4_600, 0, 5*day)}},
		{"long pages", 12, 4500, 400 * day, [][]string{spread(4_000, 0, 40*time.Minute), spread(9_000, 40*time.Minute, 9_000*time.Minute)}},
		{"until now", 12, 1000, 10 * day, [][]string{spread(30_000, 0, 10*day)}},
		{"behind now", 12, 1000, 5 * day, [][]string{spread(30_000, 0, 10*day)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(start.Add(tt.now)))
				b := newBucket()
				b.page, b.wait, b.apart, b.keys = tt.page, 30*time.Millisecond, true, slices.Concat(tt.keys...)
				slices.Sort(b.keys)
				began := time.Now()
				var mu sync.Mutex
				var trace []string
				b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
					mu.Lock()
					defer mu.Unlock()
					trace = append(trace, fmt.Sprintf("%4d ms: after %s", time.Since(began).Milliseconds(), strings.TrimPrefix(in.After, chats.String())))
					return names
				}
				c := all(b)
				c.Prefix, c.Lists = chats.String(), tt.lists
				sameKeys(t, keysAtLeisure(t, c), b.keys)
				slices.Sort(trace)
				trace = append(trace, fmt.Sprintf("%4d ms: end, after %d calls for %d keys", time.Since(began).Milliseconds(), b.calls, len(b.keys)))
				golden(t, filepath.Join("testdata", "pieces", strings.ReplaceAll(tt.name, " ", "_")+".txt"), strings.Join(trace, "\n")+"\n")
			})
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has\n%swant\n%s", file, got, want)
	}
}

// What lies at a prefix is looked at up to a few names, and an error of the listing is told.
func TestLookAt(t *testing.T) {
	many := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("p/%04d", i))
		}
		return list
	}
	for _, tt := range []struct {
		name string
		keys []string
		want listing.Look
		err  error
	}{
		{"nothing", nil, listing.Look{}, nil},
		{"three of each", []string{"p/a", "p/b/1", "p/c/1", "p/d/1", "p/e", "p/f"}, listing.Look{Objects: []string{"p/a", "p/e", "p/f"}, Folders: []string{"p/b/", "p/c/", "p/d/"}}, nil},
		{"a fourth object", []string{"p/a", "p/b", "p/c", "p/d", "p/e/1"}, listing.Look{Objects: []string{"p/a", "p/b", "p/c"}, Folders: []string{"p/e/"}, More: true}, nil},
		{"a fourth folder", []string{"p/a/1", "p/b/1", "p/c/1", "p/d/1"}, listing.Look{Folders: []string{"p/a/", "p/b/", "p/c/"}, More: true}, nil},
		{"a folder among the first 1,000", append(many(999), "p/x/1"), listing.Look{Objects: many(3), Folders: []string{"p/x/"}, More: true}, nil},
		{"a folder behind them", append(many(1000), "p/x/1"), listing.Look{Objects: many(3), More: true}, nil},
		{"each twice", []string{"p/a", "p/b/1"}, listing.Look{Objects: []string{"p/a"}, Folders: []string{"p/b/"}}, nil},
		{"an error", []string{"p/a"}, listing.Look{Objects: []string{"p/a"}}, errDenied},
	} {
		b := newBucket(tt.keys...)
		b.list = rewrite(func(in source.ListInput, names []source.Object) []source.Object {
			if tt.name == "each twice" {
				names = slices.Concat(slices.Repeat(names[:1], 2), slices.Repeat(names[1:], 2))
			}
			return names
		})
		if tt.err != nil {
			b.list = nil

			b.fails["p/"] = tt.err
		}
		c := all(b)
		c.Prefix = "p/"
		got, err := listing.LookAt(t.Context(), c)
		if !slices.Equal(got.Folders, tt.want.Folders) || !slices.Equal(got.Objects, tt.want.Objects) || got.More != tt.want.More || err != tt.err {
			t.Errorf("%s: LookAt = %+v, %v, want %+v, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}
