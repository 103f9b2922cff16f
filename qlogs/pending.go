package qlogs

import (
	"fmt"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// pending sends the objects that a round tries again. They are requested as they
// were; one that was replaced meanwhile is looked up like any other.
func (l *lister) pending(r *round) error {
	for i, p := range r.pending {
		if !p.retry {
			continue
		}
		key, err := path.Parse(p.Key)
		if err != nil {
			return fmt.Errorf("qlogs: the cursor's pending object is not a log: %w", err)
		}
		j := l.job(p.Object, key, newPlace(key.Partition.String(), key, p.Key), p.portion)
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
