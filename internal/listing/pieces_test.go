package listing_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// slow returns a bucket that takes its time for each page of 1,000 keys, with n keys, evenly
// from the start on. The clock is a year later.
func slow(n int, length time.Duration) *bucket {
	time.Sleep(time.Until(start.AddDate(1, 0, 0)))
	b := newBucket()
	b.page, b.wait = 1000, 30*time.Millisecond
	b.keys = slices.Clone(even(n, length))
	return b
}

// even returns n keys from the start on, sorted. They take a while to make.
func even(n int, length time.Duration) []string {
	of := fmt.Sprint(n, length)
	if evenKeys[of] == nil {
		for i := range n {
			at := start.Add(length / time.Duration(n) * time.Duration(i))
			evenKeys[of] = append(evenKeys[of], chats.NewKey(at, fmt.Sprintf("%016d", i)).String())
		}
	}
	return evenKeys[of]
}

var evenKeys = map[string][]string{}

// uneven returns about n keys over some days, sorted: most by day, some in the evening, a few
// at night.
func uneven(n, days int) []string {
	var list []string
	for i := range days * 24 {
		share := n / days / 152
		switch hour := i % 24; {
		case hour < 11:
			share *= 10
		case hour < 15:
			share *= 6
		default:
			share *= 2
		}
		for k := range share {
			at := start.Add(time.Duration(i)*time.Hour + time.Hour/time.Duration(share)*time.Duration(k))
			list = append(list, chats.NewKey(at, fmt.Sprintf("%016d", k)).String())
		}
	}
	return list
}

// last returns about n keys over some days, sorted: a few an hour, and all others on the last
// day.
func last(n, days int) []string {
	list := slices.Clone(even(5*24*(days-1), time.Duration(days-1)*day))
	for k := range n {
		at := start.Add(time.Duration(days-1)*day + day/time.Duration(n)*time.Duration(k))
		list = append(list, chats.NewKey(at, fmt.Sprintf("%016d", k)).String())
	}
	return list
}

// keys sweeps, and returns the keys that were found.
func keys(t *testing.T, c listing.Config) []string {
	t.Helper()
	var found []string
	err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
		if e.Kind == listing.Found {
			found = append(found, e.Object.Key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// keysAtLeisure is keys with a pause at each of them, of no length to speak of. The clock goes
// on when no listing is in the middle of a page, so what the walk decides is the same on any
// machine, if the listings of the bucket are apart.
func keysAtLeisure(t *testing.T, c listing.Config) []string {
	t.Helper()
	var found []string
	err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
		if e.Kind == listing.Found {
			found = append(found, e.Object.Key)
		}
		time.Sleep(time.Nanosecond)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func sameKeys(t *testing.T, got, want []string) {
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

const day = 24 * time.Hour

// A large partition is listed in pieces side by side if the caller waits for keys. That
// takes hardly more calls, and the keys come in order.
func TestPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(60_000, 30*day)
		before := time.Now()
		sameKeys(t, keys(t, all(b)), b.keys)
		one := time.Duration(len(b.keys)/b.page) * b.wait
		if took := time.Since(before); took > one/2 {
			t.Errorf("took %v, want less than half of the %v of one listing", took, one)
		}
		if most := len(b.keys)/b.page*6/5 + 6; b.calls > most {
			t.Errorf("%d calls, want %d at most", b.calls, most)
		}
		if b.most < 2 || b.most > 12 {
			t.Errorf("%d listings at the same time, want 2 to 12", b.most)
		}
	})
}

// One listing does for few keys, for a caller that is not hungry, and for files.
func TestNoPieces(t *testing.T) {
	for _, tt := range []struct {
		name   string
		keys   int
		hungry bool
		src    func(*bucket) source.Source
	}{
		{"few keys", 3_999, true, func(b *bucket) source.Source { return b }},
		{"not hungry", 50_000, false, func(b *bucket) source.Source { return b }},
		{"files", 50_000, true, func(b *bucket) source.Source { return files{b} }},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := slow(tt.keys, 30*day)
			c := all(tt.src(b))
			c.Hungry = func() bool { return tt.hungry }
			sameKeys(t, keys(t, c), b.keys)
			if want := (tt.keys+b.page-1)/b.page + 6; b.most != 1 || b.calls != want {
				t.Errorf("%s: %d calls, %d at the same time, want %d calls, one after the other", tt.name, b.calls, b.most, want)
			}
		})
	}
}

