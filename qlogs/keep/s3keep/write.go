package s3keep

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// write writes the body of the save s.number in the place of what was there before.
func (s *cursorObject) write(ctx context.Context, body []byte) error {
	for tries := 1; ; tries++ {
		etag, err := s.putOnce(ctx, body, s.etag)
		if err == nil && etag != "" {
			s.written(etag)
			return nil
		}
		switch {
		case errors.Is(err, errSlow), isBusy(err):
			// It may have been written. The next try is refused then.
		case err == nil, isRefused(err, s.etag != ""):
			if done, err := s.look(ctx, body); done || err != nil {
				return err
			}
			if err == nil {
				err = errNoETag
			}
		default:
			return explain(err, writing, s.opts.ExpectedBucketOwner)
		}
		if tries == maxTries {
			return fmt.Errorf("tried %d times: %w", tries, explain(err, writing, s.opts.ExpectedBucketOwner))
		}
		if err := pause(ctx, tries); err != nil {
			return err
		}
	}
}

// written notes that the object of that ETag is what the save s.number has written.
func (s *cursorObject) written(etag string) { s.replaces(etag, s.number) }

// replaces notes that the next Save replaces the object of that ETag, which the save of that
// number has written.
func (s *cursorObject) replaces(etag string, number int64) {
	s.base, s.etag, s.oldest = label{}, etag, number
}

// look finds out why the write of a body was refused. It reports whether the save was written after all,
// by a try whose answer was lost. If it returns nil, another try may pass.
func (s *cursorObject) look(ctx context.Context, body []byte) (done bool, err error) {
	v, found, err := s.get(ctx, timeout(len(body)))
	if err != nil {
		return false, fmt.Errorf("whether it was written is not known: %w", err)
	}
	if !found {
		if s.etag == "" {
			return false, nil
		}
		return false, fmt.Errorf("%w: the object was deleted: if that was to read everything again, end this process and start it anew", ErrConflict)
	}
	_, label, _ := parse(v.body) // what cannot be parsed is another's
	noted := s.base
	noted.tried = true
	switch ours := label.writer == s.writer; {
	case v.etag == "":
		return false, errNoETag
	case ours && label.number == s.number && bytes.Equal(v.body, body):
		s.written(v.etag)
		return true, nil
	case ours && label.number < s.number && label.number >= s.oldest:
		// An earlier Save, which failed though it was written. Those before the oldest come
		// from a copy that somebody has restored.
		s.replaces(v.etag, label.number)
		return false, nil
	case v.etag == s.etag:
		return false, nil
	case label == noted:
		// The cursor that was loaded. Its writer's note of the trial has arrived since.
		s.etag = v.etag
		return false, nil
	}
	return false, fmt.Errorf("%w: the object was last changed %s by another process: give each reader a key of its own, or end the other process, and start again from Load",
		ErrConflict, v.modified.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// impossible is an ETag that no object has.
const impossible = `"00000000000000000000000000000000"`

// try finds out whether the store heeds conditions. The object has the body already, so a
// store that does not heed them overwrites it with the same. The save has succeeded: what the
// answers do not tell the next Save finds out.
func (s *cursorObject) try(ctx context.Context, body []byte) {
	for _, etag := range []string{"", impossible} {
		switch _, err := s.putOnce(ctx, body, etag); {
		case err == nil:
			s.refusal = errIgnored
			return
		case isUnsupported(err):
			s.refusal = explain(err, writing, s.opts.ExpectedBucketOwner)
			return
		case !isRefused(err, etag != ""): // a store that is busy (409) may not have looked at them
			return
		}
	}
	s.tried = true
}

// note writes that the trial has passed, for the processes to come: the body is that of the
// save s.number with another label. The save has succeeded whatever becomes of it. If the
// answer is lost, the next Save finds out.
func (s *cursorObject) note(ctx context.Context, body []byte) {
	if etag, err := s.putOnce(ctx, body, s.etag); err == nil && etag != "" {
		s.written(etag)
	}
}
