package event

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// These are the shapes of events, as far as they are read. Package encoding/json ignores the
// case of names, which helps here: an SQS message has a Body from ReceiveMessage and a body
// from Lambda. If a field's JSON type does not fit its Go type, the field stays zero and the
// rest of the event is read.

// An envelope is a JSON object of any known form: one that holds events, or one event.
type envelope struct {
	// A notification of S3, or a batch that Lambda gets.
	Records list

	// What a program or a command line received from SQS.
	Messages list

	// What Cloudflare answers to a pull. The queue's messages are in it. The Messages beside
	// it are about the request, and mostly none.
	Result json.RawMessage

	// A dead letter of EventBridge Pipes.
	Context json.RawMessage
	Payload part

	// A record of Lambda about an asynchronous invocation.
	RequestContext json.RawMessage
	RequestPayload part

	// One of Records: of a notification of S3, or of a batch.
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
	EntryType  text `json:"detailType"` // DetailType, if the event was sent with the SDK's names
	Region     text
	Time       text
	Resources  json.RawMessage
	Detail     part

	// What EventBridge has as Detail, or the whole event of Cloudflare R2.
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

	// Only CloudEvents have it.
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

type object struct {
	Key       string
	Size      text
	ETag      text
	VersionID text
	Sequencer text

	// EventBridge's spelling of VersionID.
	VersionDashID text `json:"version-id"`
}

// isFrom reports whether a record is of a service: "aws:sqs" and its like of other stores.
func (e *envelope) isFrom(service string) bool {
	return strings.HasSuffix(strings.ToLower(string(e.EventSource)), service)
}

// Records of other services arrive in the same ways and look much like events of S3. Their
// names show a user what is connected to the wrong queue or topic.
var foreignSources = []struct{ suffix, name string }{
	{":kafka", "Kafka"},
	{"selfmanagedkafka", "Kafka"},
	{":kinesis", "Kinesis"},
	{":dynamodb", "DynamoDB"},
	{":mq", "Amazon MQ"},
	{":rmq", "Amazon MQ"},
	{".amazonaws.com", "CloudTrail"}, // its sources are the names of services
}

// foreign says what e is if it is something known that is not read, and is empty otherwise.
func (e *envelope) foreign() string {
	if e.isNotification() {
		return ""
	}
	for _, f := range foreignSources {
		if e.isFrom(f.suffix) {
			return "it is a record of " + f.name + ", which is not read: have S3 send its events to a queue, a topic, EventBridge or Lambda"
		}
	}
	if e.SpecVersion != "" && e.Type != "" && e.Detail == nil && !e.Records.full {
		return "it is a CloudEvent, which is not read: pass on what S3 sent, without another envelope"
	}
	return ""
}

// isNotification reports whether e is a record of a notification of S3, or of a store that
// writes as S3 does. Such stores have sources like "minio:s3", or none.
func (e *envelope) isNotification() bool {
	return e.isFrom(":s3") || isCeph(string(e.EventSource)) || e.EventSource == "" && e.EventName != "" || e.S3.Object.Key != "" || e.S3.Bucket.name() != ""
}

// isAWS reports whether a notification is from AWS. Other stores have other sources, or
// names that start with "s3:".
func (e *envelope) isAWS() bool {
	const prefix = "s3:"
	name := string(e.EventName)
	return strings.EqualFold(string(e.EventSource), "aws:s3") && !(len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix))
}

// key returns the key of a notification, and whether it is known. S3 encodes keys, so a key
// that cannot be decoded is damaged. Only some other stores encode keys, and a key of theirs
// that cannot be decoded was not encoded.
func (e *envelope) key() (string, bool) {
	raw, aws := e.S3.Object.Key, e.isAWS()
	if !aws && isPlain(raw, string(e.EventSource)) {
		return raw, true
	}
	// PathUnescape would leave the pluses, which mean spaces.
	key, err := url.QueryUnescape(raw)
	if err == nil && utf8.ValidString(key) {
		return key, true
	}
	return raw, !aws
}

// isPlain reports whether a key is not encoded. No encoded key has a space, a control
// character or a byte beyond ASCII. Ceph encodes no key, so its keys of logs have slashes.
func isPlain(key, source string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return true
		}
	}
	return isCeph(source) && strings.Contains(key, "/")
}

func isCeph(source string) bool { return strings.HasPrefix(strings.ToLower(source), "ceph:") }

// happened names what happened in an event of R2 or a detail of EventBridge. Details of
// creations and deletions have the request as their reason. Details of restores and of
// changes of the storage class have no reason, but a field that no other has. happened is
// empty if nothing shows what it was.
func (e *envelope) happened() string {
	switch {
	case e.Action != "":
		return string(e.Action)
	case e.Reason != "":
		return string(e.Reason)
	case e.DeletionType != "":
		return "Object Deleted"
	case e.RestoreExpiryTime != "":
		return "Object Restore Completed"
	case e.SourceStorageClass != "":
		return "Object Restore Initiated"
	case e.DestinationStorageClass != "":
		return "Object Storage Class Changed"
	case e.DestinationAccessTier != "":
		return "Object Access Tier Changed"
	}
	return ""
}
