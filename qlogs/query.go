package qlogs

import (
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/selection"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// Query says which logs a [Scan] reads. The zero value reads every log in the store.
type Query struct {
	// Prefix is where to look: whole path elements, from the root of the bucket
	// ("") down to an hour folder, with or without a final "/". Log roots below
	// it are found. No listing asks for less than Prefix.
	Prefix string

	// Accounts are the 12-digit AWS accounts to read; all if empty.
	Accounts []string

	// Regions are the AWS Regions to read; all if empty.
	Regions []string

	// Products are the product folders to read; all if empty.
	Products []path.Product

	// Types are the log types to read; all if empty, those that this version
	// does not know included.
	Types []path.LogType

	// From and To bound the records' own time: From <= time < To. A zero one
	// leaves that end open. Records without a time are placed by the minute in
	// the object's key, else by its hour folder. A record of an unknown kind has a
	// time if [record.Unknown.Time] finds one. See [Options].ListPad.
	From, To time.Time

	// MayBeEmpty means that it is no error if no folder of logs lies below Prefix, or none
	// that the query selects. Without it a scan ends with a [*PartitionError] that wraps
	// [ErrNoLogs] and says what lies there instead: a prefix that is misspelt looks like a
	// month without data. It is not needed for a Prefix inside a partition, nor for a time
	// in which there are no logs.
	MayBeEmpty bool

	// After goes on where another scan of the same source, prefix, accounts,
	// regions, products and types stood; its From and To may have been others.
	// The zero Cursor starts at the beginning.
	//
	// What that scan left out because it was not before its To is read if it is
	// before this one's; objects that were read for nothing but records before From
	// count as finished. Records that stand in one object behind the first that was
	// left out come again if that scan's loop did not come to the object's end.
	After Cursor
}

// selection returns what q selects, where listings reach that far beyond its times.
func (q Query) selection(pad time.Duration) (selection.Selection, error) {
	return selection.New(selection.Selection{
		Prefix: q.Prefix, Accounts: q.Accounts, Regions: q.Regions, Products: q.Products, Types: q.Types,
		From: q.From, To: q.To, Pad: pad,
	})
}

// scope is what cursors of a selection are good for.
func scope(src Source, s selection.Selection) resume.Scope {
	return resume.Scope{Source: src.ID(), Prefix: s.Prefix, Accounts: s.Accounts, Regions: s.Regions, Products: s.Products, Types: s.Types}
}
