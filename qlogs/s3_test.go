package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// An s3Server is an S3 server that keeps what it was asked.
type s3Server struct {
	*s3mem.Server
	client *s3.Client
	keys   []string // of the logs in the bucket "logs", with the request IDs 0000, 0001 and so on

	mu    sync.Mutex
	asked []s3mem.Request
	fault func(s3mem.Request) *s3mem.Fault
}

// newS3Server has n logs in one partition.
func newS3Server(t *testing.T, n int) *s3Server {
	t.Helper()
	testutil.NoLeaks(t)
	mem, client := testutil.MemS3(t)
	s := &s3Server{Server: mem, client: client}
	mem.CreateBucket("logs")
	s.put(n)
	mem.Intercept(s.intercept)
	return s
}

func (s *s3Server) put(n int) {
	for _, o := range confChats(confPartition("p", path.GenerateAssistantResponse), n, time.Minute) {
		s.Put("logs", o.Key, o.Body)
		s.keys = append(s.keys, o.Key)
	}
}

func (s *s3Server) intercept(r s3mem.Request) *s3mem.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r)
	if s.fault == nil {
		return nil
	}
	return s.fault(r)
}

// fail has requests of an operation fail.
func (s *s3Server) fail(op string, f s3mem.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = func(r s3mem.Request) *s3mem.Fault {
		if r.Op != op {
			return nil
		}
		return &f
	}
}

// requests returns the requests of an operation.
func (s *s3Server) requests(op string) []s3mem.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.asked), func(r s3mem.Request) bool { return r.Op != op })
}

func (s *s3Server) source(opts *s3source.Options) qlogs.Source {
	return s3source.New(s.client, "logs", opts)
}

func TestS3ArchivedObjects(t *testing.T) {
	s := newS3Server(t, 6)
	for i, class := range []string{"GLACIER", "DEEP_ARCHIVE", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "STANDARD_IA"} {
		s.SetStorageClass("logs", s.keys[i], class, i == 2 || i == 3)
	}
	r := confRead(t.Context(), s.source(nil), qlogs.Query{}, 0)
	k := s.keys
	confSame(t, "pairs", r.pairs, []string{k[0] + "#-1!", k[1] + "#-1!", k[2] + "#0", k[3] + "#0", k[4] + "#0", k[5] + "#0"})
	for _, err := range r.errs {
		if !errors.Is(err, qlogs.ErrArchived) {
			t.Errorf("error = %v, want %v", err, qlogs.ErrArchived)
		}
	}
	for _, get := range s.requests("GetObject") {
		if get.Key == k[0] || get.Key == k[1] {
			t.Errorf("GetObject was sent for the archived object %q", get.Key)
		}
	}
	// What is archived is finished: no later scan could read it by itself.
	again := r.resume(t, s.source(nil), qlogs.Query{})
	confSame(t, "from the cursor", again.pairs, nil)
}

// TestS3ArchiveTier: the listing does not tell that an object of the class
// INTELLIGENT_TIERING is in one of its archive tiers. S3's answer does.
func TestS3ArchiveTier(t *testing.T) {
	s := newS3Server(t, 1)
	s.SetStorageClass("logs", s.keys[0], "INTELLIGENT_TIERING", false)
	s.fail("GetObject", s3mem.Fault{Status: http.StatusForbidden, Code: "InvalidObjectState"})
	r := confRead(t.Context(), s.source(nil), qlogs.Query{}, 0)
	confOnly(t, r, qlogs.ErrArchived)
	if len(r.errs) == 1 && errors.Is(r.errs[0], fs.ErrPermission) {
		t.Errorf("error = %v, want none that is %v", r.errs[0], fs.ErrPermission)
	}
}

