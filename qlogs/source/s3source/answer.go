package s3source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	smithytime "github.com/aws/smithy-go/time"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// answer returns the status and header of the answer that an error of the SDK is about.
// They are zero if there was none.
func answer(err error) (status int, header http.Header) {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		return response.HTTPStatusCode(), response.Response.Header
	}
	return 0, nil
}

// isStores reports whether an answer that is no success is one of S3, or of a store like it:
// a proxy or a login page on the way may have sent it otherwise.
func isStores(header http.Header) bool {
	return header.Get("X-Amz-Request-Id") != "" || strings.Contains(header.Get("Content-Type"), "xml")
}

// An anonymousError is an error that may not be the store's.
type anonymousError struct{ error }

func (e anonymousError) Unwrap() error        { return e.error }
func (e anonymousError) Is(target error) bool { return target == source.ErrAnonymous }

// An answerHead is what an answer says about its body. What is empty is not said.
type answerHead struct {
	etag, version, part string
	length              *int64
}

func headOf(r *http.Response) answerHead {
	head := answerHead{etag: r.Header.Get("ETag"), version: r.Header.Get("X-Amz-Version-Id"), part: r.Header.Get("Content-Range")}
	if r.ContentLength >= 0 {
		head.length = &r.ContentLength
	}
	return head
}

// check checks that a body is the part of o from offset on. Some stores ignore a
// condition, a version or a range.
func (h answerHead) check(o source.Object, offset int64) error {
	if h.etag != "" && o.ETag != "" && !sameETag(h.etag, o.ETag) {
		return fmt.Errorf("%w: the ETag %s was asked for, %s was sent", source.ErrChanged, o.ETag, h.etag)
	}
	if h.version != "" && o.VersionID != "" && h.version != o.VersionID {
		return fmt.Errorf("%w: the version %q was asked for, %q was sent", source.ErrChanged, o.VersionID, h.version)
	}
	if part, ok := parsePart(h.part); offset > 0 && !ok || h.part != "" && (!ok || part.from != offset) {
		return fmt.Errorf("the bytes from %d on were asked for, the range %q was sent: the store has to serve ranges", offset, h.part)
	}
	if part, ok := parsePart(h.part); ok && (part.to != o.Size-1 || part.size >= 0 && part.size != o.Size) {
		return fmt.Errorf("%w: %d bytes listed, the range %q was sent", source.ErrChanged, o.Size, h.part)
	}
	if h.length != nil && *h.length != o.Size-offset && h.etag == "" && h.version == "" && o.ETag != "" {
		return fmt.Errorf("%w: %d bytes listed, %d bytes sent, %w", source.ErrChanged, o.Size-offset, *h.length, source.ErrAnonymous)
	}
	if h.length != nil && *h.length != o.Size-offset {
		return fmt.Errorf("%w: %d bytes listed, %d bytes sent", source.ErrChanged, o.Size-offset, *h.length)
	}
	return nil
}

// A part is what a Content-Range says: the first byte, the last byte, and the size of the
// object. The size is -1 if it is not said.
type part struct{ from, to, size int64 }

// parsePart parses a Content-Range. It reports whether s is one that names the bytes.
func parsePart(s string) (p part, ok bool) {
	rest, ok := strings.CutPrefix(s, "bytes ")
	bounds, size, found := strings.Cut(rest, "/")
	from, to, between := strings.Cut(bounds, "-")
	if !ok || !found || !between {
		return part{}, false
	}
	var errs [3]error
	p.from, errs[0] = strconv.ParseInt(from, 10, 64)
	p.to, errs[1] = strconv.ParseInt(to, 10, 64)
	if p.size = -1; size != "*" {
		p.size, errs[2] = strconv.ParseInt(size, 10, 64)
	}
	return p, errors.Join(errs[:]...) == nil
}

