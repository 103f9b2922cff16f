package s3source_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

func TestID(t *testing.T) {
	a, b := s3source.New(nil, "a", nil), s3source.New(nil, "b", &s3source.Options{RequesterPays: true})
	if a.ID() != "s3://a" || b.ID() != "s3://b" {
		t.Errorf("IDs = %q, %q, want s3://a, s3://b", a.ID(), b.ID())
	}
}

func TestDirectoryBucket(t *testing.T) {
	api := &stub{}
	src := s3source.New(api, "logs--use1-az4--x-s3", nil)
	objs, err := list(t, src, source.ListInput{})
	if len(objs) != 0 || !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), `directory bucket`) {
		t.Errorf("List = %v, %v, want only an error that says what is not supported", objs, err)
	}
	if len(api.lists) != 0 {
		t.Errorf("%d LIST requests to a directory bucket, want none", len(api.lists))
	}
}

func TestExpectedBucketOwner(t *testing.T) {
	s := newServer(t, 2)
	same(t, "objects of the right owner's bucket", readAll(t, s.source(&s3source.Options{ExpectedBucketOwner: s3test.Owner})), s.keys)

	other := s.source(&s3source.Options{ExpectedBucketOwner: "999999999999"})
	if objs, err := all(t, other); len(objs) != 0 || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("List of another owner's bucket = %v, %v, want %v", objs, err, fs.ErrPermission)
	}
	if _, err := read(t.Context(), other, find(t, s.source(nil), s.keys[0]), 0); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open in another owner's bucket: error = %v, want %v", err, fs.ErrPermission)
	}
}

func TestRequestHeaders(t *testing.T) {
	for _, tt := range []struct {
		name   string
		opts   *s3source.Options
		header map[string]string // of all requests; "" is none
	}{
		{"no options", nil, map[string]string{"X-Amz-Request-Payer": "", "X-Amz-Expected-Bucket-Owner": ""}},
		{"zero options", &s3source.Options{}, map[string]string{"X-Amz-Request-Payer": "", "X-Amz-Expected-Bucket-Owner": ""}},
		{"requester pays", &s3source.Options{RequesterPays: true}, map[string]string{"X-Amz-Request-Payer": "requester"}},
		{"expected owner", &s3source.Options{ExpectedBucketOwner: s3test.Owner}, map[string]string{"X-Amz-Expected-Bucket-Owner": s3test.Owner}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, 2)
			// The default of a client that is made from the shared configuration.
			s.client = s3.New(s.client.Options(), func(o *s3.Options) { o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported })
			readAll(t, s.source(tt.opts))
			lists, gets := s.requests("ListObjectsV2"), s.requests("GetObject")
			if len(lists) != 3 || len(gets) != 2 {
				t.Fatalf("%d LIST and %d GET requests, want 3 and 2", len(lists), len(gets))
			}
			for _, r := range slices.Concat(lists, gets) {
				for name, want := range tt.header {
					if got := r.Header.Get(name); got != want {
						t.Errorf("%s %q: header %s = %q, want %q", r.Op, r.Prefix+r.Key, name, got, want)
					}
				}
			}
			for _, r := range lists {
				if got := r.Header.Get("X-Amz-Optional-Object-Attributes"); got != "RestoreStatus" {
					t.Errorf("LIST %q: optional attributes = %q, want RestoreStatus", r.Prefix, got)
				}
			}
			for _, r := range gets {
				if mode, has := r.Header["X-Amz-Checksum-Mode"]; has {
					t.Errorf("GET %q: checksum mode = %q, want no such header", r.Key, mode)
				}
				if want := find(t, s.source(nil), r.Key).ETag; r.IfMatch != want || r.Range != "" {
					t.Errorf("GET %q: If-Match = %s, Range = %q, want %s and none", r.Key, r.IfMatch, r.Range, want)
				}
			}
		})
	}
}

func TestKeyEncoding(t *testing.T) {
	s := newServer(t, 0)
	keys := []string{"a b", "a+b", "a%20b", "a\x01b", "a\nb", "a\u2028b", "a&<>\"'b", "ü~*/x y/+", "100%", "é", "e\u0301", "A B"}
	for _, k := range keys {
		s.Put("logs", k, []byte(k))
	}
	slices.Sort(keys)
	same(t, "List", listKeys(t, s.source(nil), source.ListInput{}), keys)
	same(t, "List after the third", listKeys(t, s.source(nil), source.ListInput{After: keys[2]}), keys[3:])
	same(t, "List of folders", listKeys(t, s.source(nil), source.ListInput{Prefix: "ü~*/", Folders: true}), []string{"ü~*/x y/"})
	for _, k := range keys {
		if got, err := read(t.Context(), s.source(nil), find(t, s.source(nil), k), 0); err != nil || string(got) != k {
			t.Errorf("Open(%q) = %q, %v", k, got, err)
		}
	}
}

