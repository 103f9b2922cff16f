package s3test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// getObject answers GetObject and HeadObject.
func (s *store) getObject(w http.ResponseWriter, r *http.Request, req request) *apiError {
	o, apiErr := s.object(req.bucket, req.key)
	if apiErr != nil {
		return apiErr
	}
	if v := req.query.Get("versionId"); v != "" && v != "null" {
		return &apiError{Status: http.StatusNotFound, Code: "NoSuchVersion", Message: "The specified version does not exist.", Key: req.key}
	}
	if apiErr := checkConditions(o, r.Header); apiErr != nil {
		return apiErr
	}
	if notModified(o, r.Header) {
		w.Header().Set("Etag", o.etag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if o.archived() && req.op == "GetObject" {
		return &apiError{
			Status: http.StatusForbidden, Code: "InvalidObjectState",
			Message: "The operation is not valid for the object's storage class", StorageClass: o.class,
		}
	}
	from, n, partial, ok := parseRange(r.Header.Get("Range"), o.size)
	if !ok {
		return &apiError{Status: http.StatusRequestedRangeNotSatisfiable, Code: "InvalidRange", Message: "The requested range is not satisfiable"}
	}
	return send(w, r, o, from, n, partial)
}

func send(w http.ResponseWriter, r *http.Request, o *object, from, n int64, partial bool) *apiError {
	body, err := o.open()
	if err != nil {
		return internalError()
	}
	defer body.Close()
	if _, err := body.Seek(from, io.SeekStart); err != nil {
		return internalError()
	}
	setHeaders(w.Header(), o)
	w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	status := http.StatusOK
	if partial {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, from+n-1, o.size))
		status = http.StatusPartialContent
	}
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		// A failed write means that the client is gone, a failed read that
		// the file was cut: net/http then closes the connection.
		_, _ = io.CopyN(w, body, n)
	}
	return nil
}

func setHeaders(h http.Header, o *object) {
	h.Set("Accept-Ranges", "bytes")
	h.Set("Etag", o.etag)
	h.Set("Last-Modified", o.modified.Format(http.TimeFormat))
	h.Set("Content-Type", "binary/octet-stream")
	if o.contentType != "" {
		h.Set("Content-Type", o.contentType)
	}
	if o.contentEncoding != "" {
		h.Set("Content-Encoding", o.contentEncoding)
	}
	for name, value := range o.metadata {
		h.Set(metadataPrefix+name, value)
	}
	if o.class != "" && o.class != "STANDARD" {
		h.Set("X-Amz-Storage-Class", o.class)
	}
	if o.restored {
		h.Set("X-Amz-Restore", fmt.Sprintf(`ongoing-request="false", expiry-date=%q`, o.expiry().Format(http.TimeFormat)))
	}
}

// checkConditions knows the two conditions that fail with 412. If-Match wins
// over If-Unmodified-Since.
func checkConditions(o *object, h http.Header) *apiError {
	if tags := h.Get("If-Match"); tags != "" {
		if !matches(tags, o.etag) {
			return preconditionFailed("If-Match")
		}
		return nil
	}
	if since, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && o.modified.After(since) {
		return preconditionFailed("If-Unmodified-Since")
	}
	return nil
}

func notModified(o *object, h http.Header) bool {
	if tags := h.Get("If-None-Match"); tags != "" {
		return matches(tags, o.etag)
	}
	since, err := http.ParseTime(h.Get("If-Modified-Since"))
	return err == nil && !o.modified.After(since)
}

// matches takes tags without quotes too, as S3 does.
func matches(tags, etag string) bool {
	for tag := range strings.SplitSeq(tags, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.Trim(tag, `"`) == strings.Trim(etag, `"`) {
			return true
		}
	}
	return false
}

// parseRange reads a range of one part. S3 answers with the whole object if it
// cannot make sense of a range or if there are several, and with an error if
// the range begins beyond the object.
func parseRange(s string, size int64) (from, n int64, partial, ok bool) {
	first, last, found := strings.Cut(strings.TrimPrefix(s, "bytes="), "-")
	if !strings.HasPrefix(s, "bytes=") || !found || strings.Contains(s, ",") {
		return 0, size, false, true
	}
	if first == "" {
		suffix, err := strconv.ParseInt(last, 10, 64)
		if err != nil || suffix < 0 {
			return 0, size, false, true
		}
		suffix = min(suffix, size)
		return size - suffix, suffix, true, suffix > 0
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, size, false, true
	}
	to := size - 1
	if last != "" {
		if to, err = strconv.ParseInt(last, 10, 64); err != nil || to < from {
			return 0, size, false, true
		}
	}
	to = min(to, size-1)
	return from, to - from + 1, true, from < size
}
