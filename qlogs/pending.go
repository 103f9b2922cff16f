package qlogs

import (
	"github.com/promptlogs/qlogs/qlogs/path"
)

// pending sends the objects that a round tries again. They are requested as they
// were; one that was replaced meanwhile is looked up like any other.
func (l *lister) pending() error {
	items, err := l.scan.tracker.Retries()
	if err != nil {
		return err
	}
	for _, item := range items {
		key, err := path.Parse(item.Object.Key)
		if err != nil {
			return err
		}
		j := l.job(item.Object, key, item)
		l.scan.counters.update(func(s *Stats) { s.Listed++ })
		if err := l.send(j); err != nil {
			return err
		}
	}
	return nil
}
