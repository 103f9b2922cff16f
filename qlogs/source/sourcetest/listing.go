package sourcetest

import (
	"context"
	"iter"
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
	for i := m.place(max(in.Prefix, in.After)); i < len(m.sorted); i++ {
		o := &m.sorted[i].Object
		if !strings.HasPrefix(o.Key, in.Prefix) {
			break
		}
		if in.Folders {
			if name, _, below := strings.Cut(o.Key[len(in.Prefix):], "/"); below {
				o = &source.Object{Key: in.Prefix + name + "/", Folder: true}
				i = m.place(in.Prefix+name+"0") - 1 // the byte after the slash
			}
		}
		if o.Key <= in.After {
			continue
		}
		if len(page) == size {
			return page, true
		}
		page = append(page, *o)
	}
	return page, false
}
