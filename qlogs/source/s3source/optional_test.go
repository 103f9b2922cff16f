package s3source_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

const optionalHeader = "X-Amz-Optional-Object-Attributes"

// refuse has LIST requests fail that have an optional part.
func (s *server) refuse(f s3mem.Fault, has func(r s3mem.Request) bool) {
	s.answer(func(r s3mem.Request) *s3mem.Fault {
		if r.Op != "ListObjectsV2" || !has(r) {
			return nil
		}
		return &f
	})
}

// A store that refuses to list because of an optional header is asked once without it, and
// from then on.
func TestRefusedHeader(t *testing.T) {
	html := func(status int) func(a *rewrite.Answer) {
		return func(a *rewrite.Answer) {
			a.Status, a.Body = status, []byte("<html><br>Bad request</html>")
		}
	}
	for i, tt := range []struct {
		name  string
		fault s3mem.Fault
		reads bool
	}{
		{"an argument that is not valid", s3mem.Fault{Status: 400, Code: "InvalidArgument"}, true},
		{"a request that is not valid", s3mem.Fault{Status: 400, Code: "InvalidRequest"}, true},
		{"a malformed header", s3mem.Fault{Status: 400, Code: "MalformedHeader"}, true},
		{"the value of a header", s3mem.Fault{Status: 400, Code: "MalformedHeaderValue"}, true},
		{"not implemented", s3mem.Fault{Status: 501, Code: "NotImplemented", Message: "A header you provided implies functionality that is not implemented"}, true},
		{"a code of the store's own that names the header", s3mem.Fault{Status: 400, Code: "Strange", Message: "unknown header x-amz-optional-object-attributes"}, true},
		{"forbidden, and names the header", s3mem.Fault{Status: 403, Code: "HeaderForbidden", Message: "X-Amz-Optional-Object-Attributes is not allowed"}, true},
		{"forbidden, as an argument", s3mem.Fault{Status: 403, Code: "InvalidArgument"}, true},
		{"no method for it", s3mem.Fault{Status: 405, Code: "MethodNotAllowed"}, true},
		{"a value that does not validate", s3mem.Fault{Status: 400, Code: "ValidationError"}, true},
		{"the value of a parameter", s3mem.Fault{Status: 400, Code: "InvalidParameterValue"}, true},
		{"a header that is not supported", s3mem.Fault{Status: 400, Code: "UnsupportedHeaderException"}, true},
		{"a header that is not recognized", s3mem.Fault{Status: 400, Code: "UnrecognizedHeader"}, true},
		{"XML that is malformed", s3mem.Fault{Status: 400, Code: "MalformedXML"}, true},
		{"not implemented, by another code", s3mem.Fault{Status: 501, Code: "XNotImplemented"}, true},
		{"what cannot be processed", s3mem.Fault{Status: 422, Code: "UnprocessableEntity"}, true},
		{"header fields that are too large", s3mem.Fault{Status: 431, Code: "RequestHeaderFieldsTooLarge"}, true},
		{"any code", s3mem.Fault{Status: 400, Code: "Strange"}, true},
		{"a bad request in HTML", s3mem.Fault{Change: html(400)}, true},
		{"what cannot be processed, in HTML", s3mem.Fault{Change: html(422)}, true},
		{"header fields that are too large, in HTML", s3mem.Fault{Change: html(431)}, true},
		{"no method for it, in HTML", s3mem.Fault{Change: html(405)}, true},
		{"forbidden, in HTML", s3mem.Fault{Change: html(403)}, false},
		{"forbidden, with any code", s3mem.Fault{Status: 403, Code: "Strange"}, false},
		{"not found, with any code", s3mem.Fault{Status: 404, Code: "Strange"}, false},
		{"a bad request without a word", s3mem.Fault{Change: func(a *rewrite.Answer) { a.Status, a.Body = 400, nil }}, true},
		{"denied", s3mem.Fault{Status: 403}, false},
		{"denied, and names the header", s3mem.Fault{Status: 403, Code: "AccessDenied", Message: "x-amz-optional-object-attributes"}, false},
		{"a wrong signature", s3mem.Fault{Status: 403, Code: "SignatureDoesNotMatch"}, false},
		{"a token that has expired", s3mem.Fault{Status: 400, Code: "ExpiredToken"}, false},
		{"no such bucket", s3mem.Fault{Status: 404, Code: "NoSuchBucket"}, false},
		{"another Region", s3mem.Fault{Status: 301, Code: "PermanentRedirect"}, false},
		{"a signature that is malformed", s3mem.Fault{Status: 400, Code: "AuthorizationHeaderMalformed"}, false},
		{"a wrong clock", s3mem.Fault{Status: 400, Code: "RequestTimeTooSkewed"}, false},
		{"a token that is not valid", s3mem.Fault{Status: 400, Code: "InvalidToken", Message: "x-amz-optional-object-attributes"}, false},
		{"a token to be renewed", s3mem.Fault{Status: 400, Code: "TokenRefreshRequired"}, false},
		{"a key that is not known", s3mem.Fault{Status: 400, Code: "InvalidAccessKeyId"}, false},
		{"a Region's endpoint", s3mem.Fault{Status: 400, Code: "IllegalLocationConstraintException"}, false},
		{"the name of a bucket", s3mem.Fault{Status: 400, Code: "InvalidBucketName"}, false},
		{"a key of KMS", s3mem.Fault{Status: 400, Code: "KMS.DisabledException"}, false},
		{"a precondition", s3mem.Fault{Status: 412, Code: "PreconditionFailed"}, false},
	} {
		for _, wrapped := range []bool{false, true} {
			if !testutil.Long() && (wrapped != (i%4 == 0) || i%2 != 0) {
				continue // a quick run has every other row, with both in turn
			}
			t.Run(tt.name, func(t *testing.T) {
				s := newServer(t, 4)
				s.refuse(tt.fault, func(r s3mem.Request) bool { return r.Header.Get(optionalHeader) != "" })
				src := s.source(nil)
				if wrapped {
					src = s3source.New(ownLister{s.client}, "logs", nil)
				}
				with := func() (n, sent int) {
					for _, r := range s.requests("ListObjectsV2") {
						sent++
						if r.Header.Get(optionalHeader) != "" {
							n++
						}
					}
					return n, sent
				}
				if !tt.reads {
					_, err := all(t, src)
					if n, sent := with(); err == nil || n != 1 || sent != 1 {
						t.Errorf("error %v after %d requests, %d with the header, want one and one request", err, sent, n)
					}
					return
				}
				for range 2 {
					same(t, "objects", readAll(t, src), s.keys)
				}
				if n, sent := with(); n != 1 || sent != 7 { // twice three folders, and the one that was refused
					t.Errorf("%d of %d requests have the header, want the first alone of 7", n, sent)
				}
			})
		}
	}
}

