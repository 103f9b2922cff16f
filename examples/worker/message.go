package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/event"
)

// A message is one that was received, and is this worker's until its time is up.
type message struct {
	id, receipt, body string
	until             time.Time
}

// handle reads the objects of a message, and deletes it if that was all of its work.
func (w *worker) handle(ctx context.Context, m message) {
	work, release := w.hold(ctx, m)
	err := w.read(work, m)
	until := release()
	log := slog.With("message", m.id)

	// Too late, it would be another worker's message that is deleted or given back.
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	switch {
	case ctx.Err() != nil:
		log.Error("message was lost to the queue while it was worked on, and comes again", "error", err)
		return
	case err == nil:
		_, err = w.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &w.url, ReceiptHandle: &m.receipt})
		if err != nil {
			log.Error("message could not be deleted, and comes again", "error", err)
		}
	case errors.Is(context.Cause(work), errStopped):
		log.Info("message is given back", "error", err)
		if err := w.show(ctx, m, 0); err != nil {
			log.Error("message could not be given back, and comes again later", "error", err)
		}
	default:
		log.Error("message is left to come again", "error", err)
	}
}

// read hands all records of a message's objects to the sink. An error means that the
// message has to come again. Other loops over records go on after an error of one object;
// this one ends at a retryable one, since the message comes again with all of its objects.
func (w *worker) read(ctx context.Context, m message) error {
	objects, err := w.objects(m)
	if err != nil {
		return err
	}
	for e, err := range w.dedup.Records(w.client.Read(ctx, objects...)) {
		var bad *qlogs.ObjectError
		switch {
		case errors.As(err, &bad) && !bad.Retryable:
			slog.ErrorContext(ctx, "object", "message", m.id, "error", bad)
			continue
		case err != nil:
			return err
		}
		if err := w.sink(ctx, e); err != nil {
			return fmt.Errorf("sink: %q, record %d: %w", e.Object.Key, e.Index, err)
		}
	}
	return nil
}

// objects returns the objects that a message tells of. There are none with an error:
// they would be read again each time that the message comes back.
func (w *worker) objects(m message) ([]qlogs.Object, error) {
	e, err := event.Decode([]byte(m.body))
	if err != nil {
		return nil, err
	}
	objects := e.In(w.bucket)
	if n := len(e.Objects) - len(objects); n > 0 {
		return nil, fmt.Errorf("%d of its objects lie in another bucket than %q: find out which other bucket, topic or program sends messages to the queue", n, w.bucket)
	}
	for i := range objects {
		objects[i].VersionID = "" // it would need s3:GetObjectVersion; the ETag tells a replaced object
	}
	return objects, nil
}
