package s3test

import (
	"encoding/xml"
	"net/http"
	"strconv"
)

// apiError is an error as S3 writes it.
type apiError struct {
	XMLName      xml.Name `xml:"Error"`
	Status       int      `xml:"-"`
	Code         string
	Message      string
	BucketName   string `xml:",omitempty"`
	Key          string `xml:",omitempty"`
	ArgumentName string `xml:",omitempty"`
	Condition    string `xml:",omitempty"`
	Header       string `xml:",omitempty"`
	StorageClass string `xml:",omitempty"`
	RequestID    string `xml:"RequestId"`
}

func noSuchBucket(name string) *apiError {
	return &apiError{Status: http.StatusNotFound, Code: "NoSuchBucket", Message: "The specified bucket does not exist", BucketName: name}
}

func noSuchKey(key string) *apiError {
	return &apiError{Status: http.StatusNotFound, Code: "NoSuchKey", Message: "The specified key does not exist.", Key: key}
}

func preconditionFailed(condition string) *apiError {
	return &apiError{
		Status: http.StatusPreconditionFailed, Code: "PreconditionFailed",
		Message: "At least one of the pre-conditions you specified did not hold", Condition: condition,
	}
}

// headerNotImplemented is S3's answer to a header that it does not know with that operation,
// or not with that value.
func headerNotImplemented(name string) *apiError {
	return &apiError{
		Status: http.StatusNotImplemented, Code: "NotImplemented",
		Message: "A header you provided implies functionality that is not implemented", Header: name,
	}
}

func invalidArgument(name, message string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Code: "InvalidArgument", Message: message, ArgumentName: name}
}

func internalError() *apiError {
	return &apiError{Status: http.StatusInternalServerError, Code: "InternalError", Message: "We encountered an internal error. Please try again."}
}

// Error answers a request with an error as S3 writes it, such as [http.StatusServiceUnavailable]
// and "SlowDown". It is for handlers that [Server.Wrap] puts before the server.
func Error(w http.ResponseWriter, status int, code, message string) {
	writeError(w, &apiError{Status: status, Code: code, Message: message})
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
