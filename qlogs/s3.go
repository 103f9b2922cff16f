package qlogs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// S3API is the part of S3 that [S3] needs. An *s3.Client satisfies it, and with
// it the caller owns credentials, Region, endpoint, HTTP client and retries.
type S3API interface {
	ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// S3Options are options of [S3]. The zero value of each field is the default.
type S3Options struct {
	// ExpectedBucketOwner is the account that must own the bucket; requests to a
	// bucket of another owner are denied. Empty does not check.
	ExpectedBucketOwner string

	// RequesterPays says that the caller pays for requests and transfer.
	RequesterPays bool
}

// S3 returns the bucket, or access point, as a source. If opts is nil, the
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
//
// Bodies are not checked against S3's own checksums, which costs more than
// decompressing them: gzip has its own, and that is checked.
func S3(api S3API, bucket string, opts *S3Options) Source {
	s := &s3Source{api: api, bucket: bucket, lean: newLeanGet(api)}
	if opts != nil {
		if opts.ExpectedBucketOwner != "" {
			s.owner = aws.String(opts.ExpectedBucketOwner)
		}
		if opts.RequesterPays {
			s.payer = types.RequestPayerRequester
		}
	}
	return s
}

type s3Source struct {
	api    S3API
	bucket string
	owner  *string
	payer  types.RequestPayer
	lean   *leanGet // nil if all requests are the SDK's
}

func (s *s3Source) ID() string { return "s3://" + s.bucket }

func (s *s3Source) List(ctx context.Context, in ListInput) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		if strings.HasSuffix(s.bucket, "--x-s3") || strings.HasSuffix(s.bucket, "--xa-s3") {
			yield(Object{}, fmt.Errorf("%w: bucket %q is a directory bucket, or an access point of one, which S3 does not list in key order", errors.ErrUnsupported, s.bucket))
			return
		}
		input := s.listInput(in)
		for idle := (idlePages{}); ; {
			page, err := s.page(ctx, input)
			if err != nil {
				yield(Object{}, err)
				return
			}
			if !page.each(yield) || !aws.ToBool(page.out.IsTruncated) {
				return
			}
			token := aws.ToString(page.out.NextContinuationToken)
			if token == "" {
				yield(Object{}, errors.New("the listing goes on, but has no continuation token"))
				return
			}
			if err := idle.next(page.len(), token); err != nil {
				yield(Object{}, err)
				return
			}
			input.ContinuationToken = &token
		}
	}
}

// pageTries is how often a page is asked for whose answer breaks off. The SDK
// repeats requests that fail, but not those whose answer has begun well.
const pageTries = 3

func (s *s3Source) page(ctx context.Context, input *s3.ListObjectsV2Input) (*s3Page, error) {
	for try := 1; ; try++ {
		long := false
		out, err := s.api.ListObjectsV2(ctx, input, eachAttempt, boundAnswers(&long), quickPages)
		if long {
			return nil, errLongAnswer
		}
		if err == nil && out == nil {
			return nil, errNoAnswer
		}
		if err == nil {
			return newS3Page(out)
		}
		if status, _ := answer(err); status != http.StatusOK || try == pageTries || ctx.Err() != nil {
			return nil, s.explain(err, "s3:ListBucket")
		}
	}
}

func (s *s3Source) listInput(in ListInput) *s3.ListObjectsV2Input {
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

// An s3Page is one page of a listing with its keys decoded.
type s3Page struct {
	out     *s3.ListObjectsV2Output
	encoded bool
}

func newS3Page(out *s3.ListObjectsV2Output) (*s3Page, error) {
	p := &s3Page{out: out, encoded: out.EncodingType == types.EncodingTypeUrl}
	if !p.encoded {
		return p, nil
	}
	for i := range out.Contents {
		if err := decodeKey(&out.Contents[i].Key); err != nil {
			return nil, err
		}
	}
	for i := range out.CommonPrefixes {
		if err := decodeKey(&out.CommonPrefixes[i].Prefix); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func decodeKey(key **string) error {
	encoded := aws.ToString(*key)
	if strings.IndexByte(encoded, '%') < 0 && strings.IndexByte(encoded, '+') < 0 {
		return nil
	}
	decoded, err := url.QueryUnescape(encoded)
	if err != nil {
		return fmt.Errorf("the listing has a key that is not URL encoded, though it says so: %w", err)
	}
	*key = &decoded
	return nil
}

// len is the number of objects and folders.
func (p *s3Page) len() int { return len(p.out.Contents) + len(p.out.CommonPrefixes) }

// each yields objects and folders merged in key order.
func (p *s3Page) each(yield func(Object, error) bool) bool {
	objects, folders := p.out.Contents, p.out.CommonPrefixes
	for len(objects) > 0 || len(folders) > 0 {
		if len(folders) == 0 || len(objects) > 0 && aws.ToString(objects[0].Key) < aws.ToString(folders[0].Prefix) {
			if !yield(newS3Object(objects[0]), nil) {
				return false
			}
			objects = objects[1:]
			continue
		}
		if !yield(Object{Key: aws.ToString(folders[0].Prefix), Folder: true}, nil) {
			return false
		}
		folders = folders[1:]
	}
	return true
}

func newS3Object(o types.Object) Object {
	return Object{
		Key:          aws.ToString(o.Key),
		Size:         aws.ToInt64(o.Size),
		ETag:         aws.ToString(o.ETag),
		StorageClass: string(o.StorageClass),
		LastModified: aws.ToTime(o.LastModified),
		Archived:     isArchived(o),
	}
}

// isArchived: the two classes that GetObject refuses until a restore has put a
// copy beside the object, which the restore status tells.
func isArchived(o types.Object) bool {
	if o.StorageClass != types.ObjectStorageClassGlacier && o.StorageClass != types.ObjectStorageClassDeepArchive {
		return false
	}
	r := o.RestoreStatus
	return r == nil || r.RestoreExpiryDate == nil || aws.ToBool(r.IsRestoreInProgress)
}

func (s *s3Source) Open(ctx context.Context, o Object, offset int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{
		Bucket:              &s.bucket,
		Key:                 &o.Key,
		ExpectedBucketOwner: s.owner,
		RequestPayer:        s.payer,
	}
	if o.ETag != "" {
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
func getAction(o Object) string {
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
