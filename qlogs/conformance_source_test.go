package qlogs_test

import (
	"context"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// confContract opens a store of the suite's for the public suite.
func confContract(open func(t *testing.T) conformanceStore) func(*testing.T, map[string][]byte) sourcetest.Store {
	return func(t *testing.T, objects map[string][]byte) sourcetest.Store {
		testutil.NoLeaks(t)
		s := open(t)
		var objs []qlogstest.Object
		for key, body := range objects {
			objs = append(objs, qlogstest.Object{Key: key, Body: body})
		}
		confFill(t, s, objs)
		for o, err := range s.Source().List(t.Context(), qlogs.ListInput{}) {
			if err == nil && (o.ETag == "" || o.LastModified.IsZero()) {
				t.Errorf("List yields %+v, want an ETag and a time", o)
			}
			break
		}
		return sourcetest.Store{
			Source:  s.Source(),
			Put:     s.Put,
			Delete:  s.Delete,
			Missing: s.Missing(),
			Deny: func(t *testing.T, prefix string) qlogs.Source {
				return confLimited(t, s, stores.Denied{Bucket: prefix == "", Get: []string{prefix}[:min(len(prefix), 1)]})
			},
		}
	}
}

// A confMemory is a store in memory.
type confMemory struct{ *sourcetest.Memory }

func openConfMemory(t *testing.T) conformanceStore {
	m := sourcetest.NewMemory("mem://logs")
	t.Cleanup(func() { m.CheckClosed(t) })
	return confMemory{m}
}

func (m confMemory) PutAll(ctx context.Context, objs iter.Seq[qlogstest.Object]) error {
	return confPutEach(ctx, m, objs)
}

func (m confMemory) Put(_ context.Context, key string, body []byte) error {
	m.Memory.Put(key, body)
	return nil
}

func (m confMemory) Delete(_ context.Context, key string) error {
	m.Memory.Delete(key)
	return nil
}

func (m confMemory) Source() qlogs.Source { return m.Memory }

func (m confMemory) Missing() qlogs.Source {
	missing := sourcetest.NewMemory("mem://missing")
	missing.OnList = func(context.Context, qlogs.ListInput) error { return fs.ErrNotExist }
	return missing
}

func (m confMemory) Limited(_ *testing.T, denied stores.Denied) (qlogs.Source, bool) {
	w := sourcetest.Wrap(m.Memory)
	refuse := func(name string, prefixes []string) error {
		if denied.Bucket || slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			return fs.ErrPermission
		}
		return nil
	}
	w.OnList = func(_ context.Context, in qlogs.ListInput) error { return refuse(in.Prefix, denied.List) }
	w.OnOpen = func(_ context.Context, o qlogs.Object, _ int64) error { return refuse(o.Key, denied.Get) }
	return w, true
}

// Lists returns how many pages were listed.
func (m confMemory) Lists() int64 {
	n := int64(0)
	for _, c := range m.Calls() {
		if !c.Get {
			n++
		}
	}
	return n
}
