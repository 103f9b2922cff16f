package s3keep

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"unicode"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// ErrConflict means that a cursor was not saved because the object is no longer the one that
// this store has loaded or saved last: another process saves under the same key, or somebody
// has replaced or deleted the object.
var ErrConflict = errors.New("somebody else has changed the cursor")

var (
	errNoETag  = fmt.Errorf("%w: the store's answers have no ETag, which conditional writes need", errors.ErrUnsupported)
	errIgnored = fmt.Errorf("%w: the store ignores the conditions of conditional writes (If-Match, If-None-Match), so that two readers could undo each other's cursor: %s", errors.ErrUnsupported, elsewhere)
)

const elsewhere = "keep the cursor in another store, or in a keep.CursorFile"

// code returns S3's code of an error, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// answer returns the status and header of the answer that an error is about.
func answer(err error) (status int, header http.Header) {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil && response.Response.Response != nil {
		return response.HTTPStatusCode(), response.Response.Header
	}
	return 0, nil
}

// isRefused reports whether a write failed because of its condition, which may be that an
// object is replaced. S3 answers 404 if that does not exist.
func isRefused(err error, replaces bool) bool {
	status, _ := answer(err)
	return status == http.StatusPreconditionFailed || code(err) == "PreconditionFailed" || replaces && code(err) == "NoSuchKey"
}

// isBusy reports whether a write failed because the store is at another write of the object.
func isBusy(err error) bool {
	status, _ := answer(err)
	return status == http.StatusConflict || code(err) == "ConditionalRequestConflict" || code(err) == "OperationAborted"
}

// isUnsupported reports whether the store does not know conditional writes. What is refused
// with 400 may have many reasons, so the answer has to name the condition.
func isUnsupported(err error) bool {
	status, _ := answer(err)
	if status == http.StatusNotImplemented || code(err) == "NotImplemented" {
		return true
	}
	var api smithy.APIError
	if status != http.StatusBadRequest || !errors.As(err, &api) {
		return false
	}
	message := strings.ToLower(api.ErrorMessage())
	for _, word := range []string{"if-match", "if-none-match", "if_match", "if_none_match", "condition"} {
		if strings.Contains(message, word) {
			return true
		}
	}
	return false
}

// What a request needs.
const (
	reading = "s3:GetObject on the object, and s3:ListBucket on the bucket, without which S3 denies a request for an object that does not exist yet"
	writing = "s3:PutObject and s3:GetObject on the object"
)

// explain adds to an error of the client its class and what to do, and makes one line of it.
// The owner is the account that has to own the bucket, or "".
func explain(err error, needs, owner string) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return &shown{err}
	}
	status, header := answer(err)
	region := header.Get("X-Amz-Bucket-Region")
	switch err, code := error(&shown{err}), api.ErrorCode(); {
	case code == "NoSuchBucket":
		return fmt.Errorf("%w: make the bucket, or check its name and the client's endpoint: %w", source.ErrNoStore, err)
	case code == "InvalidObjectState":
		return fmt.Errorf("%w: restore the object, and except it from the lifecycle rule that archives it: %w", source.ErrArchived, err)
	case status/100 == 3, code == "AuthorizationHeaderMalformed" && region != "":
		if region == "" {
			region = "the bucket's"
		}
		return fmt.Errorf("the bucket is in another Region: give the S3 client %s: %w", region, err)
	case strings.Contains(api.ErrorMessage(), "kms:"), strings.HasPrefix(code, "KMS."):
		return fmt.Errorf("%w: the credentials need kms:Decrypt and kms:GenerateDataKey on the bucket's KMS key, which has to be enabled: %w", fs.ErrPermission, err)
	case code == "AccessDenied", code == "Forbidden":
		if owner != "" {
			needs += "; the bucket has to be owned by the account " + owner + ", as s3keep.Options.ExpectedBucketOwner says"
		}
		return fmt.Errorf("%w: the credentials need %s: %w", fs.ErrPermission, needs, err)
	case status == http.StatusForbidden: // the credentials', for example: the text says which
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	case needs == writing && isUnsupported(err):
		return fmt.Errorf("%w: the store has no conditional writes (If-Match, If-None-Match): %s: %w", errors.ErrUnsupported, elsewhere, err)
	case needs == writing && status == http.StatusBadRequest:
		return fmt.Errorf("the store does not accept the request: look at what s3keep.Options.Put sets, and whether the store has conditional writes: %w", err)
	case isRefused(err, true):
		return fmt.Errorf("%w: the store refuses an If-Match with the ETag that it gives the object, so its conditional writes do not work: %s: %w", errors.ErrUnsupported, elsewhere, err)
	default:
		return err
	}
}

// maxShown is how much of an error is shown. A store decides what is in it.
const maxShown = 1000

// A shown is an error whose text is one line.
type shown struct{ err error }

func (e *shown) Error() string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, e.err.Error())
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}

func (e *shown) Unwrap() error { return e.err }
