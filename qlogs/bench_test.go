package qlogs_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/loggen"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// Each benchmark does one job: count records, and prompt bytes per user, of
// 20,000 small objects. "hand" is the loop that a user writes without this
// library. MB/s are decompressed bytes.
var benchConfig = loggen.Config{Seed: 1, Objects: 20_000, MaxText: 64 << 10}

type benchTotals struct {
	records int
	prompts map[string]int
	bytes   int64 // decompressed
}

func BenchmarkDir(b *testing.B) {
	root := b.TempDir()
	for o := range loggen.Objects(benchConfig) {
		name := filepath.Join(root, filepath.FromSlash(o.Key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, o.Body, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("qlogs", func(b *testing.B) {
		bench(b, func() benchTotals { return benchScan(b, qlogs.Dir(root)) })
	})
	b.Run("hand", func(b *testing.B) {
		bench(b, func() benchTotals { return benchHandDir(b, root) })
	})
}

// BenchmarkRealS3 needs QLOGS_TEST_S3=1.
func BenchmarkRealS3(b *testing.B) {
	server := testutil.RealS3(b)
	const bucket = "bench"
	if _, err := server.Client.CreateBucket(b.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		b.Fatal(err)
	}
	if err := testutil.Upload(b.Context(), server.Client, bucket, loggen.Objects(benchConfig), 16); err != nil {
		b.Fatal(err)
	}
	b.Run("qlogs", func(b *testing.B) {
		bench(b, func() benchTotals { return benchScan(b, qlogs.S3(server.Client, bucket, nil)) })
	})
	b.Run("hand", func(b *testing.B) {
		bench(b, func() benchTotals { return benchHandS3(b, server.Client, bucket) })
	})
}

// bench runs job and reports its figures per object.
func bench(b *testing.B, job func() benchTotals) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	rounds, totals := 0, benchTotals{}
	for b.Loop() {
		totals = job()
		rounds++
	}
	seconds := time.Since(start).Seconds()
	runtime.ReadMemStats(&after)
	if want := benchRecords(); totals.records != want {
		b.Fatalf("%d records, want %d", totals.records, want)
	}
	objects := float64(rounds * benchConfig.Objects)
	b.ReportMetric(objects/seconds, "objects/s")
	b.ReportMetric(float64(totals.bytes)*float64(rounds)/seconds/1e6, "MB/s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/objects, "allocs/object")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/objects, "B/object")
}

func benchRecords() int {
	n := 0
	for o := range loggen.Objects(benchConfig) {
		n += len(o.Records)
	}
	return n
}

func benchScan(b *testing.B, src qlogs.Source) benchTotals {
	totals := benchTotals{prompts: map[string]int{}}
	scan := qlogs.New(src, nil).Scan(qlogs.Query{})
	for e, err := range scan.Records(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		totals.records++
		if chat, ok := e.Record.(*record.GenerateAssistantResponse); ok {
			totals.prompts[string(chat.Request.UserID)] += len(chat.Request.Prompt)
		}
	}
	totals.bytes = scan.Stats().BytesDecompressed
	return totals
}

// handRecord is what a hand-written reader decodes: fewer fields than the library does.
type handRecord struct {
	Chat *struct {
		Prompt    string `json:"prompt"`
		UserID    string `json:"userId"`
		TimeStamp string `json:"timeStamp"`
		ModelID   string `json:"modelId"`
	} `json:"generateAssistantResponseEventRequest"`
	ChatResponse *struct {
		AssistantResponse string `json:"assistantResponse"`
		RequestID         string `json:"requestId"`
	} `json:"generateAssistantResponseEventResponse"`
	Completion *struct {
		LeftContext  string `json:"leftContext"`
		RightContext string `json:"rightContext"`
		FileName     string `json:"fileName"`
		UserID       string `json:"userId"`
		TimeStamp    string `json:"timeStamp"`
	} `json:"generateCompletionsEventRequest"`
	CompletionResponse *struct {
		Completions []string `json:"completions"`
		RequestID   string   `json:"requestId"`
	} `json:"generateCompletionsEventResponse"`
}

func (t *benchTotals) hand(body io.Reader) error {
	zr, err := gzip.NewReader(body)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(zr)
	if err != nil {
		return err
	}
	t.bytes += int64(len(data))
	var doc struct {
		Records []handRecord `json:"records"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	for _, r := range doc.Records {
		t.records++
		if r.Chat != nil {
			t.prompts[r.Chat.UserID] += len(r.Chat.Prompt)
		}
	}
	return nil
}

func benchHandDir(b *testing.B, root string) benchTotals {
	totals := benchTotals{prompts: map[string]int{}}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".json.gz") {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		return totals.hand(f)
	})
	if err != nil {
		b.Fatal(err)
	}
	return totals
}

func benchHandS3(b *testing.B, client *s3.Client, bucket string) benchTotals {
	totals := benchTotals{prompts: map[string]int{}}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range page.Contents {
			if err := totals.handObject(b.Context(), client, bucket, *o.Key); err != nil {
				b.Fatal(err)
			}
		}
	}
	return totals
}

func (t *benchTotals) handObject(ctx context.Context, client *s3.Client, bucket, key string) error {
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return err
	}
	defer out.Body.Close()
	return t.hand(out.Body)
}
