package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

var update = flag.Bool("update", false, "write the golden files")

const bucket = "prompt-bucket"

// quickstart runs the program and returns what it prints, without the time it took.
func quickstart(t *testing.T, args ...string) (output string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err = run(t.Context(), args, &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Errorf("run(%q) wrote to a stderr that is no terminal: %s", args, &stderr)
	}
	return regexp.MustCompile(`in \d+\.\d+ seconds`).ReplaceAllString(stdout.String(), "in … seconds"), err
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("output differs from %s (go test -update writes it):\n%s", file, got)
	}
}

// small is a bucket of two accounts and a doubled prefix, some of it damaged.
func small() iter.Seq[qlogstest.Object] {
	return qlogstest.Generate(qlogstest.Config{
		Seed:        7,
		Objects:     80,
		Prefixes:    []string{"logs/logs"},
		Accounts:    []string{"111122223333", "444455556666"},
		Users:       3,
		DamageEvery: 8,
		OddEvery:    6,
		MaxText:     4 << 10,
	})
}

func mirror(t *testing.T, objects iter.Seq[qlogstest.Object]) string {
	t.Helper()
	dir := t.TempDir()
	for o := range objects {
		if err := qlogstest.WriteFile(dir, o.Key, o.Body); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// serve puts the objects into a bucket and sets the environment so that the
// standard credential chain has credentials and nothing else.
func serve(t *testing.T, objects iter.Seq[qlogstest.Object]) (*s3mem.Server, string) {
	t.Helper()
	store := s3mem.New()
	store.CreateBucket(bucket)
	for o := range objects {
		store.Put(bucket, o.Key, o.Body)
	}
	t.Cleanup(store.Close)
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID":           "id",
		"AWS_SECRET_ACCESS_KEY":       "secret",
		"AWS_SESSION_TOKEN":           "",
		"AWS_PROFILE":                 "",
		"AWS_REGION":                  "eu-central-1",
		"AWS_CONFIG_FILE":             none,
		"AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"AWS_CA_BUNDLE":               "",
		"AWS_MAX_ATTEMPTS":            "1",
	} {
		t.Setenv(name, value)
	}
	return store, store.URL()
}

func TestGenerated(t *testing.T) {
	got, err := quickstart(t)
	if err != nil {
		t.Errorf("run() = %v, want no error", err)
	}
	golden(t, "generated.golden", got)
}

func TestGeneratedTimeRange(t *testing.T) {
	got, err := quickstart(t, "--from", "2026-03-03", "--to=2026-03-03T12:00:00+02:00")
	if err != nil {
		t.Errorf("run() = %v, want no error", err)
	}
	golden(t, "timerange.golden", got)
}

// A directory and a bucket with the same objects give the same report.
func TestDirectory(t *testing.T) {
	dir := mirror(t, small())
	got, err := quickstart(t, dir)
	if err != nil {
		t.Errorf("run(%q) = %v, want no error", dir, err)
	}
	title, report, _ := strings.Cut(got, "\n")
	if want := "Reading " + dir; title != want {
		t.Errorf("first line = %q, want %q", title, want)
	}
	golden(t, "small.golden", report)
}

func TestBucket(t *testing.T) {
	_, url := serve(t, small())
	for _, tt := range []struct {
		args  []string
		title string
	}{
		{[]string{"s3://" + bucket, "--endpoint", url}, "Reading s3://prompt-bucket"},
		{[]string{"--endpoint", url, "s3://" + bucket + "/logs"}, "Reading s3://prompt-bucket/logs"},
		{
			[]string{"--endpoint", url, "--from", "2026-01-01", "s3://" + bucket + "/logs/logs/", "--to", "2027-01-01T00:00:00Z"},
			"Reading s3://prompt-bucket/logs/logs/, from 2026-01-01T00:00:00Z, to 2027-01-01T00:00:00Z",
		},
	} {
		got, err := quickstart(t, tt.args...)
		if err != nil {
			t.Errorf("run(%q) = %v, want no error", tt.args, err)
		}
		title, report, _ := strings.Cut(got, "\n")
		if title != tt.title {
			t.Errorf("run(%q): first line = %q, want %q", tt.args, title, tt.title)
		}
		golden(t, "small.golden", report)
	}
}

// What can be read is reported even if one partition is denied.
func TestPartitionDenied(t *testing.T) {
	store, url := serve(t, small())
	store.Intercept(func(r s3mem.Request) *s3mem.Fault {
		if strings.Contains(r.Prefix, "/KiroLogs/GenerateCompletions/us-east-1/") {
			return &s3mem.Fault{Status: http.StatusForbidden}
		}
		return nil
	})
	got, err := quickstart(t, "s3://"+bucket, "--endpoint", url)
	if err == nil || !strings.Contains(err.Error(), "s3:ListBucket") {
		t.Errorf("run() = %v, want an error that names s3:ListBucket", err)
	}
	if !strings.Contains(got, "QDeveloperLogs/GenerateCompletions") || !strings.Contains(got, "TOTAL") {
		t.Errorf("run() printed no report of the other partitions:\n%s", got)
	}
}

func TestFatal(t *testing.T) {
	_, url := serve(t, small())
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want string // in the error
	}{
		{"no directory", []string{file + "-missing"}, "give s3://bucket/prefix, a directory"},
		{"a file", []string{file}, "is neither a directory nor a zip file"},
		{"a directory without logs", []string{filepath.Dir(file)}, "in which AWSLogs/ lies"},
		{"two targets", []string{".", "--from", "2026-01-01", ".."}, "not 2"},
		{"not a time", []string{"--from", "yesterday"}, "give a date such as 2026-07-01"},
		{"time range upside down", []string{"--from", "2026-02-01", "--to", "2026-01-01"}, "is not before"},
		{"unknown flag", []string{"--since", "2026-01-01"}, "-since"},
		{"no bucket name", []string{"s3:///logs"}, "names no bucket"},
		{"no such bucket", []string{"s3://missing-bucket", "--endpoint", url}, `bucket "missing-bucket": no such bucket`},
		{"no such prefix", []string{"s3://" + bucket + "/other", "--endpoint", url}, "no logs in s3://prompt-bucket/other"},
	} {
		if _, err := quickstart(t, tt.args...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: run(%q) = %v, want an error with %q", tt.name, tt.args, err, tt.want)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	_, url := serve(t, small())
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if _, err := quickstart(t, "s3://"+bucket, "--endpoint", url); err == nil || !strings.Contains(err.Error(), "aws sso login") {
		t.Errorf("run() = %v, want an error that says how to sign in", err)
	}
}

// A context that ends in the middle, as Ctrl-C has it, still gives a report.
func TestInterrupted(t *testing.T) {
	store, url := serve(t, small())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	store.Intercept(func(r s3mem.Request) *s3mem.Fault {
		if r.Op != "GetObject" || !strings.Contains(r.Key, "/444455556666/") {
			return nil
		}
		cancel()
		return &s3mem.Fault{Stall: true}
	})
	var stdout bytes.Buffer
	err := run(ctx, []string{"s3://" + bucket, "--endpoint", url}, &stdout, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("run() = %v, want that it was interrupted", err)
	}
	if !strings.Contains(stdout.String(), "TOTAL") {
		t.Errorf("run() printed no report:\n%s", &stdout)
	}
}

func TestHelp(t *testing.T) {
	var stderr bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, io.Discard, &stderr); err != flag.ErrHelp {
		t.Errorf("run(-h) = %v, want %v", err, flag.ErrHelp)
	}
	for _, want := range []string{"usage:", "-from", "-to", "-endpoint"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("run(-h) printed no %q:\n%s", want, &stderr)
		}
	}
}

