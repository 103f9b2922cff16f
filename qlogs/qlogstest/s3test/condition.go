package s3test

import "net/http"

// A putCondition is a condition of PutObject. The zero value is none.
type putCondition struct {
	etag   string // what the object's has to be; "" for any
	absent bool   // there must be no object
}

// putConditionOf knows the two conditions that S3 knows, of which If-None-Match takes only
// "*". S3 does not take both at once.
func putConditionOf(h http.Header) (c putCondition, _ *apiError) {
	c.etag = h.Get("If-Match")
	switch none := h.Get("If-None-Match"); {
	case none != "" && none != "*":
		return c, headerNotImplemented("If-None-Match")
	case none != "" && c.etag != "":
		return c, headerNotImplemented("If-Match,If-None-Match")
	default:
		c.absent = none != ""
	}
	return c, nil
}

// check looks at what is stored under key, nil for nothing.
func (c putCondition) check(o *object, key string) *apiError {
	switch {
	case c.absent && o != nil:
		return preconditionFailed("If-None-Match")
	case c.etag != "" && o == nil:
		return noSuchKey(key)
	case c.etag != "" && (c.etag == "*" || !matches(c.etag, o.etag)): // for S3 "*" is no ETag here
		return preconditionFailed("If-Match")
	}
	return nil
}