// checked returns body if it is the part of o from offset on, and otherwise closes it.
func checked(ctx context.Context, body io.ReadCloser, head answerHead, o source.Object, offset int64) (io.ReadCloser, error) {
	if err := head.check(o, offset); err != nil {
		body.Close()
		return nil, err
	}
	if o.ETag != "" && head == (answerHead{}) {
		return &namelessBody{ReadCloser: body, ctx: ctx, size: o.Size}, nil
	}
	return body, nil
}

// A namelessBody is the body of an answer whose head does not say what it is of. If it ends
// early, it may have been of something else, so nothing may go on where it ends.
type namelessBody struct {
	io.ReadCloser
	ctx        context.Context // of the request
	size, read int64
}

func (b *namelessBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if err == nil || b.read >= b.size || b.ctx.Err() != nil {
		return n, err
	}
	if err != io.EOF {
		return n, fmt.Errorf("%w, %w", err, source.ErrAnonymous)
	}
	return n, fmt.Errorf("%w: %d bytes listed, %d bytes sent, %w", source.ErrChanged, b.size, b.read, source.ErrAnonymous)
}

// bareETag returns an ETag without quotes. Not all stores quote it in all answers.
func bareETag(tag string) string {
	return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)
}

// sameETag reports whether two ETags are the same. Checksums may be in upper or lower case.
func sameETag(a, b string) bool {
	a, b = bareETag(a), bareETag(b)
	return a == b || strings.EqualFold(a, b) && isChecksum(a)
}

// isChecksum reports whether an ETag has the form of S3's own: the one of an object of a
// single part, or of several parts.
func isChecksum(tag string) bool {
	if len(tag) < 32 {
		return false
	}
	for i := range len(tag) {
		switch c := tag[i]; {
		case '0' <= c && c <= '9', i >= 32 && c == '-':
		case i >= 32 || (c < 'a' || c > 'f') && (c < 'A' || c > 'F'):
			return false
		}
	}
	return true
}

// quotedETag returns an ETag as a condition needs it. Some stores do not quote it in
// listings, and some do not accept it without quotes.
func quotedETag(tag string) string {
	if strings.HasPrefix(tag, `"`) || strings.HasPrefix(tag, `W/"`) {
		return tag
	}
	return `"` + strings.Trim(tag, `"`) + `"`
}

// parsedHeaders are headers that the SDK parses and that nothing here needs. The SDK fails
// if one of them is malformed.
var parsedHeaders = []struct {
	name  string
	parse func(string) error
}{
	{"Last-Modified", func(s string) error { _, err := smithytime.ParseHTTPDate(s); return err }},
	{"X-Amz-Delete-Marker", parseBool},
	{"X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", parseBool},
	{"X-Amz-Missing-Meta", parseInt},
	{"X-Amz-Mp-Parts-Count", parseInt},
	{"X-Amz-Tagging-Count", parseInt},
	{"X-Amz-Object-Lock-Event-Hold-Duration-Days", parseInt},
	{"X-Amz-Object-Lock-Event-Hold-Duration-Years", parseInt},
	{"X-Amz-Object-Lock-Retain-Until-Date", func(s string) error { _, err := smithytime.ParseDateTime(s); return err }},
}

func parseBool(s string) error { _, err := strconv.ParseBool(s); return err }
func parseInt(s string) error  { _, err := strconv.ParseInt(s, 0, 32); return err }

// headersRefused reports whether the SDK fails because of a header of the answer.
func headersRefused(h http.Header) bool {
	for _, p := range parsedHeaders {
		if values := h[p.name]; len(values) > 0 && p.parse(values[0]) != nil {
			return true
		}
	}
	return false
}

// plainLength reports whether the SDK reads the length as a decimal number. It reads one
// that begins with a zero as octal.
func plainLength(h http.Header) bool {
	length := h["Content-Length"]
	return len(length) == 0 || length[0] == "0" || !strings.HasPrefix(length[0], "0")
}
