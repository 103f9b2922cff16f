// Worker reads each prompt log as soon as it is stored. S3 tells an SQS queue of new
// objects, by itself or by way of SNS or of EventBridge, and any number of workers
// take the messages from the queue. Here each record is logged, without any user's text;
// put what is to become of it in the place of logRecord.
//
//	go run . -queue https://sqs.us-east-1.amazonaws.com/111122223333/prompt-logs -bucket my-bucket
//
// Interrupt and SIGTERM end it: it takes no more messages, finishes those that it has
// within the time of -grace, and gives the others back to the queue.
//
// # What becomes of a message
//
// A message is deleted when the sink has taken all records of its objects. Until then no
// other worker sees it: its visibility timeout is extended at half time, for as long as
// SQS allows, which is 12 hours. If the extension failed until the time was nearly up, the
// worker leaves the message alone, since another worker may have it by then.
//
// A message comes back, after the rest of its visibility timeout, if the sink failed or if
// S3 failed with a retryable error. So a record may come more than once, as messages of
// SQS may anyway. This process drops records that it has handed on before. Only the sink
// can know what another process, or one that has ended, has handed on, for example by the
// record's qlogs.Entry.Identity.
//
// An object that is damaged, gone or archived is logged, and its message is deleted: the
// object would be the same the next time. So it is with an object that was replaced, since
// the new one has an event of its own. A message that is not an event of S3, or that names
// an object of another bucket, comes back until it lies in the dead-letter queue, where
// somebody sees it. So nothing that a message is about is lost silently.
//
// # Queue
//
//   - It has a redrive policy. Without it a message that cannot be read comes back until
//     its retention ends. Its maxReceiveCount times -visibility is how long an outage
//     may last until messages go to the dead-letter queue, from where they can be
//     redriven: 10 makes 20 minutes.
//   - Its own visibility timeout does not matter: the worker asks for -visibility.
//   - S3 sends s3:ObjectCreated:* to it, not some kinds of it alone, and
//     s3:ObjectRestore:Completed if objects get archived.
//
// # Permissions
//
//   - s3:GetObject on the bucket's objects, and kms:Decrypt on its key if they are
//     encrypted with KMS;
//   - sqs:ReceiveMessage, sqs:ChangeMessageVisibility and sqs:DeleteMessage on the
//     queue, and kms:Decrypt on its key if it has one.
//
// It needs no s3:ListBucket: events tell the size of an object, and S3 the bucket's Region in
// any case, which the worker asks for when it starts. Without that permission S3 answers
// for an object that is gone as if it were denied, 403 and not 404, so that the message
// comes back and ends in the dead-letter queue.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/source/open"
)

// Most messages name one object. With these a message that names many takes no more
// than this much memory ahead of the sink.
const (
	inFlight      = 2
	bytesInFlight = 16 << 20
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	w, err := configure(ctx, os.Args[1:], os.Stderr)
	if err == nil {
		err = w.run(ctx)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// configure makes a worker of the command line and the AWS configuration.
func configure(ctx context.Context, args []string, stderr io.Writer) (*worker, error) {
	w := &worker{sink: logRecord, wait: 20 * time.Second}
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&w.url, "queue", "", "`URL` of the queue")
	flags.StringVar(&w.bucket, "bucket", "", "`name` of the bucket that the logs lie in")
	flags.IntVar(&w.atOnce, "messages", 10, "messages worked on at the same time")
	flags.DurationVar(&w.visibility, "visibility", 2*time.Minute, "for how long a message is taken, and extended at half time")
	flags.DurationVar(&w.grace, "grace", 20*time.Second, "time to finish messages when the worker is stopped")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	src, _, err := open.URI(ctx, "s3://"+w.bucket, &open.Options{InFlight: w.atOnce * inFlight})
	if err != nil {
		return nil, err
	}
	w.client = qlogs.New(src, &qlogs.Options{InFlight: inFlight, BytesInFlight: bytesInFlight})
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	w.queue = sqs.NewFromConfig(cfg)
	w.dedup = keep.NewDedup(nil)
	return w, nil
}

// logRecord is a Sink that logs ids, times and sizes. It never fails.
func logRecord(ctx context.Context, e qlogs.Entry) error {
	slog.InfoContext(ctx, "record", "entry", e)
	return nil
}
