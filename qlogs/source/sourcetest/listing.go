package sourcetest

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// s3Page is how many keys S3 lists in a page.
const s3Page = 1000

// List yields what in selects. A page that is full is followed by another one only if there
// is more.
func (m *Memory) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		defer m.listing()()
		for more := true; more; {
			var page []source.Object
			var err error
			if page, more, err = m.request(ctx, in); err != nil {
				yield(source.Object{}, err)
				return
			}
			for _, o := range page {
				if ctx.Err() != nil {
					yield(source.Object{}, context.Cause(ctx))
					return
				}
				if !m.pass(ctx, in, o, yield) {
					return
				}
			}
			if more {
				in.After = page[len(page)-1].Key
			}
		}
	}
}

// request waits, asks the hook and makes a page.
func (m *Memory) request(ctx context.Context, in source.ListInput) (page []source.Object, more bool, err error) {
	end := m.begin(Call{In: in})
	source.StartRequest(ctx)
	if err = m.wait(ctx); err == nil {
		err = m.askList(ctx, in)
	}
	if err == nil {
		page, more = m.page(in)
	}
	end(int64(len(page)), err)
	return page, more, err
}

// page returns the first objects and folders behind in.After, and whether there are more.
func (m *Memory) page(in source.ListInput) (page []source.Object, more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sort()
	size := m.PageSize
	if size <= 0 {
		size = s3Page
	}
	i, _ := slices.BinarySearch(m.keys, max(in.Prefix, in.After))
	for i < len(m.keys) {
		key := m.keys[i]
		rest, within := strings.CutPrefix(key, in.Prefix)
		if !within {
			break
		}
		name, _, below := strings.Cut(rest, "/")
		o := m.objects[key].Object
		o.VersionID = ""
		i++
		if in.Folders && below {
			o = source.Object{Key: in.Prefix + name + "/", Folder: true}
			i = m.beyond(i, o.Key)
		}
		if o.Key <= in.After {
			continue
		}
		if len(page) == size {
			return page, true
		}
		page = append(page, o)
	}
	return page, false
}

// beyond returns the place of the first key from place i on that is not in a folder.
func (m *Memory) beyond(i int, folder string) int {
	next := strings.TrimSuffix(folder, "/") + "0" // the byte after the slash
	n, _ := slices.BinarySearch(m.keys[i:], next)
	return i + n
}
