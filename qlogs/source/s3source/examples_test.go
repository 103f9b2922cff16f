package s3source_test

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// The examples read a bucket of odd records and damage: they print all that can be read, and
// log the rest.
func TestExamplesOnOddRecords(t *testing.T) {
	store := s3test.New()
	t.Cleanup(store.Close)
	var want qlogstest.Totals
	for o := range qlogstest.Generate(qlogstest.Config{Objects: 60, OddEvery: 2, DamageEvery: 4, MaxText: 1 << 10}) {
		store.Put("my-bucket", o.Key, o.Body)
		want.Add(o)
	}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3":         server.URL,
		"AWS_ACCESS_KEY_ID":           "id",
		"AWS_SECRET_ACCESS_KEY":       "secret",
		"AWS_REGION":                  s3test.Region,
		"AWS_PROFILE":                 "",
		"AWS_CONFIG_FILE":             none,
		"AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_CA_BUNDLE":               "",
	} {
		t.Setenv(name, value)
	}
	for name, example := range map[string]func(){"ExampleNew": ExampleNew, "ExampleBucketRegion": ExampleBucketRegion} {
		printed, logged := testutil.RunExample(t, example)
		if n := int64(strings.Count(printed, "\n")); n != want.RecordsYielded {
			t.Errorf("%s printed %d records, want %d", name, n, want.RecordsYielded)
		}
		if n := int64(strings.Count(logged, "\n")); n != want.Failed+want.RecordsFailed {
			t.Errorf("%s logged %d errors, want %d of objects and %d of records:\n%s", name, n, want.Failed, want.RecordsFailed, logged)
		}
	}
}
