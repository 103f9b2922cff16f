package qlogs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/wrong"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

const wrongRegion = "X-Amz-Bucket-Region"

// wrongNamed answers with a status, and with a Region unless that is empty.
func wrongNamed(status int, region string) func(*rewrite.Answer) {
	if region == "" {
		return wrong.All(wrong.Status(status), wrong.Header(wrongRegion))
	}
	return wrong.All(wrong.Status(status), wrong.Header(wrongRegion, region))
}

// wrongHeads are answers to HEAD of a bucket that are well formed, and wrong or unusual.
var wrongHeads = []struct {
	name   string
	change func(*rewrite.Answer)
	region string // empty is an error
	class  error  // of it, if it is of one
	says   string
}{
	{"200 without a Region", wrongNamed(200, ""), "", nil, "the store does not name it"},
	{"200 with an empty Region", wrong.Header(wrongRegion, ""), "", nil, "the store does not name it"},
	{"200 and HTML", wrong.All(wrongNamed(200, ""), wrong.Body(wrong.HTML), wrong.Header("Content-Type", "text/html")), "", nil, "look at what answers at the client's endpoint"},
	{"200 and HTML, with a Region", wrong.All(wrongNamed(200, "eu-west-1"), wrong.Body(wrong.HTML), wrong.Header("Content-Type", "text/html")), "eu-west-1", nil, ""},
	{"200 and a length without a body", wrong.All(wrongNamed(200, "eu-west-1"), wrong.Header("Content-Length", "999")), "eu-west-1", nil, ""},
	{"202 without a Region", wrongNamed(202, ""), "", nil, "the store does not name it"},
	{"203 without a Region, as from a proxy", wrongNamed(203, ""), "", nil, "the store does not name it"},
	{"204 without a Region", wrong.All(wrongNamed(204, ""), wrong.Header("Content-Length")), "", nil, "the store does not name it"},
	{"204 with a Region", wrong.All(wrongNamed(204, "eu-west-1"), wrong.Header("Content-Length")), "eu-west-1", nil, ""},

	{"another Region", wrongNamed(200, "eu-west-1"), "eu-west-1", nil, ""},
	{"a Region that nobody knows", wrongNamed(200, "mars-north-7"), "mars-north-7", nil, ""},
	{"the Region of another store", wrongNamed(200, "RegionOne"), "RegionOne", nil, ""},
	{"a Region in upper case", wrongNamed(200, "US-EAST-1"), "US-EAST-1", nil, ""},
	{"a Region between spaces", wrongNamed(200, "  eu-west-1 "), "eu-west-1", nil, ""},
	{"two Regions", wrong.Header(wrongRegion, "eu-west-1", "us-east-1"), "eu-west-1", nil, ""},
	{"two Regions that a proxy has joined", wrongNamed(200, "eu-west-1, us-east-1"), "", nil, `says "eu-west-1, us-east-1", which is no Region`},
	{"a Region with a space", wrongNamed(200, "US East (N. Virginia)"), "", nil, `says "US East (N. Virginia)", which is no Region`},
	{"HTML for a Region", wrongNamed(200, "<html>"), "", nil, `says "<html>", which is no Region`},
	{"JSON for a Region", wrongNamed(200, `{"region":"us-east-1"}`), "", nil, "which is no Region: look at what answers at the S3 client's endpoint"},
	{"a URL for a Region", wrongNamed(200, "https://s3.eu-west-1.amazonaws.com/"), "", nil, "which is no Region"},
	{"an ARN for a Region", wrongNamed(200, "arn:aws:s3:::logs"), "", nil, "which is no Region"},
	{"a star for a Region", wrongNamed(200, "*"), "", nil, `says "*", which is no Region`},
	{"a Region without end", wrongNamed(200, strings.Repeat("us-east-1", 1000)), "", nil, `says "us-east-1us-east-1us-east-1us-east-1us-e", which is no Region`},
	{"404 and HTML for a Region", wrongNamed(404, "<html>"), "", fs.ErrNotExist, "StatusCode: 404"},

	{"301 with a Region", wrongNamed(301, "eu-west-1"), "eu-west-1", nil, ""},
	{"301 without a Region", wrongNamed(301, ""), "", nil, "the bucket is in another Region or at another endpoint, and the answer does not say which"},
	{"302 without a Region", wrongNamed(302, ""), "", nil, "the answer does not say which"},
	{"304", wrongNamed(304, ""), "", nil, "StatusCode: 304"},
	{"307 with a Region", wrongNamed(307, "eu-west-1"), "eu-west-1", nil, ""},
	{"307 without a Region", wrongNamed(307, ""), "", nil, "the answer does not say which"},
	{"308 without a Region", wrongNamed(308, ""), "", nil, "the answer does not say which"},

	{"400 with a Region, as for a signature of another", wrongNamed(400, "eu-west-1"), "eu-west-1", nil, ""},
	{"400 without a Region", wrongNamed(400, ""), "", nil, "StatusCode: 400"},
	{"400 and no Region but words", wrongNamed(400, "not a region"), "", nil, `says "not a region", which is no Region`},
	{"401 without a Region", wrongNamed(401, ""), "", nil, "StatusCode: 401"},
	{"403 with a Region, as for the bucket of another owner", wrongNamed(403, "eu-west-1"), "eu-west-1", nil, ""},
	{"403 without a Region", wrongNamed(403, ""), "", fs.ErrPermission, "the answer names no Region"},
	{"403 and HTML", wrong.All(wrongNamed(403, ""), wrong.Body(wrong.HTML), wrong.Header("Content-Type", "text/html")), "", fs.ErrPermission, "the answer names no Region"},
	{"404 without a Region", wrongNamed(404, ""), "", fs.ErrNotExist, "StatusCode: 404"},
	{"404 with a Region", wrongNamed(404, "eu-west-1"), "", fs.ErrNotExist, "StatusCode: 404"},
	{"404 and HTML", wrong.All(wrongNamed(404, ""), wrong.Body(wrong.HTML)), "", fs.ErrNotExist, "StatusCode: 404"},
	{"405", wrongNamed(405, ""), "", nil, "MethodNotAllowed"},
	{"407, of a proxy", wrongNamed(407, ""), "", nil, "StatusCode: 407"},
	{"410", wrongNamed(410, ""), "", nil, "StatusCode: 410"},
	{"429", wrongNamed(429, ""), "", nil, "StatusCode: 429"},
	{"500", wrongNamed(500, ""), "", nil, "StatusCode: 500"},
	{"501", wrongNamed(501, ""), "", nil, "NotImplemented"},
	{"503 without a Region", wrongNamed(503, ""), "", nil, "StatusCode: 503"},
	{"503 with a Region", wrongNamed(503, "eu-west-1"), "eu-west-1", nil, ""},
}

