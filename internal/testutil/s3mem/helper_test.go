package s3mem_test

import (
	"errors"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
)

const bucket = "logs"

// start serves an empty bucket and returns a client that does not retry.
func start(t *testing.T) (*s3mem.Server, *s3.Client) {
	t.Helper()
	mem := s3mem.New()
	mem.CreateBucket(bucket)
	t.Cleanup(mem.Close)
	return mem, s3.New(mem.Client().Options(), func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
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

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("%s: error = %v, want code %s", what, err, code)
	}
}
