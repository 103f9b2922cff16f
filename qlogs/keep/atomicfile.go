package keep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// replaceFile makes data what the file holds. Wherever the process or the machine
// stops, the file holds what it held before or all of data.
func replaceFile(name string, data []byte) error {
	temp := name + ".tmp"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeSynced(temp, data); err != nil {
		os.Remove(temp)
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		os.Remove(temp)
		return err
	}
	return syncDir(filepath.Dir(name))
}

// writeSynced makes the file. O_EXCL, because nothing else has business there: not
// a link that somebody else has put into a shared directory, nor a second writer.
func writeSynced(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// syncDir makes what was created or renamed in a directory last. Windows and some
// file systems cannot be asked for that.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// resolveFile returns the name of the file itself: a link to it is followed, so that what
// is read, written and replaced is one file. A link to nothing is an error, for the file
// that it leads to may be on a volume that is not mounted.
func resolveFile(name string) (string, error) {
	info, err := os.Lstat(name)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return name, nil // what is wrong, using it will tell
	}
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", fmt.Errorf("%q is a link that leads to no file: %w: make the file, or remove the link", name, err)
	}
	return target, nil
}

// readFile reads a whole file if there is one. A directory that is missing too is
// an error: it may be a typing error, or a volume that is not mounted.
func readFile(name string) (data []byte, found bool, err error) {
	data, err = os.ReadFile(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return data, err == nil, err
	}
	if _, err := os.Stat(filepath.Dir(name)); err != nil {
		return nil, false, fmt.Errorf("the directory of %q: %w: make it, or mount it, first", name, err)
	}
	return nil, false, nil
}