// What passes, or is the client's own to try again, costs no request more than it tries.
func TestRefusedForATime(t *testing.T) {
	for _, status := range []int{400, 422, 501} {
		for _, code := range []string{"SlowDown", "RequestTimeout", "Throttling", "TooManyRequests", "InternalError"} {
			s := newServer(t, 2)
			s.client = s3.New(s.client.Options(), func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
			s.refuse(s3mem.Fault{Status: status, Code: code}, func(s3mem.Request) bool { return true })
			_, err := all(t, s.source(nil))
			if n := len(s.requests("ListObjectsV2")); err == nil || n != 1 {
				t.Errorf("%d %s: error %v after %d requests, want one and one request", status, code, err, n)
			}
		}
	}
}

// If the store refuses without the header as well, the first refusal is the error, and the
// header stays.
func TestRefusedAnyway(t *testing.T) {
	for name, tt := range map[string]struct {
		second   s3mem.Fault
		requests int // of each listing
	}{
		"the same":           {s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "second"}, 3},
		"any code":           {s3mem.Fault{Status: 422, Code: "Strange", Message: "second"}, 3},
		"names the header":   {s3mem.Fault{Status: 400, Code: "Strange", Message: "x-amz-optional-object-attributes"}, 3},
		"names the encoding": {s3mem.Fault{Status: 400, Code: "Strange", Message: "encoding-type"}, 3},
		"expired":            {s3mem.Fault{Status: 400, Code: "ExpiredToken", Message: "second"}, 2},
		"denied":             {s3mem.Fault{Status: 403, Message: "second"}, 2},
		"not a listing":      {s3mem.Fault{Change: func(a *rewrite.Answer) { a.Body = nil }}, 2},
		"another prefix": {s3mem.Fault{Change: func(a *rewrite.Answer) {
			a.Body = bytes.Replace(a.Body, []byte("<Prefix>p/</Prefix>"), []byte("<Prefix>other/</Prefix>"), 1)
		}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, 2)
			s.answer(func(r s3mem.Request) *s3mem.Fault {
				switch {
				case r.Op != "ListObjectsV2":
					return nil
				case r.Header.Get(optionalHeader) != "":
					return &s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "first"}
				}
				return &tt.second
			})
			src := s.source(nil)
			for range 2 {
				_, err := list(t, src, source.ListInput{Prefix: "p/"})
				var api smithy.APIError
				if !errors.As(err, &api) || api.ErrorMessage() != "first" {
					t.Errorf("error %v, want the first refusal", err)
				}
			}
			if n := len(s.requests("ListObjectsV2")); n != 2*tt.requests {
				t.Errorf("%d requests, want %d for each of two listings", n, tt.requests)
			}
		})
	}
}

