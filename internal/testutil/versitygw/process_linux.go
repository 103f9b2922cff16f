package versitygw

import "syscall"

// dieWithParent has the kernel kill the process when this one dies, so
// that a test or a benchmark that is killed leaves no server.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// hasXattr reports whether files in dir can have extended attributes.
func hasXattr(dir string) bool {
	return syscall.Setxattr(dir, "user.qlogs", []byte("1"), 0) == nil
}
