// Package selection decides which logs a query selects: which folders to visit, which keys to
// list, which records to keep.
package selection

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// A Selection says which logs are read. Its fields are those of a qlogs.Query.
type Selection struct {
	Prefix   string // empty, or with its final "/"
	Accounts []string
	Regions  []string
	Products []path.Product
	Types    []path.LogType
	From, To time.Time

	// Pad is how far a listing reaches beyond From and To, and Until is To with the pad
	// behind it; zero if there is no To. All before Until is listed.
	Pad   time.Duration
	Until time.Time
}

// New returns the selection in its normal form: a prefix with its final "/", lists in order,
// times in UTC. The error names all that is wrong with it.
func New(s Selection) (Selection, error) {
	if s.Prefix != "" && !strings.HasSuffix(s.Prefix, "/") {
		s.Prefix += "/"
	}
	s.Accounts, s.Regions = sorted(s.Accounts), sorted(s.Regions)
	s.Products, s.Types = sorted(s.Products), sorted(s.Types)
	s.From, s.To = s.From.UTC(), s.To.UTC()
	if !s.To.IsZero() {
		s.Until = s.To.Add(s.Pad)
	}
	return s, s.validate()
}

func sorted[T ~string](list []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func (s Selection) validate() error {
	var errs []error
	if !isPrefix(s.Prefix) {
		errs = append(errs, fmt.Errorf("qlogs: Query.Prefix is %q: write what keys begin with, such as logs/, without the bucket: open.URI takes a whole URI, and returns the prefix", s.Prefix))
	}
	for _, a := range s.Accounts {
		if !isAccount(a) {
			errs = append(errs, fmt.Errorf("qlogs: Query.Accounts has %q: an account is 12 digits", a))
		}
	}
	for _, p := range s.Products {
		if p != path.QDeveloperLogs && p != path.KiroLogs {
			errs = append(errs, fmt.Errorf("qlogs: Query.Products has %q: a product is %s or %s", p, path.QDeveloperLogs, path.KiroLogs))
		}
	}
	for _, t := range s.Types {
		if t == "" || strings.Contains(string(t), "/") || t.Report() || strings.TrimSpace(string(t)) != string(t) {
			errs = append(errs, fmt.Errorf("qlogs: Query.Types has %q: not the folder of a log type", t))
		} else if known := inOtherCase(t); known != "" {
			errs = append(errs, fmt.Errorf("qlogs: Query.Types has %q: write %s, keys are case-sensitive", t, known))
		}
	}
	for _, r := range s.Regions {
		if strings.Contains(r, "/") || path.Locate("AWSLogs/000000000000/"+string(path.KiroLogs)+"/x/"+r).Level != path.LevelRegion {
			errs = append(errs, fmt.Errorf("qlogs: Query.Regions has %q: not an AWS Region: write its code, such as us-east-1", r))
		}
	}
	if !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To) {
		errs = append(errs, fmt.Errorf("qlogs: Query.From (%s) is not before Query.To (%s)",
			s.From.Format(time.RFC3339), s.To.Format(time.RFC3339)))
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

// Covers reports whether a folder may hold selected logs, of which that much of the partition
// is known: each part that is known has to be selected.
func (s Selection) Covers(p path.Partition) bool {
	return selects(s.Accounts, p.Account) && selects(s.Regions, p.Region) &&
		selects(s.Products, p.Product) && selects(s.Types, p.LogType) && !p.LogType.Report()
}

// All reports whether all partitions are selected.
func (s Selection) All() bool {
	return len(s.Accounts) == 0 && len(s.Regions) == 0 && len(s.Products) == 0 && len(s.Types) == 0
}

// KeyRange returns the bounds of the keys to list in a partition: after < key < end.
func (s Selection) KeyRange(p path.Partition) (after, end string) {
	from := s.From
	if !from.IsZero() {
		from = from.Add(-s.Pad)
	}
	return p.Range(from, s.Until)
}

// Time returns when a record of the object at key was made: its own time or, if it has
// none, the minute of the key or, if that has none, its hour. The span is how much later it
// may have been.
func Time(r record.Record, key path.Key) (t time.Time, span time.Duration) {
	if r != nil {
		t = r.Time()
	}
	if !t.IsZero() {
		return t, 0
	}
	if m, ok := key.Minute(); ok {
		return m, 0
	}
	return key.Hour, time.Hour - 1
}

// Compare returns 0 for a record of the object at key that is in the selected
// time, -1 for one before it and +1 for one after it.
func (s Selection) Compare(r record.Record, key path.Key) int {
	if s.From.IsZero() && s.To.IsZero() {
		return 0
	}
	t, span := Time(r, key)
	switch {
	case !s.From.IsZero() && t.Add(span).Before(s.From):
		return -1
	case !s.To.IsZero() && !t.Before(s.To):
		return +1
	}
	return 0
}

// NearEnd reports whether a scan from this one's To on would list the object.
func (s Selection) NearEnd(key path.Key) bool {
	return key.Hour.Add(time.Hour).After(s.To.Add(-s.Pad))
}
