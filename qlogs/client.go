package qlogs

import "github.com/promptlogs/qlogs/internal/resume"

// A Client reads the logs of one [Source]. It keeps no state between scans, has
// nothing to close, and is safe for use by many goroutines at once.
type Client struct {
	src  Source
	opts Options
	err  error
}

// New returns a client that reads from src. If opts is nil, the defaults that
// [Options] names are used. A bad option is told by each scan's first pair.
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
// the scan is ranged over. A bad query is told by the scan's first pair.
func (c *Client) Scan(q Query) *Scan {
	s := &Scan{reader: reader{src: c.src, opts: c.opts, mayMiss: q.MayBeEmpty}, err: c.err}
	if s.err != nil {
		return s
	}
	if s.sel, s.err = q.selection(c.opts.ListPad); s.err != nil {
		return s
	}
	s.tracker, s.err = resume.New(scope(c.src, s.sel), q.After.state, s.opts.Lookback, s.sel.To)
	return s
}
