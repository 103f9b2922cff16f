package s3mem

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
)

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := newRequest(r)
	n, fault := s.admit(req)
	w.Header().Set("Server", "AmazonS3")
	w.Header().Set("X-Amz-Request-Id", strconv.FormatInt(n, 10))
	if fault != nil {
		w = fault.begin(w, r)
		if fault.Change != nil {
			held := rewrite.NewWriter(w)
			defer func() { held.Send(fault.Change) }()
			w = held
		}
		if fault.Status != 0 {
			writeError(w, fault.apiError())
			return
		}
	}
	if err := s.serve(w, r, req); err != nil {
		writeError(w, err)
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, req Request) *apiError {
	if owner := r.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != Owner {
		return &apiError{Status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"}
	}
	switch req.Op {
	case "HeadBucket":
		return s.headBucket(w, req)
	case "CreateBucket":
		s.CreateBucket(req.Bucket)
		w.Header().Set("Location", "/"+req.Bucket)
		return nil
	case "GetBucketLocation":
		return s.bucketLocation(w, req)
	case "ListObjectsV2":
		return s.listObjects(w, req)
	case "GetObject", "HeadObject":
		return s.getObject(w, r, req)
	case "PutObject":
		return s.putObject(w, r, req)
	case "DeleteObject":
		if !s.exists(req.Bucket) {
			return noSuchBucket(req.Bucket)
		}
		s.Delete(req.Bucket, req.Key)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return &apiError{Status: http.StatusNotImplemented, Code: "NotImplemented", Message: "A header or query you provided implies functionality that is not implemented."}
}

func newRequest(r *http.Request) Request {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	return Request{
		Op:         operation(r.Method, bucket, key, q.Has),
		Bucket:     bucket,
		Key:        key,
		Prefix:     q.Get("prefix"),
		Delimiter:  q.Get("delimiter"),
		StartAfter: q.Get("start-after"),
		Token:      q.Get("continuation-token"),
		Range:      r.Header.Get("Range"),
		IfMatch:    r.Header.Get("If-Match"),
		Header:     r.Header,
		query:      q,
	}
}

// otherOperations are the query parameters that turn one of the known
// operations into another one.
var otherOperations = []string{
	"acl", "attributes", "cors", "delete", "encryption", "legal-hold", "lifecycle", "policy", "retention",
	"tagging", "torrent", "uploadId", "uploads", "versioning", "versions",
}

// operation names the operation as S3 does, or gives "Other" for one that the
// server does not know.
func operation(method, bucket, key string, has func(string) bool) string {
	if slices.ContainsFunc(otherOperations, has) {
		return "Other"
	}
	switch {
	case bucket == "":
		return "Other"
	case key == "" && method == http.MethodGet && has("location"):
		return "GetBucketLocation"
	case key == "" && method == http.MethodGet && has("list-type"):
		return "ListObjectsV2"
	case key == "" && method == http.MethodHead:
		return "HeadBucket"
	case key == "" && method == http.MethodPut:
		return "CreateBucket"
	case key == "":
		return "Other"
	case method == http.MethodGet:
		return "GetObject"
	case method == http.MethodHead:
		return "HeadObject"
	case method == http.MethodPut:
		return "PutObject"
	case method == http.MethodDelete:
		return "DeleteObject"
	}
	return "Other"
}

func (s *Server) headBucket(w http.ResponseWriter, req Request) *apiError {
	if !s.exists(req.Bucket) {
		return noSuchBucket(req.Bucket)
	}
	w.Header().Set("X-Amz-Bucket-Region", Region)
	return nil
}

// bucketLocation gives the empty location, which is how S3 names us-east-1.
func (s *Server) bucketLocation(w http.ResponseWriter, req Request) *apiError {
	if !s.exists(req.Bucket) {
		return noSuchBucket(req.Bucket)
	}
	return writeXML(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
	}{})
}

// apiError is an error as S3 writes it.
type apiError struct {
	XMLName      xml.Name `xml:"Error"`
	Status       int      `xml:"-"`
	Code         string
	Message      string
	BucketName   string `xml:",omitempty"`
	Key          string `xml:",omitempty"`
	ArgumentName string `xml:",omitempty"`
	StorageClass string `xml:",omitempty"`
	RequestID    string `xml:"RequestId"`
}

func noSuchBucket(name string) *apiError {
	return &apiError{Status: http.StatusNotFound, Code: "NoSuchBucket", Message: "The specified bucket does not exist", BucketName: name}
}

func invalidArgument(name, message string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Code: "InvalidArgument", Message: message, ArgumentName: name}
}

func internalError() *apiError {
	return &apiError{Status: http.StatusInternalServerError, Code: "InternalError", Message: "We encountered an internal error. Please try again."}
}

func writeError(w http.ResponseWriter, e *apiError) {
	e.RequestID = w.Header().Get("X-Amz-Request-Id")
	if writeXML(w, e.Status, e) != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// writeXML sends the length ahead of the body, so that a client notices a body
// that was cut. An error of the connection is of no interest: nobody is left to
// read it.
func writeXML(w http.ResponseWriter, status int, v any) *apiError {
	body, err := xml.Marshal(v)
	if err != nil {
		return internalError()
	}
	h := w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(len(xml.Header)+len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), body...))
	return nil
}
