package open_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/source/open"
)

func TestNoCredentials(t *testing.T) {
	const none = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	for _, tt := range []struct {
		name string
		env  []string
		opts open.Options
		says []string
	}{
		{"nothing at all", nil, open.Options{}, []string{"no AWS credentials: sign in (aws sso login)", "set open.Options.Profile or AWS_PROFILE", none, "give the machine a role"}},
		{"an id alone", []string{"AWS_ACCESS_KEY_ID=KEY"}, open.Options{}, []string{"no AWS credentials: AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: set both"}},
		{"a secret alone", []string{"AWS_SECRET_ACCESS_KEY=" + secret}, open.Options{}, []string{"no AWS credentials: AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID: set both"}},
		{"none to assume a role with", nil, open.Options{RoleARN: reader}, []string{none}},
		{"a profile without any", nil, open.Options{Profile: "empty"}, []string{`the profile "empty" gives no AWS credentials: sign in (aws sso login --profile empty), or give the profile keys or a role`}},
		{"signed out", nil, open.Options{Profile: "signed-out"}, []string{`the profile "signed-out" gives no AWS credentials: sign in again (aws sso login --profile signed-out)`}},
		{"signed out of a session", []string{"AWS_PROFILE=signed-out-of-session"}, open.Options{}, []string{`the profile "signed-out-of-session" gives no AWS credentials: sign in again (aws sso login --profile signed-out-of-session)`}},
		{"signed out, and a role", nil, open.Options{Profile: "signed-out", RoleARN: reader}, []string{"sign in again (aws sso login --profile signed-out)"}},
		{"no such profile", nil, open.Options{Profile: "anna"}, []string{`there is no profile "anna"`, "aws configure list-profiles", "AWS_CONFIG_FILE"}},
		{"no such profile in the environment", []string{"AWS_PROFILE=anna"}, open.Options{}, []string{`there is no profile "anna"`, "set open.Options.Profile or AWS_PROFILE"}},
		{"a device", nil, open.Options{Profile: "device"}, []string{"the code of an MFA device", "config.WithAssumeRoleCredentialOptions"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, strings.Replace(profiles, "[default]", "[profile other]", 1), tt.env...)
			s := newStore(t)
			tt.opts.Endpoint = s.url
			err := checkFails(t, "s3://my-bucket", &tt.opts, tt.says...)
			if strings.Contains(err.Error(), "cannot be assumed") || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v, which is about something else", err)
			}
			if r := s.requests(); len(r) > 0 {
				t.Errorf("requests %q, want none", r)
			}
		})
	}
}

