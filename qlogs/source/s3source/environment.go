package s3source

import (
	"context"
	"net/http"
	"os"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// What the SDK takes from the environment anew for each request: which invocation of a
// function it belongs to, and, in the user agent, what it runs in.
const (
	traceHeader     = "X-Amzn-Trace-Id"
	functionName    = "AWS_LAMBDA_FUNCTION_NAME"
	environmentName = "AWS_EXECUTION_ENV"
)

// nameInvocation sets the header for the invocation as the SDK does, by its own code.
func nameInvocation(ctx context.Context, r *http.Request) error {
	if _, ok := os.LookupEnv(functionName); !ok { // nearly everywhere
		return nil
	}
	var sdk awsmiddleware.RecursionDetection
	_, _, err := sdk.HandleBuild(ctx, middleware.BuildInput{Request: &smithyhttp.Request{Request: r}}, noBuild{})
	return err
}

type noBuild struct{}

func (noBuild) HandleBuild(context.Context, middleware.BuildInput) (middleware.BuildOutput, middleware.Metadata, error) {
	return middleware.BuildOutput{}, middleware.Metadata{}, nil
}
