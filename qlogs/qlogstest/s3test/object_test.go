package s3test_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

func TestGetOddKeys(t *testing.T) {
	mem, c := start(t)
	putAll(mem, oddKeys...)
	for _, key := range oddKeys {
		if got, err := get(t, c, &s3.GetObjectInput{Key: &key}); err != nil || got != key {
			t.Errorf("get(%q) = %q, %v, want the key", key, got, err)
		}
	}
}

func TestGetRange(t *testing.T) {
	mem, c := start(t)
	mem.Put(bucket, "k", []byte("0123456789"))
	tests := []struct{ r, want, code string }{
		{"bytes=0-3", "0123", ""},
		{"bytes=4-", "456789", ""},
		{"bytes=8-99", "89", ""},
		{"bytes=-3", "789", ""},
		{"bytes=-99", "0123456789", ""},
		{"bytes=5-4", "0123456789", ""},
		{"bytes=0-1,3-4", "0123456789", ""},
		{"lines=1-2", "0123456789", ""},
		{"bytes=10-", "", "InvalidRange"},
		{"bytes=-0", "", "InvalidRange"},
	}
	for _, tt := range tests {
		got, err := get(t, c, &s3.GetObjectInput{Key: aws.String("k"), Range: &tt.r})
		if tt.code != "" {
			wantCode(t, tt.r, err, tt.code)
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("get(%q) = %q, %v, want %q", tt.r, got, err, tt.want)
		}
	}
	out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("k"), Range: aws.String("bytes=4-5")})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if *out.ContentRange != "bytes 4-5/10" || *out.ContentLength != 2 {
		t.Errorf("range answer = %q, %d bytes, want %q, 2 bytes", *out.ContentRange, *out.ContentLength, "bytes 4-5/10")
	}
}

func TestGetConditions(t *testing.T) {
	mem, c := start(t)
	mem.Put(bucket, "k", []byte("old"))
	head, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	key := aws.String("k")
	past, future := aws.Time(head.LastModified.Add(-time.Hour)), aws.Time(head.LastModified.Add(time.Hour))
	pinned := func() *s3.GetObjectInput { return &s3.GetObjectInput{Key: key, IfMatch: head.ETag} }
	if got, err := get(t, c, pinned()); err != nil || got != "old" {
		t.Errorf("get with If-Match = %q, %v, want %q", got, err, "old")
	}
	if got, err := get(t, c, &s3.GetObjectInput{Key: key, IfUnmodifiedSince: future}); err != nil || got != "old" {
		t.Errorf("get with If-Unmodified-Since = %q, %v, want %q", got, err, "old")
	}
	_, err = get(t, c, &s3.GetObjectInput{Key: key, IfUnmodifiedSince: past})
	wantCode(t, "If-Unmodified-Since", err, "PreconditionFailed")
	if _, err = get(t, c, &s3.GetObjectInput{Key: key, IfNoneMatch: head.ETag}); err == nil {
		t.Error("get with If-None-Match of the same object succeeded, want 304")
	}
	if _, err = get(t, c, &s3.GetObjectInput{Key: key, IfModifiedSince: future}); err == nil {
		t.Error("get with If-Modified-Since in the future succeeded, want 304")
	}
	mem.Put(bucket, "k", []byte("new"))
	_, err = get(t, c, pinned())
	wantCode(t, "If-Match after a change", err, "PreconditionFailed")
}

func TestGetErrors(t *testing.T) {
	mem, c := start(t)
	mem.Put(bucket, "cold", []byte("x"))
	_, err := get(t, c, &s3.GetObjectInput{Key: aws.String("none")})
	wantCode(t, "no key", err, "NoSuchKey")
	_, err = c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("none"), Key: aws.String("k")})
	wantCode(t, "no bucket", err, "NoSuchBucket")
	_, err = get(t, c, &s3.GetObjectInput{Key: aws.String("cold"), VersionId: aws.String("v1")})
	wantCode(t, "no version", err, "NoSuchVersion")
	_, err = c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("none")})
	wantCode(t, "head of no key", err, "NotFound")
	for _, class := range []string{"GLACIER", "DEEP_ARCHIVE"} {
		mem.SetStorageClass(bucket, "cold", class, false)
		_, err = get(t, c, &s3.GetObjectInput{Key: aws.String("cold")})
		wantCode(t, class, err, "InvalidObjectState")
		mem.SetStorageClass(bucket, "cold", class, true)
		if got, err := get(t, c, &s3.GetObjectInput{Key: aws.String("cold")}); err != nil || got != "x" {
			t.Errorf("get of restored %s = %q, %v, want %q", class, got, err, "x")
		}
	}
	out, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("cold")})
	if err != nil || out.StorageClass != types.StorageClassDeepArchive || !strings.HasPrefix(aws.ToString(out.Restore), `ongoing-request="false"`) {
		t.Errorf("head of restored = %v, %v, want class and restore status", out, err)
	}
}

