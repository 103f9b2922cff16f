package s3test_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

func TestPutConditions(t *testing.T) {
	_, c := start(t)
	putConditions(t, c)
}

// The real server, too, does what S3 documents.
func TestRealS3PutConditions(t *testing.T) {
	testutil.NoLeaks(t)
	c := stores.RealS3(t).Client
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	putConditions(t, s3.New(c.Options(), func(o *s3.Options) { o.Retryer = aws.NopRetryer{} }))
}

// putConditions is what S3 documents of conditional writes.
func putConditions(t *testing.T, c *s3.Client) {
	put := func(key, body string, match, noneMatch *string) (*s3.PutObjectOutput, error) {
		return c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(body), IfMatch: match, IfNoneMatch: noneMatch})
	}
	remove := func(key string) {
		if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: &key}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := put("gone", "old", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	tag := *out.ETag // of "old" as well
	for _, tt := range []struct {
		key, match, noneMatch string
		status                int // 0 if it is stored
		code                  string
	}{
		{"new", "", "*", 0, ""},
		{"old", "", "*", 412, "PreconditionFailed"},
		{"gone", "", "*", 0, ""},
		{"old", tag, "", 0, ""},
		{"old", strings.Trim(tag, `"`), "", 0, ""},
		{"old", `"0123"`, "", 412, "PreconditionFailed"},
		{"old", "*", "", 412, "PreconditionFailed"},
		{"new", tag, "", 404, "NoSuchKey"},
		{"gone", tag, "", 404, "NoSuchKey"},
		{"gone", "*", "", 404, "NoSuchKey"},
		{"old", "", tag, 501, "NotImplemented"},
		{"new", "", `"0123"`, 501, "NotImplemented"},
		{"old", tag, "*", 501, "NotImplemented"},
	} {
		t.Run(fmt.Sprintf("%s if %s, if none %s", tt.key, tt.match, tt.noneMatch), func(t *testing.T) {
			if _, err := put("old", "old", nil, nil); err != nil {
				t.Fatal(err)
			}
			remove("new")
			remove("gone")
			out, err := put(tt.key, "stored", optional(tt.match), optional(tt.noneMatch))
			if tt.status != 0 {
				wantCode(t, "put", err, tt.code)
				var answer *smithyhttp.ResponseError
				if errors.As(err, &answer) && answer.HTTPStatusCode() != tt.status {
					t.Errorf("put: status %d, want %d", answer.HTTPStatusCode(), tt.status)
				}
				if got, err := get(t, c, &s3.GetObjectInput{Key: &tt.key}); err == nil && got != "old" {
					t.Errorf("get after a put that failed = %q", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, err := get(t, c, &s3.GetObjectInput{Key: &tt.key, IfMatch: out.ETag}); err != nil || got != "stored" {
				t.Errorf("get with the ETag of the put = %q, %v, want %q", got, err, "stored")
			}
		})
	}
	none := &s3.PutObjectInput{Bucket: aws.String("none"), Key: aws.String("k"), IfNoneMatch: aws.String("*"), Body: strings.NewReader("")}
	_, err = c.PutObject(t.Context(), none)
	wantCode(t, "put into no bucket", err, "NoSuchBucket")
}

// optional returns a value that is not sent if it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Of many who write at once, the condition lets one pass.
func TestPutConditionsAtOnce(t *testing.T) {
	_, c := start(t)
	for range 20 {
		stored := make(chan string, 8)
		var wg sync.WaitGroup
		for range cap(stored) {
			wg.Go(func() {
				in := &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), IfNoneMatch: aws.String("*"), Body: strings.NewReader("x")}
				if out, err := c.PutObject(t.Context(), in); err == nil {
					stored <- *out.ETag
				}
			})
		}
		wg.Wait()
		if len(stored) != 1 {
			t.Fatalf("%d puts with If-None-Match passed, want 1", len(stored))
		}
		if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")}); err != nil {
			t.Fatal(err)
		}
	}
}

// Errors of conditions name the condition, or the header, where S3 names it.
func TestPutConditionErrorForm(t *testing.T) {
	mem := s3test.New()
	mem.Put(bucket, "k", []byte("x"))
	for header, want := range map[[2]string]string{
		{"If-None-Match", "*"}:      "<Condition>If-None-Match</Condition>",
		{"If-Match", `"0123"`}:      "<Condition>If-Match</Condition>",
		{"If-None-Match", `"0123"`}: "<Header>If-None-Match</Header>",
	} {
		r := httptest.NewRequest(http.MethodPut, "/logs/k", strings.NewReader("y"))
		r.Header.Set(header[0], header[1])
		w := httptest.NewRecorder()
		mem.ServeHTTP(w, r)
		if body, _ := io.ReadAll(w.Body); !strings.Contains(string(body), want) {
			t.Errorf("%s: %s: answer %q, want %s in it", header[0], header[1], body, want)
		}
	}
}

func TestMetadata(t *testing.T) {
	mem, c := start(t)
	want := map[string]string{"writer": "one", "number": "12"}
	in := &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("k"), Body: strings.NewReader("x"),
		Metadata: map[string]string{"Writer": "one", "number": "12"},
	}
	if _, err := c.PutObject(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	head, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	if err != nil || !maps.Equal(head.Metadata, want) {
		t.Errorf("metadata of HEAD = %v, %v, want %v", head.Metadata, err, want)
	}
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	out.Body.Close()
	if !maps.Equal(out.Metadata, want) {
		t.Errorf("metadata of GET = %v, want %v", out.Metadata, want)
	}
	mem.SetStorageClass(bucket, "k", "STANDARD_IA", false)
	if head, err = c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")}); err != nil || !maps.Equal(head.Metadata, want) {
		t.Errorf("metadata after a change of class = %v, %v, want %v", head.Metadata, err, want)
	}
	in.Metadata, in.Body = map[string]string{"long": strings.Repeat("x", 2<<10)}, strings.NewReader("y")
	_, err = c.PutObject(t.Context(), in)
	wantCode(t, "too much metadata", err, "MetadataTooLarge")
	in.Metadata, in.Body = nil, strings.NewReader("y")
	if _, err := c.PutObject(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if head, err = c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")}); err != nil || len(head.Metadata) != 0 {
		t.Errorf("metadata after a put without = %v, %v, want none", head.Metadata, err)
	}
}
