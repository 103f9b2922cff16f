package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/loggen"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// An input is what to read.
type input struct {
	source qlogs.Source
	prefix string
	title  string
	close  func()
}

func open(ctx context.Context, a arguments) (input, error) {
	switch {
	case a.target == "":
		return openGenerated()
	case strings.HasPrefix(a.target, "s3://"):
		return openBucket(ctx, a.target, a.endpoint)
	}
	return openDirectory(a.target)
}

func openDirectory(dir string) (input, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return input{}, fmt.Errorf("%w: give s3://bucket/prefix or a directory", err)
	}
	if !info.IsDir() {
		return input{}, fmt.Errorf("%s is not a directory: give s3://bucket/prefix or a directory", dir)
	}
	return input{source: source.Dir(dir), title: "the directory " + dir, close: func() {}}, nil
}

func openBucket(ctx context.Context, uri, endpoint string) (input, error) {
	bucket, prefix, err := s3source.ParseURI(uri)
	if err != nil {
		return input{}, err
	}
	// A scan has 64 requests in flight, and the SDK keeps 10 idle connections per
	// host: the others would be closed and opened all along.
	httpClient := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = t.MaxIdleConns
	})
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(httpClient))
	if err != nil {
		return input{}, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return input{}, fmt.Errorf("no AWS credentials: sign in (aws sso login), or set AWS_PROFILE: %w", err)
	}
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		if endpoint != "" {
			o.BaseEndpoint, o.UsePathStyle = &endpoint, true
		}
	})
	region, err := s3source.BucketRegion(ctx, client, bucket)
	if err != nil && endpoint == "" { // not every S3-compatible store tells
		return input{}, fmt.Errorf("check the name of the bucket: %w", err)
	}
	region = cmp.Or(region, cfg.Region)
	client = s3.New(client.Options(), func(o *s3.Options) { o.Region = region })
	return input{
		source: s3source.New(client, bucket, nil),
		prefix: prefix,
		title:  uri + " in " + region,
		close:  httpClient.GetTransport().CloseIdleConnections,
	}, nil
}

// openGenerated serves a generated bucket on a port of this machine.
func openGenerated() (input, error) {
	const bucket, objects = "generated", 400
	store := s3mem.New()
	for o := range loggen.Objects(loggen.Config{Objects: objects, Users: 6, DamageEvery: 50, MaxText: 32 << 10}) {
		store.Put(bucket, o.Key, o.Body)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return input{}, fmt.Errorf("serve the generated bucket: %w", err)
	}
	server := &http.Server{Handler: store}
	go server.Serve(listener) // until close
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String("http://" + listener.Addr().String()),
		UsePathStyle: true,
		Region:       s3mem.Region,
		Credentials:  aws.AnonymousCredentials{},
	})
	return input{
		source: s3source.New(client, bucket, nil),
		title:  fmt.Sprintf("s3://%s, a bucket of %d made-up objects, some damaged, on a server in this process", bucket, objects),
		close:  func() { server.Close() },
	}, nil
}
