package open

import (
	"archive/zip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// openZip returns the zip file of that whole name as a source.
func openZip(name string) (source.Source, error) {
	z := &zipFile{name: name}
	table, err := z.take()
	if err != nil {
		return nil, err
	}
	z.leave(table)
	return source.FS("zip://"+filepath.ToSlash(name), z), nil
}

// A zipFile is a zip file as a file system. The file is open only while something in it is
// used, so that there is nothing to close. If it is replaced, the new content counts.
type zipFile struct {
	name string

	mu    sync.Mutex
	table *zipTable // of the latest content; its file may be closed
}

// A zipTable is what a zip file holds.
type zipTable struct {
	*zip.Reader
	info fs.FileInfo // of the zip file when its table was read

	file *os.File // nil if there are no users
	use  int      // how many users there are
}

// ReadAt is called by users alone: the file is open.
func (t *zipTable) ReadAt(p []byte, off int64) (int, error) { return t.file.ReadAt(p, off) }

// take returns the table of the file as it is now, and keeps the file open until leave.
func (z *zipFile) take() (*zipTable, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if t := z.table; t != nil && t.use > 0 {
		if info, err := os.Stat(z.name); err == nil && t.describes(info) {
			t.use++
			return t, nil
		}
	}
	f, err := os.Open(z.name)
	if err != nil {
		return nil, err
	}
	t, err := z.tableOf(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	t.file, t.use = f, 1
	z.table = t
	return t, nil
}

// tableOf returns a table for f that has no users.
func (z *zipFile) tableOf(f *os.File) (*zipTable, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if t := z.table; t != nil && t.use == 0 && t.describes(info) {
		return t, nil
	}
	t := &zipTable{info: info, file: f}
	t.Reader, err = zip.NewReader(t, info.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // such names are not valid, and not read
		return nil, err
	}
	for _, entry := range t.File {
		if entry.Flags&encrypted != 0 {
			return nil, errEncrypted
		}
	}
	return t, nil
}

const encrypted = 1

var errEncrypted = errors.New("it is encrypted: unpack it, and give the directory")

// describes reports whether the table is of the file that info is of.
func (t *zipTable) describes(info fs.FileInfo) bool {
	return os.SameFile(t.info, info) && t.info.Size() == info.Size() && t.info.ModTime().Equal(info.ModTime())
}

func (z *zipFile) leave(t *zipTable) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if t.use--; t.use > 0 {
		return nil
	}
	f := t.file
	t.file = nil
	return f.Close()
}

// Open opens a file in the zip file.
func (z *zipFile) Open(name string) (fs.File, error) {
	t, err := z.take()
	if err != nil {
		return nil, err
	}
	f, err := t.Reader.Open(name)
	if err != nil {
		z.leave(t)
		return nil, err
	}
	return &zipEntry{File: f, leave: sync.OnceValue(func() error { return z.leave(t) })}, nil
}

// ReadDir lists a folder in the zip file.
func (z *zipFile) ReadDir(name string) ([]fs.DirEntry, error) {
	t, err := z.take()
	if err != nil {
		return nil, err
	}
	defer z.leave(t)
	return fs.ReadDir(t.Reader, name)
}

// A zipEntry is a file in a zip file.
type zipEntry struct {
	fs.File
	leave func() error
}

func (e *zipEntry) Close() error { return errors.Join(e.File.Close(), e.leave()) }
