package qlogs

import (
	"reflect"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/selection"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// Query says which logs a [Scan] reads. The zero value reads every log in the store.
type Query struct {
	// Prefix is where to look: whole path elements, from the root of the bucket
	// ("") down to an hour folder, with or without a final "/". Log roots below
	// it are found. The prefix of every listing begins with Prefix.
	Prefix string

	// Accounts are the AWS accounts to read, of 12 digits each; all if empty.
	Accounts []string

	// Regions are the AWS Regions to read; all if empty.
	Regions []string

	// Products are the product folders to read; all if empty.
	Products []path.Product

	// Types are the log types to read; all if empty, also those that this version
	// does not know.
	Types []path.LogType

	// From and To bound the records' own time: From <= time < To. A zero time
	// leaves that end open. A record without a time has that of the minute in its
	// object's key, or else of its hour folder. A record of an unknown kind has a
	// time if [record.Unknown.Time] finds one. See [Options].ListPad.
	//
	// Keep From the same in scans that go on from each other's cursors, and move To
	// alone. If From moves forward, as in {From: yesterday, To: today, After: cursor},
	// records from before it that arrive late are never delivered.
	From, To time.Time

	// MayBeEmpty means that it is no error if no folder of logs lies below Prefix, or none
	// that the query selects. If it is false, the last pair of such a scan is a
	// [*PartitionError] that wraps [ErrNoLogs] and says what lies there instead, because a
	// misspelt prefix looks like a month without data. [Scan.Follow] yields the error once
	// and goes on. A Prefix inside a partition, or a time without logs, is never an error.
	MayBeEmpty bool

	// After goes on where another scan of the same source, prefix, accounts,
	// Regions, products and types stood. That scan's From and To may have been others.
	// The zero Cursor starts at the beginning.
	//
	// Records at or after the earlier To are read if they lie before this To. An object
	// whose records all lie before the earlier From counts as finished, and is not read
	// again. If the earlier loop stopped inside an object that has a record at or after
	// its To, the records after that one may be delivered again.
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
	c := resume.Scope{Source: src.ID(), Prefix: s.Prefix, Accounts: s.Accounts, Regions: s.Regions, Products: s.Products, Types: s.Types}
	if c.Source == "" {
		c.Nameless = src
		if !reflect.ValueOf(src).Comparable() {
			c.Nameless = new(byte)
		}
	}
	return c
}
