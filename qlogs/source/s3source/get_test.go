package s3source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

func TestOpenInput(t *testing.T) {
	body := func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
		out := &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader("")), ETag: in.IfMatch}
		if in.Range != nil {
			out.ContentRange = aws.String("bytes 5-8/9")
		}
		return out, nil
	}
	for _, tt := range []struct {
		object                  source.Object
		offset                  int64
		ifMatch, version, bytes *string
	}{
		{source.Object{Key: "k", Size: 9}, 0, nil, nil, nil},
		{source.Object{Key: "k", Size: 9, ETag: `"e"`}, 0, aws.String(`"e"`), nil, nil},
		{source.Object{Key: "k", Size: 9, VersionID: "v1"}, 0, nil, aws.String("v1"), nil},
		{source.Object{Key: "k", Size: 9, ETag: `"e"`, VersionID: "v1"}, 5, aws.String(`"e"`), aws.String("v1"), aws.String("bytes=5-")},
	} {
		api := &stub{get: body}
		if _, err := read(t.Context(), s3source.New(api, "logs", nil), tt.object, tt.offset); err != nil {
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

// errAny stands for an error of no class.
var errAny = errors.New("any")

// Some stores ignore what they were asked for: their answers are checked. One that ignores a
// range may send the whole body next time.
func TestOpenChecksTheAnswer(t *testing.T) {
	text := func(s string) *string { return &s }
	o := source.Object{Key: "k", Size: 9, ETag: `"e"`, VersionID: "v1"}
	for _, tt := range []struct {
		name   string
		offset int64
		out    s3.GetObjectOutput
		want   error
	}{
		{"all as asked for", 0, s3.GetObjectOutput{ETag: text(`"e"`), VersionId: text("v1"), ContentLength: aws.Int64(9)}, nil},
		{"nothing told, and less", 0, s3.GetObjectOutput{}, source.ErrAnonymous},
		{"the range, and nothing else told", 5, s3.GetObjectOutput{ContentRange: text("bytes 5-8/9")}, nil},
		{"ETag without quotes", 0, s3.GetObjectOutput{ETag: text("e")}, nil},
		{"weak ETag", 0, s3.GetObjectOutput{ETag: text(`W/"e"`)}, nil},
		{"another ETag", 0, s3.GetObjectOutput{ETag: text(`"f"`)}, source.ErrChanged},
		{"another version", 0, s3.GetObjectOutput{ETag: text(`"e"`), VersionId: text("v2")}, source.ErrChanged},
		{"more", 0, s3.GetObjectOutput{ContentLength: aws.Int64(10)}, source.ErrChanged},
		{"less", 0, s3.GetObjectOutput{ContentLength: aws.Int64(0)}, source.ErrChanged},
		{"the range", 5, s3.GetObjectOutput{ContentRange: text("bytes 5-8/9"), ContentLength: aws.Int64(4)}, nil},
		{"no range", 5, s3.GetObjectOutput{ContentLength: aws.Int64(9)}, errAny},
		{"another range", 5, s3.GetObjectOutput{ContentRange: text("bytes 50-53/9"), ContentLength: aws.Int64(4)}, errAny},
		{"the range of a longer object", 5, s3.GetObjectOutput{ContentRange: text("bytes 5-9/10"), ContentLength: aws.Int64(5)}, source.ErrChanged},
		{"the range of another object", 5, s3.GetObjectOutput{ETag: text("f"), ContentLength: aws.Int64(9)}, source.ErrChanged},
	} {
		closed := 0
		tt.out.Body = countedBody{strings.NewReader("body"), &closed}
		api := &stub{get: func(*s3.GetObjectInput) (*s3.GetObjectOutput, error) { return &tt.out, nil }}
		body, err := read(t.Context(), s3source.New(api, "logs", nil), o, tt.offset)
		if tt.want != errAny && !errors.Is(err, tt.want) || tt.want == errAny && errors.Is(err, errors.ErrUnsupported) || err == nil && string(body) != "body" {
			t.Errorf("%s: Open = %q, %v, want %v", tt.name, body, err, tt.want)
		}
		if closed != 1 {
			t.Errorf("%s: the body was closed %d times, want once", tt.name, closed)
		}
	}
}

// TestNoLogLines: the SDK has something to log about each body without a
// checksum that it knows, which is no news to a reader of gzip files.
func TestNoLogLines(t *testing.T) {
	s := newServer(t, 3)
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
		same(t, "objects", readAll(t, s.source(nil)), s.keys)
		if _, err := read(t.Context(), s.source(nil), find(t, s.source(nil), s.keys[0]), 7); err != nil {
			t.Errorf("Open at an offset: %v", err)
		}
		if n := lines.Swap(0); n != 0 {
			t.Errorf("%d lines logged, want none", n)
		}
	}
}

// TestContentEncoding: nothing on the way may undo the compression that an
// object was uploaded with.
func TestContentEncoding(t *testing.T) {
	s := newServer(t, 2)
	s.fail("GetObject", s3mem.Fault{Header: http.Header{"Content-Encoding": {"gzip"}, "Content-Type": {"application/json"}}})
	same(t, "objects", readAll(t, s.source(nil)), s.keys)
	for _, r := range s.requests("GetObject") {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("GET %q accepts the encoding %q, want identity", r.Key, got)
		}
	}
}

func TestCancelEndsRead(t *testing.T) {
	s := newServer(t, 1)
	src := s.source(nil)
	o := find(t, src, s.keys[0])
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