// Many first listings at once.
func TestRefusedHeaderAtOnce(t *testing.T) {
	s := newServer(t, 3)
	s.refuse(s3mem.Fault{Status: 501, Code: "NotImplemented"}, func(r s3mem.Request) bool { return r.Header.Get(optionalHeader) != "" })
	src := s.source(nil)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			objs, err := all(t, src)
			if err != nil {
				t.Errorf("List error = %v", err)
			}
			same(t, "objects", keysOf(objs), s.keys)
		})
	}
	wg.Wait()
}

// A store may refuse the encoding of keys: they are then read as they stand.
func TestRefusedEncoding(t *testing.T) {
	for _, both := range []bool{false, true} {
		t.Run(fmt.Sprint(both), func(t *testing.T) {
			s := newServer(t, 3)
			s.Put("logs", "p/a%20b+c", []byte("p/a%20b+c"))
			encoded := func(r s3mem.Request) bool { return strings.Contains(r.Query().Get("encoding-type"), "url") }
			s.answer(func(r s3mem.Request) *s3mem.Fault {
				switch {
				case r.Op != "ListObjectsV2":
				case both && r.Header.Get(optionalHeader) != "":
					return &s3mem.Fault{Status: 501, Code: "NotImplemented"}
				case encoded(r):
					return &s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "Invalid Encoding Method specified in Request"}
				}
				return nil
			})
			src := s.source(nil)
			for range 2 {
				same(t, "keys", listKeys(t, src, source.ListInput{Prefix: "p/a"}), []string{"p/a%20b+c"})
				same(t, "objects", readAll(t, src), append([]string{"p/a%20b+c"}, s.keys...))
			}
			refused := slices.DeleteFunc(s.requests("ListObjectsV2"), func(r s3mem.Request) bool { return !encoded(r) })
			if len(refused) > 2 {
				t.Errorf("both %t: %d requests with the encoding, want one or two", both, len(refused))
			}
		})
	}
}

