package source

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir returns a directory as a source: a mirror of a bucket, or of a part of it
// that holds whole paths from AWSLogs/ on. A file's path below root, with
// slashes, is its key. Links to files are followed. Links to directories are not followed:
// they count as foreign in path.Skips, as do pipes, sockets and names that are not valid
// UTF-8, unless the name is a log's. If an entry cannot be looked at, such as a link to
// itself, only that entry is lost: see [KeyError]. A file that was written after it had been
// listed counts as changed.
func Dir(root string) Source {
	abs, err := filepath.Abs(root)
	if err != nil { // no working directory: reading will tell
		abs = root
	}
	before := root
	if root != "" && !os.IsPathSeparator(root[len(root)-1]) {
		before += string(filepath.Separator)
	}
	return &fsSource{
		fsys: os.DirFS(root),
		id:   "file://" + filepath.ToSlash(abs),
		open: func(o Object) (fs.File, error) { return openFile(before, o) },
	}
}

// openFile is the Open of os.DirFS for files that are read once, from the start to
// the end: of its ten system calls for a small one it makes five. Their names begin
// with root, whose separator it has.
func openFile(root string, o Object) (fs.File, error) {
	name, err := filepath.Localize(o.Key)
	if err == nil && root == "" { // which would be the root of the file system
		err = fs.ErrInvalid
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: o.Key, Err: fs.ErrInvalid}
	}
	f, err := openPlain(root + name)
	if err != nil {
		if pe, ok := err.(*fs.PathError); ok {
			pe.Path = o.Key
		}
		return nil, err
	}
	return dirFile{f, o.Size}, nil
}

type dirFile struct {
	*os.File
	size int64
}

// Read tells the end together with the last byte where it returns the file in
// one piece and had room for more.
func (f dirFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if err == nil && int64(n) == f.size && n < len(p) {
		err = io.EOF
	}
	return n, err
}
