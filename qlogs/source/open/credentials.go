package open

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
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
	err = oneLine(e.explain(err))
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
	return explained{cache, func(err error) error { return o.explainRole(err, cfg.Region) }}
}
