package qlogs_test

import (
	"testing"

	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// TestParseS3URIAccessPoints: the ARN of an access point is the bucket, all of it.
func TestParseS3URIAccessPoints(t *testing.T) {
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
				t.Errorf("ParseS3URI(s3://%s%s) = %q, %q, %v, want %q, %q", arn, rest, bucket, prefix, err, arn, want)
			}
		}
	}
	for _, arn := range []string{"arn:aws:s3:::bucket/p", "arn:aws:s3:eu-west-1:123456789012:accesspoint/", "arn:aws:s3:eu-west-1:12:accesspoint/ap", "arn:aws:sqs:eu-west-1:123456789012:queue"} {
		if bucket, prefix, err := s3source.ParseURI("s3://" + arn); err == nil {
			t.Errorf("ParseS3URI(s3://%s) = %q, %q, want an error", arn, bucket, prefix)
		}
	}
}
