package s3source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/internal/listxml"
)

// pageReaders makes package listxml read the pages of a listing: the SDK needs as much time
// to read a key as to decompress a small log. The SDK reads what that package does not. It
// reads all pages if plain is set, or if the caller traces or meters the SDK's work. The
// SDK takes any document for a listing; seen notes those that are none.
func pageReaders(seen *sight, plain bool) func(*s3.Options) {
	return func(o *s3.Options) {
		quick := !plain && !isWatched(*o)
		o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], func(stack *middleware.Stack) error {
			seen.looked = true
			sdk, ok := stack.Deserialize.Get(pageReaderID)
			switch {
			case !ok || !isSDKs(sdk):
				return nil
			case quick:
				_, err := stack.Deserialize.Swap(pageReaderID, pageReader{sdk, seen})
				return err
			}
			return stack.Deserialize.Insert(pageWatcher{seen}, pageReaderID, middleware.After)
		})
	}
}

// A sight is what was seen of an answer, beside what the SDK makes of it.
type sight struct {
	looked bool   // the document was looked at, or a reader of the caller's has read it
	odd    string // why the document is no listing
	long   bool   // the answer is longer than a page may be
}

// isSDKs reports whether a middleware is the S3 package's own, and not one that the caller
// has put in its place.
func isSDKs(m middleware.DeserializeMiddleware) bool {
	t := reflect.TypeOf(m)
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == reflect.TypeFor[s3.Options]().PkgPath()
}

// A pageReader takes the place of the SDK's reader of a page.
type pageReader struct {
	sdk  middleware.DeserializeMiddleware
	seen *sight
}

const pageReaderID = "OperationDeserializer"

func (pageReader) ID() string { return pageReaderID }

func (p pageReader) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if response, ok := success(out, err); ok {
		page, err := readPage(ctx, response, p.seen, response.StatusCode == http.StatusOK)
		if err != nil {
			smithyhttp.CloseResponseBody(ctx, response, false, nil)
			return out, metadata, err
		}
		if page != nil {
			smithyhttp.CloseResponseBody(ctx, response, false, nil)
			out.Result = page
			return out, metadata, nil
		}
	}
	return p.sdk.HandleDeserialize(ctx, in, middleware.DeserializeHandlerFunc(
		func(context.Context, middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
			return out, metadata, err
		}))
}

// A pageWatcher looks at a page before the SDK reads it.
type pageWatcher struct{ seen *sight }

func (pageWatcher) ID() string { return "qlogs.Page" }

func (w pageWatcher) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if response, ok := success(out, err); ok {
		_, err = readPage(ctx, response, w.seen, false)
	}
	return out, metadata, err
}

// success returns the answer to a request, and whether the request has succeeded.
func success(out middleware.DeserializeOutput, err error) (*smithyhttp.Response, bool) {
	response, ok := out.RawResponse.(*smithyhttp.Response)
	return response, ok && err == nil && response.StatusCode/100 == 2
}

// maxPage is the size from which on the SDK reads a page, because the SDK does not hold
// the whole of it in memory. 1,000 keys of the greatest length take a quarter of that.
const maxPage = 16 << 20

// maxPageBuffer is the greatest size of a buffer that is kept for later pages. Keys of
// logs take half a megabyte a page.
const maxPageBuffer = 1 << 20

var pageBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxEntries is how many keys and folders a page may have. S3's have 1,000. In memory an
// empty one takes ten times as many bytes as in the answer.
const maxEntries = 100_000

var errManyEntries = fmt.Errorf("the answer to the listing has more than %d keys: that is no page of S3's", maxEntries)

// readPage reads a page with package listxml. It returns nil if the SDK is to read the page,
// always so if quick is not set. The body of the answer then starts again from its first
// byte, and ends as it did.
func readPage(ctx context.Context, response *smithyhttp.Response, seen *sight, quick bool) (*s3.ListObjectsV2Output, error) {
	seen.odd = ""
	buf := pageBuffers.Get().(*bytes.Buffer)
	buf.Reset()
	if n := response.ContentLength; n > 0 {
		buf.Grow(int(min(n, maxPageBuffer-bytes.MinRead)) + bytes.MinRead)
	}
	rest := io.Reader(response.Body)
	_, err := buf.ReadFrom(io.LimitReader(response.Body, maxPage))
	switch {
	case err != nil:
		rest = failed{err}
	case bytes.Count(buf.Bytes(), []byte("<Contents"))+bytes.Count(buf.Bytes(), []byte("<CommonPrefixes")) > maxEntries:
		return nil, errManyEntries
	case quick && buf.Len() < maxPage:
		if page, ok := listxml.Parse(buf.Bytes()); ok {
			if buf.Cap() <= maxPageBuffer {
				pageBuffers.Put(buf)
			}
			if charged := response.Header.Values("X-Amz-Request-Charged"); len(charged) > 0 {
				page.RequestCharged = types.RequestCharged(strings.TrimSpace(charged[0]))
			}
			return page, nil
		}
	}
	if err == nil {
		seen.odd = listxml.Odd(buf.Bytes(), buf.Len() < maxPage)
	}
	response.Body = replayedBody{ctx, io.MultiReader(buf, rest), response.Body}
	return nil, nil
}

// A replayedBody is a body that has been read once.
type replayedBody struct {
	ctx  context.Context
	read io.Reader
	io.Closer
}

func (b replayedBody) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	return b.read.Read(p)
}

// failed is a reader that has failed.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }
