package s3source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A bucket is what all requests for it need.
type bucket struct {
	api   API
	name  string
	owner *string
	payer types.RequestPayer
}

// accessPoint matches the ARN of an access point: of S3, of S3 on Outposts, of Object
// Lambda, or of several Regions, which has no Region.
var accessPoint = regexp.MustCompile(`^arn:[a-z0-9-]+:(s3|s3express|s3-outposts|s3-object-lambda):[a-z0-9-]*:[0-9]{12}:(outpost[/:][A-Za-z0-9-]+[/:])?accesspoint[/:][A-Za-z0-9._-]+(?:/|$)`)

// bucketName matches what may be a bucket's name: what AWS's own programs take as one, the
// oldest buckets of us-east-1 included. newBucketName matches what a new one may be.
var (
	bucketName    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$`)
	newBucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)
	accessKeyID   = regexp.MustCompile(`^A[KS]IA[A-Z0-9]{12,}$`)
)

// ParseURI splits "s3://bucket/prefix" into its bucket and prefix. The prefix
// is empty if there is none. The bucket may be the ARN of an access point, slashes
// included; any other ARN is an error. So is what cannot be a bucket's name: a name has
// letters, digits, dots, hyphens and underscores. If the prefix has an "@", the name has no
// capitals and no underscores: it may be a key.
//
// An error shows no part of the URI: people write keys in front of the bucket, as in
// s3://id:secret@bucket/prefix, and a secret may have a slash in it.
func ParseURI(uri string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	if !ok {
		return "", "", errors.New("s3source: the URI has to start with s3://: write s3://bucket/prefix")
	}
	if n := accessPoint.FindStringIndex(rest); n != nil {
		return strings.TrimSuffix(rest[:n[1]], "/"), rest[n[1]:], nil
	}
	if strings.HasPrefix(strings.ToLower(rest), "arn:") {
		return "", "", errors.New("s3source: the S3 URI has an ARN that is not of an access point: write s3://, the bucket's name or the ARN of an access point, and the prefix")
	}
	bucket, prefix, _ = strings.Cut(rest, "/")
	hasAt := strings.Contains(rest, "@") // after a key, unless it is one of the prefix
	switch {
	case bucket == "" && !hasAt:
		return "", "", errors.New("s3source: the S3 URI names no bucket: write s3://bucket/prefix")
	case !bucketName.MatchString(bucket), accessKeyID.MatchString(bucket), hasAt && !newBucketName.MatchString(bucket):
		return "", "", errors.New("s3source: the S3 URI has something else where the bucket's name is: write s3://bucket/prefix, with a name of letters, digits, dots, hyphens and underscores (small letters alone if the prefix has an @), and leave keys to the AWS configuration")
	}
	return bucket, prefix, nil
}

// HeadBucketAPI is what [BucketRegion] needs. An *s3.Client satisfies it.
type HeadBucketAPI interface {
	HeadBucket(ctx context.Context, in *s3.HeadBucketInput, opts ...func(*s3.Options)) (*s3.HeadBucketOutput, error)
}

// BucketRegion returns the AWS Region of a bucket. The client may be in any Region, and
// needs no permission on the bucket: S3 names the Region even if it denies the request.
// If the bucket does not exist, the error wraps fs.ErrNotExist. If the request is denied
// and the answer names no Region, the error wraps fs.ErrPermission.
func BucketRegion(ctx context.Context, api HeadBucketAPI, bucket string) (string, error) {
	out, err := api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	status, header := answer(err)
	region := header.Get("X-Amz-Bucket-Region")
	switch {
	case err != nil:
	case out == nil:
		err = errNoAnswer
	default:
		region = aws.ToString(out.BucketRegion)
	}
	switch {
	case status == http.StatusNotFound: // a store that has no such bucket may name its own Region
		err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case regionName.MatchString(region):
		return region, nil
	case region != "":
		err = fmt.Errorf("the answer says %.40q, which is no Region: look at what answers at the S3 client's endpoint", region)
	case status == http.StatusForbidden:
		err = fmt.Errorf("%w, and the answer names no Region: %w", fs.ErrPermission, err)
	case status/100 == 3 && status != http.StatusNotModified:
		err = fmt.Errorf("the bucket is in another Region or at another endpoint, and the answer does not say which: %w", err)
	case err == nil:
		err = errors.New("the store does not name it: give the S3 client the Region that the store is set to, or look at what answers at the client's endpoint")
	}
	return "", fmt.Errorf("s3source: look up the region of bucket %q: %w", bucket, err)
}

// regionName matches what may be a Region. Stores other than AWS have names such as
// RegionOne.
var regionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
