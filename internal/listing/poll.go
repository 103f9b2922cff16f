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
	defer w.begin(ctx, emit)()
	parts := slices.Sorted(maps.Keys(w.partitions))
	var near []*chain // of the first of the parts
	for len(parts) > 0 {
		for len(near) <= w.ahead.most && len(near) < len(parts) {
			p := w.partitions[parts[len(near)]]
			next := w.chain(p.Folder, p.ID, p.recent())
			near = append(near, next)
			w.ahead.add(next, nil)
		}
		p := w.partitions[parts[0]]
		if err := w.objects(ctx, p, near[0], p.recent()); err != nil {
			return err
		}
		parts, near = parts[1:], near[1:]
	}
	return nil
}
