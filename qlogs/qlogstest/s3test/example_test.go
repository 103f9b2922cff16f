package s3test_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// A Report is what the service under test makes of a bucket.
type Report struct {
	Prompts map[record.UserID]int // that are not empty
	Damaged int64                 // objects and records
	Denied  int
}

// A Service counts prompts.
type Service struct {
	Client *s3.Client
	Bucket string
}

// Report reads the whole bucket.
func (s Service) Report(ctx context.Context) (Report, error) {
	r := Report{Prompts: map[record.UserID]int{}}
	for e, err := range qlogs.New(s3source.New(s.Client, s.Bucket, nil), nil).Scan(qlogs.Query{}).Records(ctx) {
		switch {
		case qlogs.EndsScan(err):
			return r, err
		case errors.Is(err, fs.ErrPermission):
			r.Denied++
		case err != nil:
			r.Damaged++
		default:
			r.add(e.Record)
		}
	}
	return r, nil
}

func (r Report) add(rec record.Record) {
	prompt := ""
	switch rec := rec.(type) {
	case *record.GenerateAssistantResponse:
		prompt = rec.Request.Prompt
	case *record.StartTaskAssistCodeGeneration:
		prompt = rec.Request.Prompt
	}
	if prompt != "" {
		r.Prompts[rec.UserID()]++
	}
}

// The service counts what is in a bucket of any kind, damaged objects and odd records
// included.
func TestService(t *testing.T) {
	for seed := range uint64(3) {
		server := s3test.New()
		t.Cleanup(server.Close)
		var want qlogstest.Totals
		for o := range qlogstest.Generate(qlogstest.Config{Seed: seed, Objects: 200, DamageEvery: 10, OddEvery: 2, MaxText: 4 << 10}) {
			server.Put("logs", o.Key, o.Body)
			want.Add(o)
		}

		got, err := Service{server.Client(), "logs"}.Report(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got.Prompts, want.PromptsByUser) {
			t.Errorf("seed %d: prompts = %v, want %v", seed, got.Prompts, want.PromptsByUser)
		}
		if got.Damaged != want.Failed+want.RecordsFailed {
			t.Errorf("seed %d: %d damaged, want %d objects and %d records", seed, got.Damaged, want.Failed, want.RecordsFailed)
		}
	}
}

// A bucket that is not there is an error, and no empty report.
func TestServiceWithoutBucket(t *testing.T) {
	server := s3test.New()
	t.Cleanup(server.Close)
	if _, err := (Service{server.Client(), "logs"}).Report(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Report of no bucket: error = %v, want %v", err, fs.ErrNotExist)
	}
}

func Example() {
	server := s3test.New()
	defer server.Close()
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	for _, name := range []string{"a", "b", "c"} {
		server.Put("logs", qlogstest.Key(path.GenerateAssistantResponse, at, name), qlogstest.File(
			qlogstest.Chat{UserID: "d-1234567890.ana", Prompt: "why?"},
		))
	}

	// One of the objects is denied.
	server.Wrap(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s3test.Operation(r) == "GetObject" && strings.HasSuffix(r.URL.Path, "_b.json.gz") {
				s3test.Error(w, http.StatusForbidden, "AccessDenied", "Access Denied")
				return
			}
			next.ServeHTTP(w, r)
		})
	})

	report, err := Service{server.Client(), "logs"}.Report(context.Background())
	fmt.Println("prompts of ana:", report.Prompts["d-1234567890.ana"], "denied:", report.Denied, err)
	fmt.Println("objects asked for:", server.Requests()["GetObject"])
	// Output:
	// prompts of ana: 2 denied: 1 <nil>
	// objects asked for: 3
}
