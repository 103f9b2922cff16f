package qlogs

import (
	"context"
	"fmt"
	"strings"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// noLogs returns the error of a prefix below which no log was found, and says what lies there
// instead. It looks with one more LIST.
func (f *feed) noLogs(ctx context.Context) error {
	look, err := listing.LookAt(ctx, f.listing())
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p := path.Partition{Prefix: strings.TrimSuffix(f.sel.Prefix, "/")}
	if loc := path.Locate(f.sel.Prefix); loc.Level > path.LevelAbove {
		p = loc.Partition
	}
	if err != nil { // it worked a moment ago
		return &PartitionError{Partition: p, Prefix: f.sel.Prefix, Err: fmt.Errorf("%w, and what lies there could not be listed: %w", ErrNoLogs, err)}
	}
	return &PartitionError{Partition: p, Prefix: f.sel.Prefix, Err: fmt.Errorf("%w: %s", ErrNoLogs, f.instead(look))}
}

// instead says what lies where no log was found, and what to do.
func (f *feed) instead(l listing.Look) string {
	if len(l.Folders) == 0 && len(l.Objects) == 0 {
		if f.sel.Prefix == "" {
			return "nothing lies there: is this the bucket, or directory, that the logs are written to?"
		}
		return "nothing lies at this prefix: correct Query.Prefix: use the prefix that was configured for the logs, or a folder above it; or set Query.MayBeEmpty"
	}
	text := "there is " + f.names(append(l.Folders, l.Objects...))
	if l.More {
		text += " and more"
	}
	if !f.sel.All() {
		return text + "; the query selects no folder of logs below it: correct Query.Prefix, Accounts, Regions, Products or Types, or set Query.MayBeEmpty"
	}
	return text + f.roots(f.walk.Passed())
}

// roots says what is in the AWSLogs/ folders, if there are any.
func (f *feed) roots(p listing.Passed) string {
	text := "; logs lie in <prefix>/AWSLogs/<account>/: correct Query.Prefix, or set Query.MayBeEmpty"
	if p.Roots > 0 {
		text = "; no prompt logs lie in AWSLogs/"
		if len(p.Foreign) > 0 {
			text += fmt.Sprintf(", which has %s", f.names(p.Foreign))
		}
		text += ": use the bucket and prefix that prompt logging is configured with, or set Query.MayBeEmpty"
	}
	if p.Deeper {
		text += fmt.Sprintf("; folders more than %d below the prefix were not searched: see Options.SearchDepth", f.opts.SearchDepth)
	}
	return text
}

// names quotes names without the query's prefix.
func (f *feed) names(names []string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, fmt.Sprintf("%.100q", strings.TrimPrefix(name, f.sel.Prefix)))
	}
	return strings.Join(quoted, ", ")
}
