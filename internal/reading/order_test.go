package reading_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Objects come in the order in which they were listed, however long each takes, and tasks
// that are not read keep their places.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		var list []*reading.Task
		var want []string
		for i := range 20 {
			key := fmt.Sprintf("o%02d", i)
			body := file(2, 0)
			if i%2 == 1 {
				body = zip(t, body)
			}
			list = append(list, &reading.Task{Object: m.put(key, body)})
			want = append(want, key+": 0 1$")
			if i%5 == 0 {
				list = append(list, &reading.Task{Skip: true, Ref: i})
				want = append(want, "-:")
			}
		}
		m.OnOpen = func(ctx context.Context, o source.Object, _ int64) error {
			return stall.Sleep(ctx, time.Duration('z'-o.Key[2])*time.Millisecond)
		}
		check(t, m.config(), tasks(list...), want...)
		m.CheckClosed(t)
	})
}

// What is told of an object is there when its records have come to an end.
func TestResults(t *testing.T) {
	m := newMemory()
	plain, zipped := file(3, 500), zip(t, file(3, 500))
	list := []*reading.Task{
		{Object: m.put("plain", plain)},
		{Object: m.put("zipped", zipped)},
		{Object: m.put("no byte", zip(t, nil))},
		{Object: m.put("damaged", []byte(`{"records":[{},{"a":x},{}]}`))},
		{Object: m.put("no log", []byte(`{"a":1}`))},
		{Object: m.put("cut", zipped[:len(zipped)-6])},
		{Object: source.Object{Key: "gone", Size: 4}},
	}
	check(t, m.config(), tasks(list...),
		"plain: 0 1 2$",
		"zipped: 0 1 2$",
		"no byte: empty",
		"damaged: 0 1! 2$",
		"no log: decode at 0: not a prompt log: no array of records",
		"cut: 0~ 1~ 2~ gunzip at -1: corrupt gzip: unexpected EOF",
		"gone: open at -1: open gone: file does not exist",
	)
	for i, want := range []struct{ stored, decompressed int }{{len(plain), len(plain)}, {len(zipped), len(plain)}} {
		if got := list[i]; got.Stored != int64(want.stored) || got.Decompressed != int64(want.decompressed) {
			t.Errorf("%s: %d bytes stored, %d decompressed, want %d, %d", got.Object.Key, got.Stored, got.Decompressed, want.stored, want.decompressed)
		}
	}
}

// Keep is asked about each record, sees the task's Ref, and may change the record.
func TestKeep(t *testing.T) {
	m := newMemory()
	c := m.config()
	replaced := errors.New("replaced")
	c.Keep = func(t *reading.Task, r *reading.Record) reading.Verdict {
		if r.Err != nil {
			r.Err = replaced
		}
		if r.Index == t.Ref.(int) {
			return reading.Drop
		}
		return reading.Keep
	}
	p := reading.Start(t.Context(), c, tasks(&reading.Task{Object: m.put("o", []byte(`{"records":[{},{},{"a":x}]}`)), Ref: 1}))
	defer p.Stop()
	task := p.Next()
	var got []int
	for r := range p.Records(task) {
		got = append(got, r.Index)
		if r.Index == 2 && (r.Err != replaced || !r.Last) {
			t.Errorf("record 2: error %v, last %t, want the one that Keep gave it, true", r.Err, r.Last)
		}
	}
	if fmt.Sprint(got) != "[0 2]" {
		t.Errorf("records %v, want [0 2]", got)
	}
}

