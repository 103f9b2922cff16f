package listxml_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/promptlogs/qlogs/internal/listxml"
)

// answer is a HTTP client that has one answer to all requests.
type answer []byte

func (a answer) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(a)), Body: io.NopCloser(bytes.NewReader(a))}, nil
}

// sdk returns what the SDK makes of a document.
func sdk(ctx context.Context, doc []byte) (*s3.ListObjectsV2Output, error) {
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String("http://127.0.0.1:9"),
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient:   answer(doc),
		Retryer:      aws.NopRetryer{},
	})
	out, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("logs")})
	if err == nil {
		out.ResultMetadata = middleware.Metadata{}
	}
	return out, err
}

// check checks that a document is refused, or read as the SDK reads it. It returns
// false if it is refused.
func check(t *testing.T, doc []byte) bool {
	t.Helper()
	given := bytes.Clone(doc)
	got, ok := listxml.Parse(given)
	if !bytes.Equal(given, doc) {
		t.Fatalf("Parse has changed the document %q", doc)
	}
	if !ok {
		return false
	}
	clear(given) // which the result must not show
	want, err := sdk(t.Context(), doc)
	if err != nil {
		t.Fatalf("Parse reads a document that the SDK does not: %v\n%s", err, doc)
	}
	if !reflect.DeepEqual(got, want) {
		for i := range min(len(got.Contents), len(want.Contents)) {
			if !reflect.DeepEqual(got.Contents[i], want.Contents[i]) {
				t.Errorf("object %d = %+v, want %+v", i, got.Contents[i], want.Contents[i])
			}
		}
		t.Fatalf("Parse = %+v\nthe SDK = %+v\n%s", got, want, doc)
	}
	return true
}
