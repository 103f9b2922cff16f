package s3keep

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs"
)

// Options are options of [CursorObject]. The zero value of each field is the default.
type Options struct {
	// ExpectedBucketOwner is the account that must own the bucket; requests to a bucket of
	// another owner are denied. If it is empty, the owner is not checked.
	ExpectedBucketOwner string

	// RequesterPays says that the caller pays for requests and transfer.
	RequesterPays bool

	// Put, if not nil, is called with each request that writes the object, before it is
	// sent. It may set what the bucket demands, such as encryption, tags or a storage class
	// that needs no restoring. What it sets of Bucket, Key, Body, IfMatch and IfNoneMatch is
	// replaced. Calls do not overlap.
	Put func(*s3.PutObjectInput)
}

// CursorObject returns a store that keeps a cursor in the object of that key. It makes no
// request before Load or Save is called. If opts is nil, the defaults are used.
//
// Load must be called before Save, once for each scan: what Load has returned is what the
// next Save replaces. It returns the zero Cursor if the object does not exist. It fails if
// the bucket does not exist, if the object is empty, damaged or larger than 64 MiB, and if the
// request is denied: a scan from the start would read everything again.
//
// Save fails with [ErrConflict] if the object is no longer the one that was loaded or saved
// last. All further calls fail as well, until Load is called and a new scan begun. If Save
// fails for another reason, the cursor may have been written or not. The next Save finds that
// out and goes on. Save refuses a cursor that would make the object larger than 64 MiB.
//
// Load and Save end with their context. A request that has no answer after 10 seconds, and one
// second more for each MiB, is made again, and so is one that the store refuses because it is
// at another write of the object: at most 5 times, with pauses. Other failures are retried as
// the client's retryer decides.
//
// The store is safe for use by many goroutines. It serves one scan at a time. To look at the
// cursor from elsewhere use another store.
func CursorObject(api API, bucket, key string, opts *Options) qlogs.CursorStore {
	if opts == nil {
		opts = &Options{}
	}
	return &cursorObject{
		object: object{api: api, bucket: bucket, key: key, opts: *opts},
		writer: rand.Text(),
		turn:   make(chan struct{}, 1),
	}
}

type cursorObject struct {
	object
	writer string // tells this store's saves from others'

	// turn holds one token, for whoever uses what follows. A mutex that is held that long
	// would stop the clock of a program's own tests with testing/synctest.
	turn chan struct{}

	loaded  bool
	ended   error  // the conflict since
	base    label  // of the object that was loaded, until Save has replaced it
	etag    string // of the object that Save replaces; "" if there must be none
	number  int64  // of the last Save
	oldest  int64  // of the Saves that the object may be of; those before were replaced
	tried   bool   // the store is known to heed conditions
	refusal error  // why the store cannot be used
}

func (s *cursorObject) Load(ctx context.Context) (qlogs.Cursor, error) {
	c, err := s.load(ctx)
	if err != nil {
		return qlogs.Cursor{}, fmt.Errorf("s3keep: load cursor from %q: %w", s.uri(), err)
	}
	return c, nil
}

func (s *cursorObject) load(ctx context.Context) (c qlogs.Cursor, err error) {
	if err := s.take(ctx); err != nil {
		return c, err
	}
	defer s.release()
	v, found, err := s.get(ctx, timeout(maxBody))
	if err != nil {
		return c, err
	}
	if !found {
		s.loaded, s.ended, s.base, s.etag, s.oldest = true, nil, label{}, "", 0
		return c, nil
	}
	text, label, err := parse(v.body)
	if err == nil {
		err = c.UnmarshalText(text)
	}
	if err != nil {
		return qlogs.Cursor{}, fmt.Errorf("%w: restore the object from a copy or an older version, or delete it to read everything again", err)
	}
	if v.etag == "" {
		return qlogs.Cursor{}, errNoETag
	}
	switch {
	case label.writer == s.writer:
		s.oldest = label.number
	case v.etag != s.etag: // so what is still under way of ours will be refused
		s.oldest = s.number + 1
	}
	s.loaded, s.ended, s.base, s.etag = true, nil, label, v.etag
	s.tried = s.tried || label.tried
	return c, nil
}

func (s *cursorObject) Save(ctx context.Context, c qlogs.Cursor) error {
	text, err := c.MarshalText()
	if err != nil {
		return err
	}
	if err := s.save(ctx, text); err != nil {
		return fmt.Errorf("s3keep: save cursor to %q: %w", s.uri(), err)
	}
	return nil
}

func (s *cursorObject) save(ctx context.Context, text []byte) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.release()
	switch {
	case s.refusal != nil:
		return s.refusal
	case s.ended != nil:
		return s.ended
	case !s.loaded:
		return errors.New("call Load first, and begin the scan with the cursor that it returns: Save replaces only what was loaded")
	}
	number := s.number + 1
	label := label{writer: s.writer, number: number, tried: s.tried}
	body := label.append(text)
	if len(body) > maxBody {
		return fmt.Errorf("the cursor has %d bytes, and Load takes at most %d: remove the cause of each qlogs.UnkeptError, or set qlogs.Options.MaxAttempts", len(body), maxBody)
	}
	s.number = number
	if err := s.write(ctx, body); err != nil {
		if errors.Is(err, ErrConflict) {
			s.ended = err
		}
		return err
	}
	if s.tried {
		return nil
	}
	s.try(ctx, body)
	if s.tried {
		label.tried = true
		s.note(ctx, label.append(text))
	}
	return s.refusal
}

// take waits for the turn.
func (s *cursorObject) take(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *cursorObject) release() { <-s.turn }
