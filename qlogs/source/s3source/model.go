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
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A requestModel makes GetObject requests after one that the SDK has made: the same
// endpoint, addressing, headers and scope of the signature, for other keys.
type requestModel struct {
	url     url.URL // the path of the key ""
	host    string
	header  http.Header
	hash    string // of the payload, as it is signed
	region  string
	service string
	proven  atomic.Bool // there was a 200 to a request of its

	environment string // of that name when the SDK made the request
}

const signTime = "20060102T150405Z"

// The headers that are each request's own.
var ownHeaders = []string{"Authorization", "If-Match", "X-Amz-Date", "X-Amz-Security-Token", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", traceHeader}

// newRequestModel returns a model of a request for key that the SDK has signed. It
// makes sure that the model's own request has the same signature: whatever the
// caller's options make of a request, a model does too, or there is none.
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
	// A clock that is wrong is for the SDK to correct.
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

// signatureScope is what a version 4 signature is valid for.
func signatureScope(authorization string) (region, service string, ok bool) {
	rest, ok := strings.CutPrefix(authorization, "AWS4-HMAC-SHA256 Credential=")
	credential, _, cut := strings.Cut(rest, ",")
	scope := strings.Split(credential, "/") // access key, date, Region, service, and an end
	if !ok || !cut || len(scope) != 5 {
		return "", "", false
	}
	return scope[2], scope[3], true
}

// request returns a request for a key, not signed. It shares nothing with the model: the
// HTTP client may change it.
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

// modelValues is how many values of headers fit in beside a URL; a model has about five.
const modelValues = 8
