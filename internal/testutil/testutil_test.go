package testutil_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

func TestUploadToMemS3(t *testing.T) {
	testutil.NoLeaks(t)
	mem, client := testutil.MemS3(t)
	mem.CreateBucket("logs")
	cfg := qlogstest.Config{Seed: 1, Objects: 120, DamageEvery: 4, MaxText: 10_000}
	if err := testutil.Upload(t.Context(), client, "logs", qlogstest.Generate(cfg), 8); err != nil {
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
	mem, client := testutil.MemS3(t)
	mem.CreateBucket("logs")
	var seen atomic.Int32
	mem.Intercept(func(s3mem.Request) *s3mem.Fault {
		if seen.Add(1) > 20 {
			return &s3mem.Fault{Status: http.StatusForbidden}
		}
		return nil
	})
	err := testutil.Upload(t.Context(), client, "logs", qlogstest.Generate(qlogstest.Config{Objects: 1000, MaxText: 100}), 4)
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("Upload error = %v, want AccessDenied", err)
	}
	if got := len(mem.Keys("logs")); got == 0 || got > 20 {
		t.Errorf("objects = %d, want at most 20", got)
	}
}

// recorder stands for a test: it keeps what would be cleaned up and reported.
type recorder struct {
	testing.TB
	cleanups []func()
	report   string
}

func (r *recorder) Cleanup(f func())                  { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Helper()                           {}
func (r *recorder) Errorf(format string, args ...any) { r.report += fmt.Sprintf(format, args...) }

func TestNoLeaksReports(t *testing.T) {
	old, stop := make(chan bool), make(chan bool)
	go blockUntil(old)
	rec := &recorder{TB: t}
	testutil.NoLeaksWithin(rec, 0)
	go blockUntil(stop)
	rec.cleanups[0]()
	if !strings.HasPrefix(rec.report, "1 goroutines left:") || !strings.Contains(rec.report, "TestNoLeaksReports") {
		t.Errorf("report = %q, want one goroutine of this test", rec.report)
	}
	close(stop)
	close(old)

	rec = &recorder{TB: t}
	testutil.NoLeaks(rec)
	rec.cleanups[0]()
	if rec.report != "" {
		t.Errorf("report = %q, want none", rec.report)
	}
}

func blockUntil(c chan bool) { <-c }

func TestNoLeaksReportsConnections(t *testing.T) {
	mem, client := testutil.MemS3(t)
	mem.Put("logs", "k", make([]byte, 10<<20))
	rec := &recorder{TB: t}
	testutil.NoLeaksWithin(rec, 0)
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("logs"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	rec.cleanups[0]()
	if !strings.Contains(rec.report, "persistConn") {
		t.Errorf("report = %q, want the connection of an open body", rec.report)
	}
	if err := out.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestNoLeaksReportsFiles(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("not known on this system")
	}
	rec := &recorder{TB: t}
	testutil.NoLeaksWithin(rec, 0)
	name := filepath.Join(t.TempDir(), "left")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	rec.cleanups[0]()
	if want := fmt.Sprintf("1 handles left open: [%q]", name); rec.report != want {
		t.Errorf("report = %q, want %q", rec.report, want)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	rec.report = ""
	rec.cleanups[0]()
	if rec.report != "" {
		t.Errorf("report = %q, want none for a file that is closed", rec.report)
	}
}

func TestVmHWM(t *testing.T) {
	n, ok := testutil.VmHWM()
	if !ok {
		t.Skip("not known on this system")
	}
	if n < 1<<20 || n > 1<<40 {
		t.Errorf("VmHWM = %d, want the size of a process", n)
	}
}

// A slip in the name of a run must not make it a quick one.
func TestParseLength(t *testing.T) {
	last := -1
	for _, name := range []string{"", "long", "soak"} {
		length, err := testutil.ParseLength(name)
		if err != nil || length <= last {
			t.Errorf("parseLength(%q) = %d, %v, want no error and more than %d", name, length, err, last)
		}
		last = length
	}
	for _, name := range []string{"1", "Long", "short", "soak "} {
		if length, err := testutil.ParseLength(name); err == nil || length != 0 {
			t.Errorf("parseLength(%q) = %d, %v, want an error", name, length, err)
		}
	}
}

func TestPick(t *testing.T) {
	want := "quick"
	if testutil.Long() {
		want = "long"
	}
	if got := testutil.Pick("quick", "long"); got != want {
		t.Errorf("Pick = %q in a run that is long: %t", got, testutil.Long())
	}
	if testutil.Soak() && !testutil.Long() {
		t.Error("the soak is not long")
	}
}

// A connection that a client dials while an inner test runs is the outer test's, which
// closes the client.
func TestNoLeaksWithinAnother(t *testing.T) {
	outer := &recorder{TB: t}
	testutil.NoLeaksWithin(outer, 0)
	inner := &recorder{TB: t}
	testutil.NoLeaksWithin(inner, 0)
	stop := make(chan bool)
	go blockUntil(stop)
	if len(inner.cleanups) != 0 {
		t.Errorf("%d checks by the inner call, want none", len(inner.cleanups))
	}
	outer.cleanups[0]()
	if !strings.HasPrefix(outer.report, "1 goroutines left:") {
		t.Errorf("report = %q, want one goroutine", outer.report)
	}
	close(stop)
}
