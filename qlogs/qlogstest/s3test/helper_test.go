package s3test_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

const bucket = "logs"

// start serves an empty bucket and returns a client that does not retry.
func start(t *testing.T) (*s3test.Server, *s3.Client) {
	t.Helper()
	mem := s3test.New()
	mem.CreateBucket(bucket)
	t.Cleanup(mem.Close)
	return mem, s3.New(mem.Client().Options(), func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
}

func putAll(mem *s3test.Server, keys ...string) {
	for _, k := range keys {
		mem.Put(bucket, k, []byte(k))
	}
}

// get returns the content of an object and what reading it failed with.
func get(t *testing.T, c *s3.Client, in *s3.GetObjectInput) (string, error) {
	t.Helper()
	in.Bucket = aws.String(bucket)
	out, err := c.GetObject(t.Context(), in)
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	b, err := io.ReadAll(out.Body)
	return string(b), err
}

// pages lists to the end and returns keys and common prefixes by page.
func pages(t *testing.T, c *s3.Client, in *s3.ListObjectsV2Input) []string {
	t.Helper()
	in.Bucket = aws.String(bucket)
	var all []string
	for {
		out, err := c.ListObjectsV2(t.Context(), in)
		if err != nil {
			t.Fatalf("ListObjectsV2: %v", err)
		}
		var page []string
		for _, o := range out.Contents {
			page = append(page, aws.ToString(o.Key))
		}
		for _, p := range out.CommonPrefixes {
			page = append(page, aws.ToString(p.Prefix)+"…")
		}
		if n := int(aws.ToInt32(out.KeyCount)); n != len(page) {
			t.Errorf("KeyCount = %d, want %d", n, len(page))
		}
		all = append(all, strings.Join(page, " "))
		if !aws.ToBool(out.IsTruncated) {
			return all
		}
		in.ContinuationToken = out.NextContinuationToken
	}
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("%s: error = %v, want code %s", what, err, code)
	}
}
