package open_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/open"
)

const (
	bucket = "my-bucket"
	home   = s3test.Region // of the bucket
	prefix = "prompt-logs"

	// canary is part of everything that is secret. No error shows it.
	canary = "CANARY"
	secret = canary + "-secret-key"
)

// objects are those that a bucket, a directory or a zip file has in it, in key order.
func objects() []qlogstest.Object {
	return slices.SortedFunc(qlogstest.Generate(qlogstest.Config{Objects: 12, Users: 2, MaxText: 1 << 10}), func(a, b qlogstest.Object) int {
		return strings.Compare(a.Key, b.Key)
	})
}

// environment clears the environment of all that AWS's configuration is made of, and writes
// the shared configuration files.
func environment(t *testing.T, configuration string, set ...string) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"HOME": dir, "USERPROFILE": dir,
		"AWS_CONFIG_FILE": file, "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials"),
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
		"NO_PROXY": "*", "no_proxy": "*",
	} {
		t.Setenv(name, value)
	}
	for _, variable := range set {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
}

// keys are the variables for an access key of that id.
func keys(id string) []string {
	return []string{"AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret}
}

// A store is S3, and keeps what it was asked.
type store struct {
	*s3mem.Server
	url string

	mu    sync.Mutex
	asked []string // operation, host and who has signed of each request
	last  http.Header
	fault func(op string) *s3mem.Fault
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{Server: s3mem.New()}
	for _, o := range objects() {
		s.Put(bucket, o.Key, o.Body)
	}
	s.Intercept(func(r s3mem.Request) *s3mem.Fault {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.last = r.Header
		s.asked = append(s.asked, fmt.Sprintf("%s %s as %s", r.Op, r.Header.Get("Test-Host"), signer(r.Header)))
		if s.fault == nil {
			return nil
		}
		return s.fault(r.Op)
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Test-Host") == "" {
			r.Header.Set("Test-Host", "endpoint")
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// fail has requests of an operation fail.
func (s *store) fail(operation string, fault s3mem.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = func(op string) *s3mem.Fault {
		if op == operation {
			return &fault
		}
		return nil
	}
}

// signer is the id of the key that a request was signed with.
func signer(h http.Header) string {
	_, rest, ok := strings.Cut(h.Get("Authorization"), "Credential=")
	if !ok {
		return "nobody"
	}
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// requests returns each different request once, in order of the first of its kind.
func (s *store) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var different []string
	for _, r := range s.asked {
		if !slices.Contains(different, r) {
			different = append(different, r)
		}
	}
	return different
}

// aws is a client that finds the store at AWS's own addresses.
func (s *store) aws() []func(*config.LoadOptions) error {
	return []func(*config.LoadOptions) error{config.WithHTTPClient(&http.Client{Transport: s})}
}

// RoundTrip sends a request for <bucket>.s3.<Region>.amazonaws.com to the store.
func (s *store) RoundTrip(r *http.Request) (*http.Response, error) {
	name, _, ok := strings.Cut(r.URL.Host, ".s3")
	if !ok || !strings.HasSuffix(r.URL.Host, ".amazonaws.com") {
		return nil, fmt.Errorf("nobody is at %s", r.URL.Host)
	}
	to := r.Clone(r.Context())
	to.Header.Set("Test-Host", r.URL.Host)
	to.URL.Scheme, to.URL.Host, to.Host = "http", strings.TrimPrefix(s.url, "http://"), ""
	to.URL.Path, to.URL.RawPath = "/"+name+r.URL.Path, ""
	return http.DefaultTransport.RoundTrip(to)
}

// read reads all that there is and returns how many objects were read.
func read(ctx context.Context, src source.Source, prefix string) (n int, err error) {
	scan := qlogs.New(src, nil).Scan(qlogs.Query{Prefix: prefix})
	var errs []error
	for _, err := range scan.Records(ctx) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return int(scan.Stats().Read), errors.Join(errs...)
}

// checkReads opens a URI, and checks the prefix and that all objects come.
func checkReads(t *testing.T, uri string, opts *open.Options, wantPrefix string) {
	t.Helper()
	src, got, err := open.URI(t.Context(), uri, opts)
	if err != nil {
		t.Fatalf("URI(%q): %v", uri, err)
	}
	if got != wantPrefix {
		t.Errorf("URI(%q): prefix %q, want %q", uri, got, wantPrefix)
	}
	if n, err := read(t.Context(), src, got); n != len(objects()) || err != nil {
		t.Errorf("URI(%q): %d objects read and the error %v, want %d", uri, n, err, len(objects()))
	}
}

// checkFails opens a URI, and checks that the error says what to do and no secret.
func checkFails(t *testing.T, uri string, opts *open.Options, says ...string) error {
	t.Helper()
	src, got, err := open.URI(t.Context(), uri, opts)
	if err == nil || src != nil || got != "" {
		t.Fatalf("URI(%q) = %v, %q, %v, want an error alone", uri, src, got, err)
	}
	checkSays(t, err, append(says, "open: ")...)
	return err
}

func checkSays(t *testing.T, err error, says ...string) {
	t.Helper()
	for _, part := range says {
		if !strings.Contains(fmt.Sprint(err), part) {
			t.Errorf("error = %q, want %q in it", err, part)
		}
	}
	text := fmt.Sprintf("%v %+v", err, err)
	if strings.Contains(text, canary) {
		t.Errorf("error = %q, which shows a secret", err)
	}
	if strings.ContainsAny(text, "\r\n") || strings.Contains(text, "nil>") {
		t.Errorf("error = %q, want a text of one line", err)
	}
}

func checkList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A tokenService is STS: it gives credentials to who knows the role and its external id.
type tokenService struct {
	url string

	mu       sync.Mutex
	role, id string
	caller   string        // who may assume the role
	lasts    time.Duration // of the next session alone; an hour if 0
	asked    []string      // caller, session, duration of each request
	code     string        // of the error of all requests, if any
}

func newTokenService(t *testing.T, caller, role, id string) *tokenService {
	t.Helper()
	s := &tokenService{role: role, id: id, caller: caller}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *tokenService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.FormValue("Action") != "AssumeRole" {
		http.Error(w, "no", http.StatusNotImplemented)
		return
	}
	s.asked = append(s.asked, fmt.Sprintf("%s as %s for %s s", signer(r.Header), r.FormValue("RoleSessionName"), r.FormValue("DurationSeconds")))
	code := s.code
	if code == "" && (signer(r.Header) != s.caller || r.FormValue("RoleArn") != s.role || r.FormValue("ExternalId") != s.id) {
		code = "AccessDenied"
	}
	w.Header().Set("Content-Type", "text/xml")
	if code != "" {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code>`+
			`<Message>User: arn:aws:iam::444455556666:user/caller is not authorized to perform: sts:AssumeRole on resource: %s</Message></Error><RequestId>1</RequestId></ErrorResponse>`, code, r.FormValue("RoleArn"))
		return
	}
	lasts := time.Hour
	if s.lasts != 0 {
		lasts, s.lasts = s.lasts, 0
	}
	fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>`+
		`<AssumedRoleUser><AssumedRoleId>AROA:qlogs</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/reader/qlogs</Arn></AssumedRoleUser>`+
		`<Credentials><AccessKeyId>SESSION%d</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%[2]s</SessionToken><Expiration>%s</Expiration></Credentials>`+
		`</AssumeRoleResult></AssumeRoleResponse>`, len(s.asked), secret, time.Now().Add(lasts).UTC().Format(time.RFC3339))
}

func (s *tokenService) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// refuse has all requests fail from now on.
func (s *tokenService) refuse(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = code
}
