package qlogs_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// The benchmarks of this file are of one stage each, or of all of them, with nothing
// to compare but other versions of themselves. Those of internal/bench compare with
// what else there is.

// benchConfig is small objects with some large ones among them.
var benchConfig = qlogstest.Config{Seed: 1, Objects: 5_000, MaxText: 800 << 10}

// BenchmarkScanDir reads a directory. MB/s are decompressed bytes.
func BenchmarkScanDir(b *testing.B) {
	root := b.TempDir()
	for o := range qlogstest.Generate(benchConfig) {
		if err := qlogstest.WriteFile(root, o.Key, o.Body); err != nil {
			b.Fatal(err)
		}
	}
	benchScan(b, source.Dir(root))
}

// BenchmarkScanRealS3 needs QLOGS_TEST_S3=1.
func BenchmarkScanRealS3(b *testing.B) {
	server := stores.RealS3(b)
	const bucket = "bench"
	if _, err := server.Client.CreateBucket(b.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		b.Fatal(err)
	}
	if err := stores.Upload(b.Context(), server.Client, bucket, qlogstest.Generate(benchConfig), 16); err != nil {
		b.Fatal(err)
	}
	benchScan(b, s3source.New(server.Client, bucket, nil))
}

// benchScan reads everything, and counts the prompts' bytes per user.
func benchScan(b *testing.B, src qlogs.Source) {
	want := 0
	for o := range qlogstest.Generate(benchConfig) {
		want += len(o.Records)
	}
	b.ReportAllocs()
	var decompressed int64
	for b.Loop() {
		prompts, n := map[string]int{}, 0
		scan := qlogs.New(src, nil).Scan(qlogs.Query{})
		for e, err := range scan.Records(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
			if chat, ok := e.Record.(*record.GenerateAssistantResponse); ok {
				prompts[chat.UserID().User()] += len(chat.Request.Prompt)
			}
		}
		if n != want {
			b.Fatalf("%d records, want %d", n, want)
		}
		decompressed = scan.Stats().BytesDecompressed
	}
	b.SetBytes(decompressed)
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*benchConfig.Objects), "µs/object")
}

// BenchmarkObjects lists a partition of 100,000 keys that are in memory.
func BenchmarkObjects(b *testing.B) {
	bucket := &chainsBucket{instant: true}
	bucket.add(cursorStart(), 30*chainsDay, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range qlogs.New(bucket, nil).Scan(qlogs.Query{}).Objects(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != len(bucket.keys) {
			b.Fatalf("%d keys, want %d", n, len(bucket.keys))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(bucket.keys)), "ns/key")
}

// BenchmarkOpen requests an object of 2 KB of a store that answers at once: what it
// costs is the request alone.
func BenchmarkOpen(b *testing.B) {
	body := make([]byte, 2<<10)
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String("http://127.0.0.1:9"),
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient: benchDo(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}, nil
		}),
	})
	object := qlogs.Object{Key: cursorChats.NewKey(cursorStart(), "0123456789abcdef").String(), Size: int64(len(body)), ETag: `"0123456789abcdef0123456789abcdef"`}
	for _, bench := range []struct {
		name string
		src  qlogs.Source
	}{
		{"lean", s3source.New(client, "bucket", nil)},
		{"sdk", s3source.New(wrappedAPI{client}, "bucket", nil)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := bench.src.Open(b.Context(), object, 0)
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, r); n != object.Size || err != nil {
					b.Fatal(n, err)
				}
				r.Close()
			}
		})
	}
}

type benchDo func(*http.Request) (*http.Response, error)

func (f benchDo) Do(r *http.Request) (*http.Response, error) { return f(r) }
