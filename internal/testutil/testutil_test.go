package testutil_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
)

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
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 10<<20)) }))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	rec := &recorder{TB: t}
	testutil.NoLeaksWithin(rec, 0)
	resp, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	rec.cleanups[0]()
	if !strings.Contains(rec.report, "persistConn") {
		t.Errorf("report = %q, want the connection of an open body", rec.report)
	}
	if err := resp.Body.Close(); err != nil {
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
