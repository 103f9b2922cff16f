package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	region     = "us-east-1"
	rootAccess = "benchroot"
	rootSecret = "benchrootsecret"

	// idle is how many idle connections clients keep that are set up for many
	// requests at once.
	idle = 256
)

// The clients of a job.
const (
	// clientDefault is what LoadDefaultConfig and NewFromConfig give, with
	// nothing changed: 10 idle connections, checksums of bodies verified.
	clientDefault = "default"

	// clientTransport is that with 256 idle connections, as package qlogs advises.
	clientTransport = "transport"

	// clientTuned leaves the checksums unverified too: the least that the SDK costs.
	clientTuned = "tuned"
)

// newClient returns the client that the job asks for.
func newClient(ctx context.Context, j job) (*s3.Client, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithRegion(region),
		awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(rootAccess, rootSecret, "")),
	)
	if err != nil {
		return nil, fmt.Errorf("the SDK's configuration: %w", err)
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.BaseEndpoint = &j.Endpoint
		o.UsePathStyle = true
		switch j.Client {
		case clientTuned:
			o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
			fallthrough
		case clientTransport:
			o.HTTPClient = &http.Client{Transport: &http.Transport{MaxIdleConns: idle, MaxIdleConnsPerHost: idle}}
		}
	}), nil
}
