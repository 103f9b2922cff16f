package s3source_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

func ExampleNew() {
	ctx := context.Background()
	// The SDK's default, 10 idle connections per host, is less than a scan uses.
	httpClient := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 100
	})
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(httpClient))
	if err != nil {
		log.Fatal(err)
	}
	bucket := s3source.New(s3.NewFromConfig(cfg), "my-bucket", &s3source.Options{
		ExpectedBucketOwner: "111122223333",
	})
	scan := qlogs.New(bucket, nil).Scan(qlogs.Query{Prefix: "prompt-logs"})
	for e, err := range scan.Records(ctx) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		fmt.Println(e) // ids and sizes, never text
	}
}

// Read a bucket in whatever Region it is.
func ExampleBucketRegion() {
	ctx := context.Background()
	bucket, prefix, err := s3source.ParseURI("s3://my-bucket/prompt-logs")
	if err != nil {
		log.Fatal(err)
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion("us-east-1"))
	if err != nil {
		log.Fatal(err)
	}
	cfg.Region, err = s3source.BucketRegion(ctx, s3.NewFromConfig(cfg), bucket)
	if err != nil {
		log.Fatal(err)
	}
	scan := qlogs.New(s3source.New(s3.NewFromConfig(cfg), bucket, nil), nil).Scan(qlogs.Query{Prefix: prefix})
	for e, err := range scan.Records(ctx) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		fmt.Println(e)
	}
}

func ExampleParseURI() {
	bucket, prefix, err := s3source.ParseURI("s3://my-bucket/logging/prompts/")
	fmt.Println(bucket, prefix, err)
	_, _, err = s3source.ParseURI("my-bucket")
	fmt.Println(err)
	// Output:
	// my-bucket logging/prompts/ <nil>
	// s3source: the URI has to start with s3://: write s3://bucket/prefix
}
