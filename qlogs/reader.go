package qlogs

import (
	"context"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/selection"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// A reader is what the parts of one scan have in common. A [Scan] is the user's handle of it.
type reader struct {
	src      Source
	opts     Options // with their defaults
	sel      selection.Selection
	tracker  *resume.Tracker // nil if nothing is remembered
	mayMiss  bool            // no logs at all are no error
	counters counters
}

// steps makes the steps of this reader.
func (r *reader) steps() steps {
	return steps{maxObjectBytes: r.opts.MaxObjectBytes, maxAttempts: r.opts.MaxAttempts}
}

// reading is how package reading is to read for f.
func (r *reader) reading(f filter) reading.Config {
	o := r.opts
	return reading.Config{
		Source: r.src, Counts: &r.counters.gets, Find: r.find, Keep: f.keep, Restart: f.restart,
		InFlight: o.InFlight, BytesInFlight: o.BytesInFlight, MaxResumes: o.MaxResumes,
		StallTimeout: o.StallTimeout, MaxObjectBytes: o.MaxObjectBytes,
		Decoder: record.DecoderOptions{
			MaxRecordBytes: o.MaxRecordBytes, MaxRecords: o.MaxRecords, MaxDepth: o.MaxDepth, StrictFields: o.StrictFields,
		},
	}
}

// listing is what package listing is to list. The rest is the caller's to set.
func (r *reader) listing() listing.Config {
	return listing.Config{
		Source: r.src, Prefix: r.sel.Prefix, Covers: r.sel.Covers,
		SearchDepth: r.opts.SearchDepth, Lists: r.opts.Lists, StallTimeout: r.opts.StallTimeout, Calls: &r.counters.lists,
	}
}

// find looks one object up.
func (r *reader) find(ctx context.Context, key string) (o Object, found bool, err error) {
	return listing.Find(ctx, r.listing(), key)
}
