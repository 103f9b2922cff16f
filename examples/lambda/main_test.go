package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

func TestMain(m *testing.M) {
	if os.Getenv("QLOGS_TEST_MAIN") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program runs main in a process of its own.
func program(t *testing.T, environment ...string) *exec.Cmd {
	none := filepath.Join(t.TempDir(), "none")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "QLOGS_TEST_MAIN=1", "AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION="+s3test.Region,
		"AWS_PROFILE=", "AWS_CONFIG_FILE="+none, "AWS_SHARED_CREDENTIALS_FILE="+none, "AWS_CA_BUNDLE=")
	cmd.Env = append(cmd.Env, environment...)
	return cmd
}

// TestProgram runs the function as Lambda does: it asks the runtime API for the next
// invocation and posts its answer.
func TestProgram(t *testing.T) {
	store := s3test.New()
	store.Put(bucket, key("a"), logOf(2))
	s3 := httptest.NewServer(store)
	defer s3.Close()
	payload := mustJSON(m{"Records": []m{
		{"messageId": "a", "eventSource": "aws:sqs", "body": notification(bucket, key("a"), logOf(2))},
		{"messageId": "none", "eventSource": "aws:sqs", "body": "{}"},
	}})
	answers, done := make(chan string, 1), make(chan struct{})
	invocations := make(chan string, 1)
	invocations <- payload
	runtime := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/next") {
			body, _ := io.ReadAll(r.Body)
			answers <- r.URL.Path + " " + string(body)
			w.WriteHeader(http.StatusAccepted)
			return
		}
		select {
		case p := <-invocations:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "request-1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
			io.WriteString(w, p)
		case <-done:
		}
	}))
	defer runtime.Close()
	defer close(done)

	cmd := program(t, "LOG_BUCKET="+bucket, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(runtime.URL, "http://"), "AWS_ENDPOINT_URL_S3="+s3.URL)
	var logged bytes.Buffer
	cmd.Stderr = &logged
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var answer string
	select {
	case answer = <-answers:
		cmd.Process.Kill()
		<-ended
	case err := <-ended:
		t.Fatalf("the program ended with %v: %s", err, &logged)
	}
	if want := `/2018-06-01/runtime/invocation/request-1/response {"batchItemFailures":[{"itemIdentifier":"none"}]}`; answer != want {
		t.Errorf("the answer is %s, want %s", answer, want)
	}
	var messages []string
	for line := range strings.Lines(logged.String()) {
		var entry struct{ Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		messages = append(messages, entry.Msg)
	}
	check(t, "log", messages, "message is left to the dead-letter queue", "record", "record")
	if strings.Contains(logged.String(), "canary") {
		t.Errorf("a user's text was logged:\n%s", &logged)
	}
}

func TestProgramWithoutBucket(t *testing.T) {
	s3 := httptest.NewServer(s3test.New())
	defer s3.Close()
	for bucket, want := range map[string]string{"": "set LOG_BUCKET", "missing": "no such bucket"} {
		out, err := program(t, "LOG_BUCKET="+bucket, "AWS_ENDPOINT_URL_S3="+s3.URL).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("bucket %q: the program ended with %v: %s", bucket, err, out)
		}
	}
}
