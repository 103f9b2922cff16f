package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// FS returns a file system as a source, as [Dir] does. The id names it in cursors: give one
// file system the same id in each process, and never give two the same id. With an empty id
// a scan works, but its cursor has no text form, cannot be saved, and is good only for this
// value: on another file system it would skip what was never read.
func FS(id string, fsys fs.FS) Source {
	return &fsSource{fsys: fsys, id: id, open: func(o Object) (fs.File, error) { return fsys.Open(o.Key) }}
}

type fsSource struct {
	fsys fs.FS
	id   string
	open func(Object) (fs.File, error)
}

// Local reports true: the files do not see the contexts that they are opened with.
func (s *fsSource) Local() bool { return true }

func (s *fsSource) ID() string { return s.id }

func (s *fsSource) List(ctx context.Context, in ListInput) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		w := fsWalk{fsys: s.fsys, ctx: ctx, in: in, yield: yield}
		dir, _ := path.Split(in.Prefix)
		if err := w.walk(dir, true); err != nil && !errors.Is(err, fs.SkipAll) {
			yield(Object{}, err)
		}
	}
}

// An fsWalk yields the files of a tree in the bytewise order of their whole
// paths, in which "a-b/c" comes before "a/c": not the order of their names.
type fsWalk struct {
	fsys  fs.FS
	ctx   context.Context
	in    ListInput
	yield func(Object, error) bool
}

// walk visits the directory dir, which is empty or ends in "/". That at the top is
// the listing's own.
func (w *fsWalk) walk(dir string, top bool) error {
	if w.ctx.Err() != nil {
		return context.Cause(w.ctx)
	}
	name := dirName(dir)
	if !fs.ValidPath(name) {
		return nil
	}
	entries, err := fs.ReadDir(w.fsys, name)
	if err != nil && name != "." && !isDir(w.fsys, name) { // no key starts with dir
		_, err = fs.Stat(w.fsys, ".") // or nothing is there at all
		return err
	}
	if err != nil && (top || len(entries) == 0) {
		return err
	}
	if err != nil && !w.odd(dir, err) { // and what there is of it is read
		return fs.SkipAll
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(entryKey(a), entryKey(b)) })
	// A file system that is made of several may name one entry for each of them.
	entries = slices.CompactFunc(entries, func(a, b fs.DirEntry) bool { return entryKey(a) == entryKey(b) })
	for _, e := range entries {
		if err := w.visit(dir+entryKey(e), e); err != nil {
			return err
		}
	}
	return nil
}

// isDir is true if in doubt.
func isDir(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return info.IsDir()
}

func dirName(dir string) string {
	if dir == "" {
		return "."
	}
	return strings.TrimSuffix(dir, "/")
}

func entryKey(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// odd yields the error of one name. It reports false if no more is wanted.
func (w *fsWalk) odd(key string, err error) bool {
	return w.yield(Object{}, &KeyError{Key: key, Err: err})
}

func (w *fsWalk) visit(key string, e fs.DirEntry) error {
	within := strings.HasPrefix(key, w.in.Prefix)
	if !e.IsDir() {
		if !within || key <= w.in.After {
			return nil
		}
		return w.file(key, e)
	}
	switch {
	case !within && !strings.HasPrefix(w.in.Prefix, key):
		return nil
	case !validName(e.Name()):
		if w.in.After < beyond(key) && !w.odd(key, ErrNoFile) {
			return fs.SkipAll
		}
		return nil
	case within && w.in.Folders && key != w.in.Prefix:
		if key > w.in.After && !w.yield(Object{Key: key, Folder: true}, nil) {
			return fs.SkipAll
		}
		return nil
	case w.in.After >= beyond(key):
		return nil
	}
	err := w.walk(key, false)
	if err == nil || errors.Is(err, fs.SkipAll) || w.ctx.Err() != nil {
		return err
	}
	if !w.odd(key, err) {
		return fs.SkipAll
	}
	return nil
}

// validName reports whether a directory's entry can be a part of a key.
func validName(name string) bool {
	return name != "." && fs.ValidPath(name) && !strings.Contains(name, "/")
}

func (w *fsWalk) file(key string, e fs.DirEntry) error {
	info, err := w.look(key, e)
	if err == nil && info == nil { // gone by now
		return nil
	}
	if err != nil && !w.odd(key, err) || err == nil && !w.yield(newFSObject(key, info), nil) {
		return fs.SkipAll
	}
	return nil
}

// errDangling is no fs.ErrNotExist: what a link leads to may be on a volume that is not
// mounted, and be there again.
var errDangling = errors.New("a link to nothing: mount what it leads to, or remove it")

// look returns nothing if the file is no longer there.
func (w *fsWalk) look(key string, e fs.DirEntry) (fs.FileInfo, error) {
	if !validName(e.Name()) {
		return nil, ErrNoFile
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && e.Type()&fs.ModeSymlink != 0 {
		if info, err = fs.Stat(w.fsys, key); errors.Is(err, fs.ErrNotExist) {
			return nil, errDangling
		}
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %v", ErrNoFile, info.Mode().Type())
	}
	return info, err
}

func newFSObject(key string, info fs.FileInfo) Object {
	return Object{
		Key:          key,
		Size:         info.Size(),
		ETag:         fileTag(info),
		LastModified: info.ModTime(),
	}
}

// fileTag stands for what a file holds.
func fileTag(info fs.FileInfo) string {
	return string(appendFileTag(make([]byte, 0, fileTagSize), info))
}

const fileTagSize = 40

func appendFileTag(b []byte, info fs.FileInfo) []byte {
	b = strconv.AppendInt(b, info.ModTime().UnixNano(), 16)
	return strconv.AppendInt(append(b, '-'), info.Size(), 16)
}

func (s *fsSource) Open(ctx context.Context, o Object, offset int64) (io.ReadCloser, error) {
	f, err := s.open(o)
	if errors.Is(err, syscall.ENOTDIR) { // a file lies where the key has a folder
		err = &fs.PathError{Op: "open", Path: o.Key, Err: fs.ErrNotExist}
	}
	if errors.Is(err, fs.ErrNotExist) {
		if info, found := fs.Lstat(s.fsys, o.Key); found == nil && info.Mode()&fs.ModeSymlink != 0 {
			err = errDangling
		}
	}
	if err != nil {
		return nil, err
	}
	if err := pin(f, o, offset); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// pin checks that f is what o was when it was listed, and goes to offset.
func pin(f fs.File, o Object, offset int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != o.Size || o.ETag != "" && string(appendFileTag(make([]byte, 0, fileTagSize), info)) != o.ETag {
		return ErrChanged
	}
	if offset == 0 {
		return nil
	}
	if s, ok := f.(io.Seeker); ok {
		_, err = s.Seek(offset, io.SeekStart)
		return err
	}
	_, err = io.CopyN(io.Discard, f, offset)
	return err
}

// beyond returns the smallest string that sorts after every key below a folder.
func beyond(folder string) string {
	return strings.TrimSuffix(folder, "/") + "0"
}
