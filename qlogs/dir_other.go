//go:build !unix

package qlogs

import "os"

const openFlags = os.O_RDONLY
