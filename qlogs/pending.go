package qlogs

import (
	"fmt"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// pending sends the objects that a round tries again. They are requested as they
// were; one that was replaced meanwhile is looked up like any other.
func (l *lister) pending(r *round) error {
	l.waiting = make(map[place]struct{}, len(r.pending))
	for i, p := range r.pending {
		key, err := path.Parse(p.Key)
		if err != nil {
			return fmt.Errorf("qlogs: the cursor's pending object is not a log: %w", err)
		}
		at := newPlace(key.Partition.String(), key, p.Key)
		l.waiting[at] = struct{}{}
		if !p.retry {
			continue
		}
		j := l.job(p.Object, key, at, p.portion)
		j.retry, j.turn = true, i
		j.attempt = p.Tries + 1
		l.scan.counters.update(func(s *Stats) { s.Listed++ })
		if err := l.send(j); err != nil {
			return err
		}
	}
	l.turn = len(r.pending)
	return nil
}