func TestListingForms(t *testing.T) {
	page := func(encoding types.EncodingType, token string, keys ...string) *s3.ListObjectsV2Output {
		out := &s3.ListObjectsV2Output{EncodingType: encoding, IsTruncated: aws.Bool(token != ""), NextContinuationToken: &token}
		for _, k := range keys {
			if strings.HasSuffix(k, "/") {
				out.CommonPrefixes = append(out.CommonPrefixes, types.CommonPrefix{Prefix: aws.String(k)})
				continue
			}
			out.Contents = append(out.Contents, types.Object{Key: aws.String(k)})
		}
		return out
	}
	endless := page("", "")
	endless.IsTruncated = aws.Bool(true)
	for _, tt := range []struct {
		name  string
		pages []*s3.ListObjectsV2Output
		want  []string
		fails string // what the error says
	}{
		{"encoded", []*s3.ListObjectsV2Output{page("url", "", "a+b", "a%2Bb", "a%2520b/", "%E6%97%A5")}, []string{"a b", "a%20b/", "a+b", "日"}, ""},
		{"a server that does not encode", []*s3.ListObjectsV2Output{page("", "", "a b", "a%20b", "a+b", "100%")}, []string{"a b", "a%20b", "a+b", "100%"}, ""},
		{"three pages", []*s3.ListObjectsV2Output{page("url", "t1", "a", "b/"), page("url", "t2", "b1"), page("url", "", "c/")}, []string{"a", "b/", "b1", "c/"}, ""},
		{"an empty page", []*s3.ListObjectsV2Output{page("url", "t1", "a"), page("url", "t2"), page("url", "", "c")}, []string{"a", "c"}, ""},
		{"folders alone", []*s3.ListObjectsV2Output{page("", "", "a/", "b/")}, []string{"a/", "b/"}, ""},
		{"not encoded as it says", []*s3.ListObjectsV2Output{page("url", "", "a", "100%")}, nil, "not URL encoded"},
		{"a folder not encoded as it says", []*s3.ListObjectsV2Output{page("url", "", "%zz/")}, nil, "not URL encoded"},
		{"no token", []*s3.ListObjectsV2Output{page("url", "t1", "a"), endless}, []string{"a"}, "no continuation token"},
		{"a page that fails", []*s3.ListObjectsV2Output{page("url", "t1", "a")}, []string{"a"}, "no such page"},
	} {
		api := &stub{pages: tt.pages}
		objs, err := list(t, s3source.New(api, "logs", nil), source.ListInput{Prefix: "p/", After: "p/q", Folders: true})
		var got []string
		for _, o := range objs {
			got = append(got, o.Key)
		}
		same(t, tt.name, got, tt.want)
		if tt.fails == "" && err != nil || tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
			t.Errorf("%s: List error = %v, want %q", tt.name, err, tt.fails)
		}
		for i, in := range api.lists {
			token := ""
			if i > 0 {
				token = aws.ToString(tt.pages[i-1].NextContinuationToken)
			}
			if aws.ToString(in.ContinuationToken) != token || aws.ToString(in.Prefix) != "p/" || aws.ToString(in.StartAfter) != "p/q" || aws.ToString(in.Delimiter) != "/" || in.EncodingType != types.EncodingTypeUrl || in.MaxKeys != nil {
				t.Errorf("%s: request %d is %+v, want the token %q", tt.name, i, in, token)
			}
		}
	}
}

// TestFoldersOverPages has more objects and folders, in turn, than two pages hold.
func TestFoldersOverPages(t *testing.T) {
	s := newServer(t, 0)
	var want []string
	for i := range 2300 {
		k := fmt.Sprintf("f/%04d", i)
		if i%3 == 0 {
			s.Put("logs", k+"/x", nil)
			s.Put("logs", k+"/y", nil)
			k += "/"
		} else {
			s.Put("logs", k, nil)
		}
		want = append(want, k)
	}
	same(t, "List", listKeys(t, s.source(nil), source.ListInput{Prefix: "f/", Folders: true}), want)
	if n := len(s.requests("ListObjectsV2")); n != 3 {
		t.Errorf("%d LIST requests, want 3", n)
	}
}
