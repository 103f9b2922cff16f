package s3source_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

func TestBucketRegion(t *testing.T) {
	elsewhere := http.Header{"X-Amz-Bucket-Region": {"eu-central-1"}}
	for _, tt := range []struct {
		name, bucket string
		fault        *s3mem.Fault
		want         string // empty is an error
	}{
		{"own region", "logs", nil, "us-east-1"},
		{"another region", "logs", &s3mem.Fault{Status: 301, Header: elsewhere}, "eu-central-1"},
		{"another region, badly signed", "logs", &s3mem.Fault{Status: 400, Header: elsewhere}, "eu-central-1"},
		{"denied", "logs", &s3mem.Fault{Status: 403, Header: elsewhere}, "eu-central-1"},
		{"denied without a region", "logs", &s3mem.Fault{Status: 403}, ""},
		{"no bucket", "other", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, 0)
			if tt.fault != nil {
				s.fail("HeadBucket", *tt.fault)
			}
			got, err := s3source.BucketRegion(t.Context(), s.client, tt.bucket)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("BucketRegion = %q, %v, want %q", got, err, tt.want)
			}
			var api smithy.APIError
			if err != nil && (!errors.As(err, &api) || !strings.Contains(err.Error(), fmt.Sprintf("%q", tt.bucket))) {
				t.Errorf("BucketRegion error = %v, want it to name the bucket and to hold the SDK's", err)
			}
		})
	}
	if got, err := s3source.BucketRegion(t.Context(), noRegion{}, "logs"); got != "" || err == nil || !strings.Contains(err.Error(), `"logs"`) {
		t.Errorf("BucketRegion of a store that does not tell = %q, %v, want an error that names the bucket", got, err)
	}
}

// An noRegion is like servers that know no Regions.
type noRegion struct{}

func (noRegion) HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	return &s3.HeadBucketOutput{}, nil
}

func TestParseURI(t *testing.T) {
	for _, tt := range []struct {
		uri, bucket, prefix string
		ok                  bool
	}{
		{"s3://logs", "logs", "", true},
		{"s3://logs/", "logs", "", true},
		{"s3://logs/a/b", "logs", "a/b", true},
		{"s3://logs/a/b/", "logs", "a/b/", true},
		{"s3://logs/a b+c%20", "logs", "a b+c%20", true},
		{"s3://logs//a", "logs", "/a", true},
		{"s3://logs/?a#b", "logs", "?a#b", true},
		{"s3://logs/a@b:c", "logs", "a@b:c", true},
		{"s3://Old_Logs/a", "Old_Logs", "a", true},
		{"", "", "", false},
		{"logs", "", "", false},
		{"logs/a", "", "", false},
		{"/logs/a", "", "", false},
		{"s3:", "", "", false},
		{"s3:/logs", "", "", false},
		{"s3://", "", "", false},
		{"s3:///a", "", "", false},
		{"S3://logs", "", "", false},
		{"https://logs.s3.amazonaws.com/a", "", "", false},
		{"arn:aws:s3:::logs", "", "", false},
		{"s3://AKIACANARYCANARYCANA:CANARY@logs/a", "", "", false},
		{"s3://AKIACANARYCANARYCANA:CANARY/CANARY/x@logs/a", "", "", false},
		{"s3://AKIACANARYCANARYCANA:CANARY/CANARY", "", "", false},
		{"s3://AKIACANARYCANARYCANA/CANARY@logs/a", "", "", false},
		{"s3://ASIACANARYCANARYCANA/CANARY", "", "", false},
		{"s3://CANARY/x@logs/a", "", "", false},
		{"s3:///CANARY@logs/a", "", "", false},
		{"s3://id%3ACANARY%40logs/a", "", "", false},
		{"s3://id%3ACANARY/CANARY%40logs/a", "", "", false},
		{"s3://logs@id:CANARY/a", "", "", false},
		{"s3://logs?CANARY", "", "", false},
		{"s3://logs#CANARY", "", "", false},
		{"s3://logs CANARY/a", "", "", false},
		{"s3://logs:CANARY", "", "", false},
		{"s3://../CANARY", "", "", false},
		{"s3://lögs/CANARY", "", "", false},
		{"s3://" + strings.Repeat("c", 256), "", "", false},
		{"s3://ARN:CANARY/CANARY@logs", "", "", false},
		{"s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/id:CANARY@ap/a", "", "", false},
		{"S3://id:CANARY@logs/a", "", "", false},
		{"s3a://id:CANARY@logs/a", "", "", false},
		{"https://id:CANARY@logs.example/a", "", "", false},
		{"s3:id:CANARY@logs", "", "", false},
		{"id:CANARY@logs", "", "", false},
	} {
		bucket, prefix, err := s3source.ParseURI(tt.uri)
		if bucket != tt.bucket || prefix != tt.prefix || (err == nil) != tt.ok {
			t.Errorf("ParseURI(%q) = %q, %q, %v, want %q, %q and success %t", tt.uri, bucket, prefix, err, tt.bucket, tt.prefix, tt.ok)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "s3source: ") || !strings.Contains(err.Error(), "write s3://")) {
			t.Errorf("ParseURI(%q) error = %q, want it to say what to write", tt.uri, err)
		}
		if strings.Contains(fmt.Sprint(err), "CANARY") {
			t.Errorf("ParseURI(%q) error = %q, which shows a secret", tt.uri, err)
		}
	}
}

// TestParseURIAccessPoints: the ARN of an access point is the bucket, all of it.
func TestParseURIAccessPoints(t *testing.T) {
	for _, arn := range []string{
		"arn:aws:s3:eu-west-1:123456789012:accesspoint/ap",
		"arn:aws:s3:eu-west-1:123456789012:accesspoint:ap",
		"arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/ap",
		"arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint/ap",
		"arn:aws:s3::123456789012:accesspoint/alias.mrap",
		"arn:aws:s3::123456789012:accesspoint:alias.mrap",
		"arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/ap",
		"arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-01ac5d28a6a232904/accesspoint/ap",
		"arn:aws:s3-outposts:eu-west-1:123456789012:outpost:op-01ac5d28a6a232904:accesspoint:ap",
		"ap-abcdef0123456789-s3alias",
	} {
		for rest, want := range map[string]string{"": "", "/": "", "/p": "p", "/p/q/": "p/q/", "//p": "/p", "/accesspoint/x": "accesspoint/x"} {
			bucket, prefix, err := s3source.ParseURI("s3://" + arn + rest)
			if err != nil || bucket != arn || prefix != want {
				t.Errorf("ParseURI(s3://%s%s) = %q, %q, %v, want %q, %q", arn, rest, bucket, prefix, err, arn, want)
			}
		}
	}
	for _, arn := range []string{"arn:aws:s3:::bucket/p", "arn:aws:s3:eu-west-1:123456789012:accesspoint/", "arn:aws:s3:eu-west-1:12:accesspoint/ap", "arn:aws:sqs:eu-west-1:123456789012:queue"} {
		if bucket, prefix, err := s3source.ParseURI("s3://" + arn); err == nil {
			t.Errorf("ParseURI(s3://%s) = %q, %q, want an error", arn, bucket, prefix)
		}
	}
}