func TestS3RestoreStates(t *testing.T) {
	expiry := time.Now().Add(time.Hour)
	for _, tt := range []struct {
		name   string
		class  types.ObjectStorageClass
		status *types.RestoreStatus
		want   bool
	}{
		{"standard", types.ObjectStorageClassStandard, nil, false},
		{"no class", "", nil, false},
		{"instant retrieval", types.ObjectStorageClassGlacierIr, nil, false},
		{"tiering", types.ObjectStorageClassIntelligentTiering, nil, false},
		{"glacier", types.ObjectStorageClassGlacier, nil, true},
		{"deep archive", types.ObjectStorageClassDeepArchive, nil, true},
		{"being restored", types.ObjectStorageClassGlacier, &types.RestoreStatus{IsRestoreInProgress: aws.Bool(true)}, true},
		{"restored", types.ObjectStorageClassGlacier, &types.RestoreStatus{IsRestoreInProgress: aws.Bool(false), RestoreExpiryDate: &expiry}, false},
		{"restored, deep archive", types.ObjectStorageClassDeepArchive, &types.RestoreStatus{RestoreExpiryDate: &expiry}, false},
	} {
		api := &s3Stub{pages: []*s3.ListObjectsV2Output{{Contents: []types.Object{{Key: aws.String("k"), StorageClass: tt.class, RestoreStatus: tt.status}}}}}
		objs, err := confList(t, s3source.New(optionsStub{api, s3.Options{Region: "eu-west-1"}}, "logs", nil), qlogs.ListInput{})
		if err != nil || len(objs) != 1 || objs[0].Archived != tt.want || objs[0].StorageClass != string(tt.class) {
			t.Errorf("%s: List = %+v, %v, want Archived = %t", tt.name, objs, err, tt.want)
		}
	}
}

// An s3Stub answers as no server in process does.
type s3Stub struct {
	pages []*s3.ListObjectsV2Output
	get   func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error)

	lists []s3.ListObjectsV2Input
	gets  []s3.GetObjectInput
}

func (s *s3Stub) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	s.lists = append(s.lists, *in)
	if len(s.pages) < len(s.lists) {
		return nil, errors.New("no such page")
	}
	return s.pages[len(s.lists)-1], nil
}

func (s *s3Stub) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	s.gets = append(s.gets, *in)
	return s.get(in)
}

func TestS3DirectoryBucket(t *testing.T) {
	api := &s3Stub{}
	src := s3source.New(api, "logs--use1-az4--x-s3", nil)
	r := confRead(t.Context(), src, qlogs.Query{}, 0)
	confOnly(t, r, errors.ErrUnsupported)
	if len(api.lists) != 0 {
		t.Errorf("%d LIST requests to a directory bucket, want none", len(api.lists))
	}
	if len(r.errs) == 1 && !strings.Contains(r.errs[0].Error(), `directory bucket`) {
		t.Errorf("error = %q, want it to say what is not supported", r.errs[0])
	}
}

func TestS3ExpectedBucketOwner(t *testing.T) {
	s := newS3Server(t, 2)
	r := confRead(t.Context(), s.source(&s3source.Options{ExpectedBucketOwner: s3mem.Owner}), qlogs.Query{}, 0)
	r.noErrors(t)
	confSame(t, "records of the right owner's bucket", r.ids, confIDs(2))

	other := s.source(&s3source.Options{ExpectedBucketOwner: "999999999999"})
	confOnly(t, confRead(t.Context(), other, qlogs.Query{}, 0), fs.ErrPermission)
	if _, err := confReadAll(t.Context(), other, confFind(t, s.source(nil), s.keys[0]), 0); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open in another owner's bucket: error = %v, want %v", err, fs.ErrPermission)
	}
}

func TestS3RequestHeaders(t *testing.T) {
	for _, tt := range []struct {
		name   string
		opts   *s3source.Options
		header map[string]string // of all requests; "" is none
	}{
		{"no options", nil, map[string]string{"X-Amz-Request-Payer": "", "X-Amz-Expected-Bucket-Owner": ""}},
		{"zero options", &s3source.Options{}, map[string]string{"X-Amz-Request-Payer": "", "X-Amz-Expected-Bucket-Owner": ""}},
		{"requester pays", &s3source.Options{RequesterPays: true}, map[string]string{"X-Amz-Request-Payer": "requester"}},
		{"expected owner", &s3source.Options{ExpectedBucketOwner: s3mem.Owner}, map[string]string{"X-Amz-Expected-Bucket-Owner": s3mem.Owner}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newS3Server(t, 2)
			// The default of a client that is made from the shared configuration.
			s.client = s3.New(s.client.Options(), func(o *s3.Options) { o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported })
			r := confRead(t.Context(), s.source(tt.opts), qlogs.Query{}, 0)
			r.noErrors(t)
			lists, gets := s.requests("ListObjectsV2"), s.requests("GetObject")
			if len(lists) != 7 || len(gets) != 2 {
				t.Fatalf("%d LIST and %d GET requests, want 7 and 2", len(lists), len(gets))
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
				if want := confFind(t, s.source(nil), r.Key).ETag; r.IfMatch != want || r.Range != "" {
					t.Errorf("GET %q: If-Match = %s, Range = %q, want %s and none", r.Key, r.IfMatch, r.Range, want)
				}
			}
		})
	}
}

