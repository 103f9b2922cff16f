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
)

// optionals are the parts of a LIST request that a store may refuse and that can be left
// out. Each is true once the store has refused a request and then listed without the part.
type optionals struct {
	attributes atomic.Bool // the header for the restore status
	encoding   atomic.Bool // keys encoded as in URLs
}

// trim takes the parts out of a request that the store has refused before.
func (o *optionals) trim(input *s3.ListObjectsV2Input) {
	if o.attributes.Load() {
		input.OptionalObjectAttributes = nil
	}
	if o.encoding.Load() {
		input.EncodingType = ""
	}
}

// learn notes which parts of a refused request less does not have.
func (o *optionals) learn(refused, less *s3.ListObjectsV2Input) {
	if less.EncodingType != refused.EncodingType {
		o.encoding.Store(true)
	}
	if len(less.OptionalObjectAttributes) < len(refused.OptionalObjectAttributes) {
		o.attributes.Store(true)
	}
}

// ask sends a request for a page. If the store refuses it, ask leaves out the optional
// parts, one after the other. If the store still refuses, the first refusal is the error.
func (o *optionals) ask(ctx context.Context, input *s3.ListObjectsV2Input, send func(*s3.ListObjectsV2Input) (*listPage, error)) (*listPage, error) {
	o.trim(input)
	page, first := send(input)
	less := *input
	for err := first; err != nil; {
		switch optional, named := refusesOptional(err); {
		case ctx.Err() != nil || !optional:
			return nil, first
		// Keys can be read without the encoding as well, but XML cannot carry all of them.
		// So the encoding goes last, unless the store says that the encoding is at fault.
		case less.EncodingType != "" && (named || less.OptionalObjectAttributes == nil):
			less.EncodingType = ""
		case less.OptionalObjectAttributes != nil:
			less.OptionalObjectAttributes = nil
		default:
			return nil, first
		}
		page, err = send(&less)
	}
	if first != nil {
		o.learn(input, &less)
		*input = less
	}
	return page, nil
}

// refusesOptional reports whether an error may be the refusal of an optional part, and
// whether it names the encoding. Stores and proxies have so many ways to say that they do
// not know a header that no list has them all, and one or two more requests are cheap. So
// if the status says that the request is at fault, any code counts, except those that
// certainly mean something else. A status of 403 is mostly about the caller.
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
		return fault, false // an HTML page may be the answer to a bad request
	}
	code, message := api.ErrorCode(), strings.ToLower(api.ErrorMessage())
	if neverOptional(code) {
		return false, false
	}
	encoding = strings.Contains(message, "encoding")
	return fault || encoding || refusalCodes[code] || strings.Contains(message, "optional-object-attributes"), encoding
}

// neverOptional reports whether an error of that code is certainly not about a header. The
// SDK has retried some of these already, and would do so again for each further request.
func neverOptional(code string) bool {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	_, retried := retry.DefaultRetryableErrorCodes[code]
	return throttled || retried || otherCodes[code] || credentialErrors[code] != "" || strings.HasPrefix(code, "KMS.")
}

// otherCodes are the codes of errors that have nothing to do with an optional part of a
// request. Those of credentialErrors come on top.
var otherCodes = map[string]bool{
	// The caller and the signature.
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

	// The bucket's place and name.
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

	// Temporary.
	"InternalError":      true,
	"RequestTimedOut":    true,
	"ServiceUnavailable": true,
	"TooManyRequests":    true,
}

// refusalCodes are the codes with which stores answer to a header or an argument that they
// do not know. They are a refusal whatever the status.
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
