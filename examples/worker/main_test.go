package main

import (
	"bytes"
	"errors"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
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
func program(t *testing.T, args, environment []string) *exec.Cmd {
	none := filepath.Join(t.TempDir(), "none")
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "QLOGS_TEST_MAIN=1", "AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION="+s3test.Region,
		"AWS_PROFILE=", "AWS_CONFIG_FILE="+none, "AWS_SHARED_CREDENTIALS_FILE="+none, "AWS_CA_BUNDLE=")
	cmd.Env = append(cmd.Env, environment...)
	return cmd
}

// TestProgram has the program take messages until it gets a signal.
func TestProgram(t *testing.T) {
	if !onServer() {
		t.Skip("set QLOGS_TEST_SQS=1 to run the program on an SQS server")
	}
	w := newWorld(t)
	client, url, left := newServerQueue(t)
	endpoint := strings.TrimSuffix(url, "/111122223333/prompt-logs")
	w.queue, w.url = newWatched(t, client), url
	w.send(w.put("a", logOf("a", 2)), w.put("b", logOf("b", 1)), "hello "+canary)
	s3 := httptest.NewServer(w.store)
	defer s3.Close()
	cmd := program(t, []string{"-queue", url, "-bucket", bucket, "-messages", "3"}, []string{"AWS_ENDPOINT_URL_S3=" + s3.URL, "AWS_ENDPOINT_URL_SQS=" + endpoint})
	cmd.Stderr = w.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- cmd.Wait()
		w.log.end()
	}()
	w.log.wait(`"msg":"record"`, 3)
	w.log.wait(`"msg":"message is left to come again"`, 1)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the program ended with %v, want success:\n%s", err, &w.log.text)
	}
	if n := left(); n != 1 {
		t.Errorf("%d messages are left, want 1", n)
	}
}

func TestProgramFails(t *testing.T) {
	if out, err := program(t, nil, nil).CombinedOutput(); err == nil || !strings.Contains(string(out), "worker: give the queue's URL") {
		t.Errorf("the program ended with %v: %s", err, out)
	}
}

func TestConfigure(t *testing.T) {
	needed := []string{"-queue", queueURL, "-bucket", bucket}
	store := s3test.New()
	store.CreateBucket(bucket)
	s3 := httptest.NewServer(store)
	defer s3.Close()
	for name, value := range map[string]string{
		"AWS_REGION": s3test.Region, "AWS_ENDPOINT_URL_S3": s3.URL, "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-queue", queueURL}, "-bucket"},
		{[]string{"-bucket", bucket}, "-queue"},
		{append(needed, "-messages", "0"), "-messages"},
		{append(needed, "-visibility", "39s"), "from 40s to 12h"},
		{append(needed, "-visibility", "13h"), "from 40s to 12h"},
		{append(needed, "-visibility", "60.5s"), "whole seconds"},
		{append(needed, "-grace", "-1s"), "-grace"},
		{append(needed, "-x"), "not defined"},
		{[]string{"-queue", queueURL, "-bucket", "missing"}, `bucket "missing": no such bucket`},
	} {
		if _, err := configure(t.Context(), c.args, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want an error about %s", c.args, err, c.want)
		}
	}
	var usage bytes.Buffer
	if _, err := configure(t.Context(), []string{"-h"}, &usage); !errors.Is(err, flag.ErrHelp) || !strings.Contains(usage.String(), "-visibility") {
		t.Errorf("-h: %v:\n%s", err, &usage)
	}
	w, err := configure(t.Context(), append(needed, "-visibility", "40s", "-messages", "1"), &usage)
	if err != nil {
		t.Fatal(err)
	}
	if w.url != queueURL || w.bucket != bucket || w.visibility != 40*time.Second || w.atOnce != 1 || w.grace != 20*time.Second || w.wait != 20*time.Second || w.queue == nil || w.client == nil || w.dedup == nil || w.sink == nil {
		t.Errorf("the worker is %+v", w)
	}
}
