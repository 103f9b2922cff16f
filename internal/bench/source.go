package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/promptlogs/qlogs/qlogs"
)

// held is a qlogs.Source of bodies in memory.
type held struct {
	keys   []string
	bodies [][]byte
}

// hold reads a directory into memory.
func hold(root string) (*held, error) {
	h := new(held)
	files := map[string][]byte{}
	fsys := os.DirFS(root)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(fsys, name)
		h.keys = append(h.keys, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(h.keys)
	for _, key := range h.keys {
		h.bodies = append(h.bodies, files[key])
	}
	if len(h.keys) == 0 {
		return nil, fmt.Errorf("no files in %s", root)
	}
	return h, nil
}

func (h *held) len() int         { return len(h.keys) }
func (h *held) key(i int) string { return h.keys[i] }
func (h *held) size(i int) int64 { return int64(len(h.bodies[i])) }

func (h *held) search(s string) int {
	i, _ := slices.BinarySearch(h.keys, s)
	return i
}

func (h *held) ID() string { return "held:" }

func (h *held) List(ctx context.Context, in qlogs.ListInput) iter.Seq2[qlogs.Object, error] {
	return listOrdered(ctx, h, in)
}

func (h *held) Open(_ context.Context, o qlogs.Object, offset int64) (io.ReadCloser, error) {
	return open(h.bodies, o, offset)
}

// madeUp is a qlogs.Source of many keys, and of a few bodies that repeat.
type madeUp struct {
	*keyspace
	bodies [][]byte
	opened atomic.Int64
	see    func(opened int64) // now and then
}

// seeEach is after how many objects a madeUp calls see.
const seeEach = 256

func newMadeUp(keys *keyspace, bodies *held, see func(opened int64)) *madeUp {
	return &madeUp{keyspace: keys, bodies: bodies.bodies, see: see}
}

func (m *madeUp) size(i int) int64 { return int64(len(m.bodies[i%len(m.bodies)])) }

func (m *madeUp) ID() string { return "made-up:" }

func (m *madeUp) List(ctx context.Context, in qlogs.ListInput) iter.Seq2[qlogs.Object, error] {
	return listOrdered(ctx, m, in)
}

func (m *madeUp) Open(_ context.Context, o qlogs.Object, offset int64) (io.ReadCloser, error) {
	if n := m.opened.Add(1); n%seeEach == 0 {
		m.see(n)
	}
	return open(m.bodies, o, offset)
}

// listOrdered is the listing of a source. The ETags are the numbers of the keys, by
// which open finds the bodies.
func listOrdered(ctx context.Context, k ordered, in qlogs.ListInput) iter.Seq2[qlogs.Object, error] {
	return func(yield func(qlogs.Object, error) bool) {
		walk(k, in.Prefix, in.After, in.Folders, func(i int, key string, folder bool) bool {
			switch {
			case ctx.Err() != nil:
				yield(qlogs.Object{}, ctx.Err())
				return false
			case folder:
				return yield(qlogs.Object{Key: key, Folder: true}, nil)
			}
			return yield(qlogs.Object{Key: key, Size: k.size(i), ETag: strconv.Itoa(i)}, nil)
		})
	}
}

func open(bodies [][]byte, o qlogs.Object, offset int64) (io.ReadCloser, error) {
	i, err := strconv.Atoi(o.ETag)
	if err != nil {
		return nil, fmt.Errorf("%w: object without its number", fs.ErrNotExist)
	}
	body := bodies[i%len(bodies)]
	return io.NopCloser(bytes.NewReader(body[min(offset, int64(len(body))):])), nil
}
