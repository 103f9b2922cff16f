package s3mem_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
)

func TestInterceptSees(t *testing.T) {
	mem, c := start(t)
	mem.Put(bucket, "a b", []byte("0123"))
	var seen []s3mem.Request
	mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
		seen = append(seen, r)
		mem.Put(bucket, "made by the interceptor", nil)
		return nil
	})
	list := &s3.ListObjectsV2Input{Prefix: aws.String("a"), StartAfter: aws.String("a "), Delimiter: aws.String("/")}
	list.Bucket = aws.String(bucket)
	if out, err := c.ListObjectsV2(t.Context(), list); err != nil || len(out.Contents) != 1 || *out.Contents[0].Key != "a b" {
		t.Errorf("list = %v, %v, want %q", out, err, "a b")
	}
	if got, err := get(t, c, &s3.GetObjectInput{Key: aws.String("a b"), Range: aws.String("bytes=1-2"), IfMatch: aws.String("*")}); err != nil || got != "12" {
		t.Errorf("get = %q, %v, want %q", got, err, "12")
	}
	if len(seen) != 2 {
		t.Fatalf("interceptor saw %d requests, want 2", len(seen))
	}
	if l := seen[0]; l.Op != "ListObjectsV2" || l.Bucket != bucket || l.Prefix != "a" || l.StartAfter != "a " || l.Delimiter != "/" {
		t.Errorf("list request = %+v", l)
	}
	if g := seen[1]; g.Op != "GetObject" || g.Key != "a b" || g.Range != "bytes=1-2" || g.IfMatch != "*" || g.Header.Get("Authorization") == "" {
		t.Errorf("get request = %+v", g)
	}
	if got := len(mem.Keys(bucket)); got != 2 {
		t.Errorf("%d keys, want 2", got)
	}
}

func TestFaultStatus(t *testing.T) {
	mem, c := start(t)
	mem.Put(bucket, "k", []byte("x"))
	tests := []struct {
		fault   s3mem.Fault
		code    string
		message string
	}{
		{s3mem.Fault{Status: 503}, "SlowDown", "Service Unavailable"},
		{s3mem.Fault{Status: 500}, "InternalError", "Internal Server Error"},
		{s3mem.Fault{Status: 403}, "AccessDenied", "Forbidden"},
		{s3mem.Fault{Status: 404}, "NoSuchKey", "Not Found"},
		{s3mem.Fault{Status: 429}, "TooManyRequests", "Too Many Requests"},
		{s3mem.Fault{Status: 301, Code: "PermanentRedirect", Message: "m", Header: http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}}, "PermanentRedirect", "m"},
	}
	for _, tt := range tests {
		mem.Intercept(func(s3mem.Request) *s3mem.Fault { return &tt.fault })
		_, err := get(t, c, &s3.GetObjectInput{Key: aws.String("k")})
		wantCode(t, tt.code, err, tt.code)
		var api smithy.APIError
		if errors.As(err, &api) && !strings.HasPrefix(api.ErrorMessage(), tt.message) && tt.code != "NoSuchKey" {
			t.Errorf("message = %q, want %q", api.ErrorMessage(), tt.message)
		}
		var re *smithyhttp.ResponseError
		if want := tt.fault.Header["X-Amz-Bucket-Region"]; want != nil && errors.As(err, &re) && re.Response.Header.Get("X-Amz-Bucket-Region") != want[0] {
			t.Errorf("region = %q, want %q", re.Response.Header.Get("X-Amz-Bucket-Region"), want[0])
		}
	}
	mem.Intercept(nil)
	if got, err := get(t, c, &s3.GetObjectInput{Key: aws.String("k")}); err != nil || got != "x" {
		t.Errorf("get = %q, %v, want %q", got, err, "x")
	}
	if got, want := mem.Requests()["GetObject"], len(tests)+1; got != want {
		t.Errorf("Requests = %d, want %d", got, want)
	}
}

func TestFaultCut(t *testing.T) {
	mem, c := start(t)
	body := strings.Repeat("0123456789", 1000)
	mem.Put(bucket, "k", []byte(body))
	for _, n := range []int64{-1, 1, 4500, 9999, 10_000, 10_001} {
		mem.Intercept(func(s3mem.Request) *s3mem.Fault { return &s3mem.Fault{CutAfter: n} })
		got, err := get(t, c, &s3.GetObjectInput{Key: aws.String("k")})
		if want := body[:min(max(n, 0), 10_000)]; got != want {
			t.Errorf("get cut after %d = %d bytes, want %d", n, len(got), len(want))
		}
		if cut := n < 10_000; cut != errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("get cut after %d: error = %v, want cut %v", n, err, cut)
		}
	}
	mem.Intercept(func(s3mem.Request) *s3mem.Fault { return &s3mem.Fault{CutAfter: 50} })
	if _, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket)}); err == nil {
		t.Error("list that was cut succeeded")
	}
}

