package s3test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"hash/crc32"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxPage   = 1000
	xmlTime   = "2006-01-02T15:04:05.000Z"
	restoring = "RestoreStatus"
)

type listResult struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name                  string
	Prefix                string
	Delimiter             string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	KeyCount              int
	MaxKeys               int
	EncodingType          string `xml:",omitempty"`
	IsTruncated           bool
	Contents              []listItem
	CommonPrefixes        []listPrefix
}

type listItem struct {
	Key           string
	LastModified  string
	ETag          string
	Size          int64
	StorageClass  string
	RestoreStatus *restoreStatus
}

type listPrefix struct{ Prefix string }

type restoreStatus struct {
	IsRestoreInProgress bool
	RestoreExpiryDate   string
}

// listObjects answers ListObjectsV2.
func (s *store) listObjects(w http.ResponseWriter, req request) *apiError {
	if req.query.Get("list-type") != "2" {
		return invalidArgument("list-type", "Invalid List Type specified in Request")
	}
	maxKeys, apiErr := parseMaxKeys(req)
	if apiErr != nil {
		return apiErr
	}
	encode, apiErr := keyEncoder(req.query.Get("encoding-type"))
	if apiErr != nil {
		return apiErr
	}
	prefix, delimiter, startAfter := req.query.Get("prefix"), req.query.Get("delimiter"), req.query.Get("start-after")
	after, token := startAfter, req.query.Get("continuation-token")
	if req.query.Has("continuation-token") {
		var ok bool
		if after, ok = parseToken(token); !ok {
			return invalidArgument("continuation-token", "The continuation token provided is incorrect")
		}
	}

	p, ok := s.page(req.bucket, prefix, delimiter, after, maxKeys)
	if !ok {
		return noSuchBucket(req.bucket)
	}
	res := listResult{
		Name:              req.bucket,
		Prefix:            encode(prefix),
		Delimiter:         encode(delimiter),
		StartAfter:        encode(startAfter),
		ContinuationToken: token,
		KeyCount:          len(p.contents) + len(p.prefixes),
		MaxKeys:           maxKeys,
		EncodingType:      req.query.Get("encoding-type"),
		IsTruncated:       p.truncated,
	}
	if p.truncated {
		res.NextContinuationToken = newToken(p.last)
	}
	restores := strings.Contains(req.header.Get("X-Amz-Optional-Object-Attributes"), restoring)
	for _, it := range p.contents {
		res.Contents = append(res.Contents, newListItem(it, encode, restores))
	}
	for _, folder := range p.prefixes {
		res.CommonPrefixes = append(res.CommonPrefixes, listPrefix{encode(folder)})
	}
	return writeXML(w, http.StatusOK, res)
}

func newListItem(it item, encode func(string) string, restores bool) listItem {
	li := listItem{
		Key:          encode(it.key),
		LastModified: it.modified.Format(xmlTime),
		ETag:         it.etag,
		Size:         it.size,
		StorageClass: it.class,
	}
	if li.StorageClass == "" {
		li.StorageClass = "STANDARD"
	}
	if restores && it.restored {
		li.RestoreStatus = &restoreStatus{RestoreExpiryDate: it.expiry().Format(time.RFC3339)}
	}
	return li
}

func parseMaxKeys(req request) (int, *apiError) {
	s := req.query.Get("max-keys")
	if s == "" {
		return maxPage, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, invalidArgument("max-keys", "Provided max-keys not an integer or within integer range")
	}
	return min(n, maxPage), nil
}

func keyEncoder(encoding string) (func(string) string, *apiError) {
	switch encoding {
	case "":
		return func(key string) string { return key }, nil
	case "url":
		return encodeKey, nil
	}
	return nil, invalidArgument("encoding-type", "Invalid Encoding Method specified in Request")
}

// encodeKey escapes a key as S3 does in listings: as in a form, but with "/"
// and "*" left alone and "~" escaped.
func encodeKey(key string) string {
	return keyEscapes.Replace(url.QueryEscape(key))
}

var keyEscapes = strings.NewReplacer("%2F", "/", "%2A", "*", "~", "%7E")

// newToken hides the last key of a page and guards it with a checksum, so that
// a made-up token is found out.
func newToken(last string) string {
	b := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(last)))
	return base64.StdEncoding.EncodeToString(append(b, last...))
}

func parseToken(token string) (last string, ok bool) {
	b, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(b) < 4 {
		return "", false
	}
	last = string(b[4:])
	return last, crc32.ChecksumIEEE(b[4:]) == binary.BigEndian.Uint32(b)
}
