package listing

import (
	"context"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A Look is what lies directly at a prefix.
type Look struct {
	// Folders and Objects are the first names, in the order of keys, a few of each.
	Folders, Objects []string

	// More means that there is more than these.
	More bool
}

// lookNames is how many names of each kind a Look has, and lookMost how many it looks at.
const (
	lookNames = 3
	lookMost  = 1000
)

// Passed is what the sweeps have met on their way and have not followed.
type Passed struct {
	// Roots is how many AWSLogs/ folders they have listed, or folders in one where they
	// began.
	Roots int

	// Foreign are folders in these that are not on the way to logs, the first few.
	Foreign []string

	// Deeper means that there are folders that lie deeper than [Config].SearchDepth.
	Deeper bool
}

// Passed returns what the sweeps so far have passed.
func (w *Walk) Passed() Passed { return w.passed }

// pass notes a folder of level parent whose folder is not followed.
func (w *Walk) pass(parent path.Level, folder string) {
	switch level := path.Locate(folder).Level; {
	case level == path.LevelRoot, level == path.LevelAbove && parent == path.LevelAbove:
		w.passed.Deeper = true
	case parent >= path.LevelRoot && len(w.passed.Foreign) < lookNames:
		w.passed.Foreign = append(w.passed.Foreign, folder)
	}
}

// LookAt lists what lies directly at c's prefix, of which it takes the first names. Of c it
// needs Source, Prefix, StallTimeout and Calls.
func LookAt(ctx context.Context, c Config) (l Look, err error) {
	met := 0
	err = pages{source: c.Source, stallTimeout: c.StallTimeout, calls: c.Calls}.list(ctx, source.ListInput{Prefix: c.Prefix, Folders: true}, func(n name) error {
		names := &l.Objects
		if n.Folder {
			names = &l.Folders
		}
		switch met++; {
		case n.repeated:
		case len(*names) < lookNames:
			*names = append(*names, n.Key)
		default:
			l.More = true
		}
		if met == lookMost {
			return errEnd
		}
		return nil
	})
	if failed, ok := err.(sourceError); ok {
		err = failed.error
	}
	return l, err
}
