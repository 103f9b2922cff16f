package s3source

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A getter opens the objects of a bucket.
type getter struct {
	bucket
	lean *leanGet // nil if all requests are the SDK's
}

func (g *getter) Open(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
	source.StartRequest(ctx)
	in := &s3.GetObjectInput{
		Bucket:              &g.name,
		Key:                 &o.Key,
		ExpectedBucketOwner: g.owner,
		RequestPayer:        g.payer,
	}
	if o.ETag != "" {
		o.ETag = quotedETag(o.ETag)
		in.IfMatch = &o.ETag
	}
	if o.VersionID != "" {
		in.VersionId = &o.VersionID
	}
	if offset > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	opts := []func(*s3.Options){readOptions, eachAttempt, boundErrors}
	first, sent := outcome{}, false
	if g.lean.takes(o, offset) {
		if first, sent = g.lean.send(ctx, o); sent && first.ok() {
			return checked(ctx, first.response.Body, headOf(first.response), o, offset)
		}
		if sent {
			defer first.discard()
			opts = append(opts, g.lean.tell(&first))
		} else {
			opts = append(opts, g.lean.learn(o.Key))
		}
	}
	out, err := g.api.GetObject(ctx, in, opts...)
	if err != nil {
		return nil, g.explain(err, getAction(o))
	}
	if out == nil || out.Body == nil {
		return nil, errNoAnswer
	}
	if first.refused() { // and the SDK's own request for the same object was not
		g.lean.miss(first.model)
	}
	return checked(ctx, out.Body, answerHead{
		etag:    aws.ToString(out.ETag),
		version: aws.ToString(out.VersionId),
		part:    aws.ToString(out.ContentRange),
		length:  out.ContentLength,
	}, o, offset)
}

// getAction is the permission that reading o needs.
func getAction(o source.Object) string {
	if o.VersionID != "" {
		return "s3:GetObjectVersion"
	}
	return "s3:GetObject"
}

// readOptions turns off S3's checksum, which gzip's own makes redundant, and the SDK's
// log line for each body that has none.
func readOptions(o *s3.Options) {
	o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	o.DisableLogOutputChecksumValidationSkipped = true
}
