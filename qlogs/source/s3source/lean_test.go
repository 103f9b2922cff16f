package s3source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// leanRead reads a server's objects one after the other, and returns its GET requests:
// those that the SDK made and those that it did not.
func leanRead(t *testing.T, s *server, api s3source.API, opts *s3source.Options) (sdk, lean []s3mem.Request) {
	t.Helper()
	same(t, "objects", readAll(t, s3source.New(api, "logs", opts)), s.keys)
	for _, get := range s.requests("GetObject") {
		if get.Header.Get("Amz-Sdk-Invocation-Id") != "" {
			sdk = append(sdk, get)
		} else {
			lean = append(lean, get)
		}
	}
	return sdk, lean
}

// After the SDK's first request all others are made after it, and differ from it in
// what is each request's own alone.
func TestLeanGet(t *testing.T) {
	s := newServer(t, 5)
	sdk, lean := leanRead(t, s, s.client, &s3source.Options{ExpectedBucketOwner: s3test.Owner, RequesterPays: true})
	if len(sdk) != 1 || len(lean) != 4 {
		t.Fatalf("%d requests of the SDK and %d others, want 1 and 4", len(sdk), len(lean))
	}
	for _, get := range lean {
		if want := find(t, s.source(nil), get.Key).ETag; get.IfMatch != want {
			t.Errorf("GET %q has If-Match %s, want %s", get.Key, get.IfMatch, want)
		}
		for _, name := range slices.Sorted(maps.Keys(sdk[0].Header)) {
			want, got := sdk[0].Header[name], get.Header[name]
			switch name {
			case "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "Authorization", "If-Match", "X-Amz-Date":
			default:
				if !slices.Equal(got, want) {
					t.Errorf("GET %q has %s %q, want %q", get.Key, name, got, want)
				}
			}
		}
	}
}

// A leanVerifier computes the signature of each request anew. It is a HTTP client.
type leanVerifier struct {
	t      *testing.T
	next   s3.HTTPClient
	secret func(access string) string
	seen   map[string]int // requests by access key
}

func (v *leanVerifier) Do(r *http.Request) (*http.Response, error) {
	got := r.Header.Get("Authorization")
	credential, rest, _ := strings.Cut(strings.TrimPrefix(got, "AWS4-HMAC-SHA256 Credential="), ", SignedHeaders=")
	signed, _, _ := strings.Cut(rest, ",")
	access, _, _ := strings.Cut(credential, "/")
	v.seen[access]++
	again := r.Clone(r.Context())
	again.Header = http.Header{}
	for name := range strings.SplitSeq(signed, ";") {
		if values := r.Header.Values(name); values != nil {
			again.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || time.Since(at).Abs() > time.Minute {
		v.t.Errorf("%s %s has the date %q", r.Method, r.URL.Path, r.Header.Get("X-Amz-Date"))
	}
	creds := aws.Credentials{AccessKeyID: access, SecretAccessKey: v.secret(access), SessionToken: r.Header.Get("X-Amz-Security-Token")}
	sign := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := sign.SignHTTP(r.Context(), creds, again, r.Header.Get("X-Amz-Content-Sha256"), "s3", s3test.Region, at); err != nil {
		v.t.Error(err)
	}
	if want := again.Header.Get("Authorization"); got != want {
		v.t.Errorf("%s %s is signed\n%s\nwant\n%s", r.Method, r.URL.Path, got, want)
	}
	return v.next.Do(r)
}

// Each request is signed as the store will check it, with the credentials that are
// valid then.
func TestLeanGetSignature(t *testing.T) {
	s := newServer(t, 6)
	verifier := &leanVerifier{t: t, next: s.client.Options().HTTPClient, secret: func(access string) string { return "secret of " + access }, seen: map[string]int{}}
	given := 0
	client := s3.New(s.client.Options(), func(o *s3.Options) {
		o.HTTPClient = verifier
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			given++
			access := fmt.Sprintf("KEY%02d", given/4)
			return aws.Credentials{AccessKeyID: access, SecretAccessKey: "secret of " + access, SessionToken: "token of " + access}, nil
		})
	})
	sdk, lean := leanRead(t, s, client, nil)
	if len(sdk) != 1 || len(lean) != 5 || len(verifier.seen) < 2 {
		t.Errorf("%d requests of the SDK and %d others, with %v, want 1 and 5 with more than one access key", len(sdk), len(lean), verifier.seen)
	}
}

