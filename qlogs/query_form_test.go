package qlogs_test

import (
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// TestQueryForms: a selection that can match nothing by its form is refused, with the
// name of its field and its value.
func TestQueryForms(t *testing.T) {
	for field, queries := range map[string][]qlogs.Query{
		"Query.Regions has": {{Regions: []string{"us-east-1 "}}, {Regions: []string{"US-EAST-1"}}, {Regions: []string{"us_east_1"}}, {Regions: []string{""}}, {Regions: []string{"us-east-1/"}}},
		"Query.Prefix is":   {{Prefix: "s3://b/p"}, {Prefix: "S3://b"}, {Prefix: "https://b/p/"}, {Prefix: "file:///x"}, {Prefix: "a/\xff"}, {Prefix: "arn:aws:s3:::b/p"}, {Prefix: "ARN:aws:s3:us-east-1:111122223333:accesspoint/a"}},
		"Query.Types has":   {{Types: []path.LogType{" GenerateAssistantResponse"}}, {Types: []path.LogType{"GenerateCompletions\n"}}, {Types: []path.LogType{""}}, {Types: []path.LogType{"generateAssistantResponse"}}, {Types: []path.LogType{"GENERATECOMPLETIONS"}}},
	} {
		for _, q := range queries {
			src := newCursorStore()
			n := 0
			for _, err := range qlogs.New(src, nil).Scan(q).Records(t.Context()) {
				if n++; err == nil || !strings.Contains(err.Error(), field) {
					t.Errorf("%+v: error %v, want one that says %q", q, err, field)
				}
			}
			if _, lists := src.requests(); n != 1 || lists != 0 {
				t.Errorf("%+v: %d pairs and %d listings, want one error", q, n, lists)
			}
		}
	}
	for _, q := range []qlogs.Query{{Regions: []string{"us-east-1", "xx-new-99"}}, {Prefix: "/p"}, {Prefix: "a/b://c"}, {Prefix: "p/arn:aws"}, {Types: []path.LogType{"NewType"}}} {
		q.MayBeEmpty = true
		for _, err := range qlogs.New(newCursorStore(), nil).Scan(q).Records(t.Context()) {
			t.Errorf("%+v: %v, want no error", q, err)
		}
	}
}
