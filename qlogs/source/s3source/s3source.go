package s3source

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// Options are options of [New]. The zero value of each field is the default.
type Options struct {
	// ID is the source's ID, which cursors name. The default is "s3://" and the bucket's
	// name. If the client's endpoint is not in a domain of AWS, the endpoint follows, as in
	// "s3://logs@https://store.example:9000", so that a bucket of the same name in another
	// store refuses the cursor. If the client has an endpoint resolver of its own, or wraps
	// an *s3.Client and does not show its options, the endpoint is not known and the ID has
	// none: set ID if you read several such stores.
	ID string

	// ExpectedBucketOwner is the account that must own the bucket; requests to a
	// bucket of another owner are denied. If it is empty, the owner is not checked.
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
// Plain requests for small objects spend most of their time in the SDK's client. New
// avoids that if api is an *s3.Client to which the caller has added nothing (no
// middleware, interceptor, endpoint resolver, tracer, meter, log of requests or adaptive
// retryer). Then the first attempt for an object does not pass through the SDK's
// middleware. It still uses the client's credentials, signer, retryer and HTTP client.
// An answer that is no success is handed to the SDK as its own first attempt. The one
// exception is a refusal before the first success: then the SDK asks anew. A type that
// wraps the client sees all requests. [Options].PlainSDK switches all of this off.
//
// A listing asks for the restore status of archived objects. If a store refuses to list
// because of that, later listings leave it out, and the answer to GetObject shows which
// objects are archived.
//
// At AWS's own endpoints the listing says which objects are archived. Elsewhere, and
// if api does not show its options, an object is requested unless its page of the
// listing has a restore status, and the store's answer decides.
//
// Bodies are not checked against S3's own checksums: that takes longer than to
// decompress them, and gzip has a checksum of its own, which is checked.
func New(api API, bucket string, opts *Options) source.Source {
	if opts == nil {
		opts = &Options{}
	}
	b := newBucket(api, bucket, opts)
	s := &store{
		id:     cmp.Or(opts.ID, "s3://"+bucket+foreignEndpoint(api)),
		lister: lister{bucket: b, plain: opts.PlainSDK, restores: tellsRestores(api)},
		getter: getter{bucket: b},
	}
	if !opts.PlainSDK {
		s.lean = newLeanGet(api)
	}
	return s
}

func newBucket(api API, name string, opts *Options) bucket {
	b := bucket{api: api, name: name}
	if opts.ExpectedBucketOwner != "" {
		b.owner = aws.String(opts.ExpectedBucketOwner)
	}
	if opts.RequesterPays {
		b.payer = types.RequestPayerRequester
	}
	return b
}

// A store is a bucket as a source.
type store struct {
	id string
	lister
	getter
}

func (s *store) ID() string { return s.id }