type leanEndpoints struct{ s3.EndpointResolverV2 }

type leanTracer struct{ tracing.NopTracerProvider }

type leanMeter struct{ metrics.NopMeterProvider }

type leanInterceptor struct{}

func (leanInterceptor) BeforeExecution(context.Context, *smithyhttp.InterceptorContext) error {
	return nil
}

// Whoever has put something into the way of a client's requests gets all of them.
func TestLeanGetIsNotForAll(t *testing.T) {
	change := func(f func(*s3.Options)) func(*s3.Client) s3source.API {
		return func(c *s3.Client) s3source.API { return s3.New(c.Options(), f) }
	}
	for _, tt := range []struct {
		name string
		api  func(*s3.Client) s3source.API
	}{
		{"a middleware", change(func(o *s3.Options) {
			o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return nil })
		})},
		{"an interceptor", change(func(o *s3.Options) {
			o.Interceptors.BeforeExecution = append(o.Interceptors.BeforeExecution, leanInterceptor{})
		})},
		{"a tracer", change(func(o *s3.Options) { o.TracerProvider = leanTracer{} })},
		{"a meter", change(func(o *s3.Options) { o.MeterProvider = leanMeter{} })},
		{"a log of requests", change(func(o *s3.Options) { o.ClientLogMode = aws.LogRequest })},
		{"an endpoint resolver", change(func(o *s3.Options) { o.EndpointResolverV2 = leanEndpoints{o.EndpointResolverV2} })},
		{"a retryer that limits the rate", change(func(o *s3.Options) { o.Retryer = retry.NewAdaptiveMode() })},
		{"such a retryer with more attempts", change(func(o *s3.Options) {
			o.Retryer, o.RetryMaxAttempts = retry.AddWithMaxBackoffDelay(retry.NewAdaptiveMode(), time.Second), 5
		})},
		{"a retryer with such a one within", change(func(o *s3.Options) { o.Retryer = struct{ *retry.AdaptiveMode }{retry.NewAdaptiveMode()} })},
		{"a mode that limits the rate", change(func(o *s3.Options) { o.RetryMode = aws.RetryModeAdaptive })},
		{"no credentials", change(func(o *s3.Options) { o.Credentials = aws.AnonymousCredentials{} })},
		{"a wrapped client", func(c *s3.Client) s3source.API { return wrapped{c} }},
		{"a signer that signs otherwise", change(func(o *s3.Options) { o.HTTPSignerV4 = &leanSigner{next: o.HTTPSignerV4} })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, 3)
			if sdk, lean := leanRead(t, s, tt.api(s.client), nil); len(sdk) != 3 || len(lean) != 0 {
				t.Errorf("%d requests of the SDK and %d others, want 3 and 0", len(sdk), len(lean))
			}
		})
	}
}

