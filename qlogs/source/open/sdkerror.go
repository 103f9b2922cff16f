package open

import (
	"errors"
	"strings"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A reworded error has another text.
type reworded struct {
	text string
	err  error
}

func (r reworded) Error() string { return r.text }
func (r reworded) Unwrap() error { return r.err }

// oneLine returns err with its text on one line.
func oneLine(err error) error {
	if text := err.Error(); strings.ContainsAny(text, "\r\n") {
		return reworded{strings.Join(strings.Fields(text), " "), err}
	}
	return err
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

// unreachable reports whether a request was to be sent and nobody answered.
func unreachable(err error) bool {
	var send *smithyhttp.RequestSendError
	return errors.As(err, &send)
}

// answered reports whether there was an answer to the request that err is of.
func answered(err error) bool {
	var operation *smithy.OperationError
	var response *smithyhttp.ResponseError
	return !errors.As(err, &operation) || errors.As(err, &response) && response.HTTPStatusCode() != 0
}
