package qlogs

import (
	"fmt"
	"strings"
)

// A sequence checks the order of a listing. All that follows, the cursor above all, relies
// on it.
type sequence struct {
	in      ListInput
	source  Source
	last    string // key
	folder  bool   // that is what it is of
	repeats int    // of it, in a row
}

// maxRepeats is how often a key may come again in a row: a listing of nothing else must
// come to an end.
const maxRepeats = 1000

// A standing says what is to be done with the next object of a listing.
type standing int

const (
	wanted   standing = iota
	early             // before what was asked for
	repeated          // as the last one was
)

func (q *sequence) next(o Object) (standing, error) {
	switch {
	// The object that some tools make to mark a folder may stand behind the folder.
	case o.Key == q.last && (o.Folder == q.folder || q.folder) && o.Key != "" && q.repeats < maxRepeats:
		q.repeats++
		return repeated, nil
	case o.Key <= q.last || !strings.HasPrefix(o.Key, q.in.Prefix) || o.Folder && o.Key == q.in.Prefix:
		return 0, fmt.Errorf("qlogs: list %q: source %q does not list in key order: %q follows %q", q.in.Prefix, q.source.ID(), o.Key, q.last)
	case o.Folder && !q.in.Folders: // what lies below would not be seen
		return 0, fmt.Errorf("qlogs: list %q: source %q gives the folder %q, though folders were not asked for", q.in.Prefix, q.source.ID(), o.Key)
	case o.Size < 0:
		return 0, fmt.Errorf("qlogs: list %q: source %q gives object %q a size of %d", q.in.Prefix, q.source.ID(), o.Key, o.Size)
	}
	q.last, q.folder, q.repeats = o.Key, o.Folder, 0
	if o.Key <= q.in.After { // as from a store that does not know where to start
		return early, nil
	}
	return wanted, nil
}