// Which invocation of a function a request belongs to, and what it runs in, each request
// says anew, whenever the first one was sent.
func TestLeanGetInFunction(t *testing.T) {
	const function, trace, runsIn = "AWS_LAMBDA_FUNCTION_NAME", "_X_AMZN_TRACE_ID", "AWS_EXECUTION_ENV"
	type env map[string]string
	for _, tt := range []struct {
		name   string
		before env // of the first request
		after  []env
		sdk    int // requests of the SDK
	}{
		{"an invocation from the start", env{function: "usage", trace: "Root=1-a"}, []env{{trace: "Root=1-a"}}, 1},
		{"another invocation each time", env{function: "usage", trace: "Root=1-a"}, []env{{trace: "Root=1-b"}, {trace: "Root=1-c;Sampled=1"}}, 1},
		{"learned before the first invocation", env{function: "usage"}, []env{{trace: "Root=1-a"}, {trace: "Root=1-b"}}, 1},
		{"learned before it was known to be a function", nil, []env{{function: "usage", trace: "Root=1-a"}}, 1},
		{"an id to be encoded", env{function: "usage"}, []env{{trace: "Root=1 ü/%"}}, 1},
		{"an id without a function", env{trace: "Root=1-a"}, []env{{trace: "Root=1-b"}}, 1},
		{"an empty id", env{function: "usage", trace: "Root=1-a"}, []env{{trace: ""}}, 1},
		{"what it runs in, told later", nil, []env{{}, {runsIn: "AWS_Lambda_go"}, {}}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, 1)
			src, plain := s.source(nil), s3source.New(wrapped{s.client}, "logs", nil)
			o := find(t, src, s.keys[0])
			open := func(src source.Source) s3mem.Request {
				t.Helper()
				if _, err := read(t.Context(), src, o, 0); err != nil {
					t.Fatal(err)
				}
				gets := s.requests("GetObject")
				return gets[len(gets)-1]
			}
			set := func(e env) {
				for name, value := range e {
					t.Setenv(name, value)
				}
			}
			sdk := 0
			set(tt.before)
			for _, e := range append([]env{nil}, tt.after...) {
				set(e)
				got, want := open(src), open(plain)
				if got.Header.Get("Amz-Sdk-Invocation-Id") != "" {
					sdk++
				}
				for _, name := range []string{"X-Amzn-Trace-Id", "User-Agent"} {
					if !slices.Equal(got.Header[name], want.Header[name]) {
						t.Errorf("%s = %q, want the SDK's %q", name, got.Header[name], want.Header[name])
					}
				}
			}
			if sdk != tt.sdk {
				t.Errorf("%d requests of the SDK, want %d", sdk, tt.sdk)
			}
		})
	}
}

// A leanChanger is an HTTP client that changes the requests that it is given, in place.
type leanChanger struct {
	next   s3.HTTPClient
	change func(*http.Request)

	mu    sync.Mutex
	given []*http.Request // GETs of objects, as they were
}

func (c *leanChanger) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, ".json.gz") {
		c.mu.Lock()
		c.given = append(c.given, r.Clone(r.Context()))
		c.mu.Unlock()
		sent := r.Clone(r.Context())
		c.change(r)
		r = sent
	}
	return c.next.Do(r)
}

// What the caller's HTTP client makes of a request that it is given, it makes of each: no
// other request has it from the start.
func TestLeanGetChangedInPlace(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"a header added":     func(r *http.Request) { r.Header.Add("X-Hop", "1") },
		"a header set":       func(r *http.Request) { r.Header.Set("User-Agent", "other") },
		"values in place":    func(r *http.Request) { r.Header["User-Agent"][0] = "other" },
		"a header removed":   func(r *http.Request) { r.Header.Del("Accept-Encoding") },
		"all headers":        func(r *http.Request) { clear(r.Header) },
		"the scheme":         func(r *http.Request) { r.URL.Scheme = "https" },
		"the host":           func(r *http.Request) { r.URL.Host, r.Host = "localhost:1", "localhost" },
		"the path":           func(r *http.Request) { r.URL.Path = "/elsewhere" + r.URL.Path },
		"the query":          func(r *http.Request) { r.URL.RawQuery += "&a=b" },
		"another URL":        func(r *http.Request) { r.URL = nil },
		"the signature":      func(r *http.Request) { r.Header.Set("Authorization", "none") },
		"the method":         func(r *http.Request) { r.Method = http.MethodHead },
		"the trace of a hop": func(r *http.Request) { r.Header.Set("X-Amzn-Trace-Id", "Root=1-hop") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, 4)
			changer := &leanChanger{change: change}
			client := s3.New(s.client.Options(), func(o *s3.Options) { changer.next, o.HTTPClient = o.HTTPClient, changer })
			if sdk, lean := leanRead(t, s, client, nil); len(sdk) != 1 || len(lean) != 3 {
				t.Errorf("%d requests of the SDK and %d others, want 1 and 3", len(sdk), len(lean))
			}
			first := changer.given[0]
			for i, r := range changer.given[1:] {
				key := strings.TrimPrefix(r.URL.Path, "/logs/")
				if r.Method != first.Method || r.URL.Scheme != first.URL.Scheme || r.URL.Host != first.URL.Host || r.Host != first.Host || !slices.Contains(s.keys, key) || r.URL.RawQuery != first.URL.RawQuery {
					t.Errorf("request %d goes to %s %s of %s, the first one to %s of %s", i+1, r.Method, r.URL, r.Host, first.URL, first.Host)
				}
				want := maps.Clone(first.Header)
				for _, name := range []string{"Amz-Sdk-Invocation-Id", "Amz-Sdk-Request"} {
					delete(want, name)
				}
				if got, want := slices.Sorted(maps.Keys(r.Header)), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) || r.Header.Get("User-Agent") != first.Header.Get("User-Agent") {
					t.Errorf("request %d has the headers %q of %q, want %q of %q", i+1, got, r.Header.Get("User-Agent"), want, first.Header.Get("User-Agent"))
				}
			}
		})
	}
}

