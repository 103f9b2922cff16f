package listing_test

import (
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// forest returns a bucket with partitions in some roots, and other things beside them, some of
// which fail. Each listing takes another time.
func forest(rng *rand.Rand) *bucket {
	b := newBucket()
	b.page = 1 + rng.IntN(5)
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	for range 1 + rng.IntN(30) {
		p := path.Partition{
			Prefix:  pick("", "a", "a-b", "a/b", "a/b/c", "z"),
			Account: pick("111122223333", "222233334444", "333344445555", "444455556666"),
			Product: path.Product(pick(string(path.KiroLogs), string(path.QDeveloperLogs))),
			LogType: path.LogType(pick("GenerateAssistantResponse", "GenerateCompletions", "SomethingNew")),
			Region:  pick("us-east-1", "eu-central-1"),
		}
		for range rng.IntN(8) {
			b.keys = append(b.keys, key(p, rng.IntN(1000)))
		}
	}
	for range rng.IntN(10) {
		b.keys = append(b.keys, pick("a/", "a/b/", "AWSLogs/", "z/", "a/AWSLogs/111122223333/")+pick("notes", "empty", "CloudTrail/x", "m/n/o", "AWSLogs/p"))
	}
	slices.Sort(b.keys)
	b.keys = slices.Compact(b.keys)
	for range rng.IntN(4) {
		if len(b.keys) > 0 {
			at := b.keys[rng.IntN(len(b.keys))]
			cut := strings.IndexByte(at[rng.IntN(len(at)):], '/')
			b.fails[at[:max(cut, 0)]] = []error{errDenied, errBroken, source.ErrNoFile}[rng.IntN(3)]
			b.fails[at[:strings.LastIndexByte(at, '/')+1]] = errDenied
		}
	}
	delete(b.fails, "")
	seed := maphash.MakeSeed()
	b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
		return func(yield func(source.Object, error) bool) {
			time.Sleep(time.Duration(maphash.String(seed, in.Prefix+in.After)%50) * time.Millisecond)
			names(yield)
		}
	}
	return b
}

// Side by side or one after the other, a walk meets the same, in the same order, by the same
// listings.
func TestAheadOrder(t *testing.T) {
	for seed := range testutil.Pick[uint64](100, 5000) {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(start.AddDate(1, 0, 0)))
			rng := rand.New(rand.NewPCG(seed, 0))
			b := forest(rng)
			c := all(b)
			c.Follow, c.Lists = true, 1
			serial := listing.New(c)
			c.Lists = 2 + rng.IntN(12)
			c.Hungry = func() bool { return rand.IntN(10) > 0 }
			c.Hungry = []func() bool{func() bool { return true }, c.Hungry}[rng.IntN(2)]
			wide := listing.New(c)
			for round := range 3 {
				do := func(w *listing.Walk) (met, lists []string, calls, most int) {
					b.told()
					b.calls, b.mostRuns = 0, 0
					if round == 1 {
						met = events(t, w.Poll)
					} else {
						met = events(t, w.Sweep)
					}
					return met, b.told(), b.calls, b.mostRuns
				}
				want, lists, calls, one := do(serial)
				got, sideLists, sideCalls, most := do(wide)
				same(t, fmt.Sprintf("seed %d, round %d: events", seed, round), got, want)
				same(t, fmt.Sprintf("seed %d, round %d: listings", seed, round), sideLists, lists)
				if calls != sideCalls || one > 1 || most > c.Lists {
					t.Errorf("seed %d, round %d: %d calls, %d listings at the same time, want %d calls and %d listings; serial: %d listings", seed, round, sideCalls, most, calls, c.Lists, one)
				}
				if len(b.keys) > 0 {
					b.add(b.keys[rng.IntN(len(b.keys))] + ".json.gz")
				}
			}
		})
	}
}

// A walk may be left anywhere. It leaves no listing behind.
func TestAheadLeft(t *testing.T) {
	for seed := range testutil.Pick[uint64](6, 200) {
		for _, cancels := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(seed, 1))
				b := forest(rng)
				n := len(sweep(t, all(b)))
				for stop := 1; stop <= n; stop++ {
					ctx, cancel := context.WithCancelCause(t.Context())
					met := 0
					err := listing.New(all(b)).Sweep(ctx, func(*listing.Event) error {
						met++
						time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
						if met >= stop && !cancels {
							return errStop
						}
						if met == stop {
							cancel(errStop)
						}
						return nil
					})
					if err != errStop {
						t.Errorf("seed %d: error %v after %d events, want %v", seed, err, met, errStop)
					}
					if b.runs != 0 {
						t.Errorf("seed %d: %d listings go on", seed, b.runs)
					}
					cancel(nil)
				}
			})
		}
	}
}

