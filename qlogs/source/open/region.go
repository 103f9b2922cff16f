package open

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// firstRegion returns where requests go if the configuration names no Region: one of the
// partition that the roles and the bucket are of.
func (o *Options) firstRegion(s *settings, bucket string) (string, error) {
	name, region := "aws", o.Region
	for _, arn := range append(s.roles(), o.RoleARN, bucket) {
		if fields := strings.Split(arn, ":"); len(fields) > 3 && fields[0] == "arn" {
			name, region = fields[1], cmp.Or(region, fields[3])
			break
		}
	}
	for _, p := range partitions {
		switch {
		case p.name != name:
		case region != "" && partitionOf(region) == p:
			return region, nil
		default:
			return p.first, nil
		}
	}
	if region == "" {
		return "", fmt.Errorf("a role or the bucket is of the partition %q of AWS, and which Regions that has is not known here: set AWS_REGION, or region in the profile, to one of them", name)
	}
	return region, nil
}

// region returns the Region to read the bucket in.
func (o *Options) region(ctx context.Context, cfg aws.Config, bucket string) (string, error) {
	if o.Region != "" {
		return o.Region, nil
	}
	if arn := strings.Split(bucket, ":"); len(arn) > 3 { // that of an access point of several has none
		return cmp.Or(arn[3], cfg.Region), nil
	}
	client := o.client(cfg)
	region, err := s3source.BucketRegion(ctx, client, bucket)
	switch {
	case err == nil:
		return region, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("bucket %q: %w: check its name, and that the credentials are of the same partition of AWS, or the same store: %w", bucket, source.ErrNoStore, err)
	case unreachable(err):
		return "", fmt.Errorf("bucket %q cannot be reached: check the network, a proxy, that there is a Region %q, and the endpoint if you have set one: %w", bucket, cfg.Region, err)
	case !answered(err):
		return "", fmt.Errorf("no request for bucket %q can be made: check open.Options and the AWS configuration: %w", bucket, err)
	case client.Options().BaseEndpoint != nil: // not every store says it
		return cfg.Region, nil
	}
	return "", fmt.Errorf("the Region of bucket %q is not known: set open.Options.Region to it, and check that the credentials are valid: %w", bucket, err)
}
