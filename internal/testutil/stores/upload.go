package stores

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// Upload puts objects into a bucket that exists, with the given number of
// requests at once, at least one. It stops at the first error and returns it.
func Upload(ctx context.Context, client *s3.Client, bucket string, objs iter.Seq[qlogstest.Object], parallel int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan qlogstest.Object)
	var workers sync.WaitGroup
	for range max(parallel, 1) {
		workers.Go(func() {
			for o := range queue {
				if err := put(ctx, client, bucket, o); err != nil {
					cancel(err)
				}
			}
		})
	}
	for o := range objs {
		select {
		case queue <- o:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

func put(ctx context.Context, client *s3.Client, bucket string, o qlogstest.Object) error {
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket),
		Key:    aws.String(o.Key),
		Body:   bytes.NewReader(o.Body),
	})
	if err != nil {
		return fmt.Errorf("upload %q: %w", o.Key, err)
	}
	return nil
}
