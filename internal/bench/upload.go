package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// upload puts the keys of j.List, which are files below j.Root, into a new
// bucket. The objects get their ETags that way, and the checksum that the server
// makes, as S3 does, where the client sent none.
func upload(ctx context.Context, j job) error {
	j.Client = clientTransport
	client, err := newClient(ctx, j)
	if err != nil {
		return err
	}
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &j.Bucket})
	if exists := (*types.BucketAlreadyOwnedByYou)(nil); err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("create bucket: %w", err)
	}
	_, err = spread(ctx, j.InFlight, func(found func(string) error) error { return eachLine(j.List, found) },
		func() struct{} { return struct{}{} },
		func(_ struct{}, key string) error {
			f, err := os.Open(filepath.Join(j.Root, filepath.FromSlash(key)))
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: &j.Bucket, Key: &key, Body: f}, func(o *s3.Options) {
				o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
			})
			return err
		})
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return nil
}
