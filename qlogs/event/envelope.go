package event

import "encoding/json"

// The shapes of events, as far as they are read. Package encoding/json does not
// tell upper case from lower case in names, which serves here: an SQS message has a
// Body where ReceiveMessage gives it and a body where Lambda does. A field of another
// JSON type than its Go type is left zero: the rest of an event does not suffer for it.

// An envelope is a JSON object of any known form: one that holds events, or one event.
type envelope struct {
	// A notification of S3, or a batch that Lambda gets.
	Records list

	// What a program or a command line received from SQS.
	Messages list

	// What Cloudflare answers to a pull. The messages of the queue are in it, and beside it
	// are messages about the request, most often none.
	Result json.RawMessage

	// A dead letter of EventBridge Pipes.
	Context json.RawMessage
	Payload part

	// A record of Lambda about an asynchronous invocation.
	RequestContext json.RawMessage
	RequestPayload part

	// One of Records: S3's own, or an element of a batch.
	EventSource  text
	EventVersion text
	EventName    text
	EventTime    text
	AWSRegion    text
	S3           struct {
		Bucket bucket
		Object object
	}
	SNS snsMessage

	// What EventBridge delivers.
	Source     text
	DetailType text `json:"detail-type"`
	EntryType  text `json:"detailType"` // where it was sent with its SDK's names
	Region     text
	Time       text
	Resources  json.RawMessage
	Detail     part

	// What EventBridge has as Detail, and the whole event of Cloudflare R2.
	Version text `json:"event-version"`
	Action  text
	Reason  text
	Bucket  topBucket
	Object  object

	DeletionType            text `json:"deletion-type"`
	RestoreExpiryTime       text `json:"restore-expiry-time"`
	SourceStorageClass      text `json:"source-storage-class"`
	DestinationStorageClass text `json:"destination-storage-class"`
	DestinationAccessTier   text `json:"destination-access-tier"`

	// S3's test event.
	Event text

	// What only CloudEvents have.
	SpecVersion text

	snsMessage

	// One message of SQS.
	MessageID text
	Body      part
}

type snsMessage struct {
	Type     text
	TopicARN text
	Message  part
}

type bucket struct {
	Name string
	ARN  text
}

type object struct {
	Key       string
	Size      text
	ETag      text
	VersionID text
	Sequencer text

	// EventBridge's spelling of VersionID.
	VersionDashID text `json:"version-id"`
}
