package stores_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

func TestUploadToMemS3(t *testing.T) {
	testutil.NoLeaks(t)
	mem, client := stores.MemS3(t)
	mem.CreateBucket("logs")
	cfg := qlogstest.Config{Seed: 1, Objects: 120, DamageEvery: 4, MaxText: 10_000}
	if err := stores.Upload(t.Context(), client, "logs", qlogstest.Generate(cfg), 8); err != nil {
		t.Fatal(err)
	}
	if got := len(mem.Keys("logs")); got != 120 {
		t.Errorf("objects = %d, want 120", got)
	}
	for o := range qlogstest.Generate(cfg) {
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("logs"), Key: &o.Key})
		if err != nil {
			t.Fatalf("GetObject(%q): %v", o.Key, err)
		}
		body, err := io.ReadAll(out.Body)
		out.Body.Close()
		if err != nil || string(body) != string(o.Body) {
			t.Errorf("GetObject(%q) = %d bytes, %v, want %d", o.Key, len(body), err, len(o.Body))
		}
	}
}

func TestUploadStopsAtAnError(t *testing.T) {
	testutil.NoLeaks(t)
	mem, client := stores.MemS3(t)
	mem.CreateBucket("logs")
	var seen atomic.Int32
	mem.Intercept(func(s3mem.Request) *s3mem.Fault {
		if seen.Add(1) > 20 {
			return &s3mem.Fault{Status: http.StatusForbidden}
		}
		return nil
	})
	err := stores.Upload(t.Context(), client, "logs", qlogstest.Generate(qlogstest.Config{Objects: 1000, MaxText: 100}), 4)
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("Upload error = %v, want AccessDenied", err)
	}
	if got := len(mem.Keys("logs")); got == 0 || got > 20 {
		t.Errorf("objects = %d, want at most 20", got)
	}
}
