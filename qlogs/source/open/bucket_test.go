package open_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/open"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

func TestBucket(t *testing.T) {
	for _, tt := range []struct{ uri, prefix string }{
		{"s3://my-bucket", ""},
		{"s3://my-bucket/", ""},
		{"S3://my-bucket/prompt-logs", "prompt-logs"},
		{"s3://my-bucket/prompt-logs/", "prompt-logs/"},
		{"s3://my-bucket/prompt-logs/AWSLogs/111122223333", "prompt-logs/AWSLogs/111122223333"},
	} {
		t.Run(tt.uri, func(t *testing.T) {
			environment(t, "", keys("CALLER")...)
			s := newStore(t)
			checkReads(t, tt.uri, &open.Options{LoadOptions: s.aws()}, tt.prefix)
		})
	}
}

func TestNoBucket(t *testing.T) {
	environment(t, "", keys("CALLER")...)
	s := newStore(t)
	for name, opts := range map[string]*open.Options{
		"AWS":      {LoadOptions: s.aws()},
		"endpoint": {Endpoint: s.url, PathStyle: true},
	} {
		err := checkFails(t, "s3://missing-bucket/p", opts, `bucket "missing-bucket": no such bucket: check its name`)
		if !errors.Is(err, source.ErrNoStore) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v is not ErrNoStore and fs.ErrNotExist", name, err)
		}
	}
	// Without a look-up it is the scan that finds out.
	src, _, err := open.URI(t.Context(), "s3://missing-bucket/p", &open.Options{Region: home, LoadOptions: s.aws()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = read(t.Context(), src, "p")
	if !errors.Is(err, source.ErrNoStore) {
		t.Errorf("scan: %v is not ErrNoStore", err)
	}
	checkSays(t, err, `bucket "missing-bucket": no such bucket: check its name`)
}

func TestNobodyAnswers(t *testing.T) {
	environment(t, "", keys("CALLER")...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	checkFails(t, "s3://my-bucket", &open.Options{Endpoint: "http://" + listener.Addr().String()}, `bucket "my-bucket" cannot be reached: check the network, a proxy, that there is a Region "us-east-1", and the endpoint`)
	checkFails(t, "s3://my-bucket", &open.Options{LoadOptions: []func(*config.LoadOptions) error{
		config.WithHTTPClient(&http.Client{Transport: nobody{}}),
	}}, "check the network")
}

type nobody struct{}

func (nobody) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func TestEndpoint(t *testing.T) {
	for _, tt := range []struct {
		name   string
		opts   open.Options // without Endpoint
		env    string       // of the endpoint
		fault  *s3mem.Fault // of HeadBucket
		region string       // that requests are signed for
	}{
		{"option", open.Options{PathStyle: true}, "", nil, home},
		{"environment", open.Options{}, "AWS_ENDPOINT_URL_S3", nil, home},
		{"environment of all services", open.Options{}, "AWS_ENDPOINT_URL", nil, home},
		{"the store says no Region", open.Options{PathStyle: true}, "", &s3mem.Fault{Status: 501}, "eu-central-1"},
		{"the store denies", open.Options{}, "AWS_ENDPOINT_URL_S3", &s3mem.Fault{Status: 403}, "eu-central-1"},
		{"the Region is given", open.Options{Region: "RegionOne"}, "", &s3mem.Fault{Status: 500}, "RegionOne"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, "", append(keys("CALLER"), "AWS_REGION=eu-central-1")...)
			s := newStore(t)
			if tt.fault != nil {
				s.fail("HeadBucket", *tt.fault)
			}
			if tt.env == "" {
				tt.opts.Endpoint = s.url
			} else {
				t.Setenv(tt.env, s.url)
			}
			checkReads(t, "s3://my-bucket/prompt-logs", &tt.opts, prefix)
			if a := s.last.Get("Authorization"); !strings.Contains(a, "/"+tt.region+"/s3/") {
				t.Errorf("the last request is signed by %s, want the Region %s", a, tt.region)
			}
		})
	}
}

