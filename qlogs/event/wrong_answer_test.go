package event_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/promptlogs/qlogs/qlogs/event"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// wrongRecords is a notification with these records.
func wrongRecords(records ...string) string {
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

// wrongRecord is a record of S3 whose object has these fields.
func wrongRecord(object string) string {
	return `{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"logs"},"object":{` + object + `}}}`
}

// wrongOne is a notification of the object with these fields beside its key.
func wrongOne(fields string) string {
	return wrongRecords(wrongRecord(`"key":"` + goodKey + `"` + fields))
}

// wrongNamed is a notification by another name.
func wrongNamed(name string) string {
	return strings.Replace(wrongOne(`,"size":7`), "ObjectCreated:Put", name, 1)
}

func wrongUTF16(text string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// wrongAnswers are messages that are well formed, or nearly, and are not what was waited
// for; with those that look like one and are an event.
var wrongAnswers = []struct {
	name    string
	data    string
	objects int
	ignored int
	skipped path.Skips
	says    []string // one for each error, part of it
}{
	// What is no JSON, or no object.
	{name: "nothing", data: "", says: []string{"it is not JSON"}},
	{name: "spaces", data: " \r\n", says: []string{"it is not JSON"}},
	{name: "HTML", data: "<!DOCTYPE html><html><title>CANARY</title></html>", says: []string{"it is not JSON"}},
	{name: "XML of SQS", data: `<?xml version="1.0"?><ReceiveMessageResponse><ReceiveMessageResult/></ReceiveMessageResponse>`, says: []string{"it is not JSON"}},
	{name: "text", data: "CANARY", says: []string{"it is not JSON"}},
	{name: "base64 of an event", data: "eyJSZWNvcmRzIjpbXX0=", says: []string{"it is not JSON"}},
	{name: "a form", data: "Action=SendMessage&MessageBody=%7B%7D", says: []string{"it is not JSON"}},
	{name: "YAML", data: "Records:\n- eventSource: aws:s3\n", says: []string{"it is not JSON"}},
	{name: "gzip", data: "\x1f\x8b\x08\x00CANARY", says: []string{"it is not JSON"}},
	{name: "UTF-16", data: wrongUTF16(notification(goodKey)), says: []string{"it is not JSON"}},
	{name: "an event that is cut", data: notification(goodKey)[:100], says: []string{"it is not JSON"}},
	{name: "an event without its last brace", data: strings.TrimSuffix(notification(goodKey), "}"), says: []string{"it is not JSON"}},
	{name: "an event and text", data: notification(goodKey) + "CANARY", says: []string{"it is not JSON"}},
	{name: "two events in two lines", data: notification(goodKey) + "\n" + notification(goodKey), says: []string{"it is not JSON"}},
	{name: "an event in single quotes", data: strings.ReplaceAll(notification(goodKey), `"`, `'`), says: []string{"it is not JSON"}},
	{name: "null", data: "null", says: []string{"it is JSON of another form"}},
	{name: "true", data: "true", says: []string{"it is JSON of another form"}},
	{name: "a number", data: "7391", says: []string{"it is JSON of another form"}},
	{name: "an array of nothing", data: "[]", says: []string{"it is an empty array"}},
	{name: "an array of null", data: "[null]", says: []string{"[0]: not an event of S3 in a known form: it is JSON of another form"}},
	{name: "an object of nothing", data: "{}", says: []string{"it has none of the fields that tell what it is, find out what else sends messages to the queue or topic"}},
	{name: "a string of nothing", data: `""`, says: []string{"it is not JSON"}},
	{name: "a string of text", data: `"CANARY"`, says: []string{"it is not JSON"}},

	// What other services send.
	{name: "an alarm of CloudWatch", data: `{"AlarmName":"CANARY","NewStateValue":"ALARM","Trigger":{"MetricName":"Errors"}}`, says: []string{"it has none of the fields"}},
	{name: "a bounce of SES", data: `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent"}}`, says: []string{"it has none of the fields"}},
	{name: "a notice of Auto Scaling", data: `{"Event":"autoscaling:EC2_INSTANCE_LAUNCH","Service":"AWS Auto Scaling"}`, says: []string{"it has none of the fields"}},
	{name: "an event of EC2 by EventBridge", data: `{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","detail":{"state":"running"}}`, says: []string{"it has none of the fields"}},
	{name: "a message of one's own", data: `{"id":17,"payload":{"name":"CANARY"}}`, says: []string{"it has none of the fields"}},
	{name: "a message of one's own with a type", data: `{"type":"CANARY","payload":{}}`, says: []string{"its Type is not one of SNS"}},
	{name: "logs of CloudWatch", data: `{"awslogs":{"data":"H4sIAAAA"}}`, says: []string{"it has none of the fields"}},
	{name: "Firehose", data: `{"invocationId":"i","deliveryStreamArn":"arn:aws:firehose:us-east-1:111122223333:deliverystream/x","records":[{"recordId":"1","data":"e30="}]}`, says: []string{".Records[0]: not an event of S3 in a known form: it has none of the fields"}},
	{name: "a stream of DynamoDB", data: `{"Records":[{"eventID":"1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{}}]}`, says: []string{"it is a record of DynamoDB"}},
	{name: "Kinesis", data: `{"Records":[{"kinesis":{"data":"e30="},"eventSource":"aws:kinesis","eventName":"aws:kinesis:record"},{"kinesis":{},"eventSource":"aws:kinesis"}]}`, says: []string{".Records[0]: not an event of S3 in a known form: it is a record of Kinesis", ".Records[1]: not an event of S3 in a known form: it is a record of Kinesis"}},
	{name: "Kinesis in a pipe", data: `[{"eventSource":"aws:kinesis","data":"e30="}]`, says: []string{"[0]: not an event of S3 in a known form: it is a record of Kinesis"}},
	{name: "Kafka", data: `{"eventSource":"aws:kafka","eventSourceArn":"arn:aws:kafka:us-east-1:111122223333:cluster/x","records":{"t-0":[{"topic":"t","value":"e30="}]}}`, says: []string{"event: not an event of S3 in a known form: it is a record of Kafka"}},
	{name: "Kafka of one's own", data: `{"eventSource":"SelfManagedKafka","bootstrapServers":"b:9092","records":{"t-0":[{"topic":"t","value":"e30="}]}}`, says: []string{"it is a record of Kafka"}},
	{name: "Kafka in a pipe", data: `[{"eventSource":"aws:kafka","topic":"t","value":"e30="}]`, says: []string{"[0]: not an event of S3 in a known form: it is a record of Kafka"}},
	{name: "ActiveMQ", data: `{"eventSource":"aws:mq","messages":[{"messageID":"1","data":"e30="}]}`, says: []string{"it is a record of Amazon MQ"}},
	{name: "RabbitMQ", data: `{"eventSource":"aws:rmq","rmqMessagesByQueue":{"q::/":[{"data":"e30="}]}}`, says: []string{"it is a record of Amazon MQ"}},
	{name: "a service that nobody knows", data: `{"Records":[{"eventSource":"aws:newservice","eventName":"ObjectCreated:Put"}]}`, says: []string{"its eventSource is not S3, SQS or SNS"}},
	{name: "CloudEvents", data: `{"specversion":"1.0","id":"1","type":"com.amazonaws.s3.objectcreated","source":"aws:s3","data":{"key":"CANARY"}}`, says: []string{"it is a CloudEvent"}},
	{name: "CloudEvents of AWS's source", data: `{"specversion":"1.0","id":"1","type":"Object Created","source":"aws.s3","data":{}}`, says: []string{"it is a CloudEvent"}},
	{name: "CloudEvents with data in base64", data: `{"specversion":"1.0","id":"1","type":"t","source":"s","data_base64":"e30="}`, says: []string{"it is a CloudEvent"}},
	{name: "CloudEvents in a batch", data: `[{"specversion":"1.0","type":"t","source":"s"},{"specversion":"1.0","type":"t","source":"s"}]`, says: []string{"[0]: not an event of S3 in a known form: it is a CloudEvent", "[1]: not an event of S3 in a known form: it is a CloudEvent"}},
	{name: "CloudTrail's log", data: `{"Records":[{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"us-east-1","requestParameters":{"bucketName":"logs","key":"CANARY"}}]}`, says: []string{".Records[0]: not an event of S3 in a known form: it is a record of CloudTrail"}},
	{name: "CloudTrail by EventBridge", data: `{"source":"aws.s3","detail-type":"AWS API Call via CloudTrail","detail":{"eventSource":"s3.amazonaws.com","eventName":"PutObject"}}`, says: []string{"CloudTrail's record of a request is not read: turn on the bucket's events to EventBridge"}},
	{name: "CloudTrail's record by another bus", data: `{"source":"example","detail-type":"AWS API Call via CloudTrail","detail":{"eventSource":"s3.amazonaws.com","eventName":"PutObject"}}`, says: []string{"it has none of the fields"}},
	{name: "Event Grid", data: `[{"topic":"/subscriptions/x","eventType":"Microsoft.Storage.BlobCreated","data":{"url":"CANARY"}}]`, says: []string{"[0]: not an event of S3 in a known form: it has none of the fields"}},
	{name: "Lambda's record without a payload", data: `{"version":"1.0","requestContext":{"condition":"RetriesExhausted"}}`, says: []string{"it is Lambda's record of an invocation, without its requestPayload"}},
	{name: "an answer of SQS without messages", data: `{"Messages":[]}`},
	{name: "Cloudflare's answer without messages", data: `{"success":true,"errors":[],"messages":[],"result":{"message_backlog_count":0,"messages":[]}}`},
	{name: "Cloudflare's answer of an error", data: `{"success":false,"errors":[{"code":7391,"message":"CANARY"}],"messages":[],"result":null}`, says: []string{".result: not an event of S3 in a known form: it is JSON of another form"}},
	{name: "CloudTrail's record of a removal", data: `{"Records":[{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"DeleteObject"}]}`, says: []string{"it is a record of CloudTrail"}},
	{name: "a dead letter of a pipe for something else", data: `{"context":{"condition":"RetryAttemptsExhausted"},"payload":"[{\"eventSource\":\"aws:kinesis\"}]"}`, says: []string{".payload[0]: not an event of S3 in a known form: it is a record of Kinesis"}},
	{name: "a notice of SNS without its type, with text", data: `{"MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:111122223333:t","Message":"CANARY"}`, says: []string{".Message: not an event of S3 in a known form: it is not JSON"}},
	{name: "an error of SQS", data: `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"CANARY"}`, says: []string{"it has none of the fields"}},

	// What SNS and S3 tell beside events.
	{name: "S3's test", data: `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"}`, ignored: 1},
	{name: "a subscription to confirm", data: `{"Type":"SubscriptionConfirmation","Token":"CANARY","Message":"You have chosen to subscribe"}`, ignored: 1},
	{name: "a subscription that has ended", data: `{"Type":"UnsubscribeConfirmation","Token":"CANARY","Message":"You have chosen to deactivate"}`, ignored: 1},
	{name: "a notice of SNS with text", data: `{"Type":"Notification","Message":"CANARY"}`, says: []string{".Message: not an event of S3 in a known form: it is not JSON"}},
	{name: "a notice of SNS without a message", data: `{"Type":"Notification","Subject":"Amazon S3 Notification"}`, says: []string{".Message: not an event of S3 in a known form: it is not JSON"}},
	{name: "a Type that SNS has not", data: `{"Type":"Confirmation","Message":"{}"}`, says: []string{"its Type is not one of SNS"}},

	// What stands in the place of the records.
	{name: "Records without any", data: `{"Records":[]}`},
	{name: "Records that are null", data: `{"Records":null}`, says: []string{"its Records are null"}},
	{name: "Records that are an object of nothing", data: `{"Records":{}}`, says: []string{".Records: not an event of S3 in a known form: it has none of the fields"}},
	{name: "Records that are one record", data: `{"Records":` + wrongRecord(`"key":"`+goodKey+`"`) + `}`, objects: 1},
	{name: "Records that are a number", data: `{"Records":7391}`, says: []string{"its Records are not an array"}},
	{name: "Records that are a string", data: `{"Records":` + mustJSON(wrongRecord(`"key":"`+goodKey+`"`)) + `}`, says: []string{"its Records are not an array"}},
	{name: "Records of null", data: `{"Records":[null]}`, says: []string{".Records[0]: not an event of S3 in a known form: it is JSON of another form"}},
	{name: "Records of arrays", data: `{"Records":[[]]}`, says: []string{".Records[0]: not an event of S3 in a known form: it is an empty array"}},
	{name: "Records in two spellings", data: `{"Records":[` + wrongRecord(`"key":"`+goodKey+`"`) + `],"records":[` + wrongRecord(`"key":"CANARY"`) + `]}`, objects: 1, says: []string{"it has two lists of Records, and only the first is read"}},
	{name: "a body in two spellings", data: mustJSON(m{"Body": notification(goodKey), "body": notification(goodKey)}), says: []string{".Body: not an event of S3 in a known form: it is not JSON"}},
	{name: "a body in two spellings, one of nothing", data: mustJSON(m{"Body": notification(goodKey), "body": ""}), objects: 1},
	{name: "Records without any, beside a creation without a bucket", data: `{"Records":[],"action":"PutObject","object":{"key":"` + goodKey + `"}}`, says: []string{"it has none of the fields"}},
	{name: "S3's test with a creation without a bucket", data: `{"Event":"s3:TestEvent","action":"PutObject","object":{"key":"` + goodKey + `"}}`, says: []string{"it has none of the fields"}},
	{name: "records in lower case", data: strings.Replace(notification(goodKey), "Records", "records", 1), objects: 1},
	{name: "one bad record among good ones", data: wrongRecords(wrongRecord(`"key":"`+goodKey+`"`), `{}`, wrongRecord(`"key":"`+goodKey+`"`)), objects: 2, says: []string{".Records[1]: not an event of S3 in a known form: it has none of the fields"}},
	{name: "a record without a word of S3", data: wrongRecords(`{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}`), says: []string{"it has no bucket name, or no key"}},
	{name: "a record without a name", data: wrongNamed(""), says: []string{"it has no eventName"}},
	{name: "a record of a version to come", data: strings.Replace(wrongOne(""), `"2.1"`, `"3.0"`, 1), says: []string{"its eventVersion is not 2"}},

	// Keys.
	{name: "an empty key", data: wrongRecords(wrongRecord(`"key":""`)), says: []string{"it has no bucket name, or no key"}},
	{name: "a key that is null", data: wrongRecords(wrongRecord(`"key":null`)), says: []string{"it has no bucket name, or no key"}},
	{name: "a key that is a number", data: wrongRecords(wrongRecord(`"key":7391`)), says: []string{"it has no bucket name, or no key"}},
	{name: "a key that is not encoded", data: wrongRecords(wrongRecord(`"key":"100%/` + goodKey + `"`)), says: []string{"key is not URL encoded UTF-8: only a scan can find the object"}},
	{name: "a key that is not UTF-8", data: wrongRecords(wrongRecord(`"key":"%ff/` + goodKey + `"`)), says: []string{"key is not URL encoded UTF-8"}},
	{name: "an empty bucket", data: strings.Replace(wrongOne(""), `"name":"logs"`, `"name":""`, 1), says: []string{"it has no bucket name, or no key"}},
	{name: "the key of a folder", data: wrongRecords(wrongRecord(`"key":"` + logFolder + `","size":0`)), skipped: path.Skips{Folder: 1}},
	{name: "the key of something else", data: wrongRecords(wrongRecord(`"key":"photos/a.jpg","size":7`)), skipped: path.Skips{Foreign: 1}},
	{name: "the key of a file beside a log", data: wrongRecords(wrongRecord(`"key":"` + logFolder + `.x.json.gz","size":7`)), skipped: path.Skips{Foreign: 1}},

	// Sizes.
	{name: "no size", data: wrongOne(""), objects: 1},
	{name: "a size of 0", data: wrongOne(`,"size":0,"eTag":"abc"`), skipped: path.Skips{Empty: 1}},
	{name: "a size of 0 in a string", data: wrongOne(`,"size":"0","eTag":"abc"`), skipped: path.Skips{Empty: 1}},
	{name: "a size of 0 without an ETag", data: wrongOne(`,"size":0`), skipped: path.Skips{Empty: 1}},
	{name: "a size of 0 of parts", data: wrongOne(`,"size":0,"eTag":"abc-2"`), objects: 1},
	{name: "a size in a string", data: wrongOne(`,"size":"7"`), objects: 1},
	{name: "a size that is null", data: wrongOne(`,"size":null`), objects: 1},
	{name: "a size below 0", data: wrongOne(`,"size":-7`), objects: 1},
	{name: "a size of half a byte", data: wrongOne(`,"size":7.5`), objects: 1},
	{name: "a size that is an object", data: wrongOne(`,"size":{"bytes":7}`), objects: 1},
	{name: "a size that is true", data: wrongOne(`,"size":true`), objects: 1},
	{name: "a size beyond all", data: wrongOne(`,"size":1e40`), objects: 1},

	// Names.
	{name: "a creation as MinIO has it", data: wrongNamed("s3:ObjectCreated:Put"), objects: 1},
	{name: "a creation of a kind to come", data: wrongNamed("ObjectCreated:Teleport"), objects: 1},
	{name: "a creation in lower case", data: wrongNamed("objectcreated:put"), objects: 1},
	{name: "a creation by its request", data: wrongNamed("PutObject"), objects: 1},
	{name: "a name that may be a creation", data: wrongNamed("UploadDone"), says: []string{"its eventName is not known, and may be that of a creation"}},
	{name: "a name that nobody knows", data: wrongNamed("Put"), says: []string{"its eventName is not known, and may be that of a creation"}},
	{name: "S3's test as a record", data: wrongNamed("s3:TestEvent"), ignored: 1},
	{name: "a removal", data: wrongNamed("ObjectRemoved:Delete"), ignored: 1},
	{name: "a marker of a removal", data: wrongNamed("ObjectRemoved:DeleteMarkerCreated"), ignored: 1},
	{name: "a change of tags", data: wrongNamed("ObjectTagging:Put"), ignored: 1},
	{name: "a copy that was lost", data: wrongNamed("ReducedRedundancyLostObject"), ignored: 1},
	{name: "a restore that has begun", data: wrongNamed("ObjectRestore:Post"), ignored: 1},
	{name: "a restore that is over", data: wrongNamed("ObjectRestore:Completed"), objects: 1},

	// EventBridge.
	{name: "EventBridge without a detail", data: `{"source":"aws.s3","detail-type":"Object Created"}`, says: []string{"it has no bucket name, or no key"}},
	{name: "EventBridge with a detail of null", data: `{"source":"aws.s3","detail-type":"Object Created","detail":null}`, says: []string{"it has no bucket name, or no key"}},
	{name: "EventBridge with a detail that is an array", data: `{"source":"aws.s3","detail-type":"Object Created","detail":[]}`, says: []string{"it has no bucket name, or no key"}},
	{name: "EventBridge without a detail-type", data: `{"source":"aws.s3","detail":{"bucket":{"name":"logs"},"object":{"key":"` + goodKey + `"}}}`, says: []string{"it has no detail-type"}},
	{name: "EventBridge with a version to come", data: `{"source":"aws.s3","detail-type":"Object Created","detail":{"event-version":"2.0","bucket":{"name":"b"},"object":{"key":"k"}}}`, says: []string{"its event-version is not 1"}},
	{name: "EventBridge with its detail in a string", data: `{"source":"aws.s3","detail-type":"Object Created","detail":` + mustJSON(`{"bucket":{"name":"logs"},"object":{"key":"`+goodKey+`"}}`) + `}`, objects: 1},
	{name: "EventBridge with a key that looks encoded", data: eventBridge("a%2Fb/" + goodKey), objects: 1},
	{name: "another event of EventBridge", data: `{"source":"aws.s3","detail-type":"Object ACL Updated","detail":{}}`, ignored: 1},

	// Quoted, marked, and in each other.
	{name: "an event in a string", data: mustJSON(notification(goodKey)), objects: 1},
	{name: "an event in a string in a string", data: mustJSON(mustJSON(notification(goodKey))), objects: 1},
	{name: "an event in too many strings", data: mustJSON(mustJSON(mustJSON(mustJSON(mustJSON(notification(goodKey)))))), says: []string{"it lies more than 5 levels deep"}},
	{name: "an event behind a byte order mark", data: "\ufeff" + notification(goodKey), objects: 1},
	{name: "an event before a byte order mark", data: notification(goodKey) + "\ufeff", says: []string{"it is not JSON"}},
	{name: "a body behind a byte order mark", data: mustJSON(m{"MessageId": "1", "Body": "\ufeff" + notification(goodKey)}), objects: 1},
	{name: "an empty body", data: `{"MessageId":"1","Body":""}`, says: []string{".Body: not an event of S3 in a known form: it is not JSON"}},
	{name: "a body that is null", data: `{"MessageId":"1","Body":null}`, says: []string{"it has none of the fields"}},
	{name: "a body that is a pointer to a file", data: `{"MessageId":"1","Body":"[\"software.amazon.payloadoffloading.PayloadS3Pointer\",{\"s3BucketName\":\"b\",\"s3Key\":\"k\"}]"}`, says: []string{".Body[0]: not an event of S3 in a known form: it is not JSON", ".Body[1]: not an event of S3 in a known form: it has none of the fields"}},
	{name: "a body that is HTML, among good ones", data: mustJSON(m{"Records": []m{
		{"messageId": "1", "eventSource": "aws:sqs", "body": notification(goodKey)},
		{"messageId": "2", "eventSource": "aws:sqs", "body": "<html>CANARY</html>"},
		{"messageId": "3", "eventSource": "aws:sqs", "body": notification(goodKey)},
	}}), objects: 2, says: []string{".Records[1].body: not an event of S3 in a known form: it is not JSON"}},
	{name: "a body that is Kafka's", data: mustJSON(m{"MessageId": "1", "Body": `{"eventSource":"aws:kafka","records":{}}`}), says: []string{".Body: not an event of S3 in a known form: it is a record of Kafka"}},
	{name: "a message of SNS that is a CloudEvent", data: mustJSON(m{"Type": "Notification", "Message": `{"specversion":"1.0","type":"t","source":"s"}`}), says: []string{".Message: not an event of S3 in a known form: it is a CloudEvent"}},
}

// What is no event of S3 is an error that names its place and what it is: it is never passed
// over as an event of nothing, and costs nothing beside it.
func TestWrongAnswers(t *testing.T) {
	for _, tt := range wrongAnswers {
		t.Run(tt.name, func(t *testing.T) {
			e, err := event.Decode([]byte(tt.data))
			bad := badParts(err)
			if len(e.Objects) != tt.objects || e.Ignored != tt.ignored || e.Skipped != tt.skipped || len(bad) != len(tt.says) {
				t.Fatalf("Decode(%s) is\n%swant %d objects, %d ignored, skipped %+v and errors that say %q", tt.data, describe(e, err), tt.objects, tt.ignored, tt.skipped, tt.says)
			}
			for i, says := range tt.says {
				if !strings.Contains(bad[i].Error(), says) || !errors.Is(bad[i], event.ErrUnknown) && !errors.Is(bad[i], event.ErrKey) {
					t.Errorf("error %d is %q, want one that says %q", i, bad[i], says)
				}
			}
			if text := fmt.Sprint(err); strings.Contains(text, "CANARY") || strings.Contains(text, "7391") {
				t.Errorf("error %q shows the event", text)
			}
			for _, o := range e.Objects {
				if !strings.HasSuffix(o.Key, goodKey) || o.Bucket != "logs" {
					t.Errorf("object %+v, want the log in the bucket", o)
				}
			}
		})
	}
}