// files is a source on this machine.
type files struct{ *bucket }

func (files) Local() bool { return true }

// Keys of any form come once and in order, whatever is cut where. Names that cannot be
// looked at stand in their places.
func TestPiecesOrder(t *testing.T) {
	for seed := range uint64(4) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 0))
			b := slow(10_000+rng.IntN(30_000), time.Duration(1+rng.IntN(60*24))*time.Hour)
			for range rng.IntN(3000) { // names without a minute, or with another one
				at := start.Add(time.Duration(rng.Int64N(int64(60 * day))))
				digit := fmt.Sprint(rng.IntN(10))
				name := []string{digit + "z.json.gz", digit + ".json", "zipFile.gz/logFile.json", digit + chats.NewKey(at.Add(-9*time.Hour), "odd").Name}[rng.IntN(4)]
				b.keys = append(b.keys, chats.String()+at.Format("2006/01/02/15/")+name)
			}
			slices.Sort(b.keys)
			b.keys = slices.Compact(b.keys)
			for range 100 {
				b.fails[b.keys[rng.IntN(len(b.keys))]] = errBroken
			}
			from, to := b.keys[rng.IntN(len(b.keys)/3)], b.keys[len(b.keys)-1-rng.IntN(len(b.keys)/3)]
			c := all(b)
			c.Enter = func(*listing.Partition) (after, end string) { return from, to }
			var got []string
			err := listing.New(c).Sweep(t.Context(), func(e *listing.Event) error {
				if e.Kind == listing.Found || e.Kind == listing.FileFailed {
					got = append(got, e.Object.Key)
					if (e.Kind == listing.FileFailed) != (b.fails[e.Object.Key] != nil) {
						t.Errorf("event %q", text(e))
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			i, _ := slices.BinarySearch(b.keys, from)
			j, _ := slices.BinarySearch(b.keys, to)
			sameKeys(t, got, b.keys[i+1:j])
		})
	}
}

// What one of the pieces fails with comes behind the keys before it, and ends the partition.
// A panic does, too.
func TestPieceFails(t *testing.T) {
	for _, broken := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := slow(50_000, 20*day)
			bad := b.keys[43_210]
			b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
				return func(yield func(source.Object, error) bool) {
					for o, err := range names {
						if o.Key == bad && broken {
							panic("broken")
						}
						if o.Key == bad {
							o, err = source.Object{}, errDenied
						}
						if !yield(o, err) || err != nil {
							return
						}
					}
				}
			}
			var got []string
			var failed error
			func() {
				defer func() {
					if p := recover(); (p != nil) != broken {
						t.Errorf("panic %v, want one: %t", p, broken)
					}
				}()
				err := listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
					switch {
					case failed != nil || e.Kind == listing.Done:
						t.Errorf("event %q", text(e))
					case e.Kind == listing.Found:
						got = append(got, e.Object.Key)
					default:
						failed = e.Failure.Err
					}
					return nil
				})
				if err != nil || !errors.Is(failed, errDenied) {
					t.Errorf("errors %v and %v, want %v", err, failed, errDenied)
				}
			}()
			sameKeys(t, got, b.keys[:43_210])
			if b.runs != 0 || b.most < 2 {
				t.Errorf("%d listings go on, and %d went on at the same time, want several and none that is left", b.runs, b.most)
			}
		})
	}
}

