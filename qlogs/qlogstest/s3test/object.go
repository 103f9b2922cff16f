package s3test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"io"
	"os"
	"time"
)

// object is never changed once it is stored.
type object struct {
	size     int64
	etag     string // with its quotes
	modified time.Time
	class    string // "" is STANDARD
	restored bool

	contentType, contentEncoding string
	metadata                     map[string]string // the user's

	open func() (io.ReadSeekCloser, error)
}

func newMemObject(body []byte) *object {
	sum := md5.Sum(body)
	return &object{
		size:     int64(len(body)),
		etag:     quote(sum[:]),
		modified: now(),
		open:     func() (io.ReadSeekCloser, error) { return nopCloser{bytes.NewReader(body)}, nil },
	}
}

func newFileObject(filename string) (*object, error) {
	f, err := os.Open(filename)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := md5.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return nil, err
	}
	return &object{
		size:     n,
		etag:     quote(sum.Sum(nil)),
		modified: now(),
		open:     func() (io.ReadSeekCloser, error) { return os.Open(filename) },
	}, nil
}

// archived reports whether the object has to be restored before a GET.
func (o *object) archived() bool {
	return (o.class == "GLACIER" || o.class == "DEEP_ARCHIVE") && !o.restored
}

// expiry is the end of a restored copy. S3 gives midnight UTC.
func (o *object) expiry() time.Time {
	return o.modified.Truncate(24*time.Hour).AddDate(0, 0, 30)
}

func quote(sum []byte) string { return `"` + hex.EncodeToString(sum) + `"` }

// now is cut to the second, as S3 keeps the time of an object.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }
