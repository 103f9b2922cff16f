package qlogs

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithy "github.com/aws/smithy-go"
)

// optionals are the parts of a LIST request that a store may refuse, and that can be left
// out: each is true once the store has listed without it alone.
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

// ask sends a request for a page. If the store refuses what is optional, it is asked once
// without; if it refuses that as well, the first refusal is the error.
func (s *s3Source) ask(ctx context.Context, in ListInput, input *s3.ListObjectsV2Input) (*s3Page, error) {
	s.without.trim(input)
	page, first := s.send(ctx, in, input)
	less := *input
	for err := first; err != nil; {
		switch attributes, encoding := refusesOptional(err); {
		case ctx.Err() != nil:
			return nil, first
		case encoding && less.EncodingType != "":
			less.EncodingType = ""
		case attributes && less.OptionalObjectAttributes != nil:
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

// refusesOptional reports whether an error may be the refusal of the header, or is that of
// the encoding. Stores name what they do not know in many ways, and one request more is
// cheap. But that the caller may not list is never a matter of a header.
func refusesOptional(err error) (attributes, encoding bool) {
	var api smithy.APIError
	status, _ := answer(err)
	if !errors.As(err, &api) {
		// A page in HTML is an answer to a bad request, too.
		return status == http.StatusBadRequest || status == http.StatusNotImplemented, false
	}
	code, message := api.ErrorCode(), strings.ToLower(api.ErrorMessage())
	switch {
	case code == "AccessDenied":
		return false, false
	case status != http.StatusBadRequest && status != http.StatusForbidden && status != http.StatusMethodNotAllowed && status != http.StatusNotImplemented:
		return false, false
	case strings.Contains(message, "encoding"):
		return false, true
	case strings.Contains(message, "optional-object-attributes"):
		return true, false
	}
	return refusalCodes[code], false
}

// refusalCodes are the codes of errors that stores answer with to a header, or an
// argument, that they do not know.
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
