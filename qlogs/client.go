package qlogs

import (
	"context"
	"errors"
	"iter"

	"github.com/promptlogs/qlogs/internal/resume"
)

// A Client reads the logs of one [Source]. It keeps no state between scans, has
// nothing to close, and is safe for use by many goroutines at the same time.
type Client struct {
	src  Source
	opts Options
	err  error
}

// New returns a client that reads from src. If opts is nil, the defaults that
// [Options] names are used. A bad option is the error of each scan's first pair.
func New(src Source, opts *Options) *Client {
	c := &Client{src: src}
	if opts != nil {
		c.opts = *opts
	}
	c.opts = c.opts.withDefaults()
	c.err = c.opts.validate()
	return c
}

// Scan prepares one pass over the logs that q selects. Nothing is read before
// the scan is ranged over. A bad query is the error of the scan's first pair.
func (c *Client) Scan(q Query) *Scan {
	s := &Scan{reader: reader{src: c.src, opts: c.opts, mayMiss: q.MayBeEmpty}, err: c.err}
	if s.err != nil {
		return s
	}
	if s.sel, s.err = q.selection(c.opts.ListPad); s.err != nil {
		return s
	}
	s.tracker, s.err = resume.New(resume.Config{Scope: scope(c.src, s.sel), Lookback: s.opts.Lookback, To: s.sel.To}, q.After.state)
	return s
}

// ScanOf prepares one pass over the objects of seq, in the order of seq, with the same
// bounds, errors and checks as [Client.Scan] and without a listing. It is for objects that
// you know by other means: an event of S3 (package event), a keep.DeadLetter, or a manifest of
// millions of objects, which are taken one by one as they are needed. Objects that are not
// logs are skipped and counted, as in a scan. An object that is given twice is read twice.
//
// Each object needs its Key. A Size of -1, or of 0 without an ETag, is unknown and is looked
// up with one listing. An object that the listing does not have is an [ObjectError] that
// wraps fs.ErrNotExist. With an ETag or a VersionID the object is read as it was, or is
// [ErrChanged]. Without both it is read as it is now.
//
// No cursor holds what failed: [Scan.Cursor] and [Entry.Cursor] are zero. If an [ObjectError]
// is Retryable, give the object again later, or put it aside. [Scan.SaveTo] and [Scan.Follow]
// are refused.
//
// An error of seq is yielded as it is. It ends the scan if [EndsScan] is true for it, so that
// [Scan.Objects] of another scan may be given whole. The scan ranges over seq on another
// goroutine, ahead of its loop. It cannot interrupt seq: if seq waits for something, have it
// end when the context of the loop does. A nil seq is an error of the scan's first pair.
func (c *Client) ScanOf(seq iter.Seq2[Object, error]) *Scan {
	s := &Scan{reader: reader{src: c.src, opts: c.opts}, err: c.err, given: seq}
	if seq == nil && s.err == nil {
		s.err = errors.New("qlogs: Client.ScanOf: the sequence of objects is nil: give one, such as Scan.Objects")
	}
	return s
}

// Read yields the records of objects. It is [Client.ScanOf] for a few objects, without
// counters. The sequence may be ranged over more than once, and reads the objects each time.
func (c *Client) Read(ctx context.Context, objects ...Object) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		c.ScanOf(func(give func(Object, error) bool) {
			for _, o := range objects {
				if !give(o, nil) {
					return
				}
			}
		}).Records(ctx)(yield)
	}
}