// Nothing that a user wrote is printed, whether the record is sound or damaged.
func TestPrivacy(t *testing.T) {
	const folder = "p/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/111122223333_GenerateAssistantResponse_202603020900_"
	const sound = `{"records":[{"generateAssistantResponseEventRequest":{"prompt":"CANARY","userId":"d-1234567890.u","timeStamp":"2026-03-02T09:00:00Z"},"generateAssistantResponseEventResponse":{"assistantResponse":"CANARY"}}]}`
	objects := func(yield func(qlogstest.Object) bool) {
		for name, body := range map[string]string{
			"A": sound,
			"B": strings.Replace(sound, `"2026-03-02T09:00:00Z"`, `"CANARY"`, 1),
			"F": strings.Replace(sound, `"d-1234567890.u"`, `"d-1234567890.\u001b[31m CANARY"`, 1),
			"C": strings.Replace(sound, `"prompt":"CANARY"`, `"prompt":CANARY`, 1),
			"D": "CANARY",
			"E": sound[:90],
		} {
			if !yield(qlogstest.Object{Key: folder + name + ".json.gz", Body: []byte(body)}) {
				return
			}
		}
	}
	got, err := quickstart(t, mirror(t, objects))
	if err != nil {
		t.Errorf("run() = %v, want no error", err)
	}
	if !strings.Contains(got, "\n3 errors\n") || !strings.Contains(got, "\n1 of the records read have fields of another form than known") {
		t.Errorf("run() did not meet 3 errors and 1 record that has drifted:\n%s", got)
	}
	if strings.Contains(strings.ToUpper(got), "CANARY") {
		t.Errorf("run() printed text of a log:\n%s", got)
	}
}
