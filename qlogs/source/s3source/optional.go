package s3source

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// optionals are the parts of a LIST request that a store may refuse, and that can be left
// out: each is true once the store has listed without it after a refusal.
type optionals struct {
	attributes atomic.Bool // the header for the restore status
	encoding   atomic.Bool // keys encoded as in URLs
}

// trim takes out of a request what the store has refused before.
func (o *optionals) trim(input *s3.ListObjectsV2Input) {
	if o.attributes.Load() {
		input.OptionalObjectAttributes = nil
	}
	if o.encoding.Load() {
		input.EncodingType = ""
	}
}

// learn notes what less has not of a request that was refused.
func (o *optionals) learn(refused, less *s3.ListObjectsV2Input) {
	if less.EncodingType != refused.EncodingType {
		o.encoding.Store(true)
	}
	if len(less.OptionalObjectAttributes) < len(refused.OptionalObjectAttributes) {
		o.attributes.Store(true)
	}
}

// ask sends a request for a page. If the store refuses it, it is asked without the optional
// parts, one after the other; if it refuses that as well, the first refusal is the error.
func (s *store) ask(ctx context.Context, in source.ListInput, input *s3.ListObjectsV2Input) (*listPage, error) {
	s.without.trim(input)
	page, first := s.send(ctx, in, input)
	less := *input
	for err := first; err != nil; {
		switch optional, named := refusesOptional(err); {
		case ctx.Err() != nil || !optional:
			return nil, first
		// Keys that come as they stand are read as well, but XML cannot carry all of them:
		// so that is asked for last, if nothing says that it is the encoding.
		case less.EncodingType != "" && (named || less.OptionalObjectAttributes == nil):
			less.EncodingType = ""
		case less.OptionalObjectAttributes != nil:
			less.OptionalObjectAttributes = nil
		default:
			return nil, first
		}
		page, err = s.send(ctx, in, &less)
	}
	if first != nil {
		s.without.learn(input, &less)
		*input = less
	}
	return page, nil
}

// refusesOptional reports whether an error may be the refusal of an optional part, and
// whether it names the encoding. Stores, and what stands before them, tell that they do not
// know a header in so many ways that no list has them all, and a request or two more are
// cheap. So where the status says that the request is at fault, any code will do, but those
// that have another meaning for certain. A status of 403 is about the caller, as a rule.
func refusesOptional(err error) (optional, encoding bool) {
	status, _ := answer(err)
	fault := false
	switch status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity,
		http.StatusRequestHeaderFieldsTooLarge, http.StatusNotImplemented:
		fault = true
	case http.StatusForbidden:
	default:
		return false, false
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fault, false // a page in HTML is an answer to a bad request, too
	}
	code, message := api.ErrorCode(), strings.ToLower(api.ErrorMessage())
	if neverOptional(code) {
		return false, false
	}
	encoding = strings.Contains(message, "encoding")
	return fault || encoding || refusalCodes[code] || strings.Contains(message, "optional-object-attributes"), encoding
}

// neverOptional reports whether an error of that code is not a matter of a header. The SDK
// has tried again for some of them, each of which would be done for each request more.
func neverOptional(code string) bool {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	_, retried := retry.DefaultRetryableErrorCodes[code]
	return throttled || retried || otherCodes[code] || credentialErrors[code] != "" || strings.HasPrefix(code, "KMS.")
}

// otherCodes are the codes of errors that have nothing to do with an optional part of a
// request, beside those of credentialErrors.
var otherCodes = map[string]bool{
	// Who asks, and how that is signed.
	"AccessDenied":                        true,
	"AccessDeniedException":               true,
	"AccountProblem":                      true,
	"AllAccessDisabled":                   true,
	"AuthorizationHeaderMalformed":        true,
	"AuthorizationQueryParametersError":   true,
	"ExpiredSecurityToken":                true,
	"Forbidden":                           true,
	"IncompleteSignature":                 true,
	"InvalidClientTokenId":                true,
	"InvalidPayer":                        true,
	"InvalidSecurity":                     true,
	"InvalidSignatureException":           true,
	"MissingAuthenticationToken":          true,
	"MissingAuthenticationTokenException": true,
	"NotSignedUp":                         true,
	"Unauthorized":                        true,
	"UnauthorizedAccess":                  true,
	"UnrecognizedClientException":         true,
	"XAmzContentSHA256Mismatch":           true,

	// Where the bucket is, and what it is called.
	"IllegalLocationConstraintException": true,
	"InvalidAccessPoint":                 true,
	"InvalidAccessPointAliasError":       true,
	"InvalidBucketName":                  true,
	"InvalidBucketOwnerAWSAccountID":     true,
	"InvalidLocationConstraint":          true,
	"InvalidRegion":                      true,
	"NoSuchAccessPoint":                  true,
	"NoSuchBucket":                       true,
	"PermanentRedirect":                  true,
	"Redirect":                           true,
	"TemporaryRedirect":                  true,

	// What passes.
	"InternalError":      true,
	"RequestTimedOut":    true,
	"ServiceUnavailable": true,
	"TooManyRequests":    true,
}

// refusalCodes are the codes of errors that stores answer with to a header, or an
// argument, that they do not know, and that so are a refusal with any status.
var refusalCodes = map[string]bool{
	"BadRequest":           true, // of no code at all
	"InvalidArgument":      true,
	"InvalidHeader":        true,
	"InvalidParameter":     true,
	"InvalidRequest":       true,
	"MalformedHeader":      true,
	"MalformedHeaderValue": true,
	"MethodNotAllowed":     true,
	"NotImplemented":       true,
	"NotSupported":         true,
	"UnknownError":         true,
	"UnknownHeader":        true,
	"UnsupportedArgument":  true,
	"UnsupportedHeader":    true,
	"UnsupportedOperation": true,
	"UnsupportedParameter": true,
}
