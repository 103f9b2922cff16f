package testutil

import "syscall"

// dieWithParent has the kernel kill the process when the test process dies, so
// that a test that is killed leaves no server.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// hasXattr reports whether files in dir can have extended attributes.
func hasXattr(dir string) bool {
	return syscall.Setxattr(dir, "user.qlogs", []byte("1"), 0) == nil
}
