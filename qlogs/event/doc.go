// Package event turns events of Amazon S3 into the objects to read, for programs
// that are notified of new logs instead of looking for them:
//
//	e, err := event.Decode(data)
//	if err != nil {
//		log.Print(err) // and go on: e has all that could be decoded
//	}
//	for entry, err := range client.Read(ctx, e.In("my-bucket")...) {
//		...
//	}
//
// [Decode] takes what a queue, a topic, a rule or Lambda delivers, as it is. You need not
// say how the bucket's events reach you.
//
// # Forms
//
// An event is one of these:
//
//   - a notification of S3, as a queue, a topic with raw delivery and Lambda get it,
//     or one record of it;
//   - an event that S3 sent to EventBridge, whole or its detail alone;
//   - either of them in a notification of SNS, as a queue and Lambda get it;
//   - each of these in an SQS message, as ReceiveMessage gives it or only its body;
//   - a batch of SQS messages, as Lambda gets it, or as "aws sqs receive-message"
//     prints it;
//   - an EventBridge Pipes batch: an array of any of these;
//   - Lambda's record of an asynchronous invocation, as a destination gets it. The event
//     is its requestPayload;
//   - a dead letter of EventBridge Pipes, with the batch as its payload;
//   - what Cloudflare answers to a pull from a queue, if the bodies are text.
//
// They may be nested, up to five levels of JSON: as text in a string, or as JSON that a
// service has parsed. White space and a byte order mark before an event are ignored. An
// empty list does not hide what is beside it. If there are two lists of records, in
// different spellings of the name, the second is an error.
//
// Batches of Kafka, Kinesis and Amazon MQ, CloudEvents and the logs of CloudTrail are not
// read: their error names them.
//
// S3's test event and the confirmations of SNS are about no object, and are no error.
// This package confirms no subscription and checks no signature: an event is as
// trustworthy as the queue or topic that it came from.
//
// # Other stores
//
// Stores that write notifications as S3 does are read too: MinIO, Ceph, Versity S3
// Gateway, StorageGRID and others, whatever their eventSource, and Cloudflare R2. Names
// of events may start with "s3:" and be in upper or lower case. A number may be a string
// and a string may be missing. No such difference loses an object: a size that is no
// number of bytes is unknown, a time that cannot be read is zero, and the bucket's ARN
// names the bucket if nothing else does. The version is checked in AWS's own events only.
//
// Some stores write a size of 0 if they do not know it. Such a size is unknown, unless
// the ETag is that of an empty object, or the event is AWS's and of an object without parts.
//
// # Keys
//
// Keys in notifications of S3 are URL encoded, with a plus for a space, as
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// says, and [Decode] decodes them. Keys in events of EventBridge, which
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html describes, are
// not encoded, and neither are those of R2.
//
// Some other stores encode keys and some do not. Ceph does not. A key from any other store
// is decoded, unless it has a character that no encoded key has, or a % that starts no
// escape; then it is taken as it is.
//
// # What is an object to read
//
// An object to read was created, by whatever request, or restored from an archive, and is
// one that a scan would read. [Event].Skipped counts the objects that are no logs, and
// [Event].Ignored the events of other kinds. A creation is never ignored: if something
// is missing, or if the name of the event is not known, that is an error. An unknown name
// that seems to be AWS's is an error only if it has a verb of creations, such as "put". If
// a rule of EventBridge has replaced the type, the reason in the detail decides. MinIO
// calls changes of tags and retention creations, so they make the object be read again.
//
// # More than once, and not in order
//
// S3 delivers each event at least once and in no promised order, and so do queues
// and topics. This package leaves nothing out: the same object may be in an event
// twice, and in another one later. If an object was replaced after its event, reading it
// fails with qlogs.ErrChanged; the event of its replacement follows.
//
// # Errors
//
// One bad message does not affect the others: [Decode] returns an [Event] and [Errors]
// at the same time. The text of an error shows nothing of what the event holds.
package event
