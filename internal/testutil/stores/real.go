package stores

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/versitygw"
)

const (
	rootAccess = "qlogsroot"
	rootSecret = "qlogsrootsecret"

	buildTimeout = 15 * time.Minute
)

// RealServer is a running versitygw, an S3 server that stores objects as
// files. It checks signatures and policies. Its methods are safe for
// concurrent use.
//
// It differs from S3 in that it cannot hold the keys "a" and "a/b" side by
// side, folds "//" in keys, and ignores the encoding type of listings.
type RealServer struct {
	// Endpoint is the URL, such as "http://127.0.0.1:40123", and Access and
	// Secret are the keys of the root user, for processes of their own. The
	// region is us-east-1, the addresses path-style.
	Endpoint, Access, Secret string

	// Client acts as the root user.
	Client *s3.Client

	binary string

	mu       sync.Mutex
	users    int
	policies map[string][]statement
}

// RealS3 starts a versitygw with an empty store in a temporary directory,
// which ends with the test. The binary is built from the module
// internal/s3server; the first build takes minutes. It skips the test unless
// the environment has QLOGS_TEST_S3=1, and fails it if the server does not
// start.
func RealS3(t testing.TB) *RealServer {
	t.Helper()
	if os.Getenv("QLOGS_TEST_S3") != "1" {
		t.Skip("set QLOGS_TEST_S3=1 to run on versitygw, a real S3 server")
	}
	module, err := serverModule()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), buildTimeout)
	defer cancel()
	binary, err := versitygw.Build(ctx, module)
	if err != nil {
		t.Fatal(err)
	}
	server, err := versitygw.Start(ctx, binary, t.TempDir(), rootAccess, rootSecret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return &RealServer{
		Endpoint: server.URL,
		Access:   rootAccess,
		Secret:   rootSecret,
		Client:   newClient(t, server.URL, rootAccess, rootSecret),
		binary:   binary,
		policies: make(map[string][]statement),
	}
}

// serverModule finds the directory of the module that pins versitygw, beside
// this package's own, or, if the binary was built with -trimpath, from the
// working directory.
func serverModule() (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		return filepath.Join(filepath.Dir(file), "..", "..", "s3server"), nil
	}
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(string(out))), "internal", "s3server"), nil
}

// Denied is what a limited user may not do in a bucket. The zero value denies
// nothing.
type Denied struct {
	// Bucket denies everything.
	Bucket bool

	// List denies listings whose prefix begins with one of these, and Get
	// reading objects whose keys do. They must not contain "*" or "?". A
	// listing of a shorter prefix is allowed, as with S3, and names the keys
	// below as well.
	List, Get []string
}

// Limited makes a user who may list the bucket and read its objects except for
// what is denied, by means of the bucket's policy, and returns a client that
// acts as that user. Users made before keep their rights.
func (r *RealServer) Limited(t testing.TB, bucket string, denied Denied) *s3.Client {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.users++
	access, secret := fmt.Sprintf("qlogsuser%d", r.users), fmt.Sprintf("qlogsusersecret%d", r.users)
	r.createUser(t, access, secret)
	r.policies[bucket] = append(r.policies[bucket], denied.statements(bucket, access)...)
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": r.policies[bucket]})
	if err != nil {
		t.Fatalf("bucket policy: %v", err)
	}
	// An empty list of statements is no policy.
	if len(r.policies[bucket]) > 0 {
		if _, err := r.Client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(string(policy))}); err != nil {
			t.Fatalf("bucket policy: %v", err)
		}
	}
	return newClient(t, r.Endpoint, access, secret)
}

func (r *RealServer) createUser(t testing.TB, access, secret string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), r.binary, "admin", "--access", rootAccess, "--secret", rootSecret,
		"--endpoint-url", r.Endpoint, "create-user", "--access", access, "--secret", secret, "--role", "user")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("create user: %v: %s", err, out)
	}
}

type statement struct {
	Effect    string
	Principal map[string]string
	Action    string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

func (d Denied) statements(bucket, user string) []statement {
	if d.Bucket {
		return nil
	}
	arn := "arn:aws:s3:::" + bucket
	principal := map[string]string{"AWS": user}
	out := []statement{
		{Effect: "Allow", Principal: principal, Action: "s3:ListBucket", Resource: []string{arn}},
		{Effect: "Allow", Principal: principal, Action: "s3:GetObject", Resource: []string{arn + "/*"}},
	}
	if len(d.List) > 0 {
		s := statement{Effect: "Deny", Principal: principal, Action: "s3:ListBucket", Resource: []string{arn}}
		s.Condition = map[string]map[string][]string{"StringLike": {"s3:prefix": suffixed("", d.List)}}
		out = append(out, s)
	}
	if len(d.Get) > 0 {
		out = append(out, statement{Effect: "Deny", Principal: principal, Action: "s3:GetObject", Resource: suffixed(arn+"/", d.Get)})
	}
	return out
}

// suffixed makes patterns of prefixes.
func suffixed(head string, prefixes []string) []string {
	out := make([]string, len(prefixes))
	for i, p := range prefixes {
		out[i] = head + p + "*"
	}
	return out
}