func TestS3OpenInput(t *testing.T) {
	body := func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
		out := &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(""))}
		if in.Range != nil {
			out.ContentRange = aws.String("bytes 5-8/9")
		}
		return out, nil
	}
	for _, tt := range []struct {
		object                  qlogs.Object
		offset                  int64
		ifMatch, version, bytes *string
	}{
		{qlogs.Object{Key: "k", Size: 9}, 0, nil, nil, nil},
		{qlogs.Object{Key: "k", Size: 9, ETag: `"e"`}, 0, aws.String(`"e"`), nil, nil},
		{qlogs.Object{Key: "k", Size: 9, VersionID: "v1"}, 0, nil, aws.String("v1"), nil},
		{qlogs.Object{Key: "k", Size: 9, ETag: `"e"`, VersionID: "v1"}, 5, aws.String(`"e"`), aws.String("v1"), aws.String("bytes=5-")},
	} {
		api := &s3Stub{get: body}
		if _, err := confReadAll(t.Context(), s3source.New(api, "logs", nil), tt.object, tt.offset); err != nil {
			t.Errorf("Open(%+v, %d) error = %v", tt.object, tt.offset, err)
		}
		in := api.gets[0]
		got := fmt.Sprintln(*in.Bucket, *in.Key, aws.ToString(in.IfMatch), in.IfMatch == nil, aws.ToString(in.VersionId), in.VersionId == nil, aws.ToString(in.Range), in.Range == nil)
		want := fmt.Sprintln("logs", "k", aws.ToString(tt.ifMatch), tt.ifMatch == nil, aws.ToString(tt.version), tt.version == nil, aws.ToString(tt.bytes), tt.bytes == nil)
		if got != want {
			t.Errorf("Open(%+v, %d) asks for %s, want %s", tt.object, tt.offset, got, want)
		}
	}
}

// Some stores ignore what they were asked for: their answers are checked.
func TestS3OpenChecksTheAnswer(t *testing.T) {
	text := func(s string) *string { return &s }
	o := qlogs.Object{Key: "k", Size: 9, ETag: `"e"`, VersionID: "v1"}
	for _, tt := range []struct {
		name   string
		offset int64
		out    s3.GetObjectOutput
		want   error
	}{
		{"all as asked for", 0, s3.GetObjectOutput{ETag: text(`"e"`), VersionId: text("v1"), ContentLength: aws.Int64(9)}, nil},
		{"nothing told", 0, s3.GetObjectOutput{}, nil},
		{"ETag without quotes", 0, s3.GetObjectOutput{ETag: text("e")}, nil},
		{"weak ETag", 0, s3.GetObjectOutput{ETag: text(`W/"e"`)}, nil},
		{"another ETag", 0, s3.GetObjectOutput{ETag: text(`"f"`)}, qlogs.ErrChanged},
		{"another version", 0, s3.GetObjectOutput{ETag: text(`"e"`), VersionId: text("v2")}, qlogs.ErrChanged},
		{"more", 0, s3.GetObjectOutput{ContentLength: aws.Int64(10)}, qlogs.ErrChanged},
		{"less", 0, s3.GetObjectOutput{ContentLength: aws.Int64(0)}, qlogs.ErrChanged},
		{"the range", 5, s3.GetObjectOutput{ContentRange: text("bytes 5-8/9"), ContentLength: aws.Int64(4)}, nil},
		{"no range", 5, s3.GetObjectOutput{ContentLength: aws.Int64(9)}, errors.ErrUnsupported},
		{"another range", 5, s3.GetObjectOutput{ContentRange: text("bytes 50-53/9"), ContentLength: aws.Int64(4)}, errors.ErrUnsupported},
		{"the range of a longer object", 5, s3.GetObjectOutput{ContentRange: text("bytes 5-9/10"), ContentLength: aws.Int64(5)}, qlogs.ErrChanged},
		{"the range of another object", 5, s3.GetObjectOutput{ETag: text("f"), ContentLength: aws.Int64(9)}, qlogs.ErrChanged},
	} {
		closed := 0
		tt.out.Body = s3Body{strings.NewReader("body"), &closed}
		api := &s3Stub{get: func(*s3.GetObjectInput) (*s3.GetObjectOutput, error) { return &tt.out, nil }}
		body, err := confReadAll(t.Context(), s3source.New(api, "logs", nil), o, tt.offset)
		if !errors.Is(err, tt.want) || (err == nil) != (string(body) == "body") {
			t.Errorf("%s: Open = %q, %v, want %v", tt.name, body, err, tt.want)
		}
		if closed != 1 {
			t.Errorf("%s: the body was closed %d times, want once", tt.name, closed)
		}
	}
}

