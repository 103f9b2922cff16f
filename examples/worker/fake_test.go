package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A fakeQueue is an SQS queue in memory. It is stricter than SQS: to delete or extend
// a message whose time is up fails the test, since another worker may have it.
type fakeQueue struct {
	t *testing.T

	mu       sync.Mutex
	messages []*fakeMessage
	changed  chan struct{} // closed when a message becomes visible otherwise than by time
	sent     int
}

type fakeMessage struct {
	id, body, receipt string
	hidden            time.Time // until
	received          int
}

func newFakeQueue(t *testing.T) *fakeQueue { return &fakeQueue{t: t, changed: make(chan struct{})} }

func (q *fakeQueue) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent++
	id := fmt.Sprintf("message-%d", q.sent)
	q.messages = append(q.messages, &fakeMessage{id: id, body: *in.MessageBody})
	q.notify()
	return &sqs.SendMessageOutput{MessageId: &id}, nil
}

func (q *fakeQueue) notify() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// ReceiveMessage answers as soon as there is a message.
func (q *fakeQueue) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	end := time.After(time.Duration(in.WaitTimeSeconds) * time.Second)
	for {
		out, next, changed := q.take(in)
		if len(out) > 0 {
			return &sqs.ReceiveMessageOutput{Messages: out}, nil
		}
		select {
		case <-changed:
		case <-next:
		case <-end:
			return &sqs.ReceiveMessageOutput{}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns messages that are visible, and when there may be more.
func (q *fakeQueue) take(in *sqs.ReceiveMessageInput) (out []types.Message, next <-chan time.Time, changed chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := time.Hour
	for _, m := range q.messages {
		if hidden := time.Until(m.hidden); hidden > 0 {
			first = min(first, hidden)
			continue
		}
		if len(out) == int(in.MaxNumberOfMessages) {
			break
		}
		m.received++
		m.receipt = m.id + "/" + strconv.Itoa(m.received)
		m.hidden = time.Now().Add(time.Duration(in.VisibilityTimeout) * time.Second)
		out = append(out, types.Message{MessageId: aws.String(m.id), ReceiptHandle: aws.String(m.receipt), Body: aws.String(m.body)})
	}
	return out, time.After(first), q.changed
}

func (q *fakeQueue) ChangeMessageVisibility(ctx context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i, err := q.find(ctx, *in.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	q.messages[i].hidden = time.Now().Add(time.Duration(in.VisibilityTimeout) * time.Second)
	if in.VisibilityTimeout == 0 {
		q.notify()
	}
	return &sqs.ChangeMessageVisibilityOutput{}, nil
}

func (q *fakeQueue) DeleteMessage(ctx context.Context, in *sqs.DeleteMessageInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i, err := q.find(ctx, *in.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	q.messages = append(q.messages[:i], q.messages[i+1:]...)
	return &sqs.DeleteMessageOutput{}, nil
}

// find returns the message that is the caller's by that receipt.
func (q *fakeQueue) find(ctx context.Context, receipt string) (int, error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	for i, m := range q.messages {
		id, _, _ := strings.Cut(receipt, "/")
		if m.id != id {
			continue
		}
		if m.receipt != receipt || time.Until(m.hidden) <= 0 {
			q.t.Errorf("%s was used when its time was up", receipt)
			return 0, errors.New("the receipt handle has expired")
		}
		return i, nil
	}
	q.t.Errorf("%s was used when its message was gone", receipt)
	return 0, errors.New("there is no such message")
}

// left is how many messages there are, whether visible or not.
func (q *fakeQueue) left() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages)
}
