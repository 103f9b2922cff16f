package qlogs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// renewable tells whether err means that j's object was replaced, so that what is
// there now may be read in its place.
func (j *job) renewable(err error) bool {
	return errors.Is(err, ErrChanged) && !j.renewed && !j.pinned
}

// renew looks j's object up again and makes it the one that is there now. The
// error, if any, is the object's.
func (p *pipeline) renew(j *job) error {
	j.renewed = true
	now, found, err := (&lister{scan: p.scan}).find(p.ctx, j.object.Key)
	switch {
	case p.ctx.Err() != nil:
		return context.Cause(p.ctx)
	case err != nil:
		// Its class would tell of the listing, not of the object.
		return fmt.Errorf("%w, and could not be looked up again: %v", ErrChanged, err)
	case !found:
		return fs.ErrNotExist
	}
	if j.item != nil {
		j.item.Replace(now)
	}
	j.same = now.Size == j.object.Size && (now.ETag == j.object.ETag || j.object.ETag == "")
	j.object = now
	switch {
	case now.Archived:
		return ErrArchived
	case now.Size > p.scan.opts.MaxObjectBytes:
		return ErrTooLarge
	}
	return nil
}

// lookAgain makes j's object, which has changed, the one that is there now, and
// j a large one if that is large.
func (f *fetcher) lookAgain(j *job) error {
	if !f.request() {
		return context.Cause(f.ctx)
	}
	err := f.renew(j)
	f.requested()
	if err != nil {
		return err
	}
	if f.scan.opts.isLarge(j.object.Size) {
		j.large = true
		return nil
	}
	if more := jobBytes + j.object.Size - j.charged; more > 0 && !f.charge(j, more) {
		return context.Cause(f.ctx)
	}
	return nil
}