// However long the loop takes, no more is read ahead than the window is wide.
func TestWindow(t *testing.T) {
	const size = 50 << 10
	body := []byte(`{"records":[{"text":"` + strings.Repeat("x", size) + `"}]}`)
	for _, test := range []struct {
		name     string
		requests int
		budget   int64
		most     int
	}{
		{"objects", 1, 1 << 40, 64},                   // 64 for each request
		{"bytes", 50, 2 << 20, 1<<20/size + 1},        // half of the budget, and the head
		{"a small budget", 50, small, small/size + 1}, // 1 MiB of it
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				var list []source.Object
				for i := range 200 {
					list = append(list, m.put(fmt.Sprintf("o%03d", i), body))
				}
				c := m.config()
				c.InFlight, c.BytesInFlight = test.requests, test.budget
				p := reading.Start(t.Context(), c, objects(list...))
				defer p.Stop()
				for taken := 1; p.Next() != nil; taken++ {
					synctest.Wait()
					ahead := len(m.opened()) - taken + 1
					if ahead > test.most {
						t.Fatalf("%d objects were opened with the loop at number %d, want at most %d", ahead, taken, test.most)
					}
					if taken < len(list) && ahead < 2 {
						t.Errorf("%d objects were opened, nothing is read ahead", ahead)
					}
				}
				if n := len(m.opened()); n != len(list) {
					t.Errorf("%d objects were opened, want %d", n, len(list))
				}
			})
		})
	}
}

// A listing is told when less is under way than could be requested.
func TestHungry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		o := m.put("o", file(1, 0))
		var got []bool
		p := reading.Start(t.Context(), m.config(), func(_ context.Context, to *reading.Feed) {
			for range 6 {
				got = append(got, to.Hungry())
				to.Put(&reading.Task{Object: o})
			}
		})
		defer p.Stop()
		synctest.Wait()
		if want := "[true true true true false false]"; fmt.Sprint(got) != want {
			t.Errorf("hungry: %v, want %v", got, want)
		}
	})
}

// The context's cause is the failure of what it interrupts, and Next has nothing then.
func TestCanceled(t *testing.T) {
	for _, test := range []struct{ name, body string }{
		{"whole", string(file(5, 0))},
		{"streamed", string(file(5, small))},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			o := m.put("o", []byte(test.body))
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			cause := errors.New("enough")
			p := reading.Start(ctx, m.config(), objects(o, o))
			defer p.Stop()
			task := p.Next()
			n := 0
			for range p.Records(task) {
				if n++; n == 2 {
					cancel(cause)
				}
			}
			if n != 2 || task.Failure.Err != cause || p.Cause() != cause {
				t.Errorf("%d records, failure %v, cause %v, want 2 and the cause", n, task.Failure.Err, p.Cause())
			}
			if task := p.Next(); task != nil {
				t.Errorf("Next() = %s, want nil", task.Object.Key)
			}
		})
	}
}

// A store that sends nothing costs one object.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		list := objects(m.put("a", file(1, 0)), m.put("b", file(1, 0)), m.put("large", file(1, small)))
		m.onRead = func(ctx context.Context, key string, at int64) error {
			if key == "b" || key == "large" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		const stalled = " read at -1: no byte arrived within the stall timeout"
		check(t, m.config(), list, "a: 0$", "b:"+stalled, "large:"+stalled)
	})
}

// A loop that is left anywhere leaves nothing behind.
func TestLeave(t *testing.T) {
	for _, test := range []struct {
		name  string
		after int // tasks
		slow  string
	}{
		{"at once", 0, "o"},
		{"in a small object", 1, "o3"},
		{"in a large one", 3, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				list := []source.Object{m.put("o0", file(3, 0)), m.put("o1", file(3, 0)), m.put("large", zip(t, spread(4*small)))}
				for i := range 500 {
					list = append(list, m.put(fmt.Sprintf("o%d", i+2), file(3, 0)))
				}
				m.OnOpen = func(ctx context.Context, o source.Object, _ int64) error {
					if test.slow != "" && strings.HasPrefix(o.Key, test.slow) {
						<-ctx.Done()
						return context.Cause(ctx)
					}
					return nil
				}
				p := reading.Start(t.Context(), m.config(), objects(list...))
				for range test.after {
					task := p.Next()
					for range p.Records(task) {
						break
					}
				}
				p.Stop()
				p.Stop()
				m.CheckClosed(t)
			})
		})
	}
}
