package testutil

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// handleCounts counts the open handles of the process by what they are of.
type handleCounts map[string]int

// handles returns the open files, sockets and pipes, on Linux; elsewhere none.
// What the runtime and the kernel open for themselves is left out.
func handles() handleCounts {
	const dir = "/proc/self/fd"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	open := make(handleCounts)
	for _, e := range entries {
		to, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err != nil { // the handle of the directory, closed by now
			continue
		}
		file := strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/proc/") && !strings.HasPrefix(to, "/dev/")
		if file || strings.HasPrefix(to, "socket:") || strings.HasPrefix(to, "pipe:") {
			open[to]++
		}
	}
	return open
}

// since returns what is open and was not before.
func (c handleCounts) since(before handleCounts) []string {
	var more []string
	for to, n := range c {
		for range n - before[to] {
			more = append(more, to)
		}
	}
	slices.Sort(more)
	return more
}
