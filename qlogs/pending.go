package qlogs

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// pending sends the objects that the cursor wants to be tried again, as they are now.
func (l *lister) pending(ctx context.Context) error {
	for _, p := range l.scan.progress.start.Pending {
		j, err := l.retry(ctx, p)
		if err != nil {
			return err
		}
		l.scan.counters.update(func(s *Stats) { s.Listed++ })
		if err := l.send(j); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) retry(ctx context.Context, p pendingObject) (*job, error) {
	key, err := path.Parse(p.Key)
	if err != nil {
		return nil, fmt.Errorf("qlogs: the cursor's pending object is not a log: %w", err)
	}
	o, found, err := l.find(ctx, p.Key)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	done := p.Done
	if found && o.ETag != p.ETag {
		done = 0 // another object by now
	}
	j := l.job(o, key, key.Partition.String(), done)
	j.retry = true
	switch {
	case err != nil:
		j.fail("open", -1, err)
		j.passing = true // whatever it is, it tells nothing of the object
	case !found:
		j.fail("open", -1, fs.ErrNotExist)
	}
	return j, nil
}
