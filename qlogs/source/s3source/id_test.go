package s3source_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// hidden hides the options of a client.
type hidden struct{ client *s3.Client }

func (w hidden) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return w.client.ListObjectsV2(ctx, in, opts...)
}

func (w hidden) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return w.client.GetObject(ctx, in, opts...)
}

// The same bucket has one ID, whatever way leads to it, and buckets of the same name in two
// stores have two.
func TestIDOfEndpoint(t *testing.T) {
	client := func(endpoint string) *s3.Client {
		o := s3.Options{Region: "us-east-1"}
		if endpoint != "" {
			o.BaseEndpoint = aws.String(endpoint)
		}
		return s3.New(o)
	}
	for _, tt := range []struct {
		name string
		api  s3source.API
		opts *s3source.Options
		want string
	}{
		{"AWS", client(""), nil, "s3://logs"},
		{"FIPS", client("https://s3-fips.us-east-1.amazonaws.com"), nil, "s3://logs"},
		{"dual stack", client("https://s3.dualstack.us-east-1.amazonaws.com/"), nil, "s3://logs"},
		{"VPC endpoint", client("https://bucket.vpce-0123456789abcdef0-abcdefgh.s3.us-east-1.vpce.amazonaws.com"), nil, "s3://logs"},
		{"China", client("https://s3.cn-north-1.amazonaws.com.cn"), nil, "s3://logs"},
		{"another store", client("https://store.example:9000"), nil, "s3://logs@https://store.example:9000"},
		{"a slash and upper case", client("HTTPS://Store.Example:9000/"), nil, "s3://logs@https://store.example:9000"},
		{"the scheme's own port", client("https://store.example:443"), nil, "s3://logs@https://store.example"},
		{"a path", client("http://store.example/s3/"), nil, "s3://logs@http://store.example/s3"},
		{"an IPv6 address", client("http://[::1]:7070"), nil, "s3://logs@http://[::1]:7070"},
		{"a user and a password", client("http://me:secret@store.example"), nil, "s3://logs@http://store.example"},
		{"a name that ends like AWS's", client("https://notamazonaws.com"), nil, "s3://logs@https://notamazonaws.com"},
		{"a client that shows nothing", hidden{client("https://store.example:9000")}, nil, "s3://logs"},
		{"the caller's", client("https://store.example:9000"), &s3source.Options{ID: "logs-eu"}, "logs-eu"},
	} {
		if got := s3source.New(tt.api, "logs", tt.opts).ID(); got != tt.want {
			t.Errorf("%s: ID() = %q, want %q", tt.name, got, tt.want)
		}
	}
}
