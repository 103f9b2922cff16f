package s3test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// putObject answers PutObject.
func (s *store) putObject(w http.ResponseWriter, r *http.Request, req request) *apiError {
	if !s.exists(req.bucket) {
		return noSuchBucket(req.bucket)
	}
	condition, apiErr := putConditionOf(r.Header)
	if apiErr != nil {
		return apiErr
	}
	metadata, apiErr := metadataOf(r.Header)
	if apiErr != nil {
		return apiErr
	}
	body, err := readBody(r)
	if err != nil {
		return &apiError{Status: http.StatusBadRequest, Code: "IncompleteBody", Message: "You did not provide the number of bytes specified by the Content-Length HTTP header."}
	}
	o := newMemObject(body)
	o.contentType = r.Header.Get("Content-Type")
	o.contentEncoding = contentEncoding(r.Header)
	o.class = r.Header.Get("X-Amz-Storage-Class")
	o.metadata = metadata
	if apiErr := s.putIf(req.bucket, req.key, o, condition); apiErr != nil {
		return apiErr
	}
	w.Header().Set("Etag", o.etag)
	return nil
}

// contentEncoding leaves out aws-chunked, which concerns the upload alone.
func contentEncoding(h http.Header) string {
	var kept []string
	for e := range strings.SplitSeq(h.Get("Content-Encoding"), ",") {
		if e = strings.TrimSpace(e); e != "" && e != "aws-chunked" {
			kept = append(kept, e)
		}
	}
	return strings.Join(kept, ",")
}

// readBody reads a plain body or one in the chunks of a streamed signature.
func readBody(r *http.Request) ([]byte, error) {
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return readChunks(bufio.NewReader(r.Body))
	}
	return io.ReadAll(r.Body)
}

var errBadChunk = errors.New("s3mem: bad chunk")

// readChunks reads "size;chunk-signature=…\r\n" or "size\r\n", the bytes, and
// "\r\n", until a chunk of size 0. Trailing headers are not read.
func readChunks(r *bufio.Reader) ([]byte, error) {
	var body bytes.Buffer
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ";")
		n, err := strconv.ParseInt(digits, 16, 64)
		if err != nil || n < 0 {
			return nil, errBadChunk
		}
		if n == 0 {
			return body.Bytes(), nil
		}
		if _, err := io.CopyN(&body, r, n); err != nil {
			return nil, err
		}
		if _, err := r.Discard(len("\r\n")); err != nil {
			return nil, err
		}
	}
}
