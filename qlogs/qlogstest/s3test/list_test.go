package s3test_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

func TestListPages(t *testing.T) {
	mem, c := start(t)
	putAll(mem, "a", "b/1", "b/2", "b0", "c/d/1", "c/d/2", "c/e", "z")
	str := aws.String
	tests := []struct {
		name string
		in   s3.ListObjectsV2Input
		want []string
	}{
		{"all", s3.ListObjectsV2Input{}, []string{"a b/1 b/2 b0 c/d/1 c/d/2 c/e z"}},
		{"prefix", s3.ListObjectsV2Input{Prefix: str("b")}, []string{"b/1 b/2 b0"}},
		{"prefix without keys", s3.ListObjectsV2Input{Prefix: str("x")}, []string{""}},
		{"folders", s3.ListObjectsV2Input{Delimiter: str("/")}, []string{"a b0 z b/… c/…"}},
		{"folders below a prefix", s3.ListObjectsV2Input{Delimiter: str("/"), Prefix: str("c/")}, []string{"c/e c/d/…"}},
		{"folder pages in key order", s3.ListObjectsV2Input{Delimiter: str("/"), MaxKeys: aws.Int32(2)}, []string{"a b/…", "b0 c/…", "z"}},
		{"page ends at the last key", s3.ListObjectsV2Input{Prefix: str("b"), MaxKeys: aws.Int32(3)}, []string{"b/1 b/2 b0"}},
		{"page of one", s3.ListObjectsV2Input{Delimiter: str("/"), MaxKeys: aws.Int32(1)}, []string{"a", "b/…", "b0", "c/…", "z"}},
		{"other delimiter", s3.ListObjectsV2Input{Delimiter: str("/d/")}, []string{"a b/1 b/2 b0 c/e z c/d/…"}},
		{"start after a key", s3.ListObjectsV2Input{StartAfter: str("b/1")}, []string{"b/2 b0 c/d/1 c/d/2 c/e z"}},
		{"start after no key", s3.ListObjectsV2Input{StartAfter: str("b/11")}, []string{"b/2 b0 c/d/1 c/d/2 c/e z"}},
		{"start before the prefix", s3.ListObjectsV2Input{Prefix: str("c/"), StartAfter: str("a")}, []string{"c/d/1 c/d/2 c/e"}},
		{"start beyond the prefix", s3.ListObjectsV2Input{Prefix: str("b"), StartAfter: str("c")}, []string{""}},
		{"start before a folder", s3.ListObjectsV2Input{Delimiter: str("/"), StartAfter: str("b")}, []string{"b0 z b/… c/…"}},
		{"start at a folder", s3.ListObjectsV2Input{Delimiter: str("/"), StartAfter: str("b/")}, []string{"b0 z c/…"}},
		{"start inside a folder", s3.ListObjectsV2Input{Delimiter: str("/"), StartAfter: str("b/1")}, []string{"b0 z c/…"}},
		{"start past a folder", s3.ListObjectsV2Input{Delimiter: str("/"), StartAfter: str("b/3")}, []string{"b0 z c/…"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := pages(t, c, &tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("pages = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestListTokenWinsOverStartAfter(t *testing.T) {
	mem, c := start(t)
	putAll(mem, "a", "b", "c", "d")
	in := &s3.ListObjectsV2Input{StartAfter: aws.String("a"), MaxKeys: aws.Int32(1)}
	if got, want := pages(t, c, in), []string{"b", "c", "d"}; !slices.Equal(got, want) {
		t.Errorf("pages = %q, want %q", got, want)
	}
}

func TestListMaxKeys(t *testing.T) {
	mem, c := start(t)
	for i := range 2500 {
		mem.Put(bucket, fmt.Sprintf("k%04d", i), nil)
	}
	var sizes []int
	for _, p := range pages(t, c, &s3.ListObjectsV2Input{MaxKeys: aws.Int32(5000)}) {
		sizes = append(sizes, len(strings.Fields(p)))
	}
	if want := []int{1000, 1000, 500}; !slices.Equal(sizes, want) {
		t.Errorf("page sizes = %v, want %v", sizes, want)
	}
	if got, want := pages(t, c, &s3.ListObjectsV2Input{MaxKeys: aws.Int32(0)}), []string{""}; !slices.Equal(got, want) {
		t.Errorf("pages of 0 keys = %q, want %q", got, want)
	}
	if got, want := mem.Requests()["ListObjectsV2"], 4; got != want {
		t.Errorf("Requests = %d, want %d", got, want)
	}
}

func TestListSeesChanges(t *testing.T) {
	mem, c := start(t)
	putAll(mem, "c", "a")
	list := func(want string) {
		t.Helper()
		if got := pages(t, c, &s3.ListObjectsV2Input{}); got[0] != want {
			t.Errorf("list = %q, want %q", got[0], want)
		}
	}
	list("a c")
	putAll(mem, "b", "a")
	list("a b c")
	mem.Delete(bucket, "a")
	mem.Delete(bucket, "none")
	list("b c")
	mem.Delete(bucket, "b")
	putAll(mem, "b", "d")
	mem.Delete(bucket, "d")
	list("b c")
	if got := len(mem.Keys(bucket)); got != 2 {
		t.Errorf("Keys returns %d, want 2", got)
	}
}

var oddKeys = []string{
	"!first", "//double//", "/leading", "a b+c", "a%20b", "a%2Fb", "a&b=<c>", "a+b", "a?b#c", "a~*b",
	"dir/", "dir/./x", "dir/../x", "é/ü", "日本/語.json.gz", "🙂",
}

func TestListEncodesKeys(t *testing.T) {
	mem, c := start(t)
	putAll(mem, oddKeys...)
	want := slices.Sorted(slices.Values(oddKeys))
	for _, encoding := range []types.EncodingType{"", types.EncodingTypeUrl} {
		out, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket), EncodingType: encoding})
		if err != nil {
			t.Fatalf("ListObjectsV2(%q): %v", encoding, err)
		}
		if out.EncodingType != encoding {
			t.Errorf("EncodingType = %q, want %q", out.EncodingType, encoding)
		}
		var got []string
		for _, o := range out.Contents {
			key := aws.ToString(o.Key)
			if encoding != "" {
				if key, err = url.QueryUnescape(key); err != nil {
					t.Errorf("key %q: %v", aws.ToString(o.Key), err)
				}
			}
			got = append(got, key)
		}
		if !slices.Equal(got, want) {
			t.Errorf("keys with encoding %q = %q, want %q", encoding, got, want)
		}
	}
}

func TestListEncodesTheRest(t *testing.T) {
	mem, c := start(t)
	putAll(mem, "a b/1+1+x", "a b/1~*", "a b/2")
	out, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{
		Bucket: aws.String(bucket), EncodingType: types.EncodingTypeUrl,
		Prefix: aws.String("a b/"), Delimiter: aws.String("+"), StartAfter: aws.String("a b"),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{*out.Prefix, *out.Delimiter, *out.StartAfter, *out.CommonPrefixes[0].Prefix, *out.Contents[0].Key, *out.Contents[1].Key}
	want := []string{"a+b/", "%2B", "a+b", "a+b/1%2B", "a+b/1%7E*", "a+b/2"}
	if !slices.Equal(got, want) {
		t.Errorf("encoded fields = %q, want %q", got, want)
	}
}

func TestListAttributes(t *testing.T) {
	mem, c := start(t)
	mem.Put(bucket, "cold", []byte("1234"))
	mem.Put(bucket, "thawed", nil)
	mem.Put(bucket, "warm", nil)
	mem.SetStorageClass(bucket, "cold", "GLACIER", false)
	mem.SetStorageClass(bucket, "thawed", "DEEP_ARCHIVE", true)
	mem.SetStorageClass(bucket, "none", "GLACIER", false)
	for _, ask := range []bool{false, true} {
		in := &s3.ListObjectsV2Input{Bucket: aws.String(bucket)}
		if ask {
			in.OptionalObjectAttributes = []types.OptionalObjectAttributes{types.OptionalObjectAttributesRestoreStatus}
		}
		out, err := c.ListObjectsV2(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range out.Contents {
			restored := o.RestoreStatus != nil && !aws.ToBool(o.RestoreStatus.IsRestoreInProgress) && o.RestoreStatus.RestoreExpiryDate != nil
			got = append(got, fmt.Sprint(*o.Key, o.StorageClass, restored))
		}
		want := []string{"coldGLACIERfalse", fmt.Sprint("thawedDEEP_ARCHIVE", ask), "warmSTANDARDfalse"}
		if !slices.Equal(got, want) {
			t.Errorf("objects (asked %v) = %q, want %q", ask, got, want)
		}
		o := out.Contents[0]
		if aws.ToInt64(o.Size) != 4 || aws.ToString(o.ETag) != `"81dc9bdb52d04dc20036dbd8313ed055"` || o.LastModified.IsZero() {
			t.Errorf("object = %d bytes, %s, %v", *o.Size, *o.ETag, o.LastModified)
		}
	}
}

func TestListErrors(t *testing.T) {
	_, c := start(t)
	tests := []struct {
		name, code string
		in         s3.ListObjectsV2Input
	}{
		{"no bucket", "NoSuchBucket", s3.ListObjectsV2Input{Bucket: aws.String("none")}},
		{"made-up token", "InvalidArgument", s3.ListObjectsV2Input{ContinuationToken: aws.String("AAAAAAAA")}},
		{"token not in base64", "InvalidArgument", s3.ListObjectsV2Input{ContinuationToken: aws.String("?")}},
		{"short token", "InvalidArgument", s3.ListObjectsV2Input{ContinuationToken: aws.String("AA==")}},
		{"negative max-keys", "InvalidArgument", s3.ListObjectsV2Input{MaxKeys: aws.Int32(-1)}},
		{"unknown encoding", "InvalidArgument", s3.ListObjectsV2Input{EncodingType: "rot13"}},
		{"other owner", "AccessDenied", s3.ListObjectsV2Input{ExpectedBucketOwner: aws.String("444455556666")}},
	}
	for _, tt := range tests {
		if tt.in.Bucket == nil {
			tt.in.Bucket = aws.String(bucket)
		}
		_, err := c.ListObjectsV2(t.Context(), &tt.in)
		wantCode(t, tt.name, err, tt.code)
	}
	if _, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket), ExpectedBucketOwner: aws.String(s3test.Owner)}); err != nil {
		t.Errorf("right owner: %v", err)
	}
}
