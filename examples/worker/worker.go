package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

// maxMessages is how many messages SQS gives at most in one answer.
const maxMessages = 10

// errStopped is why work was cut off that was not finished within the grace.
var errStopped = errors.New("the worker was stopped")

// A Sink takes one record, and is done with it when it returns nil. An error ends the work
// on the message that told of the record's object, so that it comes again. So does
// the end of the context: the worker is stopped, or the message may be another
// worker's. A sink is called by several goroutines at once.
type Sink func(context.Context, qlogs.Entry) error

// Queue is what a worker needs of an *sqs.Client.
type Queue interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
}

// A worker works on the messages of one queue.
type worker struct {
	queue  Queue
	url    string
	client *qlogs.Client // of the bucket
	bucket string
	dedup  *keep.Dedup // of what the sink has taken
	sink   Sink

	atOnce     int           // messages worked on at the same time
	wait       time.Duration // of one request for messages; whole seconds
	visibility time.Duration // for which a message is taken; whole seconds
	grace      time.Duration // to finish messages in when the worker is stopped
}

// check tells what is wrong with the settings.
func (w *worker) check() error {
	switch {
	case w.url == "" || w.bucket == "":
		return errors.New("give the queue's URL with -queue and the bucket's name with -bucket")
	case w.atOnce < 1:
		return errors.New("-messages has to be at least 1")
	case w.visibility < 2*w.wait || w.visibility > 12*time.Hour || w.visibility%time.Second != 0:
		return fmt.Errorf("-visibility has to be whole seconds, from %v to 12h", 2*w.wait)
	case w.grace < 0:
		return errors.New("-grace must not be negative")
	}
	return nil
}

// run works until ctx is done, which is no error, or until the queue cannot be read. The
// SDK has tried that again by then: what is left is for whoever restarts the worker.
// It returns when nothing of the worker goes on: after the grace at the latest, if the
// sink heeds its context.
func (w *worker) run(ctx context.Context) error {
	work, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	var group sync.WaitGroup
	slots := make(chan struct{}, w.atOnce)
	err := w.receive(ctx, slots, func(m message) {
		group.Go(func() {
			w.handle(work, m)
			<-slots
		})
	})
	defer time.AfterFunc(w.grace, func() { cut(errStopped) }).Stop()
	group.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// receive calls start for each message, which has one of the slots then. It asks for no
// more messages than there are free slots: one that waited for a slot would lose time
// of its visibility.
func (w *worker) receive(ctx context.Context, slots chan struct{}, start func(message)) error {
	for {
		n := take(ctx, slots)
		if n == 0 {
			return nil
		}
		// The time of a message begins within the request, at some moment.
		until := time.Now().Add(w.visibility)
		out, err := w.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:            &w.url,
			MaxNumberOfMessages: int32(n),
			WaitTimeSeconds:     seconds(w.wait),
			VisibilityTimeout:   seconds(w.visibility),
		})
		if err != nil {
			return fmt.Errorf("receive messages: %w", err)
		}
		for _, m := range out.Messages {
			start(message{id: aws.ToString(m.MessageId), receipt: aws.ToString(m.ReceiptHandle), body: aws.ToString(m.Body), until: until})
		}
		for range n - len(out.Messages) {
			<-slots
		}
	}
}

// take takes as many slots as are free, but at least one, for which it waits, and no more
// than are of use. It returns 0 when ctx is done.
func take(ctx context.Context, slots chan struct{}) int {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for n := 1; n < maxMessages; n++ {
		select {
		case slots <- struct{}{}:
		default:
			return n
		}
	}
	return maxMessages
}

func seconds(d time.Duration) int32 { return int32(d / time.Second) }
