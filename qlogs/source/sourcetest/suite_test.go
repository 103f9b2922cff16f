package sourcetest_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

func TestShelf(t *testing.T) {
	sourcetest.Test(t, func(_ *testing.T, objects map[string][]byte) sourcetest.Store {
		return sourcetest.Store{Source: Shelf{objects}}
	})
}

// memoryStore returns a Memory as a Store that can do all.
func memoryStore(m *sourcetest.Memory, objects map[string][]byte) sourcetest.Store {
	for key, body := range objects {
		m.Put(key, body)
	}
	missing := sourcetest.NewMemory("mem://missing")
	missing.OnList = func(context.Context, source.ListInput) error { return fs.ErrNotExist }
	return sourcetest.Store{
		Source: m,
		Put: func(_ context.Context, key string, body []byte) error {
			m.Put(key, body)
			return nil
		},
		Delete: func(_ context.Context, key string) error {
			m.Delete(key)
			return nil
		},
		Missing: missing,
		Deny: func(_ *testing.T, prefix string) source.Source {
			w := sourcetest.Wrap(m)
			w.OnList = func(_ context.Context, in source.ListInput) error {
				if strings.HasPrefix(in.Prefix, prefix) {
					return fs.ErrPermission
				}
				return nil
			}
			w.OnOpen = func(_ context.Context, o source.Object, _ int64) error {
				if strings.HasPrefix(o.Key, prefix) {
					return fs.ErrPermission
				}
				return nil
			}
			return w
		},
	}
}

func TestMemoryKeepsContract(t *testing.T) {
	for _, size := range []int{0, 1, 7} {
		sourcetest.Test(t, func(t *testing.T, objects map[string][]byte) sourcetest.Store {
			m := sourcetest.NewMemory("mem://test")
			m.PageSize = size
			t.Cleanup(func() { m.CheckClosed(t) })
			return memoryStore(m, objects)
		})
	}
}

func TestWrappedKeepsContract(t *testing.T) {
	sourcetest.Test(t, func(t *testing.T, objects map[string][]byte) sourcetest.Store {
		store := memoryStore(sourcetest.NewMemory("mem://test"), objects)
		w := sourcetest.Wrap(store.Source)
		t.Cleanup(func() { w.CheckClosed(t) })
		store.Source = w
		return store
	})
}
