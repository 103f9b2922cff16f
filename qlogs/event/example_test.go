package event_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/event"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Read what an event tells of. The source is a mirror of the bucket here; with
// s3source.New the objects are read as they are in the event.
func Example() {
	mirror := exampleMirror()
	defer os.RemoveAll(mirror)
	client := qlogs.New(source.Dir(mirror), nil)

	body := exampleNotification("my-bucket", exampleKeys[0]) // of a message, for example
	e, err := event.Decode([]byte(body))
	if err != nil {
		log.Print(err) // and go on: e has all that could be decoded
	}
	objects := e.In("my-bucket")
	for i := range objects {
		objects[i].ETag = "" // the files of a mirror have others
	}
	for entry, err := range client.Read(context.Background(), objects...) {
		if qlogs.EndsScan(err) {
			log.Fatal(err)
		}
		if err != nil {
			log.Print(err)
			continue
		}
		fmt.Println(entry.Time(), entry.Record.LogType())
	}
	// Output:
	// 2026-07-01 09:00:12 +0000 UTC GenerateAssistantResponse
	// 2026-07-01 09:00:00 +0000 UTC GenerateAssistantResponse
	// 2026-07-01 09:00:40 +0000 UTC ReviewCode
}

// A Lambda function for a queue answers with the messages that have failed. SQS
// delivers them again, and in the end to the dead-letter queue; the others it deletes.
func ExampleDecode_lambda() {
	mirror := exampleMirror()
	defer os.RemoveAll(mirror)
	client := qlogs.New(source.Dir(mirror), nil)

	type failure struct {
		ItemIdentifier string `json:"itemIdentifier"`
	}
	type answer struct {
		BatchItemFailures []failure `json:"batchItemFailures"`
	}
	handle := func(ctx context.Context, data []byte) (answer, error) {
		failed := map[string]bool{}
		e, err := event.Decode(data)
		var bad event.Errors
		errors.As(err, &bad)
		for _, b := range bad {
			if b.MessageID == "" {
				return answer{}, b // nothing is known of the messages: all have failed
			}
			failed[b.MessageID] = true
		}

		messages := map[string][]string{} // by key, since two may tell of one object
		for _, o := range e.Objects {
			messages[o.Key] = append(messages[o.Key], o.MessageID)
		}
		for entry, err := range client.Read(ctx, e.In("my-bucket")...) {
			var object *qlogs.ObjectError
			switch {
			case qlogs.EndsScan(err):
				return answer{}, err // all messages come again
			case errors.As(err, &object) && object.Retryable:
				for _, id := range messages[object.Key] {
					failed[id] = true
				}
			case err != nil:
				fmt.Println("damaged for good:", qlogs.ClassOf(err)) // and the same the next time
			default:
				fmt.Println(entry.Time(), entry.Record.LogType())
			}
		}

		var a answer
		for id := range failed {
			a.BatchItemFailures = append(a.BatchItemFailures, failure{id})
		}
		return a, nil
	}

	a, err := handle(context.Background(), exampleBatch())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(a.BatchItemFailures), "of 4 messages failed")
	// Output:
	// 2026-07-01 09:00:12 +0000 UTC GenerateAssistantResponse
	// 2026-07-01 09:00:00 +0000 UTC GenerateAssistantResponse
	// 2026-07-01 09:00:40 +0000 UTC ReviewCode
	// 2026-07-01 09:20:12 +0000 UTC GenerateAssistantResponse
	// damaged for good: corrupt_gzip
	// 1 of 4 messages failed
}

// One queue may tell of several buckets, each of which has its own client.
func ExampleEvent_In() {
	e, err := event.Decode(exampleTwoBuckets())
	if err != nil {
		log.Print(err)
	}
	for _, bucket := range []string{"logs-eu", "logs-us"} {
		objects := e.In(bucket) // for the Read of that bucket's client
		fmt.Println(bucket, len(objects))
	}
	// Output:
	// logs-eu 1
	// logs-us 2
}
