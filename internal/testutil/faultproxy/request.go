package faultproxy

import (
	"net/http"
	"strconv"
	"strings"
)

// Request is what the proxy knows of a request.
type Request struct {
	// Op is the operation as S3 names it: "GetObject", "ListObjectsV2",
	// "HeadBucket", or "Other".
	Op string

	// Bucket and Key are decoded, from a path-style address.
	Bucket, Key string

	// Prefix and StartAfter are those of ListObjectsV2.
	Prefix, StartAfter string

	// Offset is the first byte of GetObject's range, 0 without one.
	Offset int64

	// IfMatch is that header of GetObject.
	IfMatch string

	// Invocation is the id that the SDK gives to each call of an operation, the same
	// for all its attempts.
	Invocation string

	// N counts the requests of the same operation on the same key or prefix,
	// from 1.
	N int
}

func newRequest(r *http.Request) Request {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	req := Request{Op: "Other", Bucket: bucket, Key: key, Prefix: query.Get("prefix"), StartAfter: query.Get("start-after"), IfMatch: r.Header.Get("If-Match"), Offset: offset(r.Header.Get("Range")), Invocation: r.Header.Get("Amz-Sdk-Invocation-Id")}
	switch {
	case bucket == "":
	case r.Method == http.MethodHead && key == "":
		req.Op = "HeadBucket"
	case r.Method != http.MethodGet:
	case key != "":
		req.Op = "GetObject"
	case query.Get("list-type") == "2":
		req.Op = "ListObjectsV2"
	}
	return req
}

// offset returns the first byte of a range that has one.
func offset(header string) int64 {
	first, _, _ := strings.Cut(strings.TrimPrefix(header, "bytes="), "-")
	n, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
