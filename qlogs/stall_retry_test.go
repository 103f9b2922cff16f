package qlogs_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// A stallHTTP answers requests with SlowDown, at once, until the n-th one.
type stallHTTP struct {
	calls, n int
	answer   func(*http.Request) *http.Response
}

func (h *stallHTTP) Do(r *http.Request) (*http.Response, error) {
	if h.calls++; h.calls >= h.n {
		return h.answer(r), r.Context().Err()
	}
	const slow = `<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>`
	return stallAnswer(r, http.StatusServiceUnavailable, slow), nil
}

func stallAnswer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Etag": {`"e"`}}, Request: r,
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}
}

func (h *stallHTTP) source() qlogs.Source {
	return s3source.New(s3.New(s3.Options{
		Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: h,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.RateLimiter = 10, ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 20 * time.Second, nil })
		}),
	}), "bucket", nil)
}

// The pauses between the SDK's attempts are its retryer's, however long: no stall.
func TestStallNotInRetries(t *testing.T) {
	body := cursorFile(cursorRecord("a", 0))
	object := qlogs.Object{Key: cursorKey(cursorChats, 0), Size: int64(len(body)), ETag: `"e"`}
	synctest.Test(t, func(t *testing.T) {
		h := &stallHTTP{n: 9, answer: func(r *http.Request) *http.Response { return stallAnswer(r, 200, string(body)) }}
		n := 0
		for e, err := range qlogs.New(h.source(), nil).Read(t.Context(), object) {
			if err != nil || e.Record.RequestID() != "a" {
				t.Errorf("entry %v, error %v, want the record", e, err)
			}
			n++
		}
		if n != 1 || h.calls != 9 {
			t.Errorf("%d pairs with %d requests, want one with 9", n, h.calls)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		h := &stallHTTP{n: 1000}
		for _, err := range qlogs.New(h.source(), nil).Read(t.Context(), object) {
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != "SlowDown" || errors.Is(err, qlogs.ErrStalled) {
				t.Errorf("error %v, want SlowDown", err)
			}
		}
		if h.calls != 10 {
			t.Errorf("%d requests, want the retryer's 10", h.calls)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		const page = `<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`
		h := &stallHTTP{n: 9, answer: func(r *http.Request) *http.Response { return stallAnswer(r, 200, page) }}
		for _, err := range qlogs.New(h.source(), nil).Scan(qlogs.Query{MayBeEmpty: true}).Records(t.Context()) {
			t.Errorf("listing: %v, want no error", err)
		}
	})
}

// An attempt that stalls after others that did not has the whole of its time, and no more.
func TestStallInARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		h := &stallHTTP{n: 3, answer: func(r *http.Request) *http.Response {
			<-r.Context().Done()
			return stallAnswer(r, 200, "")
		}}
		object := qlogs.Object{Key: cursorKey(cursorChats, 0), Size: 10, ETag: `"e"`}
		for _, err := range qlogs.New(h.source(), nil).Read(t.Context(), object) {
			if !errors.Is(err, qlogs.ErrStalled) {
				t.Errorf("error %v, want ErrStalled", err)
			}
		}
		if took := time.Since(began); took != 2*20*time.Second+time.Minute || h.calls != 3 {
			t.Errorf("%d requests took %v, want 3 in two pauses and a stall timeout", h.calls, took)
		}
	})
}