func TestS3KeyEncoding(t *testing.T) {
	s := newS3Server(t, 0)
	keys := []string{"a b", "a+b", "a%20b", "a\x01b", "a\nb", "a\u2028b", "a&<>\"'b", "ü~*/x y/+", "100%", "é", "e\u0301", "A B"}
	for _, k := range keys {
		s.Put("logs", k, []byte(k))
	}
	slices.Sort(keys)
	confSame(t, "List", confListKeys(t, s.source(nil), qlogs.ListInput{}), keys)
	confSame(t, "List after the third", confListKeys(t, s.source(nil), qlogs.ListInput{After: keys[2]}), keys[3:])
	confSame(t, "List of folders", confListKeys(t, s.source(nil), qlogs.ListInput{Prefix: "ü~*/", Folders: true}), []string{"ü~*/x y/"})
	for _, k := range keys {
		if got, err := confReadAll(t.Context(), s.source(nil), confFind(t, s.source(nil), k), 0); err != nil || string(got) != k {
			t.Errorf("Open(%q) = %q, %v", k, got, err)
		}
	}
}

func TestS3ListingForms(t *testing.T) {
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
		api := &s3Stub{pages: tt.pages}
		objs, err := confList(t, s3source.New(api, "logs", nil), qlogs.ListInput{Prefix: "p/", After: "p/q", Folders: true})
		var got []string
		for _, o := range objs {
			got = append(got, o.Key)
		}
		confSame(t, tt.name, got, tt.want)
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

// TestS3FoldersOverPages has more objects and folders, in turn, than two pages hold.
func TestS3FoldersOverPages(t *testing.T) {
	s := newS3Server(t, 0)
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
	confSame(t, "List", confListKeys(t, s.source(nil), qlogs.ListInput{Prefix: "f/", Folders: true}), want)
	if n := len(s.requests("ListObjectsV2")); n != 3 {
		t.Errorf("%d LIST requests, want 3", n)
	}
}

func TestS3WrongLength(t *testing.T) {
	whole := confChat("0000", confStart())
	key := confPartition("p", path.GenerateAssistantResponse).NewKey(confStart(), "0000").String()
	for _, tt := range []struct {
		name   string
		listed int
		told   bool // the answer has a Content-Length
	}{
		{"longer than listed", len(whole) - 1, true},
		{"shorter than listed", len(whole) + 1, true},
		{"longer than listed, of untold length", len(whole) - 1, false},
		{"shorter than listed, of untold length", len(whole) + 1, false},
	} {
		opened, closed := 0, 0
		api := &s3Stub{}
		api.pages = []*s3.ListObjectsV2Output{{Contents: []types.Object{{Key: &key, Size: aws.Int64(int64(tt.listed)), ETag: aws.String(`"e"`)}}}}
		api.get = func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
			if in.Range != nil { // from the end on
				return nil, &smithy.GenericAPIError{Code: "InvalidRange"}
			}
			opened++
			out := &s3.GetObjectOutput{Body: s3Body{strings.NewReader(string(whole)), &closed}}
			if tt.told {
				out.ContentLength = aws.Int64(int64(len(whole)))
			}
			return out, nil
		}
		prefix := key[:strings.LastIndexByte(key, '/')]
		confOnly(t, confRead(t.Context(), s3source.New(api, "logs", nil), qlogs.Query{Prefix: prefix}, 0), qlogs.ErrChanged)
		if opened != 1 || closed != 1 {
			t.Errorf("%s: %d bodies were opened and %d closed, want one", tt.name, opened, closed)
		}
	}
}

