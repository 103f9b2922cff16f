package event

import "encoding/json"

// The shapes of events, as far as they are read. Package encoding/json does not
// tell upper case from lower case in names, which serves here: an SQS message has a
// Body where ReceiveMessage gives it and a body where Lambda does.

// An envelope is a JSON text of any known form.
type envelope struct {
	Records json.RawMessage

	// What EventBridge delivers.
	Source     string
	DetailType string `json:"detail-type"`
	Region     string
	Time       string
	Detail     json.RawMessage

	// S3's test event.
	Event string

	snsMessage

	// One message of SQS.
	MessageID string
	Body      *string
}

type snsMessage struct {
	Type    string
	Message string
}

// A record is an element of Records: S3's own, or that of a batch which Lambda gets.
type record struct {
	EventSource string

	// S3.
	EventVersion string
	EventName    string
	EventTime    string
	AWSRegion    string
	S3           struct {
		Bucket bucket
		Object struct {
			Key       string
			Size      *int64
			ETag      string
			VersionID string
			Sequencer string
		}
	}

	// SQS.
	MessageID string
	Body      string

	SNS snsMessage
}

type bucket struct {
	Name string
}

// A detail is what EventBridge's envelope holds of S3.
type detail struct {
	EventVersion string `json:"event-version"`
	Bucket       bucket
	Object       struct {
		Key       string
		Size      *int64
		ETag      string
		VersionID string `json:"version-id"`
		Sequencer string
	}
}
