package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
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

// TestMain is the program itself in processes that tests start.
func TestMain(m *testing.M) {
	if os.Getenv("QLOGS_TEST_MAIN") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// serve leads the program to a server of this process, by the environment, since it takes no
// argument: as a proxy, since it names the bucket in the host.
func serve(t *testing.T, store *s3mem.Server) {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if bucket, ok := strings.CutSuffix(r.Host, ".s3.test"); ok {
			r.URL.Path, r.URL.RawPath = "/"+bucket+r.URL.Path, ""
		}
		store.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3":         "http://s3.test",
		"HTTP_PROXY":                  proxy.URL,
		"http_proxy":                  proxy.URL,
		"NO_PROXY":                    "",
		"no_proxy":                    "",
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
}

// program runs the program and returns what it prints and what it logs.
func program(t *testing.T, store *s3mem.Server) (printed, logged string, err error) {
	t.Helper()
	serve(t, store)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "QLOGS_TEST_MAIN=1")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

// The program counts what it says, and goes on after damage.
func TestProgram(t *testing.T) {
	for damageEvery, wantErrors := range map[int]int{0: 0, 50: 2} {
		store := s3mem.New()
		requests := map[string]int{}
		for o := range qlogstest.Generate(qlogstest.Config{Users: 3, DamageEvery: damageEvery, OddEvery: 5, MaxText: 1 << 10}) {
			store.Put("my-bucket", o.Key, o.Body)
			for _, r := range o.Records {
				if r.LogType == "GenerateAssistantResponse" && r.PromptBytes > 0 {
					requests[r.UserID.User()]++
				}
			}
		}
		got, logged, err := program(t, store)
		if err != nil {
			t.Errorf("the program ended with %v: %s", err, logged)
		}
		if want := fmt.Sprintln(len(requests), "users, chat requests with a prompt of each:", requests); got != want {
			t.Errorf("the program printed %q, want %q", got, want)
		}
		if n := strings.Count(logged, "\n"); n != wantErrors {
			t.Errorf("the program logged %d errors, want %d:\n%s", n, wantErrors, logged)
		}
	}
}

// A bucket that is not there, or not to be listed, is no bucket without users, and neither is
// a misspelt prefix.
func TestProgramFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bucket bool
		fault  *s3mem.Fault // of listings
		want   string
	}{
		{"no bucket", false, nil, `bucket "my-bucket": no such bucket: check its name`},
		{"the bucket goes", true, &s3mem.Fault{Status: http.StatusNotFound, Code: "NoSuchBucket"}, `bucket "my-bucket": no such bucket`},
		{"the listing is denied", true, &s3mem.Fault{Status: http.StatusForbidden}, "s3:ListBucket"},
		{"the prefix is misspelt", true, nil, `list "prompt-logs/": no logs: nothing lies at this prefix`},
	} {
		store := s3mem.New()
		if tt.bucket {
			store.Put("my-bucket", "logs/"+qlogstest.Key(path.GenerateAssistantResponse, time.Now(), "a"), qlogstest.File(qlogstest.Chat{Prompt: "why?"}))
		}
		store.Intercept(func(r s3mem.Request) *s3mem.Fault {
			if r.Op == "ListObjectsV2" {
				return tt.fault
			}
			return nil
		})
		printed, logged, err := program(t, store)
		if err == nil || printed != "" || !strings.Contains(logged, tt.want) {
			t.Errorf("%s: the program ended with %v, printed %q and logged %q, want it to fail and to say %q", tt.name, err, printed, logged, tt.want)
		}
	}
}