type s3Body struct {
	io.Reader
	closed *int
}

func (b s3Body) Close() error {
	*b.closed++
	return nil
}

func TestS3Errors(t *testing.T) {
	sentinels := []error{fs.ErrPermission, fs.ErrNotExist, qlogs.ErrArchived, qlogs.ErrChanged, qlogs.ErrInconsistent}
	for _, tt := range []struct {
		op    string
		fault s3mem.Fault
		want  error    // of the sentinels; nil is none
		code  string   // the SDK's
		says  []string // parts of the text
		not   string   // no part of it, if not empty
	}{
		{"ListObjectsV2", s3mem.Fault{Status: 403}, fs.ErrPermission, "AccessDenied", []string{"s3:ListBucket", `bucket "logs"`, "AccessDenied"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 403, Code: "AllAccessDisabled"}, fs.ErrPermission, "AllAccessDisabled", []string{"AllAccessDisabled"}, "s3:ListBucket"},
		{"ListObjectsV2", s3mem.Fault{Status: 403, Code: "SignatureDoesNotMatch"}, fs.ErrPermission, "SignatureDoesNotMatch", nil, "s3:ListBucket"},
		{"ListObjectsV2", s3mem.Fault{Status: 404, Code: "NoSuchBucket"}, fs.ErrNotExist, "NoSuchBucket", []string{`bucket "logs"`}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 301, Code: "PermanentRedirect"}, nil, "PermanentRedirect", nil, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 400, Code: "InvalidArgument"}, nil, "InvalidArgument", nil, ""},
		{"GetObject", s3mem.Fault{Status: 403}, fs.ErrPermission, "AccessDenied", []string{"s3:GetObject", `bucket "logs"`, "kms:Decrypt"}, ""},
		{"GetObject", s3mem.Fault{Status: 403, Code: "InvalidObjectState"}, qlogs.ErrArchived, "InvalidObjectState", []string{"restore"}, ""},
		{"GetObject", s3mem.Fault{Status: 404}, fs.ErrNotExist, "NoSuchKey", nil, ""},
		{"GetObject", s3mem.Fault{Status: 404, Code: "NoSuchVersion"}, fs.ErrNotExist, "NoSuchVersion", nil, ""},
		{"GetObject", s3mem.Fault{Status: 404, Code: "NoSuchBucket"}, fs.ErrNotExist, "NoSuchBucket", []string{`bucket "logs"`}, ""},
		{"GetObject", s3mem.Fault{Status: 412, Code: "PreconditionFailed"}, qlogs.ErrInconsistent, "PreconditionFailed", nil, ""},
		{"GetObject", s3mem.Fault{Status: 400, Code: "InvalidRequest"}, nil, "InvalidRequest", nil, ""},
	} {
		t.Run(fmt.Sprintf("%s %d %s", tt.op, tt.fault.Status, tt.fault.Code), func(t *testing.T) {
			s := newS3Server(t, 1)
			s.fail(tt.op, tt.fault)
			r := confRead(t.Context(), s.source(nil), qlogs.Query{}, 0)
			if len(r.errs) != 1 || len(r.pairs) != 1 {
				t.Fatalf("scan yields %d records and the errors %v, want one error", len(r.entries), r.errs)
			}
			err := r.errs[0]
			for _, sentinel := range sentinels {
				if got := errors.Is(err, sentinel); got != (sentinel == tt.want) {
					t.Errorf("errors.Is(%v, %v) = %t", err, sentinel, got)
				}
			}
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != tt.code {
				t.Errorf("error = %v, want the SDK's error with the code %s in it", err, tt.code)
			}
			for _, part := range tt.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error = %q, want it to say %s", err, part)
				}
			}
			if tt.not != "" && strings.Contains(err.Error(), tt.not) {
				t.Errorf("error = %q, want no %s in it: another permission does not help", err, tt.not)
			}
			want := 1
			if tt.want == qlogs.ErrInconsistent { // it is looked up again and starts again
				want = 2
			}
			if tt.op == "ListObjectsV2" && tt.code == "InvalidArgument" { // which may mean the optional header, or the encoding
				want = 3
			}
			if n := len(s.requests(tt.op)); n != want {
				t.Errorf("%d requests, want %d", n, want)
			}
		})
	}
}

