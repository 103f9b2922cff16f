// Lambda is an AWS Lambda function that reads each prompt log as soon as it is
// stored. S3 tells an SQS queue of new objects, and Lambda hands this function the
// messages of the queue, whichever way they came: from S3 itself, by way of SNS or
// of EventBridge. Here each record is logged, without any user's text; put what is
// to become of it in the place of logRecord.
//
// # Build
//
//	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -tags lambda.norpc -o bootstrap .
//	zip function.zip bootstrap
//
// The function has the runtime provided.al2023, at least 256 MB of memory, a timeout
// of a minute or more, and the environment variable LOG_BUCKET, the bucket's name.
//
// # Queue
//
//   - The event source mapping has FunctionResponseTypes=ReportBatchItemFailures. Without it
//     Lambda ignores the answer and deletes the messages that have failed.
//   - The queue has a redrive policy, with a maxReceiveCount of 5 or more. Without it
//     a message that cannot be read comes back until its retention ends.
//   - Its visibility timeout is at least six times the function's timeout.
//   - S3 sends s3:ObjectCreated:* to it, not some kinds of it alone, and
//     s3:ObjectRestore:Completed if objects get archived.
//
// # What becomes of a message
//
// A message is deleted when the sink has taken all records of its objects. It comes back
// if the sink failed, if S3 failed with a retryable error, or if the function's time was
// up. So a record may come more than once, as messages of SQS may anyway.
//
// An object that is damaged, gone or archived is logged, and its message is deleted: the
// object would be the same the next time. So it is with an object that was replaced, since
// the new one has an event of its own. A message that is not an event of S3, or that names
// an object of another bucket, comes back until it lies in the dead-letter queue, where
// somebody sees it. So nothing that a message is about is lost silently.
//
// # Permissions
//
// The function's role needs, besides those to write its own log:
//
//   - s3:GetObject on the bucket's objects, and kms:Decrypt on its key if they are
//     encrypted with KMS;
//   - sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes on the queue,
//     with which Lambda reads it, and kms:Decrypt on its key if it has one.
//
// It needs no s3:ListBucket: events tell the size of an object, and S3 the bucket's Region in
// any case, which the function asks for when it starts. Without that permission S3 answers
// for an object that is gone as if it were denied, 403 and not 404, so that the message
// comes back and ends in the dead-letter queue.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/open"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	bucket := os.Getenv("LOG_BUCKET")
	if bucket == "" {
		slog.Error("set LOG_BUCKET to the name of the bucket that the logs lie in")
		os.Exit(1)
	}
	src, _, err := open.URI(context.Background(), "s3://"+bucket, nil)
	if err != nil {
		slog.Error("open the bucket", "error", err)
		os.Exit(1)
	}
	// Messages name few objects. The memory is half of the default.
	opts := &qlogs.Options{InFlight: 10, BytesInFlight: 32 << 20}
	h := handler{
		client: qlogs.New(src, opts),
		bucket: bucket,
		sink:   logRecord,
	}
	lambda.Start(h.handle)
}

// logRecord is a Sink that logs ids, times and sizes. It never fails.
func logRecord(ctx context.Context, e qlogs.Entry) error {
	slog.InfoContext(ctx, "record", "entry", e)
	return nil
}
