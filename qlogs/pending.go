package qlogs

import (
	"fmt"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// pending sends the objects that a round tries again. They are requested as they
// were; one that was replaced meanwhile is looked up like any other.
func (l *lister) pending(r *round) error {
	for _, p := range r.retries() {
		key, err := path.Parse(p.Key)
		if err != nil {
			return fmt.Errorf("qlogs: the cursor's pending object is not a log: %w", err)
		}
		j := l.job(p.Object, key, newPlace(key.Partition.String(), key, p.Key), p.Done)
		j.retry = true
		j.attempt = p.Tries + 1
		l.scan.counters.update(func(s *Stats) { s.Listed++ })
		if err := l.send(j); err != nil {
			return err
		}
	}
	return nil
}
