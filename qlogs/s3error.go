package qlogs

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// explain adds to an error of the SDK what class it is of and what to do. The
// SDK's error stays reachable by errors.As.
func (s *s3Source) explain(err error, action, key string) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	status := 0
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch code := api.ErrorCode(); {
	case code == "InvalidObjectState":
		return fmt.Errorf("%w: %w", ErrArchived, err)
	case code == "NoSuchBucket":
		return fmt.Errorf("bucket %q: %w: %w", s.bucket, fs.ErrNotExist, err)
	case code == "NoSuchKey", status == http.StatusNotFound:
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case code == "PreconditionFailed", status == http.StatusPreconditionFailed:
		return fmt.Errorf("%w: %w", ErrChanged, err)
	case code == "AccessDenied", code == "Forbidden":
		return fmt.Errorf("%w: the credentials need %s on %s: %w", fs.ErrPermission, action, s.resource(key), err)
	case status == http.StatusForbidden: // a bad key or signature, for example: the SDK's text tells
		return fmt.Errorf("%w: %w", fs.ErrPermission, err)
	}
	return err
}

func (s *s3Source) resource(key string) string {
	if key == "" {
		return fmt.Sprintf("bucket %q", s.bucket)
	}
	return fmt.Sprintf("the objects of bucket %q, and kms:Decrypt on its key if they are encrypted with KMS", s.bucket)
}
