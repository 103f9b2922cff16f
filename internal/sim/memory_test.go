package sim_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"testing/iotest"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

var errThrottled = errors.New("slow down")

// A memory is a source that keeps a world's objects, and whose requests fail.
type memory struct {
	*sourcetest.Memory
	w *world
}

func newMemory(w *world) *memory {
	m := &memory{sourcetest.NewMemory("mem://sim"), w}
	m.PageSize = []int{0, 7, 100}[w.rng.IntN(3)]
	if w.floods && m.PageSize > 0 {
		m.PageSize = 100 // of pages of 7 keys, one in each round would fail
	}
	m.OnList, m.OnObject, m.OnOpen, m.OnBody = m.onList, m.onObject, m.onOpen, m.onBody
	w.store = m
	return m
}

func (m *memory) put(key, etag string, body []byte) {
	m.PutObject(qlogs.Object{Key: key, ETag: etag}, body)
}

func (m *memory) remove(key string) { m.Delete(key) }

func (m *memory) onList(ctx context.Context, in qlogs.ListInput) error {
	end := m.w.list(in.Prefix)
	m.w.wait(ctx, in.Prefix+in.After)
	err := m.list(ctx, in.Prefix)
	end(err != nil)
	m.ResetCalls()
	return err
}

func (m *memory) list(ctx context.Context, prefix string) error {
	switch {
	case m.w.ailsListed && m.w.ails(prefix), m.w.isDenied(prefix) && m.w.chance(2, "listing denied", prefix):
		return fs.ErrPermission
	case m.w.chance(25, "listing throttled", prefix):
		return errThrottled
	case m.w.chance(200, "listing stalled", prefix):
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return nil
}

func (m *memory) onObject(_ context.Context, in qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
	switch {
	case o.Folder:
		return o, nil
	case m.w.young(o.Key) && m.w.chance(20, "hidden", o.Key):
		return qlogs.Object{}, nil
	case in.After != "" && m.w.young(o.Key) && m.w.chance(50, "listed again", o.Key):
		again, _, _ := m.Object(in.After)
		return again, nil
	case m.w.chance(500, "not looked at", o.Key):
		return qlogs.Object{}, &source.KeyError{Key: o.Key, Err: errThrottled}
	case m.w.chance(1500, "listing cut", in.Prefix+o.Key):
		m.w.lame(&m.w.asked.lameLists)
		return qlogs.Object{}, io.ErrUnexpectedEOF
	}
	return o, nil
}

func (m *memory) onOpen(ctx context.Context, o qlogs.Object, _ int64) error {
	m.w.wait(ctx, o.Key)
	err := m.open(ctx, o.Key)
	if errors.Is(err, source.ErrChanged) {
		defer m.w.mislead(o.Key)
	}
	m.w.opened(o.Key, err != nil)
	return err
}

func (m *memory) open(ctx context.Context, key string) error {
	switch {
	case m.w.isDenied(key):
		m.w.countDenied(key)
		return fs.ErrPermission
	case m.w.chance(12, "throttled", key):
		return errThrottled
	case m.w.chance(60, "stalled", key):
		<-ctx.Done()
		return context.Cause(ctx)
	case m.w.chance(60, "said to be another", key):
		return source.ErrChanged
	}
	return nil
}

func (m *memory) onBody(_ context.Context, o qlogs.Object, offset int64, body io.Reader) io.Reader {
	switch {
	case m.w.chance(12, "body cut", o.Key):
		m.w.lame(&m.w.asked.lameGets)
		return io.MultiReader(io.LimitReader(body, (o.Size-offset)/2), iotest.ErrReader(io.ErrUnexpectedEOF))
	case m.w.chance(60, "body too long", o.Key):
		m.w.mislead(o.Key)
		return io.MultiReader(body, io.LimitReader(zeros{}, 9))
	case m.w.chance(60, "body too short", o.Key):
		m.w.lame(&m.w.asked.lameGets)
		return io.LimitReader(body, (o.Size-offset)/3)
	}
	m.w.honest(o.Key)
	return body
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
