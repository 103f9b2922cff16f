package listing

import (
	"fmt"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A sequence checks the order of one listing.
type sequence struct {
	in      source.ListInput
	source  source.Source
	last    string // key
	folder  bool   // the last key is a folder's
	repeats int    // of the last key, in a row
}

// maxRepeats is how often a key may come again in a row: a listing of nothing else must
// come to an end.
const maxRepeats = 1000

// next takes the next name, and reports whether it is the last one again.
func (q *sequence) next(o source.Object) (repeated bool, err error) {
	switch {
	// Some tools make an object to mark a folder. It may stand behind the folder.
	case o.Key == q.last && (o.Folder == q.folder || q.folder) && o.Key != "" && q.repeats < maxRepeats:
		q.repeats++
		return true, nil
	case o.Key <= q.last || !strings.HasPrefix(o.Key, q.in.Prefix) || o.Folder && o.Key == q.in.Prefix:
		return false, fmt.Errorf("qlogs: list %q: source %q does not list in key order: %q follows %q", q.in.Prefix, q.source.ID(), o.Key, q.last)
	case o.Folder && !q.in.Folders: // the keys below would not be seen
		return false, fmt.Errorf("qlogs: list %q: source %q gives the folder %q in a listing without folders", q.in.Prefix, q.source.ID(), o.Key)
	case o.Size < 0:
		return false, fmt.Errorf("qlogs: list %q: source %q gives object %q a size of %d", q.in.Prefix, q.source.ID(), o.Key, o.Size)
	}
	q.last, q.folder, q.repeats = o.Key, o.Folder, 0
	return false, nil
}