// TestS3NoLogLines: the SDK has something to log about each body without a
// checksum that it knows, which is no news to a reader of gzip files.
func TestS3NoLogLines(t *testing.T) {
	s := newS3Server(t, 3)
	var lines atomic.Int64
	s.client = s3.New(s.client.Options(), func(o *s3.Options) {
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
		o.Logger = logging.LoggerFunc(func(logging.Classification, string, ...any) { lines.Add(1) })
	})
	// As for objects that were uploaded in parts, then without any checksum.
	for _, header := range []http.Header{{"X-Amz-Checksum-Crc32": {"AAAAAA==-2"}}, nil} {
		s.fail("GetObject", s3mem.Fault{Header: header})
		plain, err := s.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("logs"), Key: &s.keys[0]})
		if err != nil {
			t.Fatalf("GetObject: %v", err)
		}
		plain.Body.Close()
		if lines.Swap(0) == 0 {
			t.Fatal("the SDK logs nothing for a plain GetObject: this test shows nothing")
		}
		r := confRead(t.Context(), s.source(nil), qlogs.Query{}, 0)
		r.noErrors(t)
		if _, err := confReadAll(t.Context(), s.source(nil), confFind(t, s.source(nil), s.keys[0]), 7); err != nil {
			t.Errorf("Open at an offset: %v", err)
		}
		if n := lines.Swap(0); n != 0 || len(r.ids) != 3 {
			t.Errorf("%d records and %d lines logged, want 3 and 0", len(r.ids), n)
		}
	}
}

// TestS3ContentEncoding: nothing on the way may undo the compression that an
// object was uploaded with.
func TestS3ContentEncoding(t *testing.T) {
	s := newS3Server(t, 2)
	s.fail("GetObject", s3mem.Fault{Header: http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"application/json"}}})
	r := confRead(t.Context(), s.source(nil), qlogs.Query{}, 0)
	r.noErrors(t)
	confSame(t, "records", r.ids, confIDs(2))
	for _, r := range s.requests("GetObject") {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("GET %q accepts the encoding %q, want identity", r.Key, got)
		}
	}
}

func TestS3CancelEndsRead(t *testing.T) {
	s := newS3Server(t, 1)
	src := s.source(nil)
	o := confFind(t, src, s.keys[0])
	s.fail("GetObject", s3mem.Fault{CutAfter: 10, Stall: true})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	body, err := src.Open(ctx, o, 0)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer body.Close()
	if _, err := io.ReadFull(body, make([]byte, 10)); err != nil {
		t.Fatalf("read of the first bytes: %v", err)
	}
	time.AfterFunc(0, cancel)
	if n, err := body.Read(make([]byte, 10)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("read of a body that stalls = %d, %v, want %v", n, err, context.Canceled)
	}
}

// TestS3ConnectionReuse: bodies are read to their ends, so that connections
// can be used again. The transport may dial for a request that then gets a
// connection that has become free, which is why there can be some more.
func TestS3ConnectionReuse(t *testing.T) {
	const inFlight = 8
	s := newS3Server(t, 500)
	var dials atomic.Int64
	srv := httptest.NewUnstartedServer(s.Server)
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dials.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: inFlight + 1}
	t.Cleanup(transport.CloseIdleConnections)
	client := s3.New(s.client.Options(), func(o *s3.Options) {
		o.BaseEndpoint = &srv.URL
		o.HTTPClient = &http.Client{Transport: transport}
	})
	n := 0
	for _, err := range qlogs.New(s3source.New(client, "logs", nil), &qlogs.Options{InFlight: inFlight}).Scan(qlogs.Query{}).Records(t.Context()) {
		if err != nil {
			t.Errorf("scan yields the error %v", err)
		}
		n++
	}
	if got := dials.Load(); n != 500 || got > 2*(inFlight+1) {
		t.Errorf("%d records over %d connections, want 500 over about %d", n, got, inFlight+1)
	}
}