func TestPut(t *testing.T) {
	mem, c := start(t)
	summed := func(o *s3.Options) {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported
	}
	body := strings.Repeat("0123456789abcdef", 10_000)
	put := func(key string, opts ...func(*s3.Options)) {
		t.Helper()
		_, err := c.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(body),
			ContentType: aws.String("application/json"), ContentEncoding: aws.String("gzip"),
		}, opts...)
		if err != nil {
			t.Fatalf("PutObject(%q): %v", key, err)
		}
	}
	put("plain key")
	put("summed", summed)
	put("unsigned", s3.WithAPIOptions(v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware))
	for _, key := range []string{"plain key", "summed", "unsigned"} {
		if got, err := get(t, c, &s3.GetObjectInput{Key: &key}); err != nil || got != body {
			t.Errorf("get(%q) = %d bytes, %v, want %d", key, len(got), err, len(body))
		}
	}
	out, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("summed")})
	if err != nil || *out.ContentType != "application/json" || *out.ContentEncoding != "gzip" || *out.ContentLength != int64(len(body)) {
		t.Errorf("head = %+v, %v", out, err)
	}
	if _, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("summed")}); err != nil {
		t.Errorf("DeleteObject: %v", err)
	}
	if got := len(mem.Keys(bucket)); got != 2 {
		t.Errorf("Keys returns %d, want 2", got)
	}
	_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("none"), Key: aws.String("k"), Body: strings.NewReader("")})
	wantCode(t, "put into no bucket", err, "NoSuchBucket")
	_, err = c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("none"), Key: aws.String("k")})
	wantCode(t, "delete from no bucket", err, "NoSuchBucket")
}

func TestPutFile(t *testing.T) {
	mem, c := start(t)
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mem.PutFile(bucket, "k", name); err != nil {
		t.Fatal(err)
	}
	mem.Put(bucket, "copy", []byte("0123456789"))
	if got, err := get(t, c, &s3.GetObjectInput{Key: aws.String("k"), Range: aws.String("bytes=3-5")}); err != nil || got != "345" {
		t.Errorf("get = %q, %v, want %q", got, err, "345")
	}
	var tags []string
	for _, key := range []string{"k", "copy"} {
		out, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, *out.ETag)
	}
	if tags[0] != tags[1] {
		t.Errorf("ETag of file = %s, want %s", tags[0], tags[1])
	}
	if err := mem.PutFile(bucket, "k", name+"x"); err == nil {
		t.Error("PutFile of a missing file succeeded")
	}
}

func TestBuckets(t *testing.T) {
	mem, c := start(t)
	name := aws.String("second")
	_, err := c.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: name})
	wantCode(t, "head of no bucket", err, "NotFound")
	_, err = c.GetBucketLocation(t.Context(), &s3.GetBucketLocationInput{Bucket: name})
	wantCode(t, "location of no bucket", err, "NoSuchBucket")
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name}); err != nil {
		t.Fatalf("CreateBucket: %v", err)
	}
	out, err := c.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: name})
	if err != nil || aws.ToString(out.BucketRegion) != s3test.Region {
		t.Errorf("HeadBucket = %+v, %v, want region %s", out, err, s3test.Region)
	}
	loc, err := c.GetBucketLocation(t.Context(), &s3.GetBucketLocationInput{Bucket: name})
	if err != nil || loc.LocationConstraint != "" {
		t.Errorf("GetBucketLocation = %+v, %v, want the empty one", loc, err)
	}
	mem.Put("third", "k", nil)
	if _, err := c.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("third")}); err != nil {
		t.Errorf("bucket made by Put: %v", err)
	}
	_, err = c.ListBuckets(t.Context(), &s3.ListBucketsInput{})
	wantCode(t, "ListBuckets", err, "NotImplemented")
	_, err = c.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: name})
	wantCode(t, "ListObjectVersions", err, "NotImplemented")
}
