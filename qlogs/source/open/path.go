package open

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

const forms = "give s3://bucket/prefix, a directory, file:///directory or a zip file"

// openPath opens a directory or a zip file.
func openPath(name string) (source.Source, string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, "", fmt.Errorf("open: %w: %s", withoutSecret(err), forms)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, "", fmt.Errorf("open: %w", err)
	}
	switch {
	case info.IsDir():
		root, prefix := mirror(abs)
		return source.Dir(root), prefix, nil
	case info.Mode().IsRegular():
		src, err := openZip(abs)
		switch {
		case errors.Is(err, zip.ErrFormat):
			return nil, "", fmt.Errorf("open: %q is neither a directory nor a zip file: %s", name, forms)
		case err != nil:
			return nil, "", fmt.Errorf("open: the zip file %q cannot be read: %w", name, err)
		}
		return src, "", nil
	}
	return nil, "", fmt.Errorf("open: %q is neither a directory nor a file: %s", name, forms)
}

// keyLike matches what a URI with a key or a signature in it may hold, and paths hardly do.
var keyLike = regexp.MustCompile(`[@?%]|:[^/\\]|://|\bA[KS]IA[A-Z0-9]{12}`)

// withoutSecret leaves the path out of err if it may be a URI that was misspelt.
func withoutSecret(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) && keyLike.MatchString(at.Path) {
		return fmt.Errorf("%w: the path, which is not shown because it may have a key in it", at.Err)
	}
	return err
}

// mirror returns the directory that the keys of logs begin in, and what of dir lies below it:
// a key has all elements from AWSLogs on.
func mirror(dir string) (root, prefix string) {
	folder := filepath.ToSlash(dir)
	switch at := path.Locate(folder); at.Level {
	case path.LevelRoot, path.LevelAccount, path.LevelProduct, path.LevelType, path.LevelRegion, path.LevelTime:
		before := at.Partition.Prefix
		if !strings.HasSuffix(before, "/") { // as that of /AWSLogs is
			before += "/"
		}
		return filepath.Clean(filepath.FromSlash(before)), folder[len(before):]
	}
	return dir, ""
}
