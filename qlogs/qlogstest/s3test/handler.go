package s3test

import (
	"encoding/xml"
	"net/http"
)

// answer answers one request.
func (s *store) answer(w http.ResponseWriter, r *http.Request) {
	if err := s.serve(w, r, newRequest(r)); err != nil {
		writeError(w, err)
	}
}

func (s *store) serve(w http.ResponseWriter, r *http.Request, req request) *apiError {
	if owner := r.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != Owner {
		return &apiError{Status: http.StatusForbidden, Code: "AccessDenied", Message: "Access Denied"}
	}
	switch req.op {
	case "HeadBucket":
		return s.headBucket(w, req)
	case "CreateBucket":
		s.CreateBucket(req.bucket)
		w.Header().Set("Location", "/"+req.bucket)
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
		if !s.exists(req.bucket) {
			return noSuchBucket(req.bucket)
		}
		s.Delete(req.bucket, req.key)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return &apiError{Status: http.StatusNotImplemented, Code: "NotImplemented", Message: "A header or query you provided implies functionality that is not implemented."}
}

func (s *store) headBucket(w http.ResponseWriter, req request) *apiError {
	if !s.exists(req.bucket) {
		return noSuchBucket(req.bucket)
	}
	w.Header().Set("X-Amz-Bucket-Region", Region)
	return nil
}

// bucketLocation gives the empty location, which is how S3 names us-east-1.
func (s *store) bucketLocation(w http.ResponseWriter, req request) *apiError {
	if !s.exists(req.bucket) {
		return noSuchBucket(req.bucket)
	}
	return writeXML(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
	}{})
}
