package sourcetest_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// hooked is a source with hooks.
type hooked interface {
	source.Source
	Calls() []sourcetest.Call
	CheckClosed(testing.TB)
}

// eachHooked runs a test on a Memory of a few objects, and on another source around one.
func eachHooked(t *testing.T, test func(t *testing.T, src hooked, hooks *sourcetest.Hooks)) {
	fill := func() *sourcetest.Memory {
		m := sourcetest.NewMemory("mem://test")
		for _, key := range []string{"a", "b", "c/1", "c/2"} {
			m.Put(key, []byte(key))
		}
		return m
	}
	t.Run("memory", func(t *testing.T) {
		m := fill()
		test(t, m, &m.Hooks)
		m.CheckClosed(t)
	})
	t.Run("wrapped", func(t *testing.T) {
		w := sourcetest.Wrap(fill())
		test(t, w, &w.Hooks)
		w.CheckClosed(t)
		w.Unwrap().(*sourcetest.Memory).CheckClosed(t)
	})
}

func TestHooksUnset(t *testing.T) {
	eachHooked(t, func(t *testing.T, src hooked, _ *sourcetest.Hooks) {
		same(t, "List", listed(t.Context(), src, source.ListInput{}), []string{"a", "b", "c/1", "c/2"})
		if got, err := read(t.Context(), src, source.Object{Key: "c/2", Size: 3}, 1); got != "/2" || err != nil {
			t.Errorf("Open = %q, %v, want /2", got, err)
		}
		var calls []string
		for _, c := range src.Calls() {
			calls = append(calls, c.String())
		}
		same(t, "Calls", calls, []string{"LIST - after - → 4", "GET c/2 from 1 → 2 bytes"})
		if src.ID() != "mem://test" {
			t.Errorf("ID() = %q, want mem://test", src.ID())
		}
	})
}

func TestOnList(t *testing.T) {
	broken := errors.New("broken")
	eachHooked(t, func(t *testing.T, src hooked, hooks *sourcetest.Hooks) {
		hooks.OnList = func(_ context.Context, in source.ListInput) error {
			if in.Prefix == "c/" {
				return broken
			}
			return nil
		}
		same(t, "List", listed(t.Context(), src, source.ListInput{Prefix: "c/"}), []string{"!"})
		same(t, "List", listed(t.Context(), src, source.ListInput{Folders: true}), []string{"a", "b", "c/"})
		if calls := src.Calls(); calls[0].Err != broken || calls[0].N != 0 || calls[1].Err != nil || calls[1].N != 3 {
			t.Errorf("Calls() = %v, want a broken one and one of 3", calls)
		}
	})
}

func TestOnObject(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name   string
		onB    func(source.Object) (source.Object, error)
		want   []string
		failed error
	}{
		{"changed", func(o source.Object) (source.Object, error) { o.Key = "bb"; return o, nil }, []string{"a", "bb", "c/1", "c/2"}, nil},
		{"left out", func(source.Object) (source.Object, error) { return source.Object{}, nil }, []string{"a", "c/1", "c/2"}, nil},
		{"the end", func(source.Object) (source.Object, error) { return source.Object{}, broken }, []string{"a", "!"}, broken},
		{"the last", func(o source.Object) (source.Object, error) { return o, broken }, []string{"a", "b", "!"}, broken},
		{"not looked at", func(o source.Object) (source.Object, error) {
			return source.Object{}, &source.KeyError{Key: o.Key, Err: broken}
		}, []string{"a", "!", "c/1", "c/2"}, broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachHooked(t, func(t *testing.T, src hooked, hooks *sourcetest.Hooks) {
				hooks.OnObject = func(_ context.Context, _ source.ListInput, o source.Object) (source.Object, error) {
					if o.Key == "b" {
						return tt.onB(o)
					}
					return o, nil
				}
				same(t, "List", listed(t.Context(), src, source.ListInput{}), tt.want)
				for _, err := range src.List(t.Context(), source.ListInput{}) {
					if err != nil && !errors.Is(err, tt.failed) {
						t.Errorf("List error = %v, want %v", err, tt.failed)
					}
				}
				for range src.List(t.Context(), source.ListInput{}) {
					break
				}
			})
		})
	}
}

func TestOnOpen(t *testing.T) {
	eachHooked(t, func(t *testing.T, src hooked, hooks *sourcetest.Hooks) {
		hooks.OnOpen = func(ctx context.Context, o source.Object, offset int64) error {
			switch {
			case o.Key == "a":
				return fs.ErrPermission
			case offset > 0:
				<-ctx.Done()
			}
			return nil
		}
		if _, err := read(t.Context(), src, source.Object{Key: "a", Size: 1}, 0); err != fs.ErrPermission {
			t.Errorf("Open error = %v, want %v", err, fs.ErrPermission)
		}
		if got, err := read(t.Context(), src, source.Object{Key: "b", Size: 1}, 0); got != "b" || err != nil {
			t.Errorf("Open = %q, %v, want b", got, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := read(ctx, src, source.Object{Key: "b", Size: 1}, 1); err != context.Canceled {
			t.Errorf("Open error = %v, want %v", err, context.Canceled)
		}
	})
}

func TestOnBody(t *testing.T) {
	broken := errors.New("connection reset")
	eachHooked(t, func(t *testing.T, src hooked, hooks *sourcetest.Hooks) {
		hooks.OnBody = func(_ context.Context, o source.Object, offset int64, body io.Reader) io.Reader {
			switch {
			case o.Key == "a":
				return strings.NewReader("another")
			case offset == 0:
				return io.MultiReader(io.LimitReader(body, 1), iotest.ErrReader(broken))
			}
			return body
		}
		if got, err := read(t.Context(), src, source.Object{Key: "a", Size: 1}, 0); got != "another" || err != nil {
			t.Errorf("Open = %q, %v, want another", got, err)
		}
		if got, err := read(t.Context(), src, source.Object{Key: "c/1", Size: 3}, 0); got != "c" || !errors.Is(err, broken) {
			t.Errorf("Open = %q, %v, want c and %v", got, err, broken)
		}
		if got, err := read(t.Context(), src, source.Object{Key: "c/1", Size: 3}, 1); got != "/1" || err != nil {
			t.Errorf("Open = %q, %v, want /1", got, err)
		}
	})
}

// A hook that panics leaves nothing locked.
func TestHookPanics(t *testing.T) {
	eachHooked(t, func(t *testing.T, src hooked, hooks *sourcetest.Hooks) {
		end := func() { panic("a bug") }
		hooks.OnList = func(context.Context, source.ListInput) error { end(); return nil }
		hooks.OnOpen = func(context.Context, source.Object, int64) error { end(); return nil }
		for _, f := range []func(){
			func() { listed(t.Context(), src, source.ListInput{}) },
			func() { read(t.Context(), src, source.Object{Key: "b", Size: 1}, 0) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic of a hook did not come out")
					}
				}()
				f()
			}()
		}
		end = func() {}
		same(t, "List", listed(t.Context(), src, source.ListInput{Prefix: "c/"}), []string{"c/1", "c/2"})
	})
}
