package s3source

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// errNoListing is the error of a success that is not the listing that was asked for. It must
// not count as an empty listing: a scan never comes back to what a listing does not show.
var errNoListing = errors.New("the answer is no listing")

func noListing(why string) error {
	return fmt.Errorf("%w: %s; look at what answers at the S3 client's endpoint", errNoListing, why)
}

// isUnread reports whether the SDK could not read an answer that did not break off.
func isUnread(err error) bool {
	var form *smithy.DeserializationError
	var syntax *xml.SyntaxError
	return (errors.As(err, &form) || errors.As(err, &syntax)) && !errors.Is(err, io.ErrUnexpectedEOF)
}

// A listPage is one page of a listing with its keys decoded.
type listPage struct {
	out      *s3.ListObjectsV2Output
	restores bool // an object without a restore status is not restored
}

func (p *listPage) decode() error {
	for i := range p.out.Contents {
		if err := decodeKey(&p.out.Contents[i].Key); err != nil {
			return err
		}
	}
	for i := range p.out.CommonPrefixes {
		if err := decodeKey(&p.out.CommonPrefixes[i].Prefix); err != nil {
			return err
		}
	}
	return nil
}

func decodeKey(key **string) error {
	encoded := aws.ToString(*key)
	if strings.IndexByte(encoded, '%') < 0 && strings.IndexByte(encoded, '+') < 0 {
		return nil
	}
	decoded, err := url.QueryUnescape(encoded)
	if err != nil {
		return fmt.Errorf("the listing has a key that is not URL encoded, though it says so: %w", err)
	}
	*key = &decoded
	return nil
}

// isListing reports whether the page has anything of a listing. named says that it has a
// name that only a listing can have given.
func (p *listPage) isListing(named bool) bool {
	return p.len() > 0 || p.out.IsTruncated != nil || p.out.KeyCount != nil || p.out.MaxKeys != nil || named
}

// check returns an error if the page is not of the listing that was asked for with input.
// It ignores the bucket's name: a store may have several for it. It does not check the
// order of keys, because a scan does that for all sources. Sizes may only be missing if
// nobody looked at the document: clients in tests leave them out.
func (p *listPage) check(in source.ListInput, input *s3.ListObjectsV2Input, looked bool) error {
	out := p.out
	switch {
	case int(aws.ToInt32(out.KeyCount)) > p.len():
		return noListing(fmt.Sprintf("it says that it has %d keys and folders, and has %d", *out.KeyCount, p.len()))
	case out.Prefix != nil && !p.isOf(in.Prefix):
		return noListing("it is that of another prefix")
	case input.ContinuationToken == nil && aws.ToString(out.StartAfter) != "" && !says(*out.StartAfter, in.After):
		return noListing("it starts after another key")
	case p.len() == 0 && out.MaxKeys != nil && *out.MaxKeys == 0:
		return noListing("it has room for no key")
	}
	for i := range out.Contents {
		switch o := &out.Contents[i]; {
		case aws.ToString(o.Key) == "":
			return noListing("it has an object without a key")
		case o.Size == nil && looked: // 0 would make it an empty object
			return noListing("it has an object without a size")
		}
	}
	for i := range out.CommonPrefixes {
		if aws.ToString(out.CommonPrefixes[i].Prefix) == "" {
			return noListing("it has a folder without a name")
		}
	}
	return nil
}

// isOf reports whether the page says that it is of a prefix. Some stores encode the prefix
// and some do not. A page with keys may also leave it empty.
func (p *listPage) isOf(prefix string) bool {
	said := *p.out.Prefix
	if said == prefix || said == "" && p.len() > 0 {
		return true
	}
	return says(said, prefix)
}

// says reports whether said is what was asked for, encoded or not.
func says(said, asked string) bool {
	form, formErr := url.QueryUnescape(said)
	path, pathErr := url.PathUnescape(said)
	return said == asked || formErr == nil && form == asked || pathErr == nil && path == asked
}

// goesOn reports whether there are further pages. If the store does not say so, it depends
// on whether there is a token.
func (p *listPage) goesOn() bool {
	if p.out.IsTruncated == nil {
		return aws.ToString(p.out.NextContinuationToken) != ""
	}
	return *p.out.IsTruncated
}

// len is the number of objects and folders.
func (p *listPage) len() int { return len(p.out.Contents) + len(p.out.CommonPrefixes) }

// last is the last key or folder.
func (p *listPage) last() string {
	last := ""
	if n := len(p.out.Contents); n > 0 {
		last = aws.ToString(p.out.Contents[n-1].Key)
	}
	if n := len(p.out.CommonPrefixes); n > 0 {
		last = max(last, aws.ToString(p.out.CommonPrefixes[n-1].Prefix))
	}
	return last
}

// each yields objects and folders merged in key order.
func (p *listPage) each(yield func(source.Object, error) bool) bool {
	objects, folders := p.out.Contents, p.out.CommonPrefixes
	for len(objects) > 0 || len(folders) > 0 {
		if len(folders) == 0 || len(objects) > 0 && aws.ToString(objects[0].Key) < aws.ToString(folders[0].Prefix) {
			if !yield(newObject(objects[0], p.restores), nil) {
				return false
			}
			objects = objects[1:]
			continue
		}
		if !yield(source.Object{Key: aws.ToString(folders[0].Prefix), Folder: true}, nil) {
			return false
		}
		folders = folders[1:]
	}
	return true
}

func newObject(o types.Object, restores bool) source.Object {
	return source.Object{
		Key:          aws.ToString(o.Key),
		Size:         aws.ToInt64(o.Size),
		ETag:         aws.ToString(o.ETag),
		StorageClass: string(o.StorageClass),
		LastModified: aws.ToTime(o.LastModified),
		Archived:     isArchived(o, restores),
	}
}

// isArchived reports whether GetObject will refuse the object. AWS does so for two classes,
// until a restore has put a copy beside the object, which the restore status shows. Other
// stores use these names for classes that they serve, and may not send the status. restores
// says that an object without a status is not restored.
func isArchived(o types.Object, restores bool) bool {
	if o.StorageClass != types.ObjectStorageClassGlacier && o.StorageClass != types.ObjectStorageClassDeepArchive {
		return false
	}
	r := o.RestoreStatus
	if r == nil {
		return restores
	}
	return r.RestoreExpiryDate == nil || aws.ToBool(r.IsRestoreInProgress)
}

// hasRestoreStatus reports whether any object has a restore status. If so, the store was
// asked for it and knows what it is.
func hasRestoreStatus(objects []types.Object) bool {
	for i := range objects {
		if objects[i].RestoreStatus != nil {
			return true
		}
	}
	return false
}
