package testutil

import (
	"os"
	"strconv"
	"strings"
)

// VmHWM returns the most physical memory that the process has had so far, in
// bytes. It is known on Linux alone; elsewhere ok is false.
func VmHWM() (bytes int64, ok bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(status)) {
		value, found := strings.CutPrefix(line, "VmHWM:")
		if !found {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		return kib << 10, err == nil
	}
	return 0, false
}