func TestFaultStall(t *testing.T) {
	mem, c := start(t)
	mem.Put(bucket, "k", []byte("0123456789"))
	ctx, cancel := context.WithCancel(t.Context())
	mem.Intercept(func(s3mem.Request) *s3mem.Fault { cancel(); return &s3mem.Fault{Stall: true} })
	if _, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")}); !errors.Is(err, context.Canceled) {
		t.Errorf("stalled get: error = %v, want %v", err, context.Canceled)
	}

	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	mem.Intercept(func(s3mem.Request) *s3mem.Fault { return &s3mem.Fault{Stall: true, CutAfter: 4} })
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(out.Body, head); err != nil || string(head) != "0123" {
		t.Errorf("read = %q, %v, want %q", head, err, "0123")
	}
	cancel()
	if n, err := out.Body.Read(head); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("read after the stall = %d, %v, want 0, %v", n, err, context.Canceled)
	}
}

func TestFaultDrop(t *testing.T) {
	mem, c := start(t)
	mem.Intercept(func(s3mem.Request) *s3mem.Fault { return &s3mem.Fault{Drop: true} })
	_, err := get(t, c, &s3.GetObjectInput{Key: aws.String("k")})
	var send *smithyhttp.RequestSendError
	if !errors.As(err, &send) {
		t.Errorf("dropped get: error = %v, want a send error", err)
	}
}

// What a request asks is done, though nobody gets the answer.
func TestFaultLose(t *testing.T) {
	mem, c := start(t)
	put := func(ctx context.Context, body string) error {
		_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Body: strings.NewReader(body)})
		return err
	}
	mem.Intercept(func(r s3mem.Request) *s3mem.Fault { return &s3mem.Fault{Lose: r.Op == "PutObject"} })
	var send *smithyhttp.RequestSendError
	if err := put(t.Context(), "one"); !errors.As(err, &send) {
		t.Errorf("put whose answer was lost: error = %v, want a send error", err)
	}
	if got, err := get(t, c, &s3.GetObjectInput{Key: aws.String("k")}); err != nil || got != "one" {
		t.Errorf("get = %q, %v, want %q", got, err, "one")
	}

	mem.Delete(bucket, "k")
	ctx, cancel := context.WithCancel(t.Context())
	mem.Intercept(func(s3mem.Request) *s3mem.Fault { return &s3mem.Fault{Lose: true, Stall: true} })
	go func() {
		for len(mem.Keys(bucket)) == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if err := put(ctx, "two"); !errors.Is(err, context.Canceled) {
		t.Errorf("put whose answer stalled: error = %v, want %v", err, context.Canceled)
	}
	mem.Intercept(nil)
	if got, err := get(t, c, &s3.GetObjectInput{Key: aws.String("k")}); err != nil || got != "two" {
		t.Errorf("get = %q, %v, want %q", got, err, "two")
	}
}

func TestChange(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*rewrite.Answer)
		status int
		body   string
		length int64
	}{
		"nothing":         {func(*rewrite.Answer) {}, 200, "0123456789", 10},
		"the body":        {func(a *rewrite.Answer) { a.Body = append(a.Body, 'x') }, 200, "0123456789x", 11},
		"the status":      {func(a *rewrite.Answer) { a.Status = 203 }, 203, "0123456789", 10},
		"to chunks":       {func(a *rewrite.Answer) { a.Header.Del("Content-Length") }, 200, "0123456789", -1},
		"to nothing":      {func(a *rewrite.Answer) { a.Body = nil }, 200, "", 0},
		"the length said": {func(a *rewrite.Answer) { a.Header.Set("Content-Length", "20") }, 200, "0123456789", 20},
	} {
		t.Run(name, func(t *testing.T) {
			mem := s3mem.New()
			mem.Put(bucket, "k", []byte("0123456789"))
			mem.Intercept(func(s3mem.Request) *s3mem.Fault { return &s3mem.Fault{Change: tt.change} })
			srv := httptest.NewServer(mem)
			defer srv.Close()
			r, err := srv.Client().Get(srv.URL + "/" + bucket + "/k")
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			body, _ := io.ReadAll(r.Body) // which fails if the length is wrong
			if r.StatusCode != tt.status || string(body) != tt.body || r.ContentLength != tt.length {
				t.Errorf("status %d, body %q, length %d, want %d, %q and %d", r.StatusCode, body, r.ContentLength, tt.status, tt.body, tt.length)
			}
		})
	}
}
