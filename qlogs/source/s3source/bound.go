package s3source

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxErrorAnswer is how much is read of an answer that is an error: S3's have some
// hundred bytes. An error keeps what it says until the loop gets it.
const maxErrorAnswer = 16 << 10

// maxAnswer is how much is read of a page.
const maxAnswer = 2 * maxPage

var errLongAnswer = fmt.Errorf("the answer to the listing has more than %d MiB: that is no page of S3's", maxAnswer>>20)

// boundErrors bounds what the SDK reads of errors: it reads them to their end, which
// need not come, and without a look at the context.
func boundErrors(o *s3.Options) { boundBodies(o, nil) }

// boundAnswers bounds pages too, and sets long if there is more than that.
func boundAnswers(long *bool) func(*s3.Options) {
	return func(o *s3.Options) { boundBodies(o, long) }
}

func boundBodies(o *s3.Options, long *bool) {
	o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(boundBody{long}, middleware.After)
	})
}

// A boundBody is a middleware right behind the HTTP client.
type boundBody struct{ long *bool }

func (boundBody) ID() string { return "qlogs.Bound" }

func (m boundBody) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	response, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok || response == nil || response.Response == nil {
		return out, metadata, err
	}
	switch good := response.StatusCode/100 == 2; {
	case response.Body == nil: // as only an HTTP client of the caller's may have it
		response.Body = http.NoBody
	case !good, m.long == nil && headersRefused(response.Header): // which the SDK reads to its end, too
		response.Body = &boundedBody{ReadCloser: response.Body, ctx: ctx, left: maxErrorAnswer, end: io.EOF}
	case m.long != nil:
		response.Body = &boundedBody{ReadCloser: response.Body, ctx: ctx, left: maxAnswer, end: errLongAnswer, ended: m.long}
	}
	return out, metadata, err
}

// A boundedBody ends with an error when it is longer than it may be.
type boundedBody struct {
	io.ReadCloser
	ctx   context.Context
	left  int64
	end   error
	ended *bool // set with end, which whoever reads may not hand on; may be nil
}

func (b *boundedBody) Read(p []byte) (int, error) {
	switch {
	case b.ctx.Err() != nil:
		return 0, context.Cause(b.ctx)
	case b.left <= 0 && b.ended != nil:
		*b.ended = true
		return 0, b.end
	case b.left <= 0:
		return 0, b.end
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// maxIdlePages is how many pages without a key or a folder may follow one another: a
// store that has to pass over deleted objects may answer with some.
const maxIdlePages = 10_000

var errEndless = errors.New("the listing does not end")

// idlePages are the pages since the last one that had something.
type idlePages struct {
	last   string // key or folder of that one
	seed   maphash.Seed
	tokens map[uint64]struct{} // that led to them, as hashes
}

// next returns an error if the page behind token, after page, cannot get the listing any
// further.
func (i *idlePages) next(page *listPage, token string) error {
	last := page.last()
	if last != "" && last == i.last {
		return fmt.Errorf("%w: a page ends where the one before ended, and is not the last", errEndless)
	}
	if last != "" || i.tokens == nil {
		*i = idlePages{last: last, seed: maphash.MakeSeed(), tokens: map[uint64]struct{}{}}
	}
	hash := maphash.String(i.seed, token)
	if _, again := i.tokens[hash]; again {
		return fmt.Errorf("%w: a continuation token came again, with nothing between", errEndless)
	}
	if len(i.tokens) >= maxIdlePages {
		return fmt.Errorf("%w: %d pages in a row are empty", errEndless, maxIdlePages)
	}
	i.tokens[hash] = struct{}{}
	return nil
}
