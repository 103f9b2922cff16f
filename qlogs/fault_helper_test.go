package qlogs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/faultproxy"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// A faultServer is an S3 server behind a proxy. Its bucket has a prefix for each
// target.
type faultServer struct {
	proxy          *faultproxy.Proxy
	access, secret string
	bucket         string
	targets        []*faultTarget
}

// A faultTarget is the object that faults concern. It stands between two others.
type faultTarget struct {
	name string // and prefix
	key  string
	body []byte
	ids  []string // of its records
	ends []int64  // of the records in the body, if that is plain
}

const (
	faultBefore = "before"
	faultAfter  = "after"
)

// newFaultMem serves the targets in process.
func newFaultMem(t *testing.T) *faultServer {
	t.Helper()
	_, client := stores.MemS3(t)
	return newFaultServer(t, client, *client.Options().BaseEndpoint, "key", "secret")
}

// newFaultReal serves them from a real S3 server.
func newFaultReal(t *testing.T) *faultServer {
	t.Helper()
	srv := stores.RealS3(t)
	return newFaultServer(t, srv.Client, srv.Endpoint, srv.Access, srv.Secret)
}

func newFaultServer(t *testing.T, client *s3.Client, endpoint, access, secret string) *faultServer {
	t.Helper()
	proxy, err := faultproxy.Start(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	s := &faultServer{proxy: proxy, access: access, secret: secret, bucket: "faults"}
	s.targets = []*faultTarget{
		newFaultTarget("small", 3, 400, true),
		newFaultTarget("large", 85, 99_000, true),
		newFaultTarget("plain", 85, 99_000, false),
	}
	var objs []qlogstest.Object
	for _, o := range s.targets {
		p := confPartition(o.name, path.GenerateAssistantResponse)
		objs = append(objs,
			qlogstest.Object{Key: p.NewKey(confStart(), faultBefore).String(), Body: confChat(faultBefore, confStart())},
			qlogstest.Object{Key: o.key, Body: o.body},
			qlogstest.Object{Key: p.NewKey(confStart().Add(2*time.Minute), faultAfter).String(), Body: confChat(faultAfter, confStart())})
	}
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &s.bucket}); err != nil {
		t.Fatal(err)
	}
	if err := stores.Upload(t.Context(), client, s.bucket, slices.Values(objs), 1); err != nil {
		t.Fatal(err)
	}
	return s
}

// newFaultTarget has n records of about that size. Gzip stores them as they are,
// so that a part of the file has a part of the records.
func newFaultTarget(name string, n, size int, zipped bool) *faultTarget {
	p := confPartition(name, path.GenerateAssistantResponse)
	o := &faultTarget{name: name, key: p.NewKey(confStart().Add(time.Minute), "target").String()}
	file := []byte(`{"records":[`)
	for i := range n {
		id := fmt.Sprintf("%s%02d", name, i)
		o.ids = append(o.ids, id)
		if i > 0 {
			file = append(file, ',')
		}
		file = append(file, windowChat(id, size)...)
		o.ends = append(o.ends, int64(len(file)))
	}
	o.body = append(file, "]}"...)
	if zipped {
		o.body, o.ends = faultStored(o.body), nil
	}
	return o
}

func faultStored(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // memory takes everything
	}
	return b.Bytes()
}

// streamed tells whether records come before the whole body has.
func (o *faultTarget) streamed() bool { return len(o.body) >= windowLarge }

func (o *faultTarget) size() int64 { return int64(len(o.body)) }

// within returns between how many and how many records are delivered of the first
// n bytes. What a decompressor makes of its last bytes before a cut is its own.
func (o *faultTarget) within(n int64) (least, most int) {
	switch {
	case !o.streamed():
		return 0, 0
	case o.ends != nil:
		most, _ = slices.BinarySearch(o.ends, n+1)
		return most, most
	}
	r, err := gzip.NewReader(bytes.NewReader(o.body[:n]))
	if err != nil {
		return 0, 0
	}
	data, _ := io.ReadAll(r) // it is cut
	most = bytes.Count(data, []byte(`"requestId"`))
	return max(most-1, 0), most
}

// all returns the ids of the target's records and of those around it.
func (o *faultTarget) all() []string {
	return slices.Concat([]string{faultBefore}, o.ids, []string{faultAfter})
}

// source reads through the proxy, with connections of its own and that many tries
// of a request, one after the other. If sdk is set, all requests are the SDK's.
func (s *faultServer) source(t *testing.T, attempts int, region string, sdk bool) qlogs.Source {
	t.Helper()
	// Each request has a connection, so that net/http repeats none by itself.
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(s.proxy.URL),
		Region:       region,
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(s.access, s.secret, ""),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
			o.RateLimiter = ratelimit.None
		}),
	})
	if sdk {
		return s3source.New(wrappedAPI{client}, s.bucket, nil)
	}
	return s3source.New(client, s.bucket, nil)
}

// A wrappedAPI is a client with something before it.
type wrappedAPI struct{ *s3.Client }

// faultWarm reads a neighbour of the target twice, so that all that is done once is
// done: a model made of the SDK's request, and a first request made after that.
func faultWarm(t *testing.T, s *faultServer, src qlogs.Source, o *faultTarget) {
	t.Helper()
	key := confPartition(o.name, path.GenerateAssistantResponse).NewKey(confStart(), faultBefore).String()
	for range 2 {
		if _, err := confReadAll(t.Context(), src, confFind(t, src, key), 0); err != nil {
			t.Fatal(err)
		}
	}
	s.proxy.Reset()
}

// faultRead reads a target and its neighbours, from a cursor on.
func faultRead(t *testing.T, src qlogs.Source, o *faultTarget, opts *qlogs.Options, after qlogs.Cursor) confScan {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := confScan{scan: qlogs.New(src, opts).Scan(qlogs.Query{Prefix: o.name, After: after})}
	for e, err := range r.scan.Records(ctx) {
		r.add(e, err)
	}
	if ctx.Err() != nil {
		t.Error("the scan hangs")
	}
	return r
}

// gets returns the GET requests for a target.
func (s *faultServer) gets(o *faultTarget) []faultproxy.Request {
	return slices.DeleteFunc(s.proxy.Requests("GetObject"), func(r faultproxy.Request) bool { return r.Key != o.key })
}

// faultRegion is where the servers of the tests are.
const faultRegion = s3test.Region

// faultShare is a part of what is left of a body, in tenths.
func faultShare(o *faultTarget, r faultproxy.Request, tenths int64) int64 {
	return (o.size() - r.Offset) * tenths / 10
}
