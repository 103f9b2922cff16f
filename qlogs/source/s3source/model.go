package s3source

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A requestModel makes GetObject requests for other keys after one that the SDK has made:
// with the same endpoint, addressing, headers and scope of the signature.
type requestModel struct {
	url     url.URL // the path of the key ""
	host    string
	header  http.Header
	hash    string // of the payload, as in the signature
	region  string
	service string
	proven  atomic.Bool // one of its requests had a 200

	environment string // value of environmentName when the SDK made the request
}

// For each request the SDK reads from the environment to which invocation of a function it
// belongs, and, for the user agent, where the program runs.
const (
	traceHeader     = "X-Amzn-Trace-Id"
	functionName    = "AWS_LAMBDA_FUNCTION_NAME"
	environmentName = "AWS_EXECUTION_ENV"
)

const signTime = "20060102T150405Z"

// ownHeaders are the headers that differ from request to request.
var ownHeaders = []string{"Authorization", "If-Match", "X-Amz-Date", "X-Amz-Security-Token", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", traceHeader}

// newRequestModel returns a model of a request for key that the SDK has signed. It makes
// sure that the model's own request has the same signature. So there is only a model if
// it does whatever the caller's options do to a request.
func newRequestModel(ctx context.Context, r *http.Request, key string, signer s3.HTTPSignerV4, creds aws.Credentials) (*requestModel, bool) {
	m := &requestModel{url: *r.URL, host: r.Host, header: r.Header.Clone(), hash: r.Header.Get("X-Amz-Content-Sha256"), environment: os.Getenv(environmentName)}
	var ok bool
	if m.url.Path, ok = strings.CutSuffix(r.URL.Path, "/"+key); !ok || r.URL.RawPath != "" && r.URL.RawPath != r.URL.Path {
		return nil, false
	}
	m.url.Path += "/"
	m.url.RawPath = ""
	if m.region, m.service, ok = signatureScope(r.Header.Get("Authorization")); !ok {
		return nil, false
	}
	at, err := time.Parse(signTime, r.Header.Get("X-Amz-Date"))
	// The SDK corrects for a clock that is wrong.
	if err != nil || time.Since(at).Abs() > time.Minute {
		return nil, false
	}
	same := m.request(ctx, key, r.Header.Get("If-Match"))
	for _, name := range []string{"Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", traceHeader} {
		if values, ok := r.Header[name]; ok {
			same.Header[name] = values
		}
	}
	if signer.SignHTTP(ctx, creds, same, m.hash, m.service, m.region, at) != nil {
		return nil, false
	}
	for _, name := range ownHeaders {
		m.header.Del(name)
	}
	return m, same.Header.Get("Authorization") == r.Header.Get("Authorization")
}

// signatureScope returns the Region and service for which a version 4 signature is valid.
func signatureScope(authorization string) (region, service string, ok bool) {
	rest, ok := strings.CutPrefix(authorization, "AWS4-HMAC-SHA256 Credential=")
	credential, _, cut := strings.Cut(rest, ",")
	scope := strings.Split(credential, "/") // access key, date, Region, service, and an end
	if !ok || !cut || len(scope) != 5 {
		return "", "", false
	}
	return scope[2], scope[3], true
}

// request returns a request for a key, without a signature. It shares no memory with the
// model, because the HTTP client may change it.
func (m *requestModel) request(ctx context.Context, key, etag string) *http.Request {
	var own struct { // in one piece of memory
		url    url.URL
		values [modelValues]string
	}
	own.url = m.url
	own.url.Path += key
	values := own.values[:0]
	h := make(http.Header, len(m.header)+len(ownHeaders))
	for name, given := range m.header {
		n := len(values)
		values = append(values, given...)
		h[name] = values[n:len(values):len(values)]
	}
	if etag != "" {
		h["If-Match"] = []string{etag}
	}
	r := &http.Request{Method: http.MethodGet, URL: &own.url, Host: m.host, Header: h, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	return r.WithContext(ctx)
}

// modelValues is how many values of headers have room beside a URL. A model has about five.
const modelValues = 8

// nameInvocation sets the header for the invocation with the SDK's own code.
func nameInvocation(ctx context.Context, r *http.Request) error {
	if _, ok := os.LookupEnv(functionName); !ok { // nearly everywhere
		return nil
	}
	var sdk awsmiddleware.RecursionDetection
	_, _, err := sdk.HandleBuild(ctx, middleware.BuildInput{Request: &smithyhttp.Request{Request: r}}, noBuild{})
	return err
}

type noBuild struct{}

func (noBuild) HandleBuild(context.Context, middleware.BuildInput) (middleware.BuildOutput, middleware.Metadata, error) {
	return middleware.BuildOutput{}, middleware.Metadata{}, nil
}