// A refusal of the encoding that does not name it is known by what is not refused. The
// requests that are refused are at most two, and what is learned is true of all listings.
func TestRefusedEncodingUnnamed(t *testing.T) {
	for _, fault := range []s3mem.Fault{
		{Status: 400, Code: "InvalidArgument"},
		{Status: 501, Code: "NotImplemented"},
		{Status: 422, Code: "Strange", Message: "a query parameter is not known"},
		{Status: 400, Code: "InvalidArgument", Message: "Invalid Encoding Method specified in Request"},
		{Change: func(a *rewrite.Answer) { a.Status, a.Body = 400, []byte("<html>") }},
	} {
		for _, both := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d %s %q both=%t", fault.Status, fault.Code, fault.Message, both), func(t *testing.T) {
				s := newServer(t, 4)
				odd := []string{"p/a%20b+c", "p/a%2Fb", "p/a&<é"}
				for _, key := range odd {
					s.Put("logs", key, []byte(key))
				}
				has := func(r s3mem.Request) (encoding, header bool) {
					return r.Query().Has("encoding-type"), r.Header.Get(optionalHeader) != ""
				}
				s.refuse(fault, func(r s3mem.Request) bool {
					encoding, header := has(r)
					return encoding || both && header
				})
				src := s.source(nil)
				for range 3 {
					same(t, "keys", listKeys(t, src, source.ListInput{Prefix: "p/a"}), odd)
					same(t, "objects", readAll(t, src), slices.Concat(odd, s.keys))
				}
				refused, headers := 0, 0
				for _, r := range s.requests("ListObjectsV2") {
					encoding, header := has(r)
					if encoding || both && header {
						refused++
					}
					if header {
						headers++
					}
				}
				if refused == 0 || refused > 2 {
					t.Errorf("%d requests were refused, want one or two", refused)
				}
				// A store that says what it refuses is asked for the rest.
				if named := strings.Contains(fault.Message, "Encoding"); named && !both && headers < 5 {
					t.Errorf("%d requests have the header, want all: it was not refused", headers)
				}
			})
		}
	}
}

// Without the restore status the listing does not tell what is archived; GetObject does.
func TestRefusedHeaderArchived(t *testing.T) {
	for _, class := range []string{"GLACIER", "DEEP_ARCHIVE"} {
		t.Run(class, func(t *testing.T) {
			s := newServer(t, 3)
			s.SetStorageClass("logs", s.keys[0], class, false)
			s.SetStorageClass("logs", s.keys[1], class, true)
			s.refuse(s3mem.Fault{Status: 400, Code: "InvalidRequest"}, func(r s3mem.Request) bool { return r.Header.Get(optionalHeader) != "" })
			src := s.source(nil)
			objs, err := all(t, src)
			if err != nil || len(objs) != 3 {
				t.Fatalf("List = %v, %v, want 3 objects", objs, err)
			}
			for i, o := range objs {
				_, err := read(t.Context(), src, o, 0)
				if o.Archived || errors.Is(err, source.ErrArchived) != (i == 0) || (err == nil) != (i > 0) {
					t.Errorf("Open(%+v) error = %v, want %v for the first object alone", o, err, source.ErrArchived)
				}
			}
		})
	}
}

// What a user has asked for is no option: it is not left out.
func TestRefusedHeadersOfTheUser(t *testing.T) {
	s := newServer(t, 2)
	s.refuse(s3mem.Fault{Status: 400, Code: "InvalidRequest"}, func(r s3mem.Request) bool { return r.Header.Get("X-Amz-Request-Payer") != "" })
	objs, err := all(t, s.source(&s3source.Options{RequesterPays: true, ExpectedBucketOwner: s3test.Owner}))
	if err == nil || len(objs) > 0 {
		t.Errorf("List = %v, %v, want only an error", objs, err)
	}
	for _, list := range s.requests("ListObjectsV2") {
		if list.Header.Get("X-Amz-Request-Payer") == "" || list.Header.Get("X-Amz-Expected-Bucket-Owner") == "" {
			t.Errorf("a request without what the options say: %v", list.Header)
		}
	}
}
