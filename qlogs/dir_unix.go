//go:build unix

package qlogs

import (
	"os"
	"syscall"
)

// Package os makes five system calls to find that a file on a disk cannot be
// polled, and only one of them for what says that it does not block.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK
