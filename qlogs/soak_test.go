package qlogs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/bigfile"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// maxPeak is the promise: a scanning process stays below it at default settings.
const maxPeak = 200 << 20

// A soakLine is what the scanning process says of one pair, or at its end.
type soakLine struct {
	Key       string       `json:"k,omitempty"`
	Index     int          `json:"i"`
	LogType   string       `json:"t,omitempty"`
	RequestID string       `json:"r,omitempty"`
	UserID    string       `json:"u,omitempty"`
	Time      time.Time    `json:"at,omitzero"`
	Tentative bool         `json:"tentative,omitempty"`
	Err       string       `json:"err,omitempty"`
	Stats     *qlogs.Stats `json:"stats,omitempty"`
	Lists     int64        `json:"lists,omitempty"`
	Peak      int64        `json:"peak,omitempty"`
	Seconds   float64      `json:"seconds,omitempty"`
}

// A soakJob tells the scanning process what to scan.
type soakJob struct {
	Endpoint, Access, Secret, Bucket, Out string
	Quiet                                 bool // errors and the last line only
	Silent                                bool // the last line only
	Options                               *qlogs.Options
	Slow                                  time.Duration // of the loop, at each object's first record
}

func soak(t *testing.T) {
	t.Helper()
	testutil.NeedSoak(t)
}

// soakScan scans a bucket in a process of its own, whose peak memory is the
// library's and not that of the test's servers and expectations.
func soakScan(t *testing.T, job soakJob) []soakLine {
	t.Helper()
	job.Out = filepath.Join(t.TempDir(), "scan.ndjson")
	arg, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSoakChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), "QLOGS_SOAK_CHILD="+string(arg))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("scanning process: %v\n%s", err, out)
	}
	f, err := os.Open(job.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []soakLine
	dec := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	for {
		var l soakLine
		if err := dec.Decode(&l); err == io.EOF {
			return lines
		} else if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
}

// TestSoakChild is the scanning process.
func TestSoakChild(t *testing.T) {
	arg := os.Getenv("QLOGS_SOAK_CHILD")
	if arg == "" {
		t.Skip("only runs as the scanning process of another test")
	}
	var job soakJob
	if err := json.Unmarshal([]byte(arg), &job); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(job.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	defer w.Flush()
	enc := json.NewEncoder(w)
	api := &listCounter{Client: soakClient(job)}
	scan := qlogs.New(s3source.New(api, job.Bucket, nil), job.Options).Scan(qlogs.Query{})
	start := time.Now()
	for e, err := range scan.Records(t.Context()) {
		if e.Index == 0 {
			time.Sleep(job.Slow)
		}
		if job.Silent || job.Quiet && err == nil {
			continue
		}
		if err := enc.Encode(newSoakLine(e, err)); err != nil {
			t.Fatal(err)
		}
	}
	stats := scan.Stats()
	peak, _ := testutil.VmHWM()
	if err := enc.Encode(soakLine{Stats: &stats, Lists: api.lists.Load(), Peak: peak, Seconds: time.Since(start).Seconds()}); err != nil {
		t.Fatal(err)
	}
}

func newSoakLine(e qlogs.Entry, err error) soakLine {
	if err == nil {
		return soakLine{
			Key: e.Object.Key, Index: e.Index, LogType: e.Record.LogType(), RequestID: e.Record.RequestID(),
			UserID: string(e.Record.UserID()), Time: e.Record.Time(), Tentative: e.Tentative,
		}
	}
	l := soakLine{Err: err.Error(), Index: -1}
	var object *qlogs.ObjectError
	if errors.As(err, &object) {
		l.Key, l.Index = object.Key, object.Index
	}
	return l
}

func soakClient(job soakJob) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(job.Endpoint),
		Region:       s3test.Region,
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(job.Access, job.Secret, ""),
	})
}

type listCounter struct {
	*s3.Client
	lists atomic.Int64
}

func (c *listCounter) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	c.lists.Add(1)
	return c.Client.ListObjectsV2(ctx, in, opts...)
}

// TestSoakRealS3 scans 50,000 objects of a real server, 1 in 500 damaged.
func TestSoakRealS3(t *testing.T) {
	soak(t)
	server := stores.RealS3(t)
	cfg := qlogstest.Config{
		Seed: 20260302, Objects: 50_000, DamageEvery: 500, OddEvery: 300, Days: 3,
		Accounts: []string{"111122223333", "444455556666"},
	}
	const bucket = "soak"
	if _, err := server.Client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	if err := stores.Upload(t.Context(), server.Client, bucket, qlogstest.Generate(cfg), 16); err != nil {
		t.Fatal(err)
	}
	lines := soakScan(t, soakJob{Endpoint: server.Endpoint, Access: server.Access, Secret: server.Secret, Bucket: bucket})
	last := lines[len(lines)-1]
	checkSoak(t, cfg, lines[:len(lines)-1], *last.Stats)
	// One LIST for each visited folder above the partitions: the root of the
	// bucket, the prefix, AWSLogs, and then each account, product and log type.
	partitions := last.Stats.Partitions
	discovery := int64(3 + 2 + 2*2 + 2*2*3)
	budget := float64(last.Stats.Listed)/1000 + float64(partitions+discovery)
	if got := float64(last.Lists); got > 1.1*budget {
		t.Errorf("%v LIST calls, want at most 1.1 * %.1f", got, budget)
	}
	if last.Peak > maxPeak && !raceEnabled {
		t.Errorf("peak memory %d MiB, want at most %d MiB", last.Peak>>20, maxPeak>>20)
	}
	t.Logf("%d objects, %d records, %d LIST calls (keys/1000 + partitions + discovery = %.1f), peak memory %d MiB, %.1f s: %+v",
		last.Stats.Listed, last.Stats.RecordsYielded, last.Lists, budget, last.Peak>>20, last.Seconds, *last.Stats)
}

// checkSoak compares what the scanning process said with what the generator says.
func checkSoak(t *testing.T, cfg qlogstest.Config, got []soakLine, stats qlogs.Stats) {
	t.Helper()
	var want []soakLine
	var totals qlogstest.Totals
	for o := range qlogstest.Generate(cfg) {
		totals.Add(o)
		want = append(want, wantLines(o)...)
	}
	slices.SortStableFunc(want, func(a, b soakLine) int { return strings.Compare(a.Key, b.Key) })
	if len(got) != len(want) {
		t.Errorf("%d pairs, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		g := got[i]
		g.Tentative = false
		if g.Err != "" {
			g.Err = "error"
		}
		if g != want[i] {
			t.Fatalf("pair %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	for _, c := range []struct {
		name      string
		got, want int64
	}{
		{"Listed", stats.Listed, int64(cfg.Objects)},
		{"Skipped.Probe", stats.Skipped.Probe, totals.Skipped.Probe},
		{"Skipped.Empty", stats.Skipped.Empty, totals.Skipped.Empty},
		{"Skipped.Total()", stats.Skipped.Total(), totals.Skipped.Total()},
		{"Failed", stats.Failed, totals.Failed},
		{"Read", stats.Read, totals.Read},
		{"RecordsYielded", stats.RecordsYielded, totals.RecordsYielded},
		{"RecordsFailed", stats.RecordsFailed, totals.RecordsFailed},
		{"RecordsDrifted", stats.RecordsDrifted, totals.RecordsDrifted},
		{"RecordsSeen", stats.RecordsSeen, totals.RecordsSeen},
	} {
		if c.got != c.want {
			t.Errorf("Stats.%s = %d, want %d", c.name, c.got, c.want)
		}
	}
}

// wantLines are the pairs that an object has to give, in order.
func wantLines(o qlogstest.Object) []soakLine {
	var lines []soakLine
	for _, w := range o.Records {
		lines = append(lines, soakLine{Key: o.Key, Index: w.Index, LogType: w.LogType, RequestID: w.RequestID, UserID: string(w.UserID), Time: w.Time})
	}
	for _, i := range o.BadRecords {
		lines = append(lines, soakLine{Key: o.Key, Index: i, Err: "error"})
	}
	slices.SortFunc(lines, func(a, b soakLine) int { return a.Index - b.Index })
	if o.Failed {
		lines = append(lines, soakLine{Key: o.Key, Index: -1, Err: "error"})
	}
	return lines
}

// TestSoakLargeFile reads one file of 2 GB, decompressed, over HTTP.
func TestSoakLargeFile(t *testing.T) {
	soak(t)
	scanLargeFile(t, 2_000_000_000)
}

// TestLargeFile is the same with 64 MB, or with 40.
func TestLargeFile(t *testing.T) {
	scanLargeFile(t, testutil.Pick[int64](40_000_000, 64_000_000))
}

func scanLargeFile(t *testing.T, size int64) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "large.json.gz")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	records, err := bigfile.Write(f, size, 1)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	server := s3test.New()
	server.CreateBucket("large")
	p := path.Partition{Account: "111122223333", Product: path.QDeveloperLogs, LogType: path.GenerateAssistantResponse, Region: "us-east-1"}
	key := p.NewKey(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), "LargeLargeLarge1").String()
	if err := server.PutFile("large", key, name); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	defer web.Close()
	lines := soakScan(t, soakJob{Endpoint: web.URL, Access: "test", Secret: "test", Bucket: "large", Quiet: true})
	last := lines[len(lines)-1]
	if len(lines) > 1 {
		t.Fatalf("error of a sound file: %s", lines[0].Err)
	}
	if got := last.Stats.RecordsYielded; got != int64(records) {
		t.Errorf("%d records, want %d", got, records)
	}
	if got := last.Stats.BytesDecompressed; got != size {
		t.Errorf("%d bytes decompressed, want %d", got, size)
	}
	if last.Peak > maxPeak && !raceEnabled {
		t.Errorf("peak memory %d MiB, want at most %d MiB", last.Peak>>20, maxPeak>>20)
	}
	t.Logf("%s: %d records, peak memory %d MiB, %.1f s", fmt.Sprintf("%d MB decompressed, %d MB stored", size/1e6, last.Stats.BytesStored/1e6),
		records, last.Peak>>20, last.Seconds)
}
