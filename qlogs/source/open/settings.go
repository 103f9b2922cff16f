package open

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// settings are what AWS's configuration is made of.
type settings struct {
	options config.LoadOptions
	env     config.EnvConfig
	shared  config.SharedConfig // the profile, and those that its role is assumed with
	region  string              // that of the configuration
}

func settingsOf(cfg aws.Config) *settings {
	var s settings
	for _, from := range cfg.ConfigSources {
		switch from := from.(type) {
		case config.LoadOptions:
			s.options = from
		case config.EnvConfig:
			s.env = from
		case config.SharedConfig:
			s.shared = from
		}
	}
	return &s
}

// chosen returns the name of the profile that somebody has chosen.
func (s *settings) chosen() string {
	return cmp.Or(s.options.SharedConfigProfile, s.env.SharedConfigProfile)
}

// asksProfile reports whether the credentials come from the profile, or if there is none, from
// the machine.
func (s *settings) asksProfile() bool {
	byEnv := s.env.Credentials.HasKeys() || s.env.WebIdentityTokenFilePath != ""
	return s.options.Credentials == nil && (s.options.SharedConfigProfile != "" || !byEnv)
}

// roles returns the ARNs of the roles that the credentials are of, the last one first.
func (s *settings) roles() (arns []string) {
	if !s.asksProfile() {
		return []string{s.env.RoleARN}
	}
	for p := &s.shared; p != nil; p = p.Source {
		arns = append(arns, p.RoleARN)
	}
	return arns
}

// checkRegions says which setting names a Region that is none.
func (s *settings) checkRegions() error {
	const form = "is not the name of a Region: write one such as eu-central-1"
	if !regionForm.MatchString(s.region) {
		switch s.region {
		case s.options.Region:
			return errors.New("what open.Options.LoadOptions sets as the Region " + form)
		case os.Getenv("AWS_REGION"):
			return errors.New("AWS_REGION " + form)
		case s.env.Region:
			return errors.New("AWS_DEFAULT_REGION " + form)
		}
		return fmt.Errorf("the region of the profile %q %s", s.shared.Profile, form)
	}
	for p := &s.shared; p != nil; p = p.Source {
		region := p.SSORegion
		if p.SSOSession != nil {
			region = cmp.Or(p.SSOSession.SSORegion, region)
		}
		if region != "" && !regionForm.MatchString(region) {
			return fmt.Errorf("the sso_region of the profile %q, or of its sso_session, %s", p.Profile, form)
		}
	}
	return nil
}

// halfKeys returns what to do if one half of a key pair is in the environment, which the SDK
// passes over.
func (s *settings) halfKeys() string {
	id := os.Getenv("AWS_ACCESS_KEY_ID") != "" || os.Getenv("AWS_ACCESS_KEY") != ""
	secret := os.Getenv("AWS_SECRET_ACCESS_KEY") != "" || os.Getenv("AWS_SECRET_KEY") != ""
	switch {
	case !s.asksProfile():
	case id && !secret:
		return "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: set both"
	case secret && !id:
		return "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID: set both"
	}
	return ""
}

// The SDK has no types for these errors.
var (
	halfPair  = regexp.MustCompile(`^error fetching config from profile, (.*), Error using profile:\s+1, partial credentials found`)
	noSession = regexp.MustCompile(`^failed to find SSO session section, (.*)$`)
	partOfSSO = regexp.MustCompile(`^profile ".*" is configured to use SSO but is missing`)
)

// explainLoad says what is wrong with the configuration. load loads it with another profile.
func explainLoad(err error, load func(profile string) error) error {
	var profile config.SharedConfigProfileNotExistError
	var role config.SharedConfigAssumeRoleError
	var mfa config.AssumeRoleTokenProviderNotSetError
	switch {
	case errors.As(err, &mfa):
		return fmt.Errorf("the profile's role asks for the code of an MFA device: pass config.WithAssumeRoleCredentialOptions with a TokenProvider in open.Options.LoadOptions, or a profile without mfa_serial: %w", err)
	case errors.As(err, &role) && errors.As(err, &profile):
		return fmt.Errorf("no AWS credentials to assume the role %s with: its source_profile %q is not in the shared configuration files: add that profile, or correct source_profile: %w", role.RoleARN, role.Profile, err)
	case errors.As(err, &role):
		return explainSource(role, load(role.Profile))
	case errors.As(err, &profile):
		return fmt.Errorf("there is no profile %q in the shared configuration files: aws configure list-profiles lists those that there are; set open.Options.Profile or AWS_PROFILE to one, or AWS_CONFIG_FILE to another file: %w", profile.Profile, err)
	}
	if m := halfPair.FindStringSubmatch(err.Error()); m != nil {
		return reworded{fmt.Sprintf("the profile %q has half a key pair: give it both aws_access_key_id and aws_secret_access_key, in the same file, or neither", m[1]), err}
	}
	if m := noSession.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("the profile names an sso_session that is not there: run aws configure sso, or add the section [sso-session %s] with sso_start_url and sso_region: %w", m[1], err)
	}
	if partOfSSO.MatchString(err.Error()) {
		return fmt.Errorf("the profile has a part of a sign-in alone: run aws configure sso: %w", err)
	}
	if errors.Is(err, fs.ErrNotExist) { // such as a file of certificates, and not the logs
		err = errors.New(err.Error())
	}
	return fmt.Errorf("the AWS configuration is not valid: correct it in the environment or the shared configuration files: %w", err)
}

// explainSource says what is wrong with a source_profile without credentials, given the error
// of that profile alone.
func explainSource(role config.SharedConfigAssumeRoleError, alone error) error {
	why := fmt.Sprintf("its source_profile %q has none: give that profile keys, a sign-in or a role, or name another one", role.Profile)
	var again config.SharedConfigAssumeRoleError
	if errors.As(alone, &again) && again.Profile == role.Profile {
		why = fmt.Sprintf("source_profile leads from the profile %q back to it: give one of these profiles keys, a sign-in or credential_source", role.Profile)
	}
	return reworded{fmt.Sprintf("no AWS credentials to assume the role %s with: %s", role.RoleARN, why), role}
}
