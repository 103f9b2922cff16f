package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil/loggen"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
)

func TestReadmeShowsThisProgram(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, program = bytes.ReplaceAll(readme, []byte("\r\n"), []byte("\n")), bytes.ReplaceAll(program, []byte("\r\n"), []byte("\n"))
	if !bytes.Contains(readme, []byte("```go\n"+string(program)+"```\n")) {
		t.Error("README.md does not show examples/readme/main.go as it is")
	}
}

// The program takes no argument, so the environment leads it to a server of
// this process: as a proxy, since it names the bucket in the host.
func TestProgram(t *testing.T) {
	store := s3mem.New()
	for o := range loggen.Objects(loggen.Config{Users: 3, DamageEvery: 50, MaxText: 1 << 10}) {
		store.Put("my-bucket", o.Key, o.Body)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if bucket, ok := strings.CutSuffix(r.Host, ".s3.test"); ok {
			r.URL.Path, r.URL.RawPath = "/"+bucket+r.URL.Path, ""
		}
		store.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3":         "http://s3.test",
		"HTTP_PROXY":                  proxy.URL,
		"http_proxy":                  proxy.URL,
		"NO_PROXY":                    "",
		"no_proxy":                    "",
		"AWS_ACCESS_KEY_ID":           "id",
		"AWS_SECRET_ACCESS_KEY":       "secret",
		"AWS_REGION":                  s3mem.Region,
		"AWS_PROFILE":                 "",
		"AWS_CONFIG_FILE":             none,
		"AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_CA_BUNDLE":               "",
	} {
		t.Setenv(name, value)
	}
	var logged bytes.Buffer
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)

	got := printed(t, main)
	if !strings.HasPrefix(got, "3 users, prompts of each: map[") {
		t.Errorf("the program printed %q, want 3 users", got)
	}
	if n := strings.Count(logged.String(), "\n"); n != 2 {
		t.Errorf("the program logged %d errors, want 2:\n%s", n, &logged)
	}
}

// printed returns what f writes to the standard output: less than a pipe holds.
func printed(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	f()
	os.Stdout = stdout
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
