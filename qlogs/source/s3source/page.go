package s3source

import (
	"context"
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

// errNoListing is what a success is that lists nothing of what was asked for. It must not
// count as an empty listing: what a listing does not show is passed for good.
var errNoListing = errors.New("the answer is no listing")

func noListing(why string) error {
	return fmt.Errorf("%w: %s; look at what answers at the S3 client's endpoint", errNoListing, why)
}

// pageTries is how often a page is asked for whose answer breaks off, or is no listing.
// The SDK repeats requests that fail, but not those whose answer has begun well.
const pageTries = 3

func (s *store) page(ctx context.Context, in source.ListInput, input *s3.ListObjectsV2Input) (*listPage, error) {
	for try := 1; ; try++ {
		page, err := s.ask(ctx, in, input)
		if err == nil {
			return page, nil
		}
		status, _ := answer(err)
		again := status/100 == 2 || errors.Is(err, errNoListing)
		if !again || try == pageTries || ctx.Err() != nil {
			return nil, s.explain(err, "s3:ListBucket")
		}
	}
}

// send sends one request for a page.
func (s *store) send(ctx context.Context, in source.ListInput, input *s3.ListObjectsV2Input) (*listPage, error) {
	var seen sight
	source.StartRequest(ctx)
	out, err := s.api.ListObjectsV2(ctx, input, eachAttempt, boundAnswers(&seen.long), s.pageReaders(&seen))
	switch status, _ := answer(err); {
	case seen.long:
		return nil, errLongAnswer
	case status/100 == 2 && isUnread(err):
		return nil, fmt.Errorf("%w, or is damaged: %w", errNoListing, err)
	case err != nil:
		return nil, err
	case out == nil:
		return nil, errNoAnswer
	case seen.odd != "":
		return nil, noListing(seen.odd)
	}
	page := &listPage{out: out, restores: s.restores && len(input.OptionalObjectAttributes) > 0 || hasRestoreStatus(out.Contents)}
	if out.EncodingType == types.EncodingTypeUrl {
		if err := page.decode(); err != nil {
			return nil, err
		}
	}
	named := aws.ToString(out.Name)
	if !page.isListing(named != "" && (seen.looked || named == s.bucket)) {
		return nil, noListing("it has neither keys nor anything else that a listing has")
	}
	return page, page.check(in, input, seen.looked)
}

// isUnread reports whether the SDK cannot make anything of an answer that did not break off.
func isUnread(err error) bool {
	var form *smithy.DeserializationError
	var syntax *xml.SyntaxError
	return (errors.As(err, &form) || errors.As(err, &syntax)) && !errors.Is(err, io.ErrUnexpectedEOF)
}

// A sight is what was seen of an answer beside what the SDK makes of it.
type sight struct {
	looked bool   // at its document, or a reader of the caller's has read it
	odd    string // why that is no listing
	long   bool
}

// An listPage is one page of a listing with its keys decoded.
type listPage struct {
	out      *s3.ListObjectsV2Output
	restores bool // it tells what is restored
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

// isListing reports whether the page has anything of a listing. That it is named is a sign
// where something else than a listing cannot have given the name.
func (p *listPage) isListing(named bool) bool {
	return p.len() > 0 || p.out.IsTruncated != nil || p.out.KeyCount != nil || p.out.MaxKeys != nil || named
}

// check returns an error if the page is not of the listing that was asked for with input.
// The name of the bucket decides nothing: a store may know it by several. What the keys
// are, a scan checks for all sources. A client whose document was not looked at may leave
// out sizes, as those of tests do.
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
		case o.Size == nil && looked: // 0 would pass it for empty
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

// isOf reports whether the page says that it is of a prefix. Stores differ in when they
// encode it; one that leaves it empty is believed if there are keys.
func (p *listPage) isOf(prefix string) bool {
	said := *p.out.Prefix
	if said == prefix || said == "" && p.len() > 0 {
		return true
	}
	return says(said, prefix)
}

// says reports whether a page repeats what it was asked with, encoded or not.
func says(said, asked string) bool {
	form, formErr := url.QueryUnescape(said)
	path, pathErr := url.PathUnescape(said)
	return said == asked || formErr == nil && form == asked || pathErr == nil && path == asked
}

// goesOn reports whether there are further pages. What the store leaves out, its token
// tells.
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