func TestWrongHeadAnswers(t *testing.T)       { wrongHeadAnswers(t, newWrongMem(t)) }
func TestRealS3WrongHeadAnswers(t *testing.T) { wrongHeadAnswers(t, newWrongReal(t)) }

// What answers HEAD wrongly is an error that says so, or names a Region. A scan in that
// Region has all records or an error.
func wrongHeadAnswers(t *testing.T, s *wrongStore) {
	spoil := func(change func(*rewrite.Answer)) (asked *int) {
		asked = new(int)
		s.spoil(func(r wrongRequest) wrongFault {
			if r.op != "HeadBucket" {
				return wrongFault{}
			}
			*asked++
			return wrongFault{change: change}
		})
		return asked
	}
	for _, tt := range wrongHeads {
		t.Run(tt.name, func(t *testing.T) {
			asked := spoil(wrongChecked(t, tt.change))
			region, err := s3source.BucketRegion(t.Context(), s.sdk, "logs")
			if *asked == 0 {
				t.Error("nobody asked")
			}
			if tt.region != "" {
				if err != nil || region != tt.region {
					t.Fatalf("BucketRegion = %q, %v, want %q", region, err, tt.region)
				}
				there := s3.New(s.sdk.Options(), func(o *s3.Options) { o.Region = region })
				if r := confRead(t.Context(), s3source.New(there, "logs", nil), qlogs.Query{}, 0); len(r.ids) != 6 && len(r.errs) == 0 {
					t.Errorf("a scan in Region %q has %d records and no error", region, len(r.ids))
				}
				return
			}
			wrongHeadError(t, region, err, tt.class, tt.says)
		})
	}
	t.Run("a redirect to a page to sign in", func(t *testing.T) {
		login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, wrong.HTML) }))
		defer login.Close()
		// The SDK's own HTTP client follows these two alone.
		for _, status := range []int{307, 308} {
			spoil(wrongChecked(t, wrong.All(wrongNamed(status, ""), wrong.Header("Location", login.URL))))
			region, err := s3source.BucketRegion(t.Context(), s.sdk, "logs")
			wrongHeadError(t, region, err, nil, "look at what answers at the client's endpoint")
		}
	})
}

func wrongHeadError(t *testing.T, region string, err, class error, says string) {
	t.Helper()
	if err == nil || region != "" || !strings.HasPrefix(err.Error(), `s3source: look up the region of bucket "logs": `) || !strings.Contains(err.Error(), says) {
		t.Fatalf("BucketRegion = %q, %v, want an error that says %q", region, err, says)
	}
	for _, c := range []error{fs.ErrNotExist, fs.ErrPermission} {
		if errors.Is(err, c) != (class == c) {
			t.Errorf("BucketRegion error %v is %v: %t", err, c, errors.Is(err, c))
		}
	}
	if strings.Contains(err.Error(), "Welcome") {
		t.Errorf("BucketRegion error %v shows the answer", err)
	}
}
