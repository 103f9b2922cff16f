package open_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/source/open"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// Read whatever the command line names: a bucket, a directory or a zip file.
func ExampleURI() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "mirror")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := writeLogs(dir); err != nil {
		log.Fatal(err)
	}

	src, prefix, err := open.URI(ctx, dir, nil) // or "s3://my-bucket/prompt-logs"
	if err != nil {
		log.Fatal(err)
	}
	scan := qlogs.New(src, nil).Scan(qlogs.Query{Prefix: prefix})
	for _, err := range scan.Records(ctx) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
		}
	}
	stats := scan.Stats()
	fmt.Println(stats.Read, "objects read,", stats.Failed, "failed")
	// Output:
	// 38 objects read, 2 failed
}

// Read the bucket of another account with a role of that account, which trusts this program
// if it knows the external id.
func ExampleURI_role() {
	ctx := context.Background()
	src, prefix, err := open.URI(ctx, "s3://my-bucket/prompt-logs", &open.Options{
		RoleARN:    "arn:aws:iam::111122223333:role/prompt-log-reader",
		ExternalID: os.Getenv("EXTERNAL_ID"),
		S3:         s3source.Options{ExpectedBucketOwner: "111122223333"},
	})
	if err != nil {
		log.Fatal(err) // says which policy to look at
	}
	fmt.Println(src.ID(), prefix)
}

// Read a bucket of a store that speaks S3's protocol.
func ExampleURI_endpoint() {
	ctx := context.Background()
	src, prefix, err := open.URI(ctx, "s3://my-bucket/prompt-logs", &open.Options{
		Profile:   "minio", // with the keys of the store
		Endpoint:  "https://minio.example:9000",
		PathStyle: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(src.ID(), prefix)
}

// writeLogs writes made-up logs into a directory, with odd records and damaged objects.
func writeLogs(dir string) error {
	for o := range qlogstest.Generate(qlogstest.Config{Objects: 40, OddEvery: 2, DamageEvery: 20, MaxText: 1 << 10}) {
		if err := qlogstest.WriteFile(dir, o.Key, o.Body); err != nil {
			return err
		}
	}
	return nil
}
