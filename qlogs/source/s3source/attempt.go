package s3source

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// eachAttempt has the stall timer run for each attempt of a request by itself. How
// often the SDK tries, and how long it pauses between, is its retryer's to say.
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