// A caller that takes nothing has a bounded number of names listed for it, and none ahead if
// it is not hungry.
func TestAheadBounds(t *testing.T) {
	for _, hungry := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket()
			for i := range 100 {
				p := chats
				p.Account = fmt.Sprintf("%012d", i)
				for k := range 2500 {
					b.keys = append(b.keys, p.NewKey(start.Add(time.Duration(k)*time.Minute), "0123456789abcdef").String())
				}
			}
			b.page, b.wait = 1000, 30*time.Millisecond
			c := all(b)
			c.Hungry = func() bool { return hungry }
			err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
				time.Sleep(time.Hour)
				return errStop
			})
			if err != errStop {
				t.Fatal(err)
			}
			// The head's own: six folders, and all of its partition. The others have a page each.
			least, most := 6+1, 6+3
			if hungry {
				least, most = 40, 6+3+4*c.Lists
			}
			if b.calls < least || b.calls > most || b.mostRuns > most {
				t.Errorf("hungry %t: %d calls, %d listings, want %d to %d calls", hungry, b.calls, b.mostRuns, least, most)
			}
		})
	}
}

// At its turn a partition is told within the bounds of that time. What they have beyond those
// that it was listed with is listed again.
func TestAheadRisingFloor(t *testing.T) {
	for _, tt := range []struct {
		name       string
		from, to   int // hours, at first
		from2, to2 int // and in its turn
		listings   int
	}{
		{"the same", -1, 9, -1, 9, 1},
		{"a higher floor", -1, 9, 1, 9, 1},
		{"a lower end", -1, 9, -1, 2, 1},
		{"nothing is left", -1, 9, 9, 9, 1},
		{"a lower floor", 1, 9, -1, 9, 2},
		{"a higher end", -1, 1, -1, 9, 2},
		{"nothing at first", 9, 9, -1, 9, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(key(chats, 0), key(completes, 0), key(completes, 70), key(completes, 200))
			b.wait = 30 * time.Millisecond
			b.fails[hour(completes, 1)] = errBroken
			c := all(b)
			bounds(&c, tt.from, tt.to)
			c.Enter = func(p *listing.Partition) (after, end string) {
				if p.ID == chats {
					return c.Bounds(p.ID)
				}
				return hour(p.ID, tt.from2), hour(p.ID, tt.to2)
			}
			var got []string
			err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
				if e.Partition.ID == completes {
					got = append(got, text(e))
				} else {
					time.Sleep(time.Second) // the next one is listed meanwhile
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for h, text := range map[int]string{
				0: "found " + name(completes, 0),
				1: "failed 2026/03/02/10/: broken, from 2026-03-02 10h on",
				3: "found " + name(completes, 200),
			} {
				if h >= tt.from2 && h < tt.to2 {
					want = append(want, text)
				}
			}
			slices.SortFunc(want, func(a, b string) int {
				return strings.Compare(a[strings.Index(a, "2026"):], b[strings.Index(b, "2026"):])
			})
			same(t, tt.name, got, append(want, "done "+completes.String()))
			n := 0
			for _, list := range b.told() {
				if strings.HasPrefix(list, "LIST "+completes.String()) {
					n++
				}
			}
			if n != tt.listings {
				t.Errorf("%s: %d listings of the partition, want %d", tt.name, n, tt.listings)
			}
		})
	}
}

// Listings ahead that hang hold up nothing that comes before them.
func TestAheadHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := many(50)
		b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
			return func(yield func(source.Object, error) bool) {
				if strings.Contains(in.Prefix, "/0000000000") && !strings.Contains(in.Prefix, "/000000000000/") {
					time.Sleep(50 * time.Second)
				}
				names(yield)
			}
		}
		before := time.Now()
		err := listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
			if e.Kind == listing.Done {
				return errStop
			}
			if took := time.Since(before); took > time.Second {
				t.Errorf("event %q after %v", text(e), took)
			}
			return nil
		})
		if err != errStop {
			t.Error(err)
		}
	})
}

// A panic comes behind all that was listed before it, repeats among that.
func TestPanicAfterRepeat(t *testing.T) {
	for _, folders := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(key(chats, 0))
			b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
				if in.Folders != folders {
					return names
				}
				return func(yield func(source.Object, error) bool) {
					o := object("README")
					if !folders {
						o = object(b.keys[0])
					}
					yield(o, nil)
					time.Sleep(time.Second) // it is taken meanwhile
					yield(o, nil)
					panic("the source is broken")
				}
			}
			var got []string
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
				want := []string{"skipped foreign README", "repeated"}
				if !folders {
					want = []string{"found " + name(chats, 0), "repeated"}
				}
				same(t, "events", got, want)
			}()
			_ = listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
				got = append(got, text(e))
				return nil
			})
		})
	}
}

// A panic of a listing ahead is raised in its turn.
func TestAheadPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(key(chats, 0), key(chats, 1), key(completes, 0))
		b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
			if in.Prefix == completes.String() {
				panic("the source is broken")
			}
			return names
		}
		var got []string
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
			same(t, "events", got, []string{"found " + name(chats, 0), "found " + name(chats, 1), "done " + chats.String()})
			if b.runs != 0 {
				t.Errorf("%d listings go on", b.runs)
			}
		}()
		_ = listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
			time.Sleep(time.Second)
			got = append(got, text(e))
			return nil
		})
	})
}
