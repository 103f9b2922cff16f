package open

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	smithy "github.com/aws/smithy-go"
)

// explainRole says why the role of the options cannot be assumed.
func (o *Options) explainRole(err error, region string) error {
	id := "; if it asks for an external id, set open.Options.ExternalID"
	if o.ExternalID != "" {
		id = ", with the external id of open.Options.ExternalID as its sts:ExternalId"
	}
	return refused("the role "+o.RoleARN+" cannot be assumed: ", err, id, region)
}

// refused says why STS does not give the credentials of a role, and what to do. id says where
// the external id comes from.
func refused(what string, err error, id, region string) error {
	switch code := errorCode(err); {
	case isDenied(err):
		return fmt.Errorf("%w: %sits trust policy has to name the caller%s; the caller's own policy has to allow sts:AssumeRole on it: %w", fs.ErrPermission, what, id, err)
	case strings.HasPrefix(code, "ExpiredToken"), code == "InvalidClientTokenId", code == "SignatureDoesNotMatch", code == "UnrecognizedClientException":
		return fmt.Errorf("%w: %sthe credentials that assume it are not valid: renew them; if they are of another partition of AWS than the Region %q, set AWS_REGION to one of theirs: %w", fs.ErrPermission, what, region, err)
	case unreachable(err):
		return fmt.Errorf("%sSTS cannot be reached: check the network, a proxy, that there is a Region %q, and the endpoint if you have set one: %w", what, region, err)
	}
	return fmt.Errorf("%s%w", what, err)
}

// explain says how to get credentials that are not there.
func (s *settings) explain(err error) error {
	p, role, err := s.missing(err)
	what, sign := "", "aws sso login"
	if p.LoginSession != "" {
		sign = "aws login"
	}
	if p.Profile != "" {
		what, sign = fmt.Sprintf("the profile %q gives ", p.Profile), sign+" --profile "+p.Profile
	}
	what += "no AWS credentials"
	if role != "" {
		what += " to assume the role " + role + " with"
	}
	var program *processcreds.ProviderError
	var signedOut *ssocreds.InvalidTokenError
	var empty *credentials.StaticCredentialsEmptyError
	half := s.halfKeys()
	switch service := errorService(err); {
	case errors.As(err, &program): // which shows all that the program has printed
		return fmt.Errorf("%s: the program of credential_process failed, or what it printed is not valid: run its command to see why%s", what, exitOf(err))
	case service == "STS":
		assumed := "a role"
		if p.RoleARN != "" {
			assumed = "the role " + p.RoleARN
		}
		return refused(what+": "+assumed+" cannot be assumed: ", err, ", with the external_id of the profile if there is one", s.region)
	case unreachable(err) && service != "ec2imds":
		return fmt.Errorf("%s: nobody answers who gives them: check the network and a proxy: %w", what, err)
	case errors.As(err, &signedOut), service == "SSO", service == "SSO OIDC", p.SSOSession != nil, p.LoginSession != "":
		return fmt.Errorf("%s: sign in again (%s): %w", what, sign, err)
	case errors.As(err, &empty) && p.CredentialSource != "":
		return fmt.Errorf("%s: %s: %w", what, cmp.Or(half, "credential_source = Environment needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: set both"), err)
	case strings.Contains(err.Error(), "failed to retrieve jwt"):
		return fmt.Errorf("%s: the web identity token cannot be read: correct AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file in the profile: %w", what, err)
	case p.CredentialSource != "":
		return fmt.Errorf("%s: credential_source = %s gives none: run on a machine that has a role, or use source_profile: %w", what, p.CredentialSource, err)
	case role != "":
		return fmt.Errorf("%s: add source_profile or credential_source to the profile, or give the machine a role: %w", what, err)
	case p.Profile != "":
		return fmt.Errorf("%s: sign in (%s), or give the profile keys or a role: %w", what, sign, err)
	case half != "":
		return fmt.Errorf("%s: %s: %w", what, half, err)
	}
	return fmt.Errorf("%s: sign in (aws sso login), set open.Options.Profile or AWS_PROFILE to a profile that has some, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role: %w", what, err)
}

// missing returns the profile that gives no credentials, the role that was to be assumed with
// them, and the error about them alone: a role is assumed with the credentials of its source.
func (s *settings) missing(err error) (p config.SharedConfig, role string, cause error) {
	if s.asksProfile() {
		p = s.shared
		p.Profile = s.chosen()
	}
	for {
		var operation *smithy.OperationError
		if !errors.As(err, &operation) || operation.ServiceID != "STS" || !strings.HasPrefix(operation.Err.Error(), "get identity: ") {
			return p, role, err
		}
		role, err = p.RoleARN, operation.Err
		if p.Source != nil {
			p = *p.Source
		}
	}
}

// exitOf returns with which code a program ended.
func exitOf(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return ": " + exit.ProcessState.String()
	}
	return ""
}
