package s3source

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// This file has what all requests add to the SDK's: a stall timer for each attempt, and
// bounds for what is read of an answer.

// eachAttempt gives each attempt of a request the whole stall timeout. The pauses between
// attempts do not count: the caller's retryer decides how long they are.
func eachAttempt(o *s3.Options) {
	o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], addAttempt)
}

func addAttempt(stack *middleware.Stack) error {
	const retry = "Retry"
	if _, ok := stack.Finalize.Get(retry); !ok {
		return nil
	}
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("qlogs.Attempt", attempt), retry, middleware.After)
}

func attempt(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	defer source.StartAttempt(ctx).End()
	return next.HandleFinalize(ctx, in)
}

// maxErrorAnswer is how much is read of an answer that is an error. S3's have some
// hundred bytes. The error keeps the text until the loop gets it.
const maxErrorAnswer = 16 << 10

// maxAnswer is how much is read of a page.
const maxAnswer = 2 * maxPage

var errLongAnswer = fmt.Errorf("the answer to the listing has more than %d MiB: that is no page of S3's", maxAnswer>>20)

// boundErrors bounds what the SDK reads of errors. The SDK reads them to their end, which
// may never come, and does not look at the context.
func boundErrors(o *s3.Options) { boundBodies(o, nil) }

// boundAnswers bounds pages too, and sets long if an answer is longer.
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
	case response.Body == nil: // only a caller's own HTTP client answers so
		response.Body = http.NoBody
	case !good, m.long == nil && headersRefused(response.Header): // the SDK reads these to their end, too
		response.Body = &boundedBody{ReadCloser: response.Body, ctx: ctx, left: maxErrorAnswer, end: io.EOF}
	case m.long != nil:
		response.Body = &boundedBody{ReadCloser: response.Body, ctx: ctx, left: maxAnswer, end: errLongAnswer, ended: m.long}
	}
	return out, metadata, err
}

// A boundedBody returns end when more is read than it may have.
type boundedBody struct {
	io.ReadCloser
	ctx   context.Context
	left  int64
	end   error
	ended *bool // set with end, because the reader may hide that error; may be nil
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
