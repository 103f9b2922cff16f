package open_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/open"
)

// A bucket is read in its own Region, whatever the configuration says.
func TestRegionIsLookedUp(t *testing.T) {
	for _, tt := range []struct{ name, configured, first string }{
		{"none is configured", "", "us-east-1"},
		{"another is configured", "eu-central-1", "eu-central-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, "", append(keys("CALLER"), "AWS_REGION="+tt.configured)...)
			s := newStore(t)
			s.fail("HeadBucket", s3mem.Fault{Status: 301, Header: http.Header{"X-Amz-Bucket-Region": {"ap-southeast-2"}}})
			checkReads(t, "s3://my-bucket/prompt-logs", &open.Options{LoadOptions: s.aws()}, prefix)
			checkList(t, "requests", s.requests(),
				"HeadBucket my-bucket.s3."+tt.first+".amazonaws.com as CALLER",
				"ListObjectsV2 my-bucket.s3.ap-southeast-2.amazonaws.com as CALLER",
				"GetObject my-bucket.s3.ap-southeast-2.amazonaws.com as CALLER",
			)
			if n := s.Requests()["HeadBucket"]; n != 1 {
				t.Errorf("%d HeadBucket requests, want 1", n)
			}
		})
	}
}

// S3 names the Region where it denies the request, too.
func TestRegionIsLookedUpWithoutPermission(t *testing.T) {
	environment(t, "", keys("CALLER")...)
	s := newStore(t)
	s.fail("HeadBucket", s3mem.Fault{Status: 403, Header: http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}})
	checkReads(t, "s3://my-bucket", &open.Options{LoadOptions: s.aws()}, "")
}

func TestRegionIsGiven(t *testing.T) {
	environment(t, "", append(keys("CALLER"), "AWS_REGION=eu-central-1")...)
	s := newStore(t)
	checkReads(t, "s3://my-bucket", &open.Options{Region: "eu-west-1", LoadOptions: s.aws()}, "")
	checkList(t, "requests", s.requests(),
		"ListObjectsV2 my-bucket.s3.eu-west-1.amazonaws.com as CALLER",
		"GetObject my-bucket.s3.eu-west-1.amazonaws.com as CALLER",
	)
}

// The ARN of an access point has its Region in it, so that nobody is asked.
func TestRegionOfAnAccessPoint(t *testing.T) {
	for bucket, want := range map[string]string{
		"arn:aws:s3:eu-west-1:111122223333:accesspoint/reader":          "GET reader-111122223333.s3-accesspoint.eu-west-1.amazonaws.com",
		"arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap":       "GET mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com", // of several Regions
		"reader-a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8suse1b-s3alias":     "HEAD reader-a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8suse1b-s3alias.s3.eu-central-1.amazonaws.com",
		"arn:aws:s3:eu-west-1:111122223333:accesspoint:reader-by-colon": "GET reader-by-colon-111122223333.s3-accesspoint.eu-west-1.amazonaws.com",
	} {
		environment(t, "", append(keys("CALLER"), "AWS_REGION=eu-central-1")...)
		var got []string
		asked := roundTripper(func(r *http.Request) (*http.Response, error) {
			got = append(got, r.Method+" "+r.URL.Host)
			return nil, io.ErrUnexpectedEOF
		})
		src, prefix, err := open.URI(t.Context(), "s3://"+bucket+"/prompt-logs", &open.Options{
			LoadOptions: []func(*config.LoadOptions) error{config.WithHTTPClient(&http.Client{Transport: asked})},
		})
		if err == nil {
			if prefix != "prompt-logs" {
				t.Errorf("%s: prefix %q, want prompt-logs", bucket, prefix)
			}
			for range src.List(t.Context(), source.ListInput{}) {
			}
		}
		if len(got) == 0 || got[0] != want {
			t.Errorf("%s: requests %q, want the first to be %s", bucket, got, want)
		}
	}
}

