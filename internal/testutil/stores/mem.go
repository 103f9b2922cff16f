package stores

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// MemS3 serves an empty S3 server in process until the test ends, and returns
// it with a client that reaches it over HTTP. The client has the SDK's default
// retries and connections of its own, which are closed at the end.
func MemS3(t testing.TB) (*s3mem.Server, *s3.Client) {
	t.Helper()
	mem := s3mem.New()
	t.Cleanup(mem.Close)
	return mem, mem.Client()
}

// newClient returns a client for a server that has path-style addresses. Its
// idle connections are closed when the test ends, before the server is.
func newClient(t testing.TB, endpoint, access, secret string) *s3.Client {
	transport := &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}
	t.Cleanup(transport.CloseIdleConnections)
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(endpoint),
		Region:       s3test.Region,
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(access, secret, ""),
		HTTPClient:   &http.Client{Transport: transport},
	})
}