// A walk that is left, or whose context is done, leaves no listing behind, whether the
// pieces list or wait to be taken from.
func TestPiecesLeft(t *testing.T) {
	for _, n := range []int{1, 4_500, 20_000} {
		for _, wait := range []time.Duration{0, time.Minute} {
			for _, cancels := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					b := slow(50_000, 20*day)
					ctx, cancel := context.WithCancelCause(t.Context())
					i := 0
					err := listing.New(all(b)).Sweep(ctx, func(*listing.Event) error {
						if i++; i < n {
							return nil
						}
						time.Sleep(wait)
						if !cancels {
							return errStop
						}
						cancel(errStop)
						return nil
					})
					// All that is wanted may be listed by the time.
					if err != errStop && !(cancels && err == nil && i == len(b.keys)+1) {
						t.Errorf("error %v after %d events, want %v", err, i, errStop)
					}
					if b.runs != 0 {
						t.Errorf("after %d events and %v: %d listings go on", n, wait, b.runs)
					}
					cancel(nil)
				})
			}
		}
	}
}

// A slow caller has one listing, which waits for it.
func TestSlowCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(50_000, 20*day)
		i := 0
		err := listing.New(all(b)).Sweep(t.Context(), func(*listing.Event) error {
			if i++; i == 500 {
				return errStop
			}
			time.Sleep(time.Second)
			return nil
		})
		if err != errStop || b.calls > 27 || b.calls < 6+10 {
			t.Errorf("error %v, %d calls for 500 keys, want at most 27: those above the partition, for 1,000 keys to begin with, for 10,000 that are visited and for 10,000 ahead, and no fewer than for those above and 10,000", err, b.calls)
		}
	})
}

// Repeats are told once each, in whichever piece they come.
func TestPiecesRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(50_000, 20*day)
		b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
			return func(yield func(source.Object, error) bool) {
				i := 0
				for o, err := range names {
					if i++; !yield(o, err) || i%100 == 0 && !in.Folders && !yield(o, err) {
						return
					}
				}
			}
		}
		var found []string
		repeats := 0
		err := listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
			switch e.Kind {
			case listing.Found:
				found = append(found, e.Object.Key)
			case listing.Repeated:
				repeats++
				if e.Partition.ID != chats || e.Again {
					t.Errorf("event %+v", e)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sameKeys(t, found, b.keys)
		if want := len(b.keys) / 100; repeats < want*95/100 || repeats > want*105/100 {
			t.Errorf("%d repeats, want about %d", repeats, want)
		}
	})
}

// So are repeats of keys just before a cut, which two pieces list.
func TestPiecesRepeatBeforeCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(50_000, 20*day)
		const odd = 4000
		for i := range odd {
			minute := chats.NewKey(start.Add(20*day/odd*time.Duration(i)), "").String()
			b.keys = append(b.keys, strings.TrimSuffix(minute, "_.json.gz")+"!")
		}
		slices.Sort(b.keys)
		b.list = func(in source.ListInput, names iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
			return func(yield func(source.Object, error) bool) {
				for o, err := range names {
					if !yield(o, err) || strings.HasSuffix(o.Key, "!") && !yield(o, err) {
						return
					}
				}
			}
		}
		repeats := 0
		err := listing.New(all(b)).Sweep(t.Context(), func(e *listing.Event) error {
			if e.Kind == listing.Repeated {
				repeats++
			}
			return nil
		})
		if err != nil || repeats != odd || b.most < 2 {
			t.Errorf("%d repeats in %d listings at the same time, error %v, want %d in several", repeats, b.most, err, odd)
		}
	})
}

// The folder of an hour is listed in pieces, too, and nothing beside it.
func TestPiecesOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := slow(60_000, 3*time.Hour)
		c := all(b)
		c.Prefix = hour(chats, 1)
		i, _ := slices.BinarySearch(b.keys, hour(chats, 1))
		j, _ := slices.BinarySearch(b.keys, hour(chats, 2))
		sameKeys(t, keys(t, c), b.keys[i:j])
		if b.most < 2 {
			t.Errorf("%d listing at the same time, want several", b.most)
		}
	})
}
