package qlogs

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	smithytime "github.com/aws/smithy-go/time"
)

// An answerHead is what an answer says of its body. Empty is not said.
type answerHead struct {
	etag, version, part string
	length              *int64
}

func headOf(r *http.Response) answerHead {
	head := answerHead{etag: r.Header.Get("ETag"), version: r.Header.Get("X-Amz-Version-Id")}
	if r.ContentLength >= 0 {
		head.length = &r.ContentLength
	}
	return head
}

// check checks that a body is the part of o from offset on, for there are stores
// that ignore a condition, a version or a range.
func (h answerHead) check(o Object, offset int64) error {
	if h.etag != "" && o.ETag != "" && bareETag(h.etag) != bareETag(o.ETag) {
		return fmt.Errorf("%w: the ETag %s was asked for, %s was sent", ErrChanged, o.ETag, h.etag)
	}
	if h.version != "" && o.VersionID != "" && h.version != o.VersionID {
		return fmt.Errorf("%w: the version %q was asked for, %q was sent", ErrChanged, o.VersionID, h.version)
	}
	if offset > 0 && !strings.HasPrefix(h.part, fmt.Sprintf("bytes %d-", offset)) {
		return fmt.Errorf("%w: the bytes from %d on were asked for, the range %q was sent: the store has to serve ranges", errors.ErrUnsupported, offset, h.part)
	}
	if h.length != nil && *h.length != o.Size-offset {
		return fmt.Errorf("%w: %d bytes listed, %d bytes sent", ErrChanged, o.Size-offset, *h.length)
	}
	return nil
}

// checked closes a body whose head is not that of the part of o from offset on.
func checked(body io.ReadCloser, head answerHead, o Object, offset int64) (io.ReadCloser, error) {
	if err := head.check(o, offset); err != nil {
		body.Close()
		return nil, err
	}
	return body, nil
}

// bareETag: not all stores quote it in all answers.
func bareETag(tag string) string {
	return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
}

// parsedHeaders are headers that the SDK parses, and whose values are an error of the
// request if they are not of their form. Hardly any object has one.
var parsedHeaders = []string{
	"X-Amz-Delete-Marker", "X-Amz-Missing-Meta", "X-Amz-Mp-Parts-Count", "X-Amz-Object-Lock-Event-Hold-Duration-Days",
	"X-Amz-Object-Lock-Event-Hold-Duration-Years", "X-Amz-Object-Lock-Retain-Until-Date", "X-Amz-Tagging-Count",
}

// plainHeaders reports whether the SDK finds no fault in the headers of an answer, as far
// as that is to be seen at once.
func plainHeaders(h http.Header) bool {
	for _, name := range parsedHeaders {
		if h[name] != nil {
			return false
		}
	}
	if date := h["Last-Modified"]; date != nil {
		if _, err := smithytime.ParseHTTPDate(date[0]); err != nil {
			return false
		}
	}
	if enabled := h["X-Amz-Server-Side-Encryption-Bucket-Key-Enabled"]; enabled != nil {
		if _, err := strconv.ParseBool(enabled[0]); err != nil {
			return false
		}
	}
	length := h["Content-Length"] // which the SDK takes for octal after a zero
	return length == nil || length[0] == "0" || !strings.HasPrefix(length[0], "0")
}