func TestS3ID(t *testing.T) {
	a, b := s3source.New(nil, "a", nil), s3source.New(nil, "b", &s3source.Options{RequesterPays: true})
	if a.ID() != "s3://a" || b.ID() != "s3://b" {
		t.Errorf("IDs = %q, %q, want s3://a, s3://b", a.ID(), b.ID())
	}
}

func TestBucketRegion(t *testing.T) {
	elsewhere := http.Header{"X-Amz-Bucket-Region": {"eu-central-1"}}
	for _, tt := range []struct {
		name, bucket string
		fault        *s3mem.Fault
		want         string // empty is an error
	}{
		{"own region", "logs", nil, "us-east-1"},
		{"another region", "logs", &s3mem.Fault{Status: 301, Header: elsewhere}, "eu-central-1"},
		{"another region, badly signed", "logs", &s3mem.Fault{Status: 400, Header: elsewhere}, "eu-central-1"},
		{"denied", "logs", &s3mem.Fault{Status: 403, Header: elsewhere}, "eu-central-1"},
		{"denied without a region", "logs", &s3mem.Fault{Status: 403}, ""},
		{"no bucket", "other", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newS3Server(t, 0)
			if tt.fault != nil {
				s.fail("HeadBucket", *tt.fault)
			}
			got, err := s3source.BucketRegion(t.Context(), s.client, tt.bucket)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("BucketRegion = %q, %v, want %q", got, err, tt.want)
			}
			var api smithy.APIError
			if err != nil && (!errors.As(err, &api) || !strings.Contains(err.Error(), fmt.Sprintf("%q", tt.bucket))) {
				t.Errorf("BucketRegion error = %v, want it to name the bucket and to hold the SDK's", err)
			}
		})
	}
	if got, err := s3source.BucketRegion(t.Context(), s3NoRegion{}, "logs"); got != "" || err == nil || !strings.Contains(err.Error(), `"logs"`) {
		t.Errorf("BucketRegion of a store that does not tell = %q, %v, want an error that names the bucket", got, err)
	}
}

// An s3NoRegion is like servers that know no Regions.
type s3NoRegion struct{}

func (s3NoRegion) HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	return &s3.HeadBucketOutput{}, nil
}

func TestParseS3URI(t *testing.T) {
	for _, tt := range []struct {
		uri, bucket, prefix string
		ok                  bool
	}{
		{"s3://logs", "logs", "", true},
		{"s3://logs/", "logs", "", true},
		{"s3://logs/a/b", "logs", "a/b", true},
		{"s3://logs/a/b/", "logs", "a/b/", true},
		{"s3://logs/a b+c%20", "logs", "a b+c%20", true},
		{"s3://logs//a", "logs", "/a", true},
		{"s3://logs/?a#b", "logs", "?a#b", true},
		{"", "", "", false},
		{"logs", "", "", false},
		{"logs/a", "", "", false},
		{"/logs/a", "", "", false},
		{"s3:", "", "", false},
		{"s3:/logs", "", "", false},
		{"s3://", "", "", false},
		{"s3:///a", "", "", false},
		{"S3://logs", "", "", false},
		{"https://logs.s3.amazonaws.com/a", "", "", false},
		{"arn:aws:s3:::logs", "", "", false},
	} {
		bucket, prefix, err := s3source.ParseURI(tt.uri)
		if bucket != tt.bucket || prefix != tt.prefix || (err == nil) != tt.ok {
			t.Errorf("ParseS3URI(%q) = %q, %q, %v, want %q, %q and success %t", tt.uri, bucket, prefix, err, tt.bucket, tt.prefix, tt.ok)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "s3source: ") || !strings.Contains(err.Error(), fmt.Sprintf("%q", tt.uri))) {
			t.Errorf("ParseS3URI(%q) error = %q, want it to name the URI", tt.uri, err)
		}
	}
}
