//go:build unix

package source

import (
	"errors"
	"os"
	"syscall"
)

// openPlain opens a file for reading. Package os makes five system calls to find that
// a file on a disk cannot be polled, and only one of them for what says that it does
// not block. A file that somebody has to give up first, as file servers do, blocks.
func openPlain(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.EAGAIN) {
		return os.Open(name)
	}
	return f, err
}
