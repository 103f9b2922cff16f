package open

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

func (o *Options) bucket(ctx context.Context, uri string) (source.Source, string, error) {
	bucket, prefix, err := parse(uri)
	if err == nil {
		err = o.check()
	}
	if err != nil {
		return nil, "", err
	}
	cfg, err := o.load(ctx, bucket)
	if err != nil {
		return nil, "", wrap(ctx, err)
	}
	if u := o.client(cfg).Options().BaseEndpoint; u != nil && !isEndpoint(*u) {
		return nil, "", errors.New("open: endpoint_url of the profile, or of its services, is not the URL of a store: " + endpointForm)
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
	return fmt.Errorf("open: %w", oneLine(err))
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
	if o.Region != "" && !regionForm.MatchString(o.Region) {
		return errors.New("open: open.Options.Region is not the name of a Region: write one such as eu-central-1, or leave it empty, and S3 is asked")
	}
	if o.Endpoint != "" && !isEndpoint(o.Endpoint) {
		return errors.New("open: open.Options.Endpoint is not the URL of a store: " + endpointForm)
	}
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS"} {
		if text := os.Getenv(name); text != "" && !isEndpoint(text) {
			return fmt.Errorf("open: %s is not the URL of a service: %s", name, endpointForm)
		}
	}
	return nil
}

const endpointForm = "write http:// or https:// and the host, without credentials, such as https://minio.example:9000"

// isEndpoint reports whether a text is the URL of a store, and has no credentials in it.
func isEndpoint(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// load returns AWS's default configuration, with credentials that were there just now.
func (o *Options) load(ctx context.Context, bucket string) (aws.Config, error) {
	cfg, s, err := o.configuration(ctx, bucket)
	if err != nil {
		return aws.Config{}, err
	}
	anonymous := aws.IsCredentialsProvider(cfg.Credentials, aws.AnonymousCredentials{})
	if anonymous && o.RoleARN == "" {
		return cfg, nil
	}
	cfg.Credentials = explained{cfg.Credentials, s.explain}
	if o.RoleARN != "" {
		cfg.Credentials = o.role(cfg)
	}
	_, err = cfg.Credentials.Retrieve(ctx)
	return cfg, err
}

// configuration returns AWS's default configuration, which has a Region, and its settings.
func (o *Options) configuration(ctx context.Context, bucket string) (aws.Config, *settings, error) {
	opts := []func(*config.LoadOptions) error{config.WithHTTPClient(o.httpClient())}
	if o.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(o.Profile))
	}
	opts = append(opts, o.LoadOptions...)
	load := func(more func(*config.LoadOptions) error) (aws.Config, error) {
		return config.LoadDefaultConfig(ctx, append(slices.Clip(opts), more)...)
	}
	cfg, err := load(func(*config.LoadOptions) error { return nil })
	if err != nil {
		return cfg, nil, explainLoad(err, func(profile string) error {
			_, err := load(config.WithSharedConfigProfile(profile))
			return err
		})
	}
	s := settingsOf(cfg)
	if cfg.Region == "" { // which clients for credentials have as well, so they are made again
		region, err := o.firstRegion(s, bucket)
		if err != nil {
			return cfg, nil, err
		}
		if cfg, err = load(config.WithDefaultRegion(region)); err != nil {
			return cfg, nil, err
		}
	}
	s.region = cfg.Region
	return cfg, s, s.checkRegions()
}
