package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/event"
)

// spare is the time that is left of the function's timeout to answer which messages
// have failed. Without an answer all of them would come back.
const spare = 2 * time.Second

// A Sink takes one record, and is done with it when it returns nil. An error fails the
// messages that told of the record's object, so that it comes again. The context ends
// before the function's time does. A sink is called for one record after another.
type Sink func(context.Context, qlogs.Entry) error

// A handler handles batches of messages. It keeps nothing between them.
type handler struct {
	client *qlogs.Client
	bucket string
	sink   Sink
}

// handle reads the objects that a batch tells of and answers which messages have failed.
// Its error is always nil.
func (h handler) handle(ctx context.Context, in events.SQSEvent) (events.SQSEventResponse, error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-spare))
		defer cancel()
	}
	b := batch{given: map[qlogs.Object]bool{}, messages: map[string][]string{}, failed: map[string]bool{}}
	for _, m := range in.Records {
		objects, err := h.objects(m)
		if err != nil {
			slog.ErrorContext(ctx, "message is left to the dead-letter queue", "message", m.MessageId, "error", err)
			b.failed[m.MessageId] = true
		}
		b.add(m.MessageId, objects)
	}
	h.read(ctx, &b)

	var out events.SQSEventResponse
	for _, m := range in.Records {
		if b.failed[m.MessageId] {
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return out, nil
}

// objects returns the objects that a message tells of. There are none with an error:
// they would be read again each time that the message comes back.
func (h handler) objects(m events.SQSMessage) ([]qlogs.Object, error) {
	e, err := event.Decode([]byte(m.Body))
	if err != nil {
		return nil, err
	}
	objects := e.In(h.bucket)
	if n := len(e.Objects) - len(objects); n > 0 {
		return nil, fmt.Errorf("%d of its objects lie in another bucket than %q: find out which other bucket, topic or program sends messages to the queue", n, h.bucket)
	}
	for i := range objects {
		objects[i].VersionID = "" // it would need s3:GetObjectVersion; the ETag tells a replaced object
	}
	return objects, nil
}

// read hands the records of all objects of a batch to the sink. They share one pipeline,
// so that its bounds hold for the batch, and so that the sink has one record at a time.
func (h handler) read(ctx context.Context, b *batch) {
	at := 0 // in b.objects; those before are finished
	for e, err := range h.client.Read(ctx, b.objects...) {
		if qlogs.EndsScan(err) { // the time was up, for example
			slog.ErrorContext(ctx, "batch was not read to its end", "error", err)
			for _, o := range b.objects[at:] {
				b.fail(o.Key)
			}
			return
		}
		key := e.Object.Key
		var bad *qlogs.ObjectError
		if errors.As(err, &bad) {
			key = bad.Key
		}
		for at < len(b.objects) && b.objects[at].Key != key { // they come in order
			at++
		}
		switch {
		case bad != nil:
			slog.ErrorContext(ctx, "object", "error", bad)
			if bad.Retryable {
				b.fail(key)
			}
		case b.wanted(key):
			if err := h.sink(ctx, e); err != nil {
				slog.ErrorContext(ctx, "sink", "key", key, "index", e.Index, "error", err)
				b.fail(key)
			}
		}
	}
}

// A batch is what a batch of messages tells of.
type batch struct {
	objects  []qlogs.Object        // each once, though two messages may tell of it
	given    map[qlogs.Object]bool // those that are in objects
	messages map[string][]string   // by the key of an object, the messages that tell of it
	failed   map[string]bool       // by message
}

func (b *batch) add(message string, objects []qlogs.Object) {
	for _, o := range objects {
		b.messages[o.Key] = append(b.messages[o.Key], message)
		if !b.given[o] {
			b.given[o] = true
			b.objects = append(b.objects, o)
		}
	}
}

// fail fails the messages that tell of a key.
func (b *batch) fail(key string) {
	for _, message := range b.messages[key] {
		b.failed[message] = true
	}
}

// wanted reports whether a message that tells of key has not failed yet. If all of
// them have failed, the whole object comes again.
func (b *batch) wanted(key string) bool {
	return slices.ContainsFunc(b.messages[key], func(m string) bool { return !b.failed[m] })
}
