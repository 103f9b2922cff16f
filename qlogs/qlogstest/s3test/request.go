package s3test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A request is what the server takes from an HTTP request.
type request struct {
	op          string
	bucket, key string // decoded; key is empty for operations on buckets
	header      http.Header
	query       url.Values
}

func newRequest(r *http.Request) request {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return request{Operation(r), bucket, key, r.Header, r.URL.Query()}
}

// Operation returns the name that S3 has for what a request asks: "HeadBucket",
// "CreateBucket", "GetBucketLocation", "ListObjectsV2", "GetObject", "HeadObject",
// "PutObject" or "DeleteObject", and "Other" for all that a [Server] does not know. The
// request has a path-style address.
func Operation(r *http.Request) string {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	has := r.URL.Query().Has
	if bucket == "" || slices.ContainsFunc(otherOperations, has) {
		return "Other"
	}
	if key != "" {
		switch r.Method {
		case http.MethodGet:
			return "GetObject"
		case http.MethodHead:
			return "HeadObject"
		case http.MethodPut:
			return "PutObject"
		case http.MethodDelete:
			return "DeleteObject"
		}
		return "Other"
	}
	switch {
	case r.Method == http.MethodGet && has("location"):
		return "GetBucketLocation"
	case r.Method == http.MethodGet && has("list-type"):
		return "ListObjectsV2"
	case r.Method == http.MethodHead:
		return "HeadBucket"
	case r.Method == http.MethodPut:
		return "CreateBucket"
	}
	return "Other"
}

// otherOperations are the query parameters that turn one of the known operations into
// another one.
var otherOperations = []string{
	"acl", "attributes", "cors", "delete", "encryption", "legal-hold", "lifecycle", "policy", "retention",
	"tagging", "torrent", "uploadId", "uploads", "versioning", "versions",
}
