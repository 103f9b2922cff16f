package reading_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A panic of the caller's code, on whatever goroutine, ends everything and reaches the
// caller.
func TestPanic(t *testing.T) {
	boom := errors.New("boom")
	open := func(context.Context, source.Object, int64) error { panic(boom) }
	for _, test := range []struct {
		name  string
		size  int // of the object
		edit  func(*memory, *reading.Config)
		list  func(context.Context, *reading.Feed)
		loops bool // it is raised by the loop itself
	}{
		{name: "list", list: func(context.Context, *reading.Feed) { panic(boom) }},
		{name: "Open", edit: func(m *memory, _ *reading.Config) { m.OnOpen = open }},
		{name: "Read", edit: func(m *memory, _ *reading.Config) {
			m.onRead = func(context.Context, string, int64) error { panic(boom) }
		}},
		{name: "Keep", edit: func(_ *memory, c *reading.Config) {
			c.Keep = func(*reading.Task, *reading.Record) reading.Verdict { panic(boom) }
		}},
		{name: "Find", edit: func(m *memory, c *reading.Config) {
			m.put("o", nil)
			c.Find = func(context.Context, string) (source.Object, bool, error) { panic(boom) }
		}},
		{name: "Open of a large object", size: small, edit: func(m *memory, _ *reading.Config) { m.OnOpen = open }, loops: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				c := m.config()
				list := test.list
				if list == nil {
					list = objects(m.put("o", file(1, test.size)))
				}
				if test.edit != nil {
					test.edit(m, &c)
				}
				p := reading.Start(t.Context(), c, list)
				defer func() {
					err, _ := recover().(error)
					if !errors.Is(err, boom) {
						t.Errorf("recovered %v, want %v", err, boom)
					}
					if !test.loops && !strings.Contains(err.Error(), "panic_test.go") {
						t.Errorf("the panic has no stack of where it began: %v", err)
					}
					if p.Panicked() == test.loops {
						t.Errorf("Panicked() = %t", p.Panicked())
					}
				}()
				defer p.Stop()
				read(p)
			})
		})
	}
}

// A loop that panics ends everything as one that is left.
func TestPanicInLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		o := m.put("large", file(3, small))
		defer func() {
			if got := recover(); got != "mine" {
				t.Errorf("recovered %v, want mine", got)
			}
			m.CheckClosed(t)
		}()
		p := reading.Start(t.Context(), m.config(), objects(o, o))
		defer p.Stop()
		for range p.Records(p.Next()) {
			panic("mine")
		}
	})
}
