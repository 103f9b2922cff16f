package qlogs_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/tracing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/faultproxy"
	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// wrongChecked fails the test if a change leaves the answer as it was.
func wrongChecked(t *testing.T, change func(*rewrite.Answer)) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) {
		if !wrongChanges(a, change) {
			t.Errorf("the answer with status %d and %d bytes is not changed", a.Status, len(a.Body))
		}
	}
}

// wrongOrNothing leaves the body out where there is nothing that a change could change.
func wrongOrNothing(change func(*rewrite.Answer)) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) {
		if !wrongChanges(a, change) {
			a.Body = nil
		}
	}
}

// wrongChanges changes an answer, and reports whether it has become another one.
func wrongChanges(a *rewrite.Answer, change func(*rewrite.Answer)) bool {
	was := rewrite.Answer{Status: a.Status, Header: a.Header.Clone(), Body: bytes.Clone(a.Body)}
	change(a)
	return a.Status != was.Status || !maps.EqualFunc(a.Header, was.Header, slices.Equal) || !bytes.Equal(a.Body, was.Body)
}

// wrongClients are the ways to read a bucket.
var wrongClients = []struct {
	name string
	src  func(c *s3.Client) qlogs.Source
	own  bool // its answers cannot be seen
}{
	{"a client", func(c *s3.Client) qlogs.Source { return s3source.New(c, "logs", nil) }, false},
	{"PlainSDK", func(c *s3.Client) qlogs.Source { return s3source.New(c, "logs", &s3source.Options{PlainSDK: true}) }, false},
	{"a traced client", func(c *s3.Client) qlogs.Source {
		return s3source.New(s3.New(c.Options(), func(o *s3.Options) { o.TracerProvider = leanTracer{} }), "logs", nil)
	}, false},
	{"a wrapped client", func(c *s3.Client) qlogs.Source { return s3source.New(wrappedAPI{c}, "logs", nil) }, false},
	{"a client that keeps its answers to itself", func(c *s3.Client) qlogs.Source { return s3source.New(sdkLister{c}, "logs", nil) }, true},
}

// A leanTracer is a tracer of the caller's, which gets all requests.
type leanTracer struct{ tracing.NopTracerProvider }

// A sdkLister lists without the options that qlogs gives.
type sdkLister struct{ *s3.Client }

func (l sdkLister) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return l.Client.ListObjectsV2(ctx, in)
}

// A wrongStore is a store with six logs in its bucket "logs" that answers wrongly.
type wrongStore struct {
	sdk  *s3.Client // does not pause between attempts
	keys []string

	mu    sync.Mutex
	fault func(wrongRequest) wrongFault
}

// A wrongRequest is what is known of a request in front of any store.
type wrongRequest struct {
	op, key, prefix, after string
	ranged                 bool
}

// A wrongFault changes an answer, or breaks it off after that many bytes.
type wrongFault struct {
	change func(*rewrite.Answer)
	cut    int64
}

// spoil sets what happens to answers from now on.
func (s *wrongStore) spoil(fault func(wrongRequest) wrongFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *wrongStore) meet(r wrongRequest) wrongFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		return wrongFault{}
	}
	return s.fault(r)
}

func newWrongStore(client *s3.Client) *wrongStore {
	return &wrongStore{sdk: s3.New(client.Options(), func(o *s3.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 2, 1, ratelimit.None
		})
	})}
}

// newWrongMem is the server in this process.
func newWrongMem(t *testing.T) *wrongStore {
	mem := newS3Server(t, 6)
	s := newWrongStore(mem.client)
	s.keys = mem.keys
	mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
		f := s.meet(wrongRequest{r.Op, r.Key, r.Prefix, r.StartAfter, r.Range != ""})
		return &s3mem.Fault{Change: f.change, CutAfter: f.cut}
	})
	return s
}

// newWrongReal is a real server behind a proxy.
func newWrongReal(t *testing.T) *wrongStore {
	testutil.NoLeaks(t)
	srv := stores.RealS3(t)
	proxy, err := faultproxy.Start(srv.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	bucket := "logs"
	if _, err := srv.Client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	objs := confChats(confPartition("p", path.GenerateAssistantResponse), 6, time.Minute)
	if err := stores.Upload(t.Context(), srv.Client, bucket, slices.Values(objs), 1); err != nil {
		t.Fatal(err)
	}
	s := newWrongStore(s3.New(srv.Client.Options(), func(o *s3.Options) { o.BaseEndpoint = &proxy.URL }))
	for _, o := range objs {
		s.keys = append(s.keys, o.Key)
	}
	proxy.SetFault(func(r faultproxy.Request) faultproxy.Fault {
		f := s.meet(wrongRequest{r.Op, r.Key, r.Prefix, r.StartAfter, r.Offset > 0})
		if f.cut > 0 {
			return faultproxy.Fault{Within: faultproxy.FIN, After: f.cut}
		}
		return faultproxy.Fault{Change: f.change}
	})
	return s
}
