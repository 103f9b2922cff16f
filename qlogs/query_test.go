package qlogs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// queryRefused wants the scan's only pair to be an error with all these words.
func queryRefused(t *testing.T, opts *qlogs.Options, q qlogs.Query, words ...string) {
	t.Helper()
	src := contractBucket(3)
	client := qlogs.New(src, opts)
	var errs []error
	for _, err := range client.Scan(q).Records(t.Context()) {
		errs = append(errs, err)
	}
	for _, err := range client.Scan(q).Objects(t.Context()) {
		errs = append(errs, err)
	}
	if len(errs) != 2 || errs[0] == nil || errs[1] == nil {
		t.Fatalf("Records and Objects yield %v, want one error each", errs)
	}
	for _, w := range words {
		if !strings.Contains(errs[0].Error(), w) || !strings.Contains(errs[1].Error(), w) {
			t.Errorf("errors %q, want them to say %q", errs, w)
		}
	}
	if len(src.listed()) != 0 || src.opens() != 0 {
		t.Errorf("lists %q, %d objects opened, want none", src.listed(), src.opens())
	}
	s := client.Scan(q)
	if !s.Cursor().IsZero() || !(qlogs.Entry{}).Cursor().IsZero() || s.Stats() != (qlogs.Stats{}) {
		t.Errorf("Cursor() = %q, Entry.Cursor() = %q, Stats() = %+v, want zeros", s.Cursor(), (qlogs.Entry{}).Cursor(), s.Stats())
	}
}

func TestQueryBadOptions(t *testing.T) {
	for _, tt := range []struct {
		opts  qlogs.Options
		words []string
	}{
		{qlogs.Options{InFlight: -1}, []string{"InFlight", "-1"}},
		{qlogs.Options{BytesInFlight: -2}, []string{"BytesInFlight", "-2"}},
		{qlogs.Options{StallTimeout: -time.Second}, []string{"StallTimeout"}},
		{qlogs.Options{SearchDepth: -3}, []string{"SearchDepth", "-3"}},
		{qlogs.Options{MaxObjectBytes: -4}, []string{"MaxObjectBytes", "-4"}},
		{qlogs.Options{MaxRecordBytes: -5}, []string{"MaxRecordBytes", "-5"}},
		{qlogs.Options{MaxRecords: -6}, []string{"MaxRecords", "-6"}},
		{qlogs.Options{MaxDepth: -7}, []string{"MaxDepth", "-7"}},
		{qlogs.Options{InFlight: -1, MaxDepth: -7}, []string{"InFlight", "-1", "MaxDepth", "-7"}},
	} {
		queryRefused(t, &tt.opts, qlogs.Query{}, append(tt.words, "qlogs: ")...)
	}
}

func TestQueryBad(t *testing.T) {
	at := contractStart
	for _, tt := range []struct {
		name  string
		q     qlogs.Query
		words []string
	}{
		{"account too short", qlogs.Query{Accounts: []string{"11112222333"}}, []string{"Accounts", `"11112222333"`, "12 digits"}},
		{"account with hyphens", qlogs.Query{Accounts: []string{"1111-2222-3333"}}, []string{"Accounts", `"1111-2222-3333"`}},
		{"account with other digits", qlogs.Query{Accounts: []string{"11112222333٣"}}, []string{"Accounts"}},
		{"empty account", qlogs.Query{Accounts: []string{""}}, []string{"Accounts", `""`}},
		{"one good account", qlogs.Query{Accounts: []string{"111122223333", "x"}}, []string{"Accounts", `"x"`}},
		{"product in lower case", qlogs.Query{Products: []path.Product{"kirologs"}}, []string{"Products", `"kirologs"`, "KiroLogs", "QDeveloperLogs"}},
		{"empty product", qlogs.Query{Products: []path.Product{""}}, []string{"Products"}},
		{"empty type", qlogs.Query{Types: []path.LogType{""}}, []string{"Types"}},
		{"type with a slash", qlogs.Query{Types: []path.LogType{"a/b"}}, []string{"Types", `"a/b"`}},
		{"report", qlogs.Query{Types: []path.LogType{path.UserReport}}, []string{"Types", `"user_report"`}},
		{"older report", qlogs.Query{Types: []path.LogType{path.ByUserAnalytic}}, []string{"Types", `"by_user_analytic"`}},
		{"empty region", qlogs.Query{Regions: []string{""}}, []string{"Regions"}},
		{"region with a slash", qlogs.Query{Regions: []string{"us-east-1/"}}, []string{"Regions", `"us-east-1/"`}},
		{"from after to", qlogs.Query{From: at.Add(1), To: at}, []string{"From", "To", "2026-03-02T09:00:00Z"}},
		{"from at to", qlogs.Query{From: at, To: at.In(time.FixedZone("", 3600))}, []string{"From", "To"}},
		{"all at once", qlogs.Query{Accounts: []string{"x"}, Products: []path.Product{"y"}, Regions: []string{""}, Types: []path.LogType{""}, From: at, To: at},
			[]string{"Accounts", "Products", "Regions", "Types", "From"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			queryRefused(t, nil, tt.q, append(tt.words, "qlogs: Query.")...)
		})
	}
}

// A client keeps its own copy of the options, and a scan of the query.
func TestQueryIsCopied(t *testing.T) {
	src := contractBucket(3)
	opts := &qlogs.Options{InFlight: 2}
	accounts := []string{"111122223333"}
	client := qlogs.New(src, opts)
	opts.InFlight = -1
	s := client.Scan(qlogs.Query{Accounts: accounts})
	accounts[0] = "999999999999"
	contractSame(t, "records", contractRead(t, src, s).pairs, contractIDs(3))
}
