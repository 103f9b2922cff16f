package open

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// anyRegion is where a request goes that any Region can answer, if the configuration names
// none.
const anyRegion = "us-east-1"

func (o *Options) bucket(ctx context.Context, uri string) (source.Source, string, error) {
	bucket, prefix, err := parse(uri)
	if err == nil {
		err = o.check()
	}
	if err != nil {
		return nil, "", err
	}
	cfg, err := o.load(ctx)
	if err != nil {
		return nil, "", wrap(ctx, err)
	}
	if cfg.Region, err = o.region(ctx, cfg, bucket); err != nil {
		return nil, "", wrap(ctx, err)
	}
	return s3source.New(o.client(cfg), bucket, &o.S3), prefix, nil
}

// wrap leaves out what the SDK makes of the end of ctx.
func wrap(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return fmt.Errorf("open: %w", err)
}

// parse is s3source.ParseURI, for schemes in capitals too.
func parse(uri string) (bucket, prefix string, err error) {
	const scheme = "s3://"
	if len(uri) >= len(scheme) && strings.EqualFold(uri[:len(scheme)], scheme) {
		uri = scheme + uri[len(scheme):]
	}
	bucket, prefix, err = s3source.ParseURI(uri)
	if err != nil {
		return "", "", fmt.Errorf("open: %w", err)
	}
	return bucket, prefix, nil
}

func (o *Options) check() error {
	if o.ExternalID != "" && o.RoleARN == "" {
		return errors.New("open: open.Options.ExternalID is set without RoleARN: set both, or write role_arn and external_id into a profile")
	}
	if o.RoleARN != "" && !roleARN.MatchString(o.RoleARN) {
		return errors.New("open: open.Options.RoleARN is not the ARN of a role: write arn:aws:iam::111122223333:role/name")
	}
	if o.Endpoint == "" {
		return nil
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("open: open.Options.Endpoint is not the URL of a store: write http:// or https:// and the host, without credentials, such as https://minio.example:9000")
	}
	return nil
}

// load returns AWS's default configuration, with credentials that were there just now.
func (o *Options) load(ctx context.Context) (aws.Config, error) {
	opts := []func(*config.LoadOptions) error{
		config.WithHTTPClient(o.httpClient()),
		config.WithDefaultRegion(cmp.Or(o.Region, anyRegion)),
	}
	if o.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, append(opts, o.LoadOptions...)...)
	if err != nil {
		return aws.Config{}, explainLoad(err)
	}
	anonymous := aws.IsCredentialsProvider(cfg.Credentials, aws.AnonymousCredentials{})
	if anonymous && o.RoleARN == "" {
		return cfg, nil
	}
	cfg.Credentials = explained{cfg.Credentials, o.explainCredentials}
	if o.RoleARN != "" {
		cfg.Credentials = o.role(cfg)
	}
	_, err = cfg.Credentials.Retrieve(ctx)
	return cfg, err
}

// httpClient returns one that keeps the connections of a scan open: the SDK's own keeps 10.
func (o *Options) httpClient() *awshttp.BuildableClient {
	const least, listings = 100, 12
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = max(least, o.InFlight+listings)
		t.MaxIdleConns = 0 // no other bound
	})
}

func (o *Options) client(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(c *s3.Options) {
		c.UsePathStyle = o.PathStyle
		if o.Endpoint != "" {
			c.BaseEndpoint = &o.Endpoint
		}
	})
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
	case !answered(err):
		return "", fmt.Errorf("bucket %q cannot be reached: check the network, a proxy, and the endpoint if you have set one: %w", bucket, err)
	case client.Options().BaseEndpoint != nil: // not every store says it
		return cfg.Region, nil
	}
	return "", fmt.Errorf("the Region of bucket %q is not known: set open.Options.Region to it, and check that the credentials are valid: %w", bucket, err)
}

// answered reports whether there was an answer to the request that err is of.
func answered(err error) bool {
	var operation *smithy.OperationError
	var response *smithyhttp.ResponseError
	return !errors.As(err, &operation) || errors.As(err, &response) && response.HTTPStatusCode() != 0
}
