package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
)

const (
	chainsPage = 1000
	chainsCall = 30 * time.Millisecond
)

// A chainsBucket is a store that lists a page a call, and takes its time for each. It is no
// sourcetest.Memory, with which these tests take more than twice the processor time: it has
// up to 300,000 keys, and makes objects of them only as it lists.
type chainsBucket struct {
	keys    []string // of one partition, sorted
	fail    string   // the listing that reaches this key fails
	instant bool     // lists without a wait
	calls   atomic.Int64
	listing atomic.Int64 // now
	waiting atomic.Int64 // for a call, now
	most    atomic.Int64 // at the same time
}

var errChains = errors.New("the bucket is away")

func (*chainsBucket) ID() string { return "chains" }

func (b *chainsBucket) List(ctx context.Context, in qlogs.ListInput) iter.Seq2[qlogs.Object, error] {
	return func(yield func(qlogs.Object, error) bool) {
		if in.Folders {
			folder, _, _ := strings.Cut(strings.TrimPrefix(cursorChats.String(), in.Prefix), "/")
			yield(qlogs.Object{Key: in.Prefix + folder + "/", Folder: true}, nil)
			return
		}
		b.listing.Add(1)
		defer b.listing.Add(-1)
		i, found := slices.BinarySearch(b.keys, max(in.After, in.Prefix))
		if found {
			i++
		}
		for {
			b.calls.Add(1)
			if !b.instant && !b.wait(ctx) {
				yield(qlogs.Object{}, ctx.Err())
				return
			}
			for range chainsPage {
				if i == len(b.keys) || !strings.HasPrefix(b.keys[i], in.Prefix) {
					return
				}
				if b.keys[i] == b.fail {
					yield(qlogs.Object{}, errChains)
					return
				}
				if !yield(qlogs.Object{Key: b.keys[i], Size: 1, ETag: "e"}, nil) {
					return
				}
				i++
			}
		}
	}
}

func (b *chainsBucket) wait(ctx context.Context) bool {
	now := b.waiting.Add(1)
	defer b.waiting.Add(-1)
	for most := b.most.Load(); now > most && !b.most.CompareAndSwap(most, now); most = b.most.Load() {
	}
	select {
	case <-time.After(chainsCall):
		return true
	case <-ctx.Done():
		return false
	}
}

func (b *chainsBucket) Open(context.Context, qlogs.Object, int64) (io.ReadCloser, error) {
	return nil, fs.ErrNotExist
}

// add adds n keys, evenly from one minute on to another.
func (b *chainsBucket) add(from time.Time, length time.Duration, n int) {
	var minute time.Time
	var head, tail string // of the keys of a minute
	for i := range n {
		at := from.Add(length / time.Duration(n) * time.Duration(i))
		if m := at.Truncate(time.Minute); i == 0 || m != minute {
			minute = m
			head, tail, _ = strings.Cut(cursorChats.NewKey(at, "SUFFIX").String(), "SUFFIX")
		}
		b.keys = append(b.keys, fmt.Sprintf("%s%016d%s", head, i, tail))
	}
	slices.Sort(b.keys)
}

// read lists everything, and returns the keys with the time that it took.
func (b *chainsBucket) read(t *testing.T, q qlogs.Query) (keys []string, took time.Duration) {
	t.Helper()
	start := time.Now()
	for o, err := range qlogs.New(b, nil).Scan(q).Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
	return keys, time.Since(start)
}

func chainsSame(t *testing.T, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("key %d of %d is %q, want %q", i, len(want), got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d keys, want %d", len(got), len(want))
	}
}

const chainsDay = 24 * time.Hour