// With PlainSDK all requests for objects are the SDK's, and so is the reading of pages.
func TestPlainSDK(t *testing.T) {
	s := newServer(t, 5)
	if sdk, lean := leanRead(t, s, s.client, &s3source.Options{PlainSDK: true}); len(sdk) != 5 || len(lean) != 0 {
		t.Errorf("%d requests of the SDK and %d others, want 5 and 0", len(sdk), len(lean))
	}
	for _, plain := range []bool{false, true} {
		spy := &listSpy{Client: s.client}
		if _, err := list(t, s3source.New(spy, "logs", &s3source.Options{PlainSDK: plain}), source.ListInput{}); err != nil || spy.swapped() == plain {
			t.Errorf("PlainSDK %t: pages are read by %s, with the error %v", plain, spy.reader, err)
		}
	}
}

// A leanSigner signs each request at another time.
type leanSigner struct {
	next s3.HTTPSignerV4
	n    int
}

func (s *leanSigner) SignHTTP(ctx context.Context, creds aws.Credentials, r *http.Request, hash, service, region string, at time.Time, opts ...func(*v4.SignerOptions)) error {
	s.n++
	return s.next.SignHTTP(ctx, creds, r, hash, service, region, at.Add(time.Duration(s.n)*time.Second), opts...)
}

// Keys that look otherwise in a URL, versions and ranges are the SDK's.
func TestLeanGetPlainRequestsOnly(t *testing.T) {
	s := newServer(t, 1)
	s.Put("logs", "a b/ü+%.json", []byte("{}"))
	s.Put("logs", "a/../b.json", []byte("{}"))
	src := s.source(nil)
	warm := find(t, src, s.keys[0])
	if _, err := read(t.Context(), src, warm, 0); err != nil {
		t.Fatal(err)
	}
	version := warm
	version.VersionID = "null"
	for _, tt := range []struct {
		object source.Object
		offset int64
		sdk    bool
	}{
		{warm, 0, false},
		{warm, 5, true},
		{version, 0, true},
		{find(t, src, "a b/ü+%.json"), 0, true},
		{find(t, src, "a/../b.json"), 0, true},
		{warm, 0, false},
	} {
		body, err := read(t.Context(), src, tt.object, tt.offset)
		if err != nil || int64(len(body)) != tt.object.Size-tt.offset {
			t.Errorf("Open(%q, %d) = %d bytes, %v", tt.object.Key, tt.offset, len(body), err)
		}
		gets := s.requests("GetObject")
		if got := gets[len(gets)-1].Header.Get("Amz-Sdk-Invocation-Id") != ""; got != tt.sdk {
			t.Errorf("Open(%q, %d) is a request of the SDK: %t, want %t", tt.object.Key, tt.offset, got, tt.sdk)
		}
	}
}

