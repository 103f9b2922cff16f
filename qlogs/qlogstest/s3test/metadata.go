package s3test

import (
	"net/http"
	"strings"
)

const (
	// metadataPrefix begins the headers of user metadata.
	metadataPrefix = "X-Amz-Meta-"

	// maxMetadata is how many bytes names and values may have together.
	maxMetadata = 2 << 10
)

// metadataOf returns the user metadata of a PUT. Names are in lower case, as S3 gives them
// back; several values of one name are one, with commas.
func metadataOf(h http.Header) (map[string]string, *apiError) {
	metadata, size := map[string]string{}, 0
	for header, values := range h {
		if name, ok := strings.CutPrefix(header, metadataPrefix); ok {
			value := strings.Join(values, ",")
			metadata[strings.ToLower(name)] = value
			size += len(name) + len(value)
		}
	}
	if size > maxMetadata {
		return nil, &apiError{Status: http.StatusBadRequest, Code: "MetadataTooLarge", Message: "Your metadata headers exceed the maximum allowed metadata size"}
	}
	return metadata, nil
}