// Where a profile's role has nothing to be assumed with, the error says what is missing, and
// nothing of trust.
func TestNoCredentialsForARole(t *testing.T) {
	const (
		of      = "role_arn = arn:aws:iam::111122223333:role/"
		nothing = "no AWS credentials to assume the role arn:aws:iam::111122223333:role/"
		gives   = `the profile "p" gives ` + nothing
		p       = "[profile p]\n" + of + "p\n"
		half    = "aws_access_key_id = " + canary + "\n"
	)
	for _, tt := range []struct {
		name, configuration string
		env                 []string
		says                []string
	}{
		{"a source without keys", p + "source_profile = q\n[profile q]\nregion = eu-west-1\n", nil, []string{nothing + `p with: its source_profile "q" has none: give that profile keys, a sign-in or a role`}},
		{"no such source", p + "source_profile = gone\n", nil, []string{nothing + `p with: its source_profile "gone" is not in the shared configuration files: add that profile, or correct source_profile`}},
		{"no such source of the source", p + "source_profile = q\n[profile q]\n" + of + "q\nsource_profile = gone\n", nil, []string{nothing + `q with: its source_profile "gone" is not in`}},
		{"itself", p + "source_profile = p\n", nil, []string{nothing + `p with: source_profile leads from the profile "p" back to it: give one of these profiles keys`}},
		{"a circle", p + "source_profile = q\n[profile q]\n" + of + "q\nsource_profile = p\n", nil, []string{nothing + `q with: source_profile leads from the profile "p" back to it`}},
		{"a circle further on", p + "source_profile = q\n[profile q]\n" + of + "q\nsource_profile = r\n[profile r]\n" + of + "r\nsource_profile = q\n", nil, []string{nothing + `r with: source_profile leads from the profile "q" back to it`}},
		{"no source", p, nil, []string{gives + "p with: add source_profile or credential_source to the profile, or give the machine a role"}},
		{"no source of the source", p + "source_profile = q\n[profile q]\n" + of + "q\ncredential_source = Ec2InstanceMetadata\n", nil, []string{`the profile "q" gives ` + nothing + "q with: credential_source = Ec2InstanceMetadata gives none: run on a machine that has a role"}},
		{"an empty environment", p + "credential_source = Environment\n", nil, []string{gives + "p with: credential_source = Environment needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: set both"}},
		{"half an environment", p + "credential_source = Environment\n", []string{"AWS_SECRET_ACCESS_KEY=" + secret}, []string{gives + "p with: AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID: set both"}},
		{"no container", p + "credential_source = EcsContainer\n", nil, []string{"the AWS configuration is not valid: correct it", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"}},
		{"no such kind of source", p + "credential_source = Nonsense\n", nil, []string{"the AWS configuration is not valid: correct it", "credential_source values must be"}},
		{"signed out", p + "source_profile = q\n[profile q]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n", nil, []string{`the profile "q" gives ` + nothing + "p with: sign in again (aws sso login --profile q)"}},
		{"half a key pair in the source", p + "source_profile = q\n[profile q]\n" + half, nil, []string{`the profile "q" has half a key pair: give it both aws_access_key_id and aws_secret_access_key`}},
		{"no token", p + "web_identity_token_file = missing\n", nil, []string{`the profile "p" gives no AWS credentials: the web identity token cannot be read: correct AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, tt.configuration, tt.env...)
			s := newStore(t)
			for _, opts := range []open.Options{{Profile: "p", Endpoint: s.url}, {Profile: "p", Endpoint: s.url, RoleARN: reader}} {
				err := checkFails(t, "s3://my-bucket", &opts, tt.says...)
				if strings.Contains(err.Error(), "cannot be assumed") || strings.Contains(err.Error(), "trust policy") || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
					t.Errorf("%v, which is about something else", err)
				}
			}
			if r := s.requests(); len(r) > 0 {
				t.Errorf("requests %q, want none", r)
			}
		})
	}
}

// What is wrong in the files is said on one line, with what to do.
func TestNoConfiguration(t *testing.T) {
	for _, tt := range []struct {
		name, configuration string
		env                 []string
		says                []string
	}{
		{"an id alone", "[profile p]\naws_access_key_id = " + canary + "\n", nil, []string{`the profile "p" has half a key pair: give it both aws_access_key_id and aws_secret_access_key, in the same file, or neither`}},
		{"a secret alone", "[profile p]\naws_secret_access_key = " + secret + "\n", nil, []string{`the profile "p" has half a key pair`}},
		{"no such session", "[profile p]\nsso_session = team\nsso_account_id = 1\nsso_role_name = r\n", nil, []string{"the profile names an sso_session that is not there: run aws configure sso, or add the section [sso-session team] with sso_start_url and sso_region"}},
		{"half a sign-in", "[profile p]\nsso_account_id = 1\nsso_role_name = r\n", nil, []string{"the profile has a part of a sign-in alone: run aws configure sso", "sso_region, sso_start_url"}},
		{"half a session", "[profile p]\nsso_session = team\nsso_account_id = 1\nsso_role_name = r\n[sso-session team]\nsso_region = us-east-1\n", nil, []string{"run aws configure sso", "sso_start_url"}},
		{"two kinds", "[profile p]\nrole_arn = " + reader + "\nsource_profile = q\ncredential_process = " + canary + "\n", nil, []string{"the AWS configuration is not valid: correct it in the environment or the shared configuration files", "only one credential type"}},
		{"no certificates", "[profile p]\nregion = eu-west-1\n", []string{"AWS_CA_BUNDLE=" + filepath.Join("missing", "certificates")}, []string{"the AWS configuration is not valid", "certificates"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			environment(t, tt.configuration, tt.env...)
			if err := checkFails(t, "s3://my-bucket", &open.Options{Profile: "p"}, tt.says...); errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v is fs.ErrNotExist, and the logs are not missing", err)
			}
		})
	}
}
