package qlogs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
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
	// time if [record.Unknown.Time] finds one. See [Options].Pad.
	From, To time.Time

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

// A selection is a validated query.
type selection struct {
	prefix   string // empty, or with its final "/"
	accounts []string
	regions  []string
	products []path.Product
	types    []path.LogType
	from, to time.Time
}

func newSelection(q Query) (selection, error) {
	s := selection{
		prefix:   q.Prefix,
		accounts: sorted(q.Accounts),
		regions:  sorted(q.Regions),
		products: sorted(q.Products),
		types:    sorted(q.Types),
		from:     q.From.UTC(),
		to:       q.To.UTC(),
	}
	if s.prefix != "" && !strings.HasSuffix(s.prefix, "/") {
		s.prefix += "/"
	}
	return s, s.validate()
}

func sorted[T ~string](list []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func (s selection) validate() error {
	var errs []error
	if !isPrefix(s.prefix) {
		errs = append(errs, fmt.Errorf("qlogs: Query.Prefix is %q: write what keys begin with, such as logs/, without the bucket: ParseS3URI splits an S3 URI", s.prefix))
	}
	for _, a := range s.accounts {
		if !isAccount(a) {
			errs = append(errs, fmt.Errorf("qlogs: Query.Accounts has %q: an account is 12 digits", a))
		}
	}
	for _, p := range s.products {
		if p != path.QDeveloperLogs && p != path.KiroLogs {
			errs = append(errs, fmt.Errorf("qlogs: Query.Products has %q: a product is %s or %s", p, path.QDeveloperLogs, path.KiroLogs))
		}
	}
	for _, t := range s.types {
		if t == "" || strings.Contains(string(t), "/") || t.Report() || strings.TrimSpace(string(t)) != string(t) {
			errs = append(errs, fmt.Errorf("qlogs: Query.Types has %q: not the folder of a log type", t))
		} else if known := inOtherCase(t); known != "" {
			errs = append(errs, fmt.Errorf("qlogs: Query.Types has %q: write %s, keys tell upper case from lower case", t, known))
		}
	}
	for _, r := range s.regions {
		if strings.Contains(r, "/") || path.Locate("AWSLogs/000000000000/"+string(path.KiroLogs)+"/x/"+r).Level != path.LevelRegion {
			errs = append(errs, fmt.Errorf("qlogs: Query.Regions has %q: not an AWS Region: write its code, such as us-east-1", r))
		}
	}
	if !s.from.IsZero() && !s.to.IsZero() && !s.from.Before(s.to) {
		errs = append(errs, fmt.Errorf("qlogs: Query.From (%s) is not before Query.To (%s)",
			s.from.Format(time.RFC3339), s.to.Format(time.RFC3339)))
	}
	return errors.Join(errs...)
}

// isPrefix reports whether keys can begin with s: what begins as a URI or an ARN does names
// a bucket, too.
func isPrefix(s string) bool {
	scheme, _, isURI := strings.Cut(s, "://")
	return utf8.ValidString(s) && !(isURI && !strings.Contains(scheme, "/")) && !strings.HasPrefix(strings.ToLower(s), "arn:")
}

// inOtherCase returns the known log type that t is but for upper and lower case, or "".
func inOtherCase(t path.LogType) path.LogType {
	for _, known := range []path.LogType{path.GenerateAssistantResponse, path.GenerateCompletions, path.StartTaskAssistCodeGeneration} {
		if t != known && strings.EqualFold(string(t), string(known)) {
			return known
		}
	}
	return ""
}

func isAccount(s string) bool {
	return path.Locate("AWSLogs/"+s).Level == path.LevelAccount
}

func selects[T ~string](list []T, v T) bool {
	return len(list) == 0 || v == "" || slices.Contains(list, v)
}

// covers tells whether a folder at loc may hold selected logs: each part of the
// partition that is known there has to be selected.
func (s selection) covers(p path.Partition) bool {
	return selects(s.accounts, p.Account) && selects(s.regions, p.Region) &&
		selects(s.products, p.Product) && selects(s.types, p.LogType) && !p.LogType.Report()
}

// keyRange returns the bounds of the keys to list in p: after < key < end.
func (s selection) keyRange(p path.Partition, pad time.Duration) (after, end string) {
	from := s.from
	if !from.IsZero() {
		from = from.Add(-pad)
	}
	return p.Range(from, s.paddedTo(pad))
}

// paddedTo is To with the pad behind it, before which a listing by keyRange is whole; zero if
// there is no To.
func (s selection) paddedTo(pad time.Duration) time.Time {
	if s.to.IsZero() {
		return time.Time{}
	}
	return s.to.Add(pad)
}

// compare returns 0 for a record of the object at key that is in the selected
// time, -1 for one before it and +1 for one after it.
func (s selection) compare(r record.Record, key path.Key) int {
	if s.from.IsZero() && s.to.IsZero() {
		return 0
	}
	t, span := r.Time(), time.Duration(0)
	if t.IsZero() {
		if m, ok := key.Minute(); ok {
			t = m
		} else {
			t, span = key.Hour, time.Hour-1
		}
	}
	switch {
	case !s.from.IsZero() && t.Add(span).Before(s.from):
		return -1
	case !s.to.IsZero() && !t.Before(s.to):
		return +1
	}
	return 0
}

// nearEnd tells whether a scan from this one's To on would list the object.
func (s selection) nearEnd(key path.Key, pad time.Duration) bool {
	return key.Hour.Add(time.Hour).After(s.to.Add(-pad))
}

func (s selection) scope(source string) resume.Scope {
	return resume.Scope{
		Source:   source,
		Prefix:   s.prefix,
		Accounts: s.accounts,
		Regions:  s.regions,
		Products: s.products,
		Types:    s.types,
	}
}
