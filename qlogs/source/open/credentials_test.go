package open_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/source/open"
)

// profiles have the keys of one caller each.
const profiles = `
[default]
aws_access_key_id = DEFAULT
aws_secret_access_key = ` + secret + `
region = eu-central-1
[profile ana]
aws_access_key_id = ANA
aws_secret_access_key = ` + secret + `
[profile auditor]
role_arn = ` + reader + `
source_profile = ana
external_id = ` + externalID + `
[profile lost]
role_arn = ` + reader + `
source_profile = nowhere
[profile device]
role_arn = ` + reader + `
source_profile = ana
mfa_serial = arn:aws:iam::444455556666:mfa/ana
[profile empty]
region = eu-west-1
[profile signed-out]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = reader
[profile signed-out-of-session]
sso_session = team
sso_account_id = 111122223333
sso_role_name = reader
[sso-session team]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
`

const (
	reader     = "arn:aws:iam::111122223333:role/path/reader"
	externalID = canary + "-external-id"
)

// The first credentials of the chain are used.
func TestCredentials(t *testing.T) {
	for _, tt := range []struct {
		name    string
		env     []string
		profile string
		signer  string
	}{
		{"the default profile", nil, "", "DEFAULT"},
		{"a profile of the environment", []string{"AWS_PROFILE=ana"}, "", "ANA"},
		{"a profile", nil, "ana", "ANA"},
		{"a profile before that of the environment", []string{"AWS_PROFILE=default"}, "ana", "ANA"},
		{"keys of the environment", keys("KEY"), "", "KEY"},
		{"keys before a profile of the environment", append(keys("KEY"), "AWS_PROFILE=ana"), "", "KEY"},
		{"a profile before keys of the environment", keys("KEY"), "ana", "ANA"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, profiles, tt.env...)
			s := newStore(t)
			checkReads(t, "s3://my-bucket", &open.Options{Profile: tt.profile, Endpoint: s.url, PathStyle: true}, "")
			for _, r := range s.requests() {
				if !strings.HasSuffix(r, " as "+tt.signer) {
					t.Errorf("request %q, want it as %s", r, tt.signer)
				}
			}
		})
	}
}

func TestRole(t *testing.T) {
	for _, tt := range []struct {
		name    string
		opts    open.Options
		caller  string
		id      string // that the role asks for
		session string
	}{
		{"a role", open.Options{RoleARN: reader}, "KEY", "", "KEY as qlogs for 3600 s"},
		{"a role with an external id", open.Options{RoleARN: reader, ExternalID: externalID}, "KEY", externalID, "KEY as qlogs for 3600 s"},
		{"a profile's keys and a role", open.Options{Profile: "ana", RoleARN: reader, ExternalID: externalID}, "ANA", externalID, "ANA as qlogs for 3600 s"},
		{"a profile's role", open.Options{Profile: "auditor"}, "ANA", externalID, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sts := newTokenService(t, tt.caller, reader, tt.id)
			environment(t, profiles, append(keys("KEY"), "AWS_ENDPOINT_URL_STS="+sts.url)...)
			s := newStore(t)
			tt.opts.Endpoint, tt.opts.PathStyle = s.url, true
			checkReads(t, "s3://my-bucket", &tt.opts, "")
			checkList(t, "requests", s.requests(), "HeadBucket endpoint as SESSION1", "ListObjectsV2 endpoint as SESSION1", "GetObject endpoint as SESSION1")
			got := sts.requests()
			if len(got) != 1 || tt.session != "" && got[0] != tt.session {
				t.Errorf("requests for sessions %q, want one: %q", got, tt.session)
			}
			if token := s.last.Get("X-Amz-Security-Token"); token != secret {
				t.Errorf("session token %q, want %q", token, secret)
			}
		})
	}
}

// A session is renewed before it ends. If that fails, the scan says what it is.
func TestRoleIsRenewed(t *testing.T) {
	sts := newTokenService(t, "KEY", reader, "")
	environment(t, "", append(keys("KEY"), "AWS_ENDPOINT_URL_STS="+sts.url)...)
	s := newStore(t)
	opts := &open.Options{RoleARN: reader, Endpoint: s.url, PathStyle: true, Region: home}
	sts.lasts = 4 * time.Minute
	checkReads(t, "s3://my-bucket", opts, "")
	checkList(t, "requests", s.requests(), "ListObjectsV2 endpoint as SESSION2", "GetObject endpoint as SESSION2")

	sts.lasts = 4 * time.Minute
	src, _, err := open.URI(t.Context(), "s3://my-bucket", opts)
	if err != nil {
		t.Fatal(err)
	}
	*opts = open.Options{} // the source has its own
	sts.refuse("AccessDenied")
	_, err = read(t.Context(), src, "")
	checkSays(t, err, "the role "+reader+" cannot be assumed: its trust policy has to name the caller")
}

