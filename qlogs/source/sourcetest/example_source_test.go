package sourcetest_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A Shelf is a source of one's own: files that a program has in memory and never changes.
type Shelf struct {
	Files map[string][]byte
}

func (s Shelf) ID() string { return "shelf:one" }

func (s Shelf) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		var keys []string
		for key := range s.Files {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		folder := ""
		for _, key := range keys {
			if ctx.Err() != nil {
				yield(source.Object{}, ctx.Err())
				return
			}
			rest, within := strings.CutPrefix(key, in.Prefix)
			if !within {
				continue
			}
			o := source.Object{Key: key, Size: int64(len(s.Files[key]))}
			if name, _, below := strings.Cut(rest, "/"); below && in.Folders {
				o = source.Object{Key: in.Prefix + name + "/", Folder: true}
			}
			if o.Key <= in.After || o.Key == folder {
				continue
			}
			if o.Folder {
				folder = o.Key
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (s Shelf) Open(_ context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
	file, found := s.Files[o.Key]
	switch {
	case !found:
		return nil, &fs.PathError{Op: "open", Path: o.Key, Err: fs.ErrNotExist}
	case int64(len(file)) != o.Size:
		return nil, source.ErrChanged
	}
	return io.NopCloser(bytes.NewReader(file[offset:])), nil
}

// Hold a source of your own to the contract of Source. This one never changes, so that its
// Store has no more than a Source.
func ExampleTest() {
	var t *testing.T // that of your func TestShelf(t *testing.T)
	sourcetest.Test(t, func(_ *testing.T, objects map[string][]byte) sourcetest.Store {
		return sourcetest.Store{Source: Shelf{objects}}
	})
}
