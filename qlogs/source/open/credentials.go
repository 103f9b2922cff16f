package open

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithy "github.com/aws/smithy-go"
)

// An explained provider says what to do if there are no credentials, also where they cannot
// be renewed in the middle of a scan.
type explained struct {
	provider aws.CredentialsProvider
	explain  func(error) error
}

func (e explained) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := e.provider.Retrieve(ctx)
	var known *advice
	switch {
	case err == nil || ctx.Err() != nil:
		return c, err
	case errors.As(err, &known): // of the credentials that assume a role
		return c, known
	}
	err = e.explain(err)
	if errors.Is(err, fs.ErrNotExist) { // it is a file of the SDK that is missing, not the logs
		err = errors.New(err.Error())
	}
	return c, &advice{err}
}

// An advice is an error that says what to do.
type advice struct{ err error }

func (a *advice) Error() string { return a.err.Error() }
func (a *advice) Unwrap() error { return a.err }

const (
	roleSession  = "qlogs"
	roleDuration = time.Hour       // what every role allows, also to who has assumed another one
	roleRenewal  = 5 * time.Minute // before the end: a request that is under way has to come through
)

var roleARN = regexp.MustCompile(`^arn:[a-z0-9-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$`)

// role returns the credentials of the role that those of cfg assume.
func (o *Options) role(cfg aws.Config) aws.CredentialsProvider {
	assume := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), o.RoleARN, func(r *stscreds.AssumeRoleOptions) {
		r.RoleSessionName, r.Duration = roleSession, roleDuration
		if o.ExternalID != "" {
			r.ExternalID = &o.ExternalID
		}
	})
	cache := aws.NewCredentialsCache(assume, func(c *aws.CredentialsCacheOptions) { c.ExpiryWindow = roleRenewal })
	return explained{cache, o.explainRole}
}

// explainRole says why the role cannot be assumed.
func (o *Options) explainRole(err error) error {
	if isDenied(err) {
		id := "; if it asks for an external id, set open.Options.ExternalID"
		if o.ExternalID != "" {
			id = ", with the external id of open.Options.ExternalID as its sts:ExternalId"
		}
		return fmt.Errorf("%w: the role %s cannot be assumed: its trust policy has to name the caller%s; the caller's own policy has to allow sts:AssumeRole on it: %w", fs.ErrPermission, o.RoleARN, id, err)
	}
	switch errorCode(err) {
	case "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException":
		return fmt.Errorf("%w: the role %s cannot be assumed: the credentials that assume it are not valid: renew them: %w", fs.ErrPermission, o.RoleARN, err)
	}
	return fmt.Errorf("the role %s cannot be assumed: %w", o.RoleARN, err)
}

// explainCredentials says how to get credentials that are not there.
func (o *Options) explainCredentials(err error) error {
	profile, sign := "", "aws sso login"
	if o.Profile != "" {
		profile, sign = fmt.Sprintf("the profile %q gives ", o.Profile), "aws sso login --profile "+o.Profile
	}
	var program *processcreds.ProviderError
	var signedOut *ssocreds.InvalidTokenError
	switch service := errorService(err); {
	case errors.As(err, &program): // which shows all that the program has printed
		return fmt.Errorf("%sno AWS credentials: the program of credential_process failed, or what it printed is not valid: run its command to see why%s", profile, exitOf(err))
	case errors.As(err, &signedOut), service == "SSO", service == "SSO OIDC":
		return fmt.Errorf("%sno AWS credentials: sign in again (%s): %w", profile, sign, err)
	case service == "STS" && isDenied(err):
		return fmt.Errorf("%w: %sno AWS credentials: a role cannot be assumed: its trust policy has to name the caller, with the external_id of the profile if there is one; the caller's own policy has to allow sts:AssumeRole on it: %w", fs.ErrPermission, profile, err)
	case service == "STS":
		return fmt.Errorf("%sno AWS credentials: a role cannot be assumed: %w", profile, err)
	case profile != "":
		return fmt.Errorf("%sno AWS credentials: sign in (%s), or give the profile keys or a role: %w", profile, sign, err)
	}
	return fmt.Errorf("no AWS credentials: sign in (aws sso login), set open.Options.Profile or AWS_PROFILE to a profile that has some, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role: %w", err)
}

// explainLoad says what is wrong with the configuration.
func explainLoad(err error) error {
	var profile config.SharedConfigProfileNotExistError
	var role config.SharedConfigAssumeRoleError
	var mfa config.AssumeRoleTokenProviderNotSetError
	switch {
	case errors.As(err, &mfa):
		return fmt.Errorf("the profile's role asks for the code of an MFA device: pass config.WithAssumeRoleCredentialOptions with a TokenProvider in open.Options.LoadOptions, or a profile without mfa_serial: %w", err)
	case errors.As(err, &profile) && !errors.As(err, &role):
		return fmt.Errorf("there is no profile %q in the shared configuration files: aws configure list-profiles lists those that there are; set open.Options.Profile or AWS_PROFILE to one, or AWS_CONFIG_FILE to another file: %w", profile.Profile, err)
	}
	return fmt.Errorf("load the AWS configuration: %w", err)
}

// isDenied reports whether STS refuses a role to credentials that are valid.
func isDenied(err error) bool {
	code := errorCode(err)
	return code == "AccessDenied" || code == "AccessDeniedException"
}

func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func errorService(err error) string {
	var operation *smithy.OperationError
	if errors.As(err, &operation) {
		return operation.ServiceID
	}
	return ""
}

// exitOf returns with which code a program ended.
func exitOf(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return ": " + exit.ProcessState.String()
	}
	return ""
}
