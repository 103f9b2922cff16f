package listing

import (
	"context"
	"maps"
	"slices"
)

// Poll lists, in each partition that a sweep has met, the keys of the last 10 minutes
// before the newest one, and tells emit of them, in the bytewise order of keys. The time is
// that in the keys, not the clock's, which may be wrong. A partition of which no key is
// known is listed whole. An error of emit ends the poll and is returned as it is.
//
// There are no events of the kind Done: a poll does not list all. Without [Config].Follow
// a poll lists nothing.
func (w *Walk) Poll(ctx context.Context, emit func(*Event) error) error {
	w.emit = emit
	for _, part := range slices.Sorted(maps.Keys(w.partitions)) {
		p := w.partitions[part]
		if err := w.objects(ctx, p, p.recent()); err != nil {
			return err
		}
	}
	return nil
}
