package s3source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// API is the part of S3 that [New] needs. An *s3.Client satisfies it, and with
// it the caller owns credentials, Region, endpoint, HTTP client and retries.
type API interface {
	ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Options are options of [New]. The zero value of each field is the default.
type Options struct {
	// ExpectedBucketOwner is the account that must own the bucket; requests to a
	// bucket of another owner are denied. Empty does not check.
	ExpectedBucketOwner string

	// RequesterPays says that the caller pays for requests and transfer.
	RequesterPays bool

	// PlainSDK leaves all requests, and the reading of listings, to the SDK. Set it if
	// your client has to see each request as the SDK makes it, or to find out whether
	// the fast path causes a problem. It costs CPU time for each object, and more for
	// each key that is listed: the README has figures.
	PlainSDK bool
}

// New returns the bucket, or access point, as a source. If opts is nil, the
// defaults are used. Directory buckets are refused when they are listed: S3 does
// not list them in key order.
//
// The reader needs s3:ListBucket on the bucket, s3:GetObject on its objects and,
// if they are encrypted with a KMS key, kms:Decrypt on that key.
//
// Plain requests for small objects cost most of their time in the SDK's client. If api
// is an *s3.Client without anything that the caller has put into its way (middleware,
// interceptors, an endpoint resolver, a tracer, a meter, a log of requests, an adaptive
// retryer), the first attempt for an object is sent without the SDK's own, with the
// client's credentials, signer, retryer and HTTP client. Whatever is not a success goes
// back to the SDK, as its own first attempt; a refusal before the first success does
// not, and the SDK asks anew. A type that wraps the client keeps all requests to itself.
// [Options].PlainSDK switches all of this off.
//
// A listing asks for the restore status of archived objects. If a store refuses to list
// because of that, it is asked without, from then on: GetObject then tells which objects
// are archived.
//
// At AWS's own endpoints the listing says which objects are archived. Elsewhere, and
// where api does not show its options, an object is requested unless its page of the
// listing has a restore status, and the store's answer decides.
//
// Bodies are not checked against S3's own checksums, which costs more than
// decompressing them: gzip has its own, and that is checked.
func New(api API, bucket string, opts *Options) source.Source {
	s := &store{api: api, bucket: bucket, restores: tellsRestores(api)}
	if opts != nil {
		s.plain = opts.PlainSDK
		if opts.ExpectedBucketOwner != "" {
			s.owner = aws.String(opts.ExpectedBucketOwner)
		}
		if opts.RequesterPays {
			s.payer = types.RequestPayerRequester
		}
	}
	if !s.plain {
		s.lean = newLeanGet(api)
	}
	return s
}

type store struct {
	api    API
	bucket string
	owner  *string
	payer  types.RequestPayer
	plain  bool
	lean   *leanGet // nil if all requests are the SDK's

	without  optionals
	restores bool // listings tell what is restored
}

func (s *store) ID() string { return "s3://" + s.bucket }

func (s *store) List(ctx context.Context, in source.ListInput) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		if strings.HasSuffix(s.bucket, "--x-s3") || strings.HasSuffix(s.bucket, "--xa-s3") {
			yield(source.Object{}, fmt.Errorf("%w: bucket %q is a directory bucket, or an access point of one, which S3 does not list in key order", errors.ErrUnsupported, s.bucket))
			return
		}
		input := s.listInput(in)
		for idle := (idlePages{}); ; {
			page, err := s.page(ctx, in, input)
			if err != nil {
				yield(source.Object{}, err)
				return
			}
			if !page.each(yield) || !page.goesOn() {
				return
			}
			token := aws.ToString(page.out.NextContinuationToken)
			if token == "" {
				yield(source.Object{}, errors.New("the listing goes on, but has no continuation token"))
				return
			}
			if err := idle.next(page, token); err != nil {
				yield(source.Object{}, err)
				return
			}
			input.ContinuationToken = &token
		}
	}
}

func (s *store) listInput(in source.ListInput) *s3.ListObjectsV2Input {
	input := &s3.ListObjectsV2Input{
		Bucket:              &s.bucket,
		ExpectedBucketOwner: s.owner,
		RequestPayer:        s.payer,
		// XML cannot carry every character that a key may have.
		EncodingType:             types.EncodingTypeUrl,
		OptionalObjectAttributes: []types.OptionalObjectAttributes{types.OptionalObjectAttributesRestoreStatus},
	}
	if in.Prefix != "" {
		input.Prefix = &in.Prefix
	}
	if in.After != "" {
		input.StartAfter = &in.After
	}
	if in.Folders {
		input.Delimiter = aws.String("/")
	}
	return input
}

func newObject(o types.Object, restores bool) source.Object {
	return source.Object{
		Key:          aws.ToString(o.Key),
		Size:         aws.ToInt64(o.Size),
		ETag:         aws.ToString(o.ETag),
		StorageClass: string(o.StorageClass),
		LastModified: aws.ToTime(o.LastModified),
		Archived:     isArchived(o, restores),
	}
}

func (s *store) Open(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
	source.StartRequest(ctx)
	in := &s3.GetObjectInput{
		Bucket:              &s.bucket,
		Key:                 &o.Key,
		ExpectedBucketOwner: s.owner,
		RequestPayer:        s.payer,
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
	if s.lean.takes(o, offset) {
		if first, sent = s.lean.send(ctx, o); sent && first.ok() {
			return checked(first.response.Body, headOf(first.response), o, offset)
		}
		if sent {
			defer first.discard()
			opts = append(opts, s.lean.tell(&first))
		} else {
			opts = append(opts, s.lean.learn(o.Key))
		}
	}
	out, err := s.api.GetObject(ctx, in, opts...)
	if err != nil {
		return nil, s.explain(err, getAction(o))
	}
	if out == nil || out.Body == nil {
		return nil, errNoAnswer
	}
	if first.refused() { // and not the SDK's own, of the same object
		s.lean.miss(first.model)
	}
	return checked(out.Body, answerHead{
		etag:    aws.ToString(out.ETag),
		version: aws.ToString(out.VersionId),
		part:    aws.ToString(out.ContentRange),
		length:  out.ContentLength,
	}, o, offset)
}

// errNoAnswer is for a client that is not the SDK's: that one never does so.
var errNoAnswer = errors.New("the S3 client returned no answer, and no error")

// getAction is the permission that reading o takes.
func getAction(o source.Object) string {
	if o.VersionID != "" {
		return "s3:GetObjectVersion"
	}
	return "s3:GetObject"
}

// readOptions: gzip's own checksum makes S3's one redundant, and a body without
// one is no news to log.
func readOptions(o *s3.Options) {
	o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	o.DisableLogOutputChecksumValidationSkipped = true
}
