//go:build !linux

package versitygw

import "syscall"

func dieWithParent() *syscall.SysProcAttr { return nil }

// hasXattr is false because there is no portable way to find out.
func hasXattr(string) bool { return false }