// With path style the bucket is in the path, and without it in the host name.
func TestPathStyle(t *testing.T) {
	for pathStyle, want := range map[bool]string{true: "store.test/my-bucket", false: "my-bucket.store.test/"} {
		environment(t, "", keys("CALLER")...)
		var got string
		answers := roundTripper(func(r *http.Request) (*http.Response, error) {
			got = r.URL.Host + r.URL.Path
			return &http.Response{StatusCode: 200, Header: http.Header{"X-Amz-Bucket-Region": {home}}, Body: http.NoBody, Request: r}, nil
		})
		_, _, err := open.URI(t.Context(), "s3://my-bucket", &open.Options{
			Endpoint: "http://store.test", PathStyle: pathStyle,
			LoadOptions: []func(*config.LoadOptions) error{config.WithHTTPClient(&http.Client{Transport: answers})},
		})
		if err != nil || got != want {
			t.Errorf("path style %t: a request to %s and the error %v, want %s", pathStyle, got, err, want)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestS3Options(t *testing.T) {
	environment(t, "", keys("CALLER")...)
	s := newStore(t)
	opts := &open.Options{Endpoint: s.url, PathStyle: true, S3: s3source.Options{RequesterPays: true, ExpectedBucketOwner: s3test.Owner}}
	checkReads(t, "s3://my-bucket", opts, "")
	for header, want := range map[string]string{"X-Amz-Request-Payer": "requester", "X-Amz-Expected-Bucket-Owner": s3test.Owner} {
		if got := s.last.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	opts.S3.ExpectedBucketOwner = "444455556666"
	src, _, err := open.URI(t.Context(), "s3://my-bucket", opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(t.Context(), src, ""); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a bucket of another owner: %v, want fs.ErrPermission", err)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	environment(t, "", keys("CALLER")...)
	for _, tt := range []struct {
		opts open.Options
		says string
	}{
		{open.Options{ExternalID: canary}, "ExternalID is set without RoleARN"},
		{open.Options{RoleARN: "reader"}, "write arn:aws:iam::111122223333:role/name"},
		{open.Options{RoleARN: "arn:aws:iam::111122223333:user/reader"}, "is not the ARN of a role"},
		{open.Options{Region: "us east"}, "Region is not the name of a Region: write one such as eu-central-1"},
		{open.Options{Region: "us-east-1 "}, "is not the name of a Region"},
		{open.Options{Region: "us_east_1"}, "is not the name of a Region"},
		{open.Options{Region: canary + "/" + canary}, "is not the name of a Region"},
		{open.Options{Endpoint: "minio.example:9000"}, "write http:// or https://"},
		{open.Options{Endpoint: "minio.example"}, "write http:// or https://"},
		{open.Options{Endpoint: "https://user:" + canary + "@minio.example"}, "without credentials"},
		{open.Options{Endpoint: "https://[" + canary}, "write http:// or https://"},
	} {
		checkFails(t, "s3://my-bucket", &tt.opts, "open.Options.", tt.says)
	}
}

// A cancelled context ends URI with its cause, wherever it is.
func TestCancelled(t *testing.T) {
	environment(t, "", keys("CALLER")...)
	s := newStore(t)
	cause := errors.New("the user has left")
	ctx, cancel := context.WithCancelCause(t.Context())
	s.Intercept(func(r s3mem.Request) *s3mem.Fault {
		cancel(cause)
		return &s3mem.Fault{Stall: true}
	})
	if _, _, err := open.URI(ctx, "s3://my-bucket", &open.Options{Endpoint: s.url, PathStyle: true}); !errors.Is(err, cause) || strings.Contains(err.Error(), "network") {
		t.Errorf("URI: %v, want %v", err, cause)
	}
	if _, _, err := open.URI(ctx, "s3://my-bucket", &open.Options{Endpoint: s.url, PathStyle: true}); !errors.Is(err, cause) {
		t.Errorf("URI with a cancelled context: %v, want %v", err, cause)
	}
}

// As many connections stay open as a scan uses.
func TestConnections(t *testing.T) {
	for _, tt := range []struct{ inFlight, lists, n int }{{0, 0, 76}, {150, 0, 162}, {0, 100, 164}} {
		n := tt.n
		environment(t, "", keys("CALLER")...)
		s := newStore(t)
		var dialled atomic.Int32
		server := httptest.NewUnstartedServer(s)
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				dialled.Add(1)
			}
		}
		server.Start()
		src, _, err := open.URI(t.Context(), "s3://my-bucket", &open.Options{Endpoint: server.URL, PathStyle: true, Region: home, InFlight: tt.inFlight, Lists: tt.lists})
		if err != nil {
			t.Fatal(err)
		}
		first := objects()[0].Key
		object := source.Object{Key: first, Size: int64(len(objects()[0].Body))}
		for range 2 {
			arrived := make(chan struct{}, n)
			all := make(chan struct{})
			s.Intercept(func(s3mem.Request) *s3mem.Fault {
				arrived <- struct{}{}
				<-all
				return nil
			})
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					body, err := src.Open(t.Context(), object, 0)
					if err != nil {
						t.Error(err)
						return
					}
					defer body.Close()
					if _, err := io.Copy(io.Discard, body); err != nil {
						t.Error(err)
					}
				})
			}
			for range n {
				<-arrived
			}
			close(all)
			wg.Wait()
		}
		if got := int(dialled.Load()); got != n {
			t.Errorf("InFlight %d, Lists %d: %d connections for two rounds of %d requests, want %d", tt.inFlight, tt.lists, got, n, n)
		}
		server.CloseClientConnections()
		server.Close()
	}
}

// A public bucket is read without credentials if that is asked for.
func TestAnonymous(t *testing.T) {
	environment(t, "")
	s := newStore(t)
	checkReads(t, "s3://my-bucket", &open.Options{LoadOptions: append(s.aws(), config.WithCredentialsProvider(aws.AnonymousCredentials{}))}, "")
	if r := s.requests(); !slices.ContainsFunc(r, func(r string) bool { return strings.HasSuffix(r, "as nobody") }) {
		t.Errorf("requests are %q, want none that is signed", r)
	}
}

// Nothing is in the client's way, so that most requests go without the SDK's own layers,
// unless that is asked for.
func TestPlainSDK(t *testing.T) {
	for _, plain := range []bool{false, true} {
		sts := newTokenService(t, "KEY", reader, "")
		environment(t, "", append(keys("KEY"), "AWS_ENDPOINT_URL_STS="+sts.url)...)
		s := newStore(t)
		src, _, err := open.URI(t.Context(), "s3://my-bucket", &open.Options{RoleARN: reader, Endpoint: s.url, PathStyle: true, S3: s3source.Options{PlainSDK: plain}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is a request of the SDK to go by
			body, err := src.Open(t.Context(), source.Object{Key: objects()[0].Key, Size: int64(len(objects()[0].Body))}, 0)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, body)
			body.Close()
		}
		if got := s.last.Get("Amz-Sdk-Invocation-Id") != ""; got != plain {
			t.Errorf("PlainSDK %t: the SDK sends the second request: %t", plain, got)
		}
	}
}