func TestRegionIsNotSaid(t *testing.T) {
	environment(t, "", keys("CALLER")...)
	s := newStore(t)
	s.fail("HeadBucket", s3mem.Fault{Status: 403})
	err := checkFails(t, "s3://my-bucket", &open.Options{LoadOptions: s.aws()}, `the Region of bucket "my-bucket" is not known: set open.Options.Region to it`)
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v is not fs.ErrPermission", err)
	}
}

// Without a Region in the configuration, a role is assumed in its own partition of AWS.
func TestRegionOfARole(t *testing.T) {
	const (
		name    = ":iam::111122223333:role/reader"
		profile = "[profile p]\nsource_profile = q\nrole_arn = arn:aws-us-gov" + name + "\n[profile q]\naws_access_key_id = Q\naws_secret_access_key = " + secret + "\n"
	)
	for _, tt := range []struct {
		name, uri string
		env       []string
		opts      open.Options
		host      string
	}{
		{"AWS", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws" + name}, "sts.us-east-1.amazonaws.com"},
		{"China", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-cn" + name}, "sts.cn-north-1.amazonaws.com.cn"},
		{"GovCloud", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-us-gov" + name}, "sts.us-gov-west-1.amazonaws.com"},
		{"European Sovereign Cloud", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-eusc" + name}, "sts.eusc-de-east-1.amazonaws.eu"},
		{"ISO", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-iso" + name}, "sts.us-iso-east-1.c2s.ic.gov"},
		{"ISO B", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-iso-b" + name}, "sts.us-isob-east-1.sc2s.sgov.gov"},
		{"ISO E", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-iso-e" + name}, "sts.eu-isoe-west-1.cloud.adc-e.uk"},
		{"ISO F", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-iso-f" + name}, "sts.us-isof-south-1.csp.hci.ic.gov"},
		{"the role of a profile", "s3://my-bucket", nil, open.Options{Profile: "p"}, "sts.us-gov-west-1.amazonaws.com"},
		{"a profile that is not asked", "s3://my-bucket", []string{"AWS_PROFILE=p"}, open.Options{RoleARN: "arn:aws" + name}, "sts.us-east-1.amazonaws.com"},
		{"the Region of the bucket", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-cn" + name, Region: "cn-northwest-1"}, "sts.cn-northwest-1.amazonaws.com.cn"},
		{"a Region of a store", "s3://my-bucket", nil, open.Options{RoleARN: "arn:aws-cn" + name, Region: "RegionOne"}, "sts.cn-north-1.amazonaws.com.cn"},
		{"an access point", "s3://arn:aws-cn:s3:cn-northwest-1:111122223333:accesspoint/reader", nil, open.Options{RoleARN: "arn:aws-cn" + name}, "sts.cn-north-1.amazonaws.com.cn"},
		{"configured", "s3://my-bucket", []string{"AWS_REGION=cn-northwest-1"}, open.Options{RoleARN: "arn:aws-cn" + name}, "sts.cn-northwest-1.amazonaws.com.cn"},
		{"an unknown partition, configured", "s3://my-bucket", []string{"AWS_REGION=moon-1"}, open.Options{RoleARN: "arn:aws-moon" + name}, "sts.moon-1.amazonaws.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, profile, append(keys("CALLER"), tt.env...)...)
			var got []string
			tt.opts.LoadOptions = asks(&got)
			checkFails(t, tt.uri, &tt.opts, "cannot be assumed: STS cannot be reached: check the network, a proxy, that there is a Region ")
			if len(got) == 0 || got[0] != "POST "+tt.host {
				t.Errorf("requests %q, want the first to %s", got, tt.host)
			}
		})
	}
	environment(t, profile, keys("CALLER")...)
	var got []string
	checkFails(t, "s3://my-bucket", &open.Options{RoleARN: "arn:aws-moon" + name, LoadOptions: asks(&got)}, `the partition "aws-moon" of AWS`, "set AWS_REGION, or region in the profile")
	if len(got) > 0 {
		t.Errorf("requests %q, want none", got)
	}
}

// An access point's Region, or its partition, is where the configuration names none.
func TestRegionOfAnAccessPointAlone(t *testing.T) {
	for _, tt := range []struct{ arn, want string }{
		{"arn:aws-cn:s3:cn-northwest-1:111122223333:accesspoint/reader", "GET reader-111122223333.s3-accesspoint.cn-northwest-1.amazonaws.com.cn"},
		{"arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap", "GET mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com"},
	} {
		environment(t, "", keys("CALLER")...)
		var got []string
		src, _, err := open.URI(t.Context(), "s3://"+tt.arn, &open.Options{LoadOptions: asks(&got)})
		if err != nil {
			t.Errorf("%s: %v", tt.arn, err)
			continue
		}
		for range src.List(t.Context(), source.ListInput{}) {
		}
		if len(got) == 0 || got[0] != tt.want {
			t.Errorf("%s: requests %q, want the first to be %s", tt.arn, got, tt.want)
		}
	}
}

// asks is a client that nobody answers, and that keeps what it asks.
func asks(requests *[]string) []func(*config.LoadOptions) error {
	client := roundTripper(func(r *http.Request) (*http.Response, error) {
		*requests = append(*requests, r.Method+" "+r.URL.Host)
		return nil, io.ErrUnexpectedEOF
	})
	return []func(*config.LoadOptions) error{config.WithHTTPClient(&http.Client{Transport: client})}
}

// What is no Region is said before anything is sent, and by the name of its setting.
func TestNoRegion(t *testing.T) {
	const is = " is not the name of a Region: write one such as eu-central-1"
	for _, tt := range []struct {
		name, configuration string
		env                 []string
		opts                open.Options
		says                string
	}{
		{"in the environment", "", []string{"AWS_REGION=" + canary + " region"}, open.Options{}, "AWS_REGION" + is},
		{"in the environment, by another name", "", []string{"AWS_DEFAULT_REGION=eu west"}, open.Options{}, "AWS_DEFAULT_REGION" + is},
		{"in a profile", "[profile p]\nregion = not a region\n", []string{"AWS_PROFILE=p"}, open.Options{}, `the region of the profile "p"` + is},
		{"in the default profile", "[default]\nregion = eu/west\n", nil, open.Options{}, `the region of the profile "default"` + is},
		{"in load options", "", []string{"AWS_REGION=eu-west-1"}, open.Options{LoadOptions: []func(*config.LoadOptions) error{config.WithRegion("eu west")}}, "what open.Options.LoadOptions sets as the Region" + is},
		{"of a sign-in", "[profile p]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us east\nsso_account_id = 1\nsso_role_name = r\n", nil, open.Options{Profile: "p"}, `the sso_region of the profile "p", or of its sso_session,` + is},
		{"of a session", "[profile p]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us east\n", nil, open.Options{Profile: "p"}, `the sso_region of the profile "p", or of its sso_session,` + is},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, tt.configuration, append(keys("CALLER"), tt.env...)...)
			s := newStore(t)
			tt.opts.Endpoint, tt.opts.PathStyle = s.url, true
			checkFails(t, "s3://my-bucket", &tt.opts, tt.says)
			if r := s.requests(); len(r) > 0 {
				t.Errorf("requests %q, want none", r)
			}
		})
	}
}

// Where nothing is sent, the network is not to blame.
func TestNoRequest(t *testing.T) {
	environment(t, "", append(keys("CALLER"), "AWS_USE_FIPS_ENDPOINT=true")...)
	s := newStore(t)
	checkFails(t, "s3://my-bucket", &open.Options{Endpoint: s.url}, `no request for bucket "my-bucket" can be made: check open.Options and the AWS configuration`, "FIPS")
	if r := s.requests(); len(r) > 0 {
		t.Errorf("requests %q, want none", r)
	}
}