// What the store refuses is told by the SDK, without another request.
func TestLeanGetRefused(t *testing.T) {
	s := newServer(t, 2)
	src := s.source(nil)
	warm, gone := find(t, src, s.keys[0]), find(t, src, s.keys[1])
	for range 2 {
		if _, err := read(t.Context(), src, warm, 0); err != nil {
			t.Fatal(err)
		}
	}
	s.Delete("logs", gone.Key)
	before := len(s.requests("GetObject"))
	_, err := src.Open(t.Context(), gone, 0)
	var missing *types.NoSuchKey
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &missing) {
		t.Errorf("Open of an object that is gone: %v, want the SDK's NoSuchKey", err)
	}
	if n := len(s.requests("GetObject")) - before; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	if _, err := read(t.Context(), src, warm, 0); err != nil {
		t.Error(err)
	}
	gets := s.requests("GetObject")
	if gets[len(gets)-1].Header.Get("Amz-Sdk-Invocation-Id") != "" {
		t.Error("the next request is the SDK's, though the last one was refused to that too")
	}
}

// leanRefuse has the first n requests for objects fail that are not the SDK's.
func leanRefuse(s *server, n int, fault s3mem.Fault) {
	s.answer(func(r s3mem.Request) *s3mem.Fault {
		if r.Op != "GetObject" || r.Header.Get("Amz-Sdk-Invocation-Id") != "" || n == 0 {
			return nil
		}
		n--
		return &fault
	})
}

// Where the SDK gets on and a lean request does not, the SDK does the rest, for good
// if that happens again and again.
func TestLeanGetGivesWay(t *testing.T) {
	for _, tt := range []struct {
		name      string
		fault     s3mem.Fault
		refusals  int // of lean requests
		sdk, lean int
	}{
		{"once", s3mem.Fault{Status: http.StatusBadRequest, Code: "RequestTimeout"}, 1, 3, 8},
		{"twice", s3mem.Fault{Status: http.StatusBadRequest, Code: "RequestTimeout"}, 2, 5, 7},
		{"always", s3mem.Fault{Status: http.StatusBadRequest, Code: "RequestTimeout"}, 10, 10, 3},
		{"always, for a reason that the SDK would believe", s3mem.Fault{Status: http.StatusForbidden}, 10, 10, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, 10)
			leanRefuse(s, tt.refusals, tt.fault)
			client := s3.New(s.client.Options(), func(o *s3.Options) {
				o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
					o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				})
			})
			sdk, lean := leanRead(t, s, client, nil)
			if len(sdk) != tt.sdk || len(lean) != tt.lean {
				t.Errorf("%d requests of the SDK and %d others, want %d and %d", len(sdk), len(lean), tt.sdk, tt.lean)
			}
		})
	}
}

// What goes wrong for many requests at once goes wrong once, and costs no object.
func TestLeanGetOfManyAtOnce(t *testing.T) {
	const n, inFlight = 200, 16
	for _, tt := range []struct {
		name     string
		refusals int  // of lean requests, the first ones
		changing bool // credentials, while all learn
		lean     int  // requests that are not the SDK's, at least
	}{
		{"refusals", 2 * inFlight, false, 3}, // maybe of three models
		{"other credentials", 0, true, n / 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, n)
			leanRefuse(s, tt.refusals, s3mem.Fault{Status: http.StatusForbidden})
			client := s3.New(s.client.Options(), func(o *s3.Options) {
				if tt.changing {
					meeting := &leanMeeting{HTTPClient: o.HTTPClient, CredentialsProvider: o.Credentials, parties: inFlight, met: make(chan struct{})}
					o.HTTPClient, o.Credentials = meeting, meeting
				}
			})
			src := s3source.New(client, "logs", nil)
			objs, err := all(t, src)
			if err != nil || len(objs) != n {
				t.Fatalf("List = %d objects, %v, want %d", len(objs), err, n)
			}
			todo := make(chan source.Object)
			var wg sync.WaitGroup
			for range inFlight {
				wg.Go(func() {
					for o := range todo {
						if body, err := read(t.Context(), src, o, 0); err != nil || string(body) != o.Key {
							t.Errorf("Open(%q) = %q, %v, want the object", o.Key, body, err)
						}
					}
				})
			}
			for _, o := range objs {
				todo <- o
			}
			close(todo)
			wg.Wait()
			lean := 0
			for _, get := range s.requests("GetObject") {
				if get.Header.Get("Amz-Sdk-Invocation-Id") == "" {
					lean++
				}
			}
			if lean < tt.lean {
				t.Errorf("%d requests that are not the SDK's, want %d at least", lean, tt.lean)
			}
		})
	}
}

