package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// errLost is why work was cut off whose message another worker may have soon.
var errLost = errors.New("the visibility timeout of the message could not be extended")

// hold keeps a message this worker's until release is called, which returns when it ceases
// to be. The context is for the work on the message. It is cancelled, with errLost,
// when the message cannot be held.
//
// What counts is this worker's clock, from before each request, and not what
// SQS says of a receipt handle: SQS may well delete a message by the handle of a worker
// whose time was up, though another one works on it.
func (w *worker) hold(ctx context.Context, m message) (work context.Context, release func() time.Time) {
	work, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		// At half of what is left: another try is still in time if one fails.
		for left := time.Until(m.until); left > w.visibility/16; left = time.Until(m.until) {
			select {
			case <-time.After(left / 2):
			case <-work.Done():
				return
			}
			if err := w.extend(work, &m, left/4); err != nil && work.Err() == nil {
				slog.Error("message could not be extended", "message", m.id, "error", err)
			}
		}
		cancel(errLost)
	}()
	return work, func() time.Time {
		cancel(nil)
		<-done
		return m.until
	}
}

// extend begins the visibility timeout of a message anew.
func (w *worker) extend(ctx context.Context, m *message, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	until := time.Now().Add(w.visibility)
	err := w.show(ctx, *m, w.visibility)
	if err == nil {
		m.until = until
	}
	return err
}

// show has SQS show a message to others, and to this worker, after that time.
func (w *worker) show(ctx context.Context, m message, after time.Duration) error {
	_, err := w.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl:          &w.url,
		ReceiptHandle:     &m.receipt,
		VisibilityTimeout: seconds(after),
	})
	return err
}