// A long listing takes a small part of the time that one chain of requests takes, and
// hardly more requests.
func TestChainsInTime(t *testing.T) {
	for _, test := range []struct {
		name string
		fill func(*chainsBucket)
		// bounds, as parts of the time and the calls of one chain, which vary a little
		// with the order in which goroutines come to run
		time, calls float64
	}{
		{"even", func(b *chainsBucket) { b.add(cursorStart(), 30*chainsDay, 300_000) }, 0.2, 1.15},
		{"days and nights", func(b *chainsBucket) {
			for day := range 30 {
				from := cursorStart().Add(time.Duration(day) * chainsDay)
				b.add(from, 14*time.Hour, 400)
				b.add(from.Add(14*time.Hour), 10*time.Hour, 9_600)
			}
		}, 0.35, 1.15},
		{"one hour", func(b *chainsBucket) { b.add(cursorStart(), time.Hour, 300_000) }, 0.2, 1.2},
		{"few a day", func(b *chainsBucket) { b.add(cursorStart(), 300*chainsDay, 90_000) }, 0.5, 1.3},
		{"a gap of years", func(b *chainsBucket) {
			b.add(cursorStart(), 10*chainsDay, 100_000)
			b.add(cursorStart().AddDate(4, 0, 0), 10*chainsDay, 100_000)
		}, 0.35, 1.2},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.name != "even" {
				testutil.NeedLong(t) // one of these will do
			}
			testutil.NoLeaks(t)
			var b chainsBucket
			test.fill(&b)
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(cursorStart().AddDate(10, 0, 0)))
				keys, took := b.read(t, qlogs.Query{})
				chainsSame(t, keys, b.keys)
				calls := float64(len(b.keys)) / chainsPage
				if got := took.Seconds() / (calls * chainsCall.Seconds()); got > test.time {
					t.Errorf("took %.3f of the time of one chain, want at most %.2f", got, test.time)
				}
				if got := float64(b.calls.Load()) / calls; got > test.calls {
					t.Errorf("%.3f times the calls of one chain, want at most %.2f", got, test.calls)
				}
				if got := b.most.Load(); got < 2 || got > 12 {
					t.Errorf("%d requests at the same time, want 2 to 12", got)
				}
			})
		})
	}
}

// What is cut where, by keys of whatever form, shows in nothing but time: every key
// comes once and in order.
func TestChainsOrder(t *testing.T) {
	for seed := range testutil.Pick[uint64](2, 20) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var b chainsBucket
		for range 1 + rng.IntN(4) {
			from := cursorStart().Add(time.Duration(rng.Int64N(int64(60 * chainsDay))))
			b.add(from, time.Duration(1+rng.Int64N(int64(20*chainsDay))), rng.IntN(30_000))
		}
		for range rng.IntN(2000) { // names that tell no minute, or another one
			at := cursorStart().Add(time.Duration(rng.Int64N(int64(60 * chainsDay))))
			digit := fmt.Sprint(rng.IntN(10))
			name := []string{digit + "z.json.gz", digit + ".json", "zipFile.gz/logFile.json", digit + cursorChats.NewKey(at.Add(-9*time.Hour), "odd").Name}[rng.IntN(4)]
			b.keys = append(b.keys, cursorChats.String()+at.Format("2006/01/02/15/")+name)
		}
		slices.Sort(b.keys)
		b.keys = slices.Compact(b.keys)
		q := qlogs.Query{}
		if rng.IntN(2) == 0 {
			q.From = cursorStart().Add(time.Duration(rng.Int64N(int64(30 * chainsDay))))
			q.To = q.From.Add(time.Duration(1 + rng.Int64N(int64(40*chainsDay))))
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			testutil.NoLeaks(t)
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(cursorStart().Add(time.Duration(rng.Int64N(int64(70 * chainsDay))))))
				keys, _ := b.read(t, q)
				chainsSame(t, keys, b.between(q))
			})
		})
	}
}

// between are the keys that a scan lists for q, with the pad of an hour.
func (b *chainsBucket) between(q qlogs.Query) (keys []string) {
	var from, to time.Time
	if !q.From.IsZero() {
		from, to = q.From.Add(-time.Hour), q.To.Add(time.Hour)
	}
	after, end := cursorChats.Range(from, to)
	for _, key := range b.keys {
		if after < key && key < end {
			keys = append(keys, key)
		}
	}
	return keys
}