// leanMeeting lets the first GETs of objects go on when all of them are there, and gives
// each other credentials once after that.
type leanMeeting struct {
	s3.HTTPClient
	aws.CredentialsProvider
	parties int
	met     chan struct{}

	mu    sync.Mutex
	gets  int
	other int
}

func (m *leanMeeting) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, ".json.gz") {
		m.mu.Lock()
		if m.gets++; m.gets == m.parties {
			m.other = m.parties
			close(m.met)
		}
		early := m.gets <= m.parties
		m.mu.Unlock()
		if early {
			<-m.met
		}
	}
	return m.HTTPClient.Do(r)
}

func (m *leanMeeting) Retrieve(ctx context.Context) (aws.Credentials, error) {
	creds, err := m.CredentialsProvider.Retrieve(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.other > 0 {
		m.other--
		creds.AccessKeyID = "ANOTHER"
	}
	return creds, err
}

// leanChanging gives other credentials once, after the first answer to a GET of an object.
type leanChanging struct {
	s3.HTTPClient
	aws.CredentialsProvider
	gets  int
	other bool
}

func (c *leanChanging) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, ".json.gz") {
		c.gets++
		c.other = c.gets == 1
	}
	return c.HTTPClient.Do(r)
}

func (c *leanChanging) Retrieve(ctx context.Context) (aws.Credentials, error) {
	creds, err := c.CredentialsProvider.Retrieve(ctx)
	if c.other {
		creds.AccessKeyID, c.other = "ANOTHER", false
	}
	return creds, err
}

// Credentials may change between a request and the look at its signature.
func TestLeanGetLearnsAgain(t *testing.T) {
	s := newServer(t, 5)
	client := s3.New(s.client.Options(), func(o *s3.Options) {
		changing := &leanChanging{HTTPClient: o.HTTPClient, CredentialsProvider: o.Credentials}
		o.HTTPClient, o.Credentials = changing, changing
	})
	if sdk, lean := leanRead(t, s, client, nil); len(sdk) != 2 || len(lean) != 3 {
		t.Errorf("%d requests of the SDK and %d others, want 2 and 3", len(sdk), len(lean))
	}
}

// A leanRetryer lends a token for each attempt.
type leanRetryer struct {
	aws.RetryerV2
	taken, given int
}

func (r *leanRetryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	release, err := r.RetryerV2.GetAttemptToken(ctx)
	r.taken++
	return func(err error) error {
		r.given++
		return release(err)
	}, err
}

// A retryer that limits the rate of attempts is asked for each of them.
func TestLeanGetRetryer(t *testing.T) {
	s := newServer(t, 5)
	var retryer *leanRetryer
	client := s3.New(s.client.Options(), func(o *s3.Options) {
		retryer = &leanRetryer{RetryerV2: o.Retryer.(aws.RetryerV2)}
		o.Retryer = retryer
	})
	src := s3source.New(client, "logs", nil)
	var body bytes.Buffer
	for _, key := range s.keys {
		data, err := read(t.Context(), src, find(t, s.source(nil), key), 0)
		if err != nil {
			t.Fatal(err)
		}
		body.Write(data)
	}
	if retryer.taken != 5 || retryer.given != 5 {
		t.Errorf("%d tokens for attempts were taken and %d given back, want 5", retryer.taken, retryer.given)
	}
}
