package s3source

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// explain adds to an error of the SDK its class and what to do. errors.As still finds
// the SDK's error. action is the permission that the request needs.
func (b bucket) explain(err error, action string) error {
	if noCredentials(err) {
		return fmt.Errorf("the S3 client has no credentials to sign with: give it some that are valid, and renewed where they expire: %w", err)
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	status, header := answer(err)
	code := api.ErrorCode()
	if region, other := otherRegion(status, code, api.ErrorMessage(), header); other && (region == "" || region != regionOf(b.api)) {
		return b.explainRegion(err, region)
	}
	if reason := credentialErrors[code]; reason != "" {
		return fmt.Errorf("%w: %s: %w", fs.ErrPermission, reason, err)
	}
	switch {
	case status == http.StatusMethodNotAllowed && header.Get("X-Amz-Delete-Marker") == "true":
		return fmt.Errorf("%w: this version is a delete marker: %w", fs.ErrNotExist, err)
	case (status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented) && isStores(header):
		return fmt.Errorf("%w: the store does not answer requests of this kind, for which %s is needed: %w", errors.ErrUnsupported, action, err)
	case code == "InvalidObjectState":
		return fmt.Errorf("%w: %w", source.ErrArchived, err)
	case code == "AccessDenied", code == "Forbidden", code == "KMS.AccessDeniedException":
		return fmt.Errorf("%w: %s: %w", fs.ErrPermission, b.denied(code+" "+api.ErrorMessage(), action), err)
	case strings.HasPrefix(code, "KMS."):
		// Never fs.ErrNotExist, though the KMS key may not exist: the object does.
		return fmt.Errorf("%s cannot be used: enable it, or cancel its deletion: %w", kmsKey(api.ErrorMessage()), err)
	case status == http.StatusBadRequest && strings.Contains(api.ErrorMessage(), "Server Side Encryption with AWS KMS"):
		return fmt.Errorf("the object is encrypted with KMS, so requests have to be signed and sent by HTTPS: give the S3 client credentials, and an endpoint with https: %w", err)
	case status == http.StatusBadRequest && isSSEC(api.ErrorMessage()):
		return fmt.Errorf("%w: the object is encrypted with a key of its writer's own (SSE-C), which a reader cannot have: copy it to one that is encrypted by S3 or with KMS: %w", errors.ErrUnsupported, err)
	case code == "NoSuchBucket":
		return fmt.Errorf("bucket %q: %w: check its name, and that the credentials are of the same partition of AWS, or the same store: %w", b.name, source.ErrNoStore, err)
	case code == "NoSuchKey", status == http.StatusNotFound && isStores(header):
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case status == http.StatusNotFound:
		return anonymousError{fmt.Errorf("%w: if it is there, find what answers in the place of the store: %w", fs.ErrNotExist, err)}
	case code == "PreconditionFailed", status == http.StatusPreconditionFailed,
		code == "InvalidRange", status == http.StatusRequestedRangeNotSatisfiable: // it has become shorter
		return fmt.Errorf("%w: %w", source.ErrChanged, err)
	case status == http.StatusForbidden: // the account's, for example: the SDK's text says which
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	}
	return err
}

// isSSEC reports whether a message says that an object needs the key with which its writer
// encrypted it. S3 has no code of its own for that.
func isSSEC(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "customer provided key") || strings.Contains(message, "customer-provided key") ||
		strings.Contains(message, "sse-c") || strings.Contains(message, "stored using a form of server side encryption")
}

// noCredentials reports whether a request failed before it was sent, because the SDK
// got no credentials. The SDK has no type for that. Most ways to get credentials are
// an operation of another service, so that the error is not one of S3.
func noCredentials(err error) bool {
	var op, inner *smithy.OperationError
	if !errors.As(err, &op) || op.Err == nil {
		return false
	}
	return errors.As(op.Err, &inner) && inner.ServiceID != op.ServiceID || strings.HasPrefix(op.Err.Error(), "get identity: ")
}

// credentialErrors says what is wrong with credentials that S3 refuses, by S3's error
// code.
var credentialErrors = map[string]string{
	"ExpiredToken":          expired,
	"ExpiredTokenException": expired,
	"RequestExpired":        expired,
	"TokenRefreshRequired":  expired,
	"InvalidToken":          "the session token is not valid: it has to be the one that came with the access key",
	"InvalidAccessKeyId":    "the access key is not known: it was deleted, needs its session token, or is of another partition of AWS",
	"SignatureDoesNotMatch": "the signature is wrong: the secret key does not belong to the access key, or something on the way changes requests",
	"RequestTimeTooSkewed":  "the clock of this computer is wrong: set it",
}

const expired = "the credentials have expired: renew them, or give the S3 client a provider that does"

// denied says which permission a request needs that was denied with that code and
// message.
func (b bucket) denied(message, action string) string {
	if strings.Contains(message, "kms:") || strings.HasPrefix(message, "KMS.") {
		return fmt.Sprintf("the credentials need kms:Decrypt on %s, by their own policy and by the key's", kmsKey(message))
	}
	text := fmt.Sprintf("the credentials need %s on bucket %q", action, b.name)
	if action != "s3:ListBucket" {
		text = fmt.Sprintf("the credentials need %s on the objects of bucket %q, and kms:Decrypt on its key if they are encrypted with KMS", action, b.name)
	}
	if b.owner != nil {
		text += fmt.Sprintf("; the bucket has to be owned by the account %s, as s3source.Options.ExpectedBucketOwner says", *b.owner)
	}
	if b.payer == "" {
		text += "; a bucket whose requester pays needs s3source.Options.RequesterPays"
	}
	return text
}

var kmsARN = regexp.MustCompile(`arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]*:(key|alias)/[A-Za-z0-9/_-]+`)

// kmsKey names the key that an error of S3 is about.
func kmsKey(message string) string {
	if arn := kmsARN.FindString(message); arn != "" {
		return "the KMS key " + arn
	}
	return "the KMS key that the objects are encrypted with"
}

// If no header names the bucket's Region, S3's messages do.
var (
	regionExpected   = regexp.MustCompile(`is wrong; expecting ['"]([a-z0-9-]+)['"]`)
	regionConstraint = regexp.MustCompile(`The ([a-z0-9-]+) location constraint is incompatible`)
)

// otherRegion reports whether a request went to another Region than the bucket's. It
// returns the bucket's Region if the answer names it.
func otherRegion(status int, code, message string, header http.Header) (region string, other bool) {
	region = header.Get("X-Amz-Bucket-Region")
	for _, re := range []*regexp.Regexp{regionExpected, regionConstraint} {
		if m := re.FindStringSubmatch(message); region == "" && m != nil {
			region = m[1]
		}
	}
	if region == "unspecified" { // S3's name for its oldest Region
		region = "us-east-1"
	}
	switch code {
	case "AuthorizationHeaderMalformed": // which may have other reasons
		return region, region != ""
	case "PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException":
		return region, true
	}
	return region, status == http.StatusMovedPermanently || status == http.StatusTemporaryRedirect
}

func (b bucket) explainRegion(err error, region string) error {
	client := ""
	if set := regionOf(b.api); set != "" {
		client = fmt.Sprintf(" %q", set)
	}
	if region == "" {
		return fmt.Errorf("bucket %q is not in the S3 client's Region%s: set the client's Region to the bucket's, which BucketRegion finds: %w", b.name, client, err)
	}
	return fmt.Errorf("bucket %q is in Region %q, not in the S3 client's%s: set the client's Region to %q: %w", b.name, region, client, region, err)
}
