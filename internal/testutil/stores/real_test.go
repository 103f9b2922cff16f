package stores_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// try returns the S3 error code of each of four requests, "" for success.
func try(t *testing.T, c *s3.Client) string {
	t.Helper()
	bucket := aws.String("logs")
	code := func(err error) string {
		var api smithy.APIError
		if errors.As(err, &api) {
			return api.ErrorCode()
		}
		if err != nil {
			t.Errorf("request: %v", err)
		}
		return "ok"
	}
	list := func(prefix string) string {
		_, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: bucket, Prefix: &prefix})
		return code(err)
	}
	get := func(key string) string {
		out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: &key})
		if err == nil {
			out.Body.Close()
		}
		return code(err)
	}
	return fmt.Sprintln(list("a/"), list("b/"), list("b/deep/"), get("a/1"), get("b/2"))
}

func TestRealS3(t *testing.T) {
	testutil.NoLeaks(t)
	srv := stores.RealS3(t)
	if _, err := srv.Client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("logs")}); err != nil {
		t.Fatal(err)
	}
	objs := func(yield func(qlogstest.Object) bool) {
		_ = yield(qlogstest.Object{Key: "a/1", Body: []byte("one")}) && yield(qlogstest.Object{Key: "b/2", Body: []byte("two")})
	}
	if err := stores.Upload(t.Context(), srv.Client, "logs", objs, 2); err != nil {
		t.Fatal(err)
	}
	out, err := srv.Client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("logs")})
	if err != nil || len(out.Contents) != 2 || aws.ToString(out.Contents[0].ETag) == "" {
		t.Fatalf("ListObjectsV2 = %+v, %v, want two objects with ETags", out, err)
	}

	tests := []struct {
		name   string
		denied stores.Denied
		want   string
	}{
		{"nothing", stores.Denied{}, "ok ok ok ok ok\n"},
		{"bucket", stores.Denied{Bucket: true}, "AccessDenied AccessDenied AccessDenied AccessDenied AccessDenied\n"},
		{"partition", stores.Denied{List: []string{"b/"}}, "ok AccessDenied AccessDenied ok ok\n"},
		{"object", stores.Denied{Get: []string{"a/1"}}, "ok ok ok AccessDenied ok\n"},
		{"both", stores.Denied{List: []string{"b/"}, Get: []string{"b/"}}, "ok AccessDenied AccessDenied ok AccessDenied\n"},
	}
	clients := make([]*s3.Client, len(tests))
	for i, tt := range tests {
		clients[i] = srv.Limited(t, "logs", tt.denied)
	}
	for i, tt := range tests {
		if got := try(t, clients[i]); got != tt.want {
			t.Errorf("denied %s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if got, want := try(t, srv.Client), "ok ok ok ok ok\n"; got != want {
		t.Errorf("root user: %s, want %s", got, want)
	}
}
