package reading

import (
	"context"
	"fmt"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// renew looks t's object up again, makes it the one that is there now, and begins anew
// with it. The error, if any, is the object's.
func (s *shared) renew(t *Task) error {
	was := t.Object
	err := s.lookUp(t)
	s.restart(t, was)
	return err
}

func (s *shared) lookUp(t *Task) error {
	t.renewed = true
	now, found, err := s.config.Find(s.ctx, t.Object.Key)
	switch {
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case err != nil:
		// Not wrapped: its class would say something of the listing, not of the object.
		return fmt.Errorf("%w, and could not be looked up again: %v", source.ErrChanged, err)
	case !found:
		// It was there a moment ago. If it is gone by now, the next try says so.
		return fmt.Errorf("%w, and a listing does not have it", source.ErrChanged)
	}
	t.same = now.Size == t.Object.Size && (now.ETag == t.Object.ETag || t.Object.ETag == "")
	t.Object = now
	switch {
	case now.Archived:
		return source.ErrArchived
	case now.Size > s.config.MaxObjectBytes:
		return ErrTooLarge
	}
	return nil
}

// restart forgets what was read of t, whose object was another one before or is the same.
func (s *shared) restart(t *Task, was source.Object) {
	t.restart()
	s.config.Restart(t, was)
}

// compare looks an object up again that turned out to be another one than was listed after
// records of it had been yielded. What t has stays, but the failure becomes an
// inconsistency if the listing has not changed.
func (s *shared) compare(t *Task) {
	failed := t.Failure
	if !t.renewable(failed.Err) {
		return
	}
	now, found, err := s.config.Find(s.ctx, t.Object.Key)
	if err != nil || !found {
		return
	}
	if t.same = now.Size == t.Object.Size && now.ETag == t.Object.ETag; t.same {
		t.fail(failed.Op, failed.Offset, failed.Err)
	}
}