// A folder in a partition is listed in pieces, too, and nothing beside it.
func TestChainsFolder(t *testing.T) {
	var b chainsBucket
	b.add(cursorStart(), 4*time.Hour, testutil.Pick(80_000, 200_000))
	folder := cursorChats.String() + cursorStart().Add(time.Hour).Format("2006/01/02/15/")
	var want []string
	for _, key := range b.keys {
		if strings.HasPrefix(key, folder) {
			want = append(want, key)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(cursorStart().Add(chainsDay)))
		keys, _ := b.read(t, qlogs.Query{Prefix: folder})
		chainsSame(t, keys, want)
		if got := b.most.Load(); got < 2 {
			t.Errorf("%d listing at the same time, want several", got)
		}
	})
}

// What one of the chains fails with comes behind the keys before it, and ends the
// partition.
func TestChainsFail(t *testing.T) {
	testutil.NoLeaks(t)
	var b chainsBucket
	n := testutil.Pick(80_000, 200_000)
	b.add(cursorStart(), 20*chainsDay, n)
	n = n / 8 * 5
	b.fail = b.keys[n]
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(cursorStart().AddDate(1, 0, 0)))
		var keys []string
		var failed error
		for o, err := range qlogs.New(&b, nil).Scan(qlogs.Query{}).Objects(t.Context()) {
			if err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			keys = append(keys, o.Key)
		}
		chainsSame(t, keys, b.keys[:n])
		var partition *qlogs.PartitionError
		if !errors.As(failed, &partition) || !errors.Is(failed, errChains) || partition.Partition != cursorChats {
			t.Errorf("error %v, want a PartitionError of %s", failed, cursorChats)
		}
	})
}

// A loop may be left while chains list, and while they wait to be taken from.
func TestChainsLeave(t *testing.T) {
	testutil.NoLeaks(t)
	var b chainsBucket
	b.add(cursorStart(), 20*chainsDay, testutil.Pick(80_000, 200_000))
	for _, n := range []int{1, 4_500, 50_000} {
		for _, wait := range []time.Duration{0, time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(cursorStart().AddDate(1, 0, 0)))
				i := 0
				for range qlogs.New(&b, nil).Scan(qlogs.Query{}).Objects(t.Context()) {
					if i++; i == n {
						time.Sleep(wait)
						break
					}
				}
				if got := b.listing.Load(); got != 0 {
					t.Errorf("after %d keys and %v: %d listings go on", n, wait, got)
				}
			})
		}
	}
}

// A loop that is slower than the listing has one chain, which waits for it.
func TestChainsSlowLoop(t *testing.T) {
	testutil.NoLeaks(t)
	var b chainsBucket
	b.add(cursorStart(), 20*chainsDay, 100_000)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(cursorStart().AddDate(1, 0, 0)))
		i := 0
		for range qlogs.New(&b, nil).Scan(qlogs.Query{}).Records(t.Context()) {
			if i++; i == 500 {
				break
			}
			time.Sleep(time.Second)
		}
		if calls, most := b.calls.Load(), b.most.Load(); most != 1 || calls > 30 {
			t.Errorf("%d calls, %d at the same time, for 500 keys: want one at a time, and what the window and the chain hold", calls, most)
		}
	})
}

// Few keys are one chain, however much the scan waits for them.
func TestChainsFewKeys(t *testing.T) {
	testutil.NoLeaks(t)
	for _, n := range []int{0, 1, 999, 1000, 3_999} {
		var b chainsBucket
		b.add(cursorStart(), 3*chainsDay, n)
		synctest.Test(t, func(t *testing.T) {
			keys, _ := b.read(t, qlogs.Query{})
			chainsSame(t, keys, b.keys)
			if got, want := b.calls.Load(), int64(n/chainsPage+1); got != want {
				t.Errorf("%d keys: %d calls, want %d", n, got, want)
			}
		})
	}
}
