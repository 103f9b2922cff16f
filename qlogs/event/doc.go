// Package event turns events of Amazon S3 into the objects to read, for programs
// that are told of new logs instead of looking for them:
//
//	e, err := event.Decode(data)
//	if err != nil {
//		log.Print(err) // and go on: e has all that could be decoded
//	}
//	for entry, err := range client.Read(ctx, e.In("my-bucket")...) {
//		...
//	}
//
// [Decode] takes what a queue, a topic, a rule or Lambda delivers, as it is, and
// has to be told nothing of how the bucket is wired.
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
//   - Lambda's record of an asynchronous invocation, as a destination gets it. What it
//     tells is the event in its requestPayload;
//   - a dead letter of EventBridge Pipes, with the batch as its payload;
//   - what Cloudflare answers to a pull from a queue, where the bodies are text.
//
// They may lie within each other, up to five levels of JSON: as text in a string, or as
// JSON that a service has parsed. White space and a byte order mark before an event are
// passed over. An empty list hides nothing that stands beside it, and of two lists of
// records, in different spellings of the name, the second is an error.
//
// Batches of Kafka, Kinesis and Amazon MQ, CloudEvents and the logs of CloudTrail are not
// read: their error names them.
//
// S3's test event and the confirmations of SNS tell of no object and are no error.
// This package confirms no subscription and checks no signature: an event is as
// trustworthy as the queue or topic that it came from.
//
// # Other stores
//
// Stores that write notifications as S3 does are read too: MinIO, Ceph, Versity S3
// Gateway, StorageGRID and others, whatever their eventSource, and Cloudflare R2. Names
// of events may start with "s3:" and be in upper or lower case. A number may be a string
// and a string may be missing. No such difference costs the object: a size that is no
// number of bytes is unknown, a time that cannot be read is zero, and the bucket's ARN
// names the bucket if nothing else does. Only AWS's own events are asked for their version.
//
// Some stores write a size of 0 where they do not know it. Such a size is unknown, unless
// the ETag is that of an empty object, or the event is AWS's and of an object without parts.
//
// # Keys
//
// Notifications of S3 have their keys URL encoded, with a plus for a space, as
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// says, and so they are decoded. For the events of EventBridge, which
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html describes,
// there is no such rule: they have the keys as they are, and so have those of R2.
//
// Some other stores encode keys and some do not. Ceph does not. From the others a key is
// decoded, unless it has a character that no encoded key has, or a % that starts no escape;
// then it is taken as it is.
//
// # What is an object to read
//
// An object that was created, by whatever request, or restored from an archive, and
// that a scan would read. [Event].Skipped counts the objects that are no logs, and
// [Event].Ignored the events of other kinds. A creation is never ignored: if something
// is missing, or if the name of the event is not known, it is an error. A name that is
// not known and seems to be AWS's is an error only if it has a verb of creations, such as
// "put". Where a rule of EventBridge has written a type of its own, the reason in the
// detail decides. MinIO calls changes of tags and retention creations; the object is read
// again for them.
//
// # More than once, and not in order
//
// S3 delivers each event at least once and in no promised order, and so do queues
// and topics. Nothing is left out here for that: the same object may be in an event
// twice, and in another one later. An object that was replaced after its event is
// qlogs.ErrChanged when it is read; the event of its replacement follows.
//
// # Errors
//
// One bad message does not cost the others: [Decode] returns an [Event] and [Errors]
// at the same time. The text of an error shows nothing that stands in the event.
package event