func TestRoleIsDenied(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts open.Options
		code string
		says []string
	}{
		{"no external id", open.Options{RoleARN: reader}, "", []string{"the role " + reader + " cannot be assumed", "trust policy has to name the caller; if it asks for an external id, set open.Options.ExternalID", "has to allow sts:AssumeRole", "user/caller is not authorized"}},
		{"another external id", open.Options{RoleARN: reader, ExternalID: canary}, "", []string{"the role " + reader, "trust policy has to name the caller, with the external id of open.Options.ExternalID as its sts:ExternalId"}},
		{"old keys", open.Options{RoleARN: reader, ExternalID: externalID}, "ExpiredToken", []string{"the role " + reader, "the credentials that assume it are not valid: renew them"}},
		{"unknown keys", open.Options{RoleARN: reader, ExternalID: externalID}, "InvalidClientTokenId", []string{"are not valid: renew them"}},
		{"the role of a profile", open.Options{Profile: "auditor"}, "", []string{`the profile "auditor" gives no AWS credentials`, "its trust policy has to name the caller, with the external_id of the profile", reader}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sts := newTokenService(t, "KEY", reader, externalID)
			sts.refuse(tt.code)
			environment(t, profiles, append(keys("KEY"), "AWS_ENDPOINT_URL_STS="+sts.url)...)
			err := checkFails(t, "s3://my-bucket", &tt.opts, tt.says...)
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%v is not fs.ErrPermission", err)
			}
			if n := len(sts.requests()); n != 1 {
				t.Errorf("%d requests for a session, want 1", n)
			}
		})
	}
}

// What is no denial says nothing of policies.
func TestRoleService(t *testing.T) {
	sts := newTokenService(t, "KEY", reader, "")
	sts.refuse("RegionDisabledException")
	environment(t, profiles, append(keys("KEY"), "AWS_ENDPOINT_URL_STS="+sts.url)...)
	for says, opts := range map[string]open.Options{
		"the role " + reader + " cannot be assumed: ":                                                 {RoleARN: reader},
		`the profile "auditor" gives no AWS credentials: the role ` + reader + " cannot be assumed: ": {Profile: "auditor"},
	} {
		err := checkFails(t, "s3://my-bucket", &opts, says, "RegionDisabledException")
		if strings.Contains(err.Error(), "trust policy") || errors.Is(err, fs.ErrPermission) {
			t.Errorf("%v, which is no denial", err)
		}
	}
}

// What a program of credential_process prints is secret, also where it is not valid.
func TestCredentialProcess(t *testing.T) {
	const good = `{"Version": 1, "AccessKeyId": "PROGRAM", "SecretAccessKey": "` + secret + `"}`
	if runtime.GOOS == "windows" {
		t.Skip("its shell takes other quotes")
	}
	for _, tt := range []struct{ name, prints, exit string }{
		{"good", good, ""},
		{"cut", good[:len(good)-1], ""},
		{"text", secret, ""},
		{"failed", secret, "3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, fmt.Sprintf("[profile program]\ncredential_process = %q\n", os.Args[0]), "QLOGS_TEST_PRINT="+tt.prints, "QLOGS_TEST_EXIT="+tt.exit)
			s := newStore(t)
			opts := &open.Options{Profile: "program", Endpoint: s.url, PathStyle: true}
			if tt.prints == good {
				checkReads(t, "s3://my-bucket", opts, "")
				return
			}
			err := checkFails(t, "s3://my-bucket", opts, "the program of credential_process failed, or what it printed is not valid: run its command")
			if tt.exit != "" && !strings.Contains(err.Error(), "exit status "+tt.exit) {
				t.Errorf("%v, want its exit status", err)
			}
		})
	}
}

// TestMain prints what it is told to, in the place of a program that has credentials.
func TestMain(m *testing.M) {
	if text := os.Getenv("QLOGS_TEST_PRINT"); text != "" {
		fmt.Print(text)
		os.Exit(slices.Index([]string{"", "1", "2", "3"}, os.Getenv("QLOGS_TEST_EXIT")))
	}
	os.Exit(m.Run())
}
