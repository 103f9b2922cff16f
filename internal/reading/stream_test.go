package reading_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A large object is requested when its turn comes, and decoded as the loop takes records.
func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		large := m.put("large", file(3, small))
		list := []source.Object{m.put("a", file(1, 0)), large, large, m.put("z", file(1, 0))}
		c := m.config()
		c.InFlight = 1
		asked := 0
		c.Keep = func(t *reading.Task, r *reading.Record) reading.Verdict {
			if t.Object.Key == "large" {
				asked++
			}
			return reading.Keep
		}
		p := reading.Start(t.Context(), c, objects(list...))
		defer p.Stop()
		p.Next()
		synctest.Wait()
		if got := fmt.Sprint(m.opened()); strings.Contains(got, "large") || !strings.Contains(got, "z") {
			t.Errorf("opened %s with the loop at the first object, want the others without the large one", got)
		}
		n := 0
		for range 2 {
			for r := range p.Records(p.Next()) {
				if n++; r.Index != (n-1)%3 || r.Tentative || r.Last || asked != n {
					t.Errorf("record %d: index %d, tentative %t, last %t, Keep was asked %d times", n, r.Index, r.Tentative, r.Last, asked)
				}
			}
		}
		if n != 6 {
			t.Errorf("%d records, want 6", n)
		}
	})
}

// A stream holds one record at a time: what the others took is there for what is read ahead.
func TestStreamGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		text := `{"text":"` + strings.Repeat("x", 100<<10) + `"}`
		large := m.put("large", []byte(`{"records":[`+strings.Repeat(text+",", 20)+`{}]}`))
		z := m.put("z", file(1, 0))
		late := make(chan struct{})
		p := reading.Start(t.Context(), m.config(), func(_ context.Context, to *reading.Feed) {
			to.Put(&reading.Task{Object: large})
			<-late
			to.Put(&reading.Task{Object: z})
		})
		defer p.Stop()
		for r := range p.Records(p.Next()) {
			if r.Index == 19 {
				close(late)
				synctest.Wait()
			}
		}
		if got, want := fmt.Sprint(m.opened()), "[large 0 z 0]"; got != want {
			t.Errorf("opened %s before the end of the large object, want %s", got, want)
		}
	})
}

// What turns out to be large is left to the loop, and Restart says where what Keep was told
// does not count.
func TestTurnsOutLarge(t *testing.T) {
	m := newMemory()
	many := zip(t, file(small/256, 0)) // more as records than as JSON
	for _, test := range []struct {
		name     string
		body     []byte
		want     string
		opens    string
		restarts int
	}{
		{"decompressed", zip(t, file(2, small+1)), "o: 0~ 1~", "[o 0 o 0]", 0},
		{"as records", many, "", "[o 0 o 0]", 1},
		{"more than half", zip(t, file(2, small/2+1)), "o: 0 1", "[o 0]", 0},
		{"more than half, and cut", zip(t, file(2, small-1))[:800], "o: gunzip at -1: corrupt gzip: unexpected EOF", "[o 0]", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			m.ResetCalls()
			o := m.put("o", test.body)
			c := m.config()
			restarts := 0
			c.Restart = func(_ *reading.Task, was source.Object) {
				if restarts++; was != o {
					t.Errorf("restarted from %v, want %v", was, o)
				}
			}
			p := reading.Start(t.Context(), c, objects(o))
			defer p.Stop()
			got := read(p)
			if test.want != "" && got != test.want+"\n" {
				t.Errorf("read %swant %s", got, test.want)
			}
			if test.want == "" && strings.Count(got, "~") != small/256 {
				t.Errorf("read %d tentative records, want %d", strings.Count(got, "~"), small/256)
			}
			if got := fmt.Sprint(m.opened()); got != test.opens {
				t.Errorf("opened %s, want %s", got, test.opens)
			}
			if restarts != test.restarts {
				t.Errorf("%d restarts, want %d", restarts, test.restarts)
			}
		})
	}
}

// A stream ends with MaxObjectBytes, and the records before that are delivered.
func TestTooLarge(t *testing.T) {
	m := newMemory()
	o := m.put("o", zip(t, spread(4*small)))
	c := m.config()
	c.MaxObjectBytes = 2 * small
	check(t, c, objects(o), "o: 0~ read at -1: object is larger than MaxObjectBytes")
}
