package event_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/event"
)

// anyType are JSON values of all types.
var anyType = []string{"null", "true", "17", "1.5", "-1e400", `""`, `"x"`, "[]", "[1]", "{}", `{"a":[{}]}`}

const goodKey = logFolder + "x.json.gz"

// withField is an event of each kind with a field of the object, which is JSON.
func withField(field string) map[string]string {
	object := `{"key":"` + goodKey + `",` + field + `}`
	return map[string]string{
		"S3":          `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":` + object + `}}]}`,
		"store":       `{"Records":[{"eventSource":"minio:s3","eventName":"s3:ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":` + object + `}}]}`,
		"EventBridge": `{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"b"},"object":` + object + `}}`,
		"R2":          `{"action":"PutObject","bucket":"b","object":` + object + `}`,
	}
}

// TestIdentities: ETags and versions of whatever spelling and type.
func TestIdentities(t *testing.T) {
	for field, want := range map[string]qlogs.Object{
		`"eTag":"abc"`: {ETag: `"abc"`}, `"etag":"abc"`: {ETag: `"abc"`}, `"ETag":"abc"`: {ETag: `"abc"`}, `"ETAG":"abc-2"`: {ETag: `"abc-2"`}, `"eTag":"\"abc\""`: {ETag: `"abc"`}, `"eTag":"\"abc"`: {ETag: `"abc"`}, `"eTag":"abc\""`: {ETag: `"abc"`}, `"eTag":"W/\"abc\""`: {ETag: `"abc"`},
		`"eTag":17`: {ETag: `"17"`}, `"eTag":""`: {}, `"eTag":"\"\""`: {}, `"eTag":"\""`: {}, `"eTag":null`: {}, `"eTag":[]`: {}, `"eTag":true`: {}, `"eTag":{"a":1}`: {},
		`"versionId":"v.1"`: {VersionID: "v.1"}, `"versionID":"v"`: {VersionID: "v"}, `"version-id":"v"`: {VersionID: "v"}, `"versionId":17`: {VersionID: "17"}, `"versionId":"17"`: {VersionID: "17"},
		`"versionId":null`: {}, `"versionId":""`: {}, `"versionId":"null"`: {}, `"version-id":"null"`: {}, `"versionId":{}`: {}, `"versionId":false`: {}, `"versionId":["v"]`: {},
	} {
		want.Size = 7
		checkField(t, `"size":7,`+field, want)
		checkField(t, field+`,"size":7`, want)
	}
}

func checkField(t *testing.T, field string, want qlogs.Object) {
	t.Helper()
	want.Key = goodKey
	for kind, data := range withField(field) {
		if got := only(t, data); got.Object != want || got.Bucket != "b" {
			t.Errorf("%s: %s is %+v, want %+v", kind, field, got, want)
		}
	}
}

// TestTimes: no time costs the object, and those of usual forms are read.
func TestTimes(t *testing.T) {
	when := time.Date(2026, 3, 2, 9, 15, 27, 0, time.UTC)
	times := map[string]time.Time{
		`"2026-03-02T09:15:27Z"`: when, `"2026-03-02t09:15:27z"`: when, `"2026-03-02T10:15:27+01:00"`: when, `"2026-03-02T10:15:27+0100"`: when, `"2026-03-02T09:15:27"`: when, `"2026-03-02 09:15:27"`: when, `"2026-03-02 09:15:27Z"`: when, `" 2026-03-02T09:15:27Z "`: when,
		`"2026-03-02 09:15:27.032936Z"`: when.Add(32936 * time.Microsecond), `"2026-03-02T09:15:27.5"`: when.Add(time.Second / 2), `"20260302T091527Z"`: when, `"Mon, 02 Mar 2026 09:15:27 GMT"`: when, `"Mon, 02 Mar 2026 10:15:27 +0100"`: when,
		"1772442927": when, "1772442927.0": when, "1.772442927e9": when, `"1772442927"`: when, "1772442927000": when, `"1772442927000"`: when, "1772442927000000": when, "1772442927000000000": when, "1772442927.5": when.Add(time.Second / 2),
	}
	for _, none := range append([]string{`"0.000000"`, "0", "1", "-5", "20260302", `"yesterday"`, `"2026-02-30T09:15:27Z"`, `"2026-03-02T24:15:27Z"`, "1e30", "1e400", `"NaN"`, `"Inf"`, `"0x1p40"`, `"` + strings.Repeat("2026", 100) + `"`}, anyType...) {
		times[none] = time.Time{}
	}
	for text, want := range times {
		for _, data := range []string{
			`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":` + text + `,"s3":{"bucket":{"name":"b"},"object":{"key":"` + goodKey + `"}}}]}`,
			`{"source":"aws.s3","detail-type":"Object Created","time":` + text + `,"detail":{"bucket":{"name":"b"},"object":{"key":"` + goodKey + `"}}}`,
			`{"action":"PutObject","eventTime":` + text + `,"bucket":"b","object":{"key":"` + goodKey + `"}}`,
		} {
			if got := only(t, data).Time; got != want {
				t.Errorf("%s is %s, want %s", data, got, want)
			}
		}
	}
}

// TestOtherTypes: a field that is not needed costs nothing, whatever its type is.
func TestOtherTypes(t *testing.T) {
	for _, value := range anyType {
		for _, field := range []string{"sequencer", "metadata", "tags", "versionId", "etag", "urlDecodedKey"} {
			for kind, data := range withField(`"` + field + `":` + value) {
				if o := only(t, data); o.Key != goodKey || o.Size != -1 {
					t.Errorf("%s: %s %s is %+v", kind, field, value, o)
				}
			}
		}
		for _, field := range []string{"userIdentity", "requestParameters", "responseElements", "glacierEventData", "source", "awsRegion", "eventTime", "messageId", "Sns", "body", "Type", "Message", "detail", "Event", "bucket", "object"} {
			data := `{"Records":[{"` + field + `":` + value + `,"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"s3SchemaVersion":` + value + `,"configurationId":` + value +
				`,"bucket":{"name":"b","ownerIdentity":` + value + `,"arn":` + value + `},"object":{"key":"` + goodKey + `"}}}]}`
			if o := only(t, data); o.Key != goodKey || o.Bucket != "b" {
				t.Errorf("%s is %+v", data, o)
			}
		}
		for _, field := range []string{"id", "account", "time", "region", "resources", "version", "Type", "Message"} {
			data := `{"` + field + `":` + value + `,"source":"aws.s3","detail-type":"Object Created","detail":{"version":` + value + `,"requester":` + value + `,"reason":` + value + `,"bucket":{"name":"b"},"object":{"key":"` + goodKey + `"}}}`
			if o := only(t, data); o.Key != goodKey || o.Bucket != "b" {
				t.Errorf("%s is %+v", data, o)
			}
		}
	}
	// The version is asked of AWS alone, and of no event that is ignored.
	for value, good := range map[string]bool{`"2.1"`: true, "2.5": true, "2": true, `"2"`: true, `""`: true, "null": true, "[]": true, "3": false, `"3.0"`: false, "20": false, `"20.1"`: false, `"1.0"`: false, `"0.1"`: false} {
		for _, source := range []string{"aws:s3", "minio:s3", "scality:s3"} {
			data := `{"Records":[{"eventVersion":` + value + `,"eventSource":"` + source + `","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"` + goodKey + `"}}}]}`
			e, err := event.Decode([]byte(data))
			if good := good || source != "aws:s3"; (len(e.Objects) == 1) != good || errors.Is(err, event.ErrUnknown) == good {
				t.Errorf("%s: eventVersion %s is\n%s", source, value, describe(e, err))
			}
			checkIgnored(t, strings.Replace(data, "ObjectCreated:Put", "ObjectRemoved:Delete", 1))
		}
	}
}

// TestRecords: what stands in the place of the list of records.
func TestRecords(t *testing.T) {
	record := mustJSON(record("aws:s3", "ObjectCreated:Put", goodKey))
	for data, n := range map[string]int{
		`{"Records":[` + record + `]}`: 1, `{"Records":` + record + `}`: 1, `{"records":` + record + `}`: 1, record: 1, `[` + record + `,` + record + `]`: 2, `{"Records":null,"Messages":[]}`: 0, `{"Records":[]}`: 0,
		`{"Messages":[]}`: 0, `{"Messages":null}`: 0, `{"Messages":{"Body":` + mustJSON(record) + `}}`: 1, `{"Records":[` + record + `],"EventName":"s3:ObjectRemoved:Delete","Key":"x"}`: 1,
	} {
		if e, err := event.Decode([]byte(data)); err != nil || len(e.Objects) != n || e.Ignored != 0 {
			t.Errorf("Decode(%s) is\n%swant %d objects", data, describe(e, err), n)
		}
	}
	// What is empty hides nothing, wherever it stands.
	body := mustJSON(record)
	for _, full := range []string{
		`"Records":[` + record + `]`, `"Messages":[{"Body":` + body + `}]`, `"Body":` + body, `"Type":"Notification","Message":` + body, `"requestPayload":` + record, `"result":{"messages":[{"body":` + body + `}]}`,
		`"Sns":{"Type":"Notification","Message":` + body + `}`, `"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"logs"},"object":{"key":"` + goodKey + `"}}`, `"action":"PutObject","bucket":"logs","object":{"key":"` + goodKey + `"}`, record[1 : len(record)-1],
	} {
		for _, none := range []string{`"Records":[]`, `"Records":[ ]`, `"records":null`, `"messages":[]`, `"Messages":null`, `"Records":[],"messages":[]`, `"records":[],"RECORDS":[]`, `"Event":"s3:TestEvent"`} {
			for _, data := range []string{"{" + none + "," + full + "}", "{" + full + "," + none + "}"} {
				if o := only(t, data); o.Key != goodKey {
					t.Errorf("Decode(%s) is %+v", data, o)
				}
			}
		}
	}
	for _, data := range []string{`{"Records":[` + record + `],"Messages":[{"Body":` + body + `}]}`, `{"Messages":{"Body":` + body + `},"records":` + record + `}`} {
		if e, err := event.Decode([]byte(data)); err != nil || len(e.Objects) != 2 {
			t.Errorf("Decode(%s) is\n%swant two objects", data, describe(e, err))
		}
	}
	for _, data := range []string{`{"Records":null}`, `{"Records":7}`, `{"Records":"[]"}`, `{"Records":true}`, `{"Messages":7}`, `{"Messages":"[]"}`, `[]`, `[[]]`, `[null]`, `{"Records":[[]]}`} {
		if e, err := event.Decode([]byte(data)); !errors.Is(err, event.ErrUnknown) || !reflect.DeepEqual(e, event.Event{}) {
			t.Errorf("Decode(%s) is\n%swant ErrUnknown", data, describe(e, err))
		}
	}
}

// TestMarks: byte order marks and white space before an event are passed over, in each
// place where one may start.
func TestMarks(t *testing.T) {
	const mark = "\ufeff"
	for _, before := range []string{mark, mark + mark, " ", "\n", "\r\n\t ", mark + "\n", "\n" + mark, " " + mark + " "} {
		for name, data := range map[string]string{
			"S3": notification(goodKey), "EventBridge": eventBridge(goodKey), "pipe": "[" + mustJSON(record("aws:s3", "ObjectCreated:Put", goodKey)) + "]", "string": mustJSON(notification(goodKey)),
		} {
			if o := only(t, before+data+" \n"); o.Key != goodKey {
				t.Errorf("%q before %s is %+v", before, name, o)
			}
			for _, e := range envelopes {
				if e.raw {
					continue
				}
				if o := only(t, before+e.wrap(before+data)); o.Key != goodKey {
					t.Errorf("%q before %s in %s is %+v", before, name, e.name, o)
				}
			}
		}
		for _, data := range []string{"", "x", "7", "{", `{"a":` + mark + "1}"} {
			if e, err := event.Decode([]byte(before + data)); !errors.Is(err, event.ErrUnknown) || len(badParts(err)) != 1 || !reflect.DeepEqual(e, event.Event{}) {
				t.Errorf("Decode(%q) is\n%swant ErrUnknown", before+data, describe(e, err))
			}
		}
	}
	// A mark of another encoding, and one behind, are none.
	for _, data := range []string{"\xff\xfe{\x00}\x00", "\xfe\xff\x00{\x00}", "\xef\xbb" + notification(goodKey), notification(goodKey) + mark} {
		if _, err := event.Decode([]byte(data)); !errors.Is(err, event.ErrUnknown) {
			t.Errorf("Decode(%q) = %v, want ErrUnknown", data, err)
		}
	}
}

// TestEnvelopesTogether has events that came by way of several services.
func TestEnvelopesTogether(t *testing.T) {
	one := record("aws:s3", "ObjectCreated:Put", goodKey)
	note := m{"Records": []m{one}}
	payload := func(v any) m {
		return m{"version": "1.0", "requestContext": m{"condition": "Success"}, "requestPayload": v}
	}
	bus := func(detail any) m {
		return m{"source": "lambda", "detail-type": "Lambda Function Invocation Result - Success", "detail": detail}
	}
	message := func(id string, body any) m { return m{"messageId": id, "eventSource": "aws:sqs", "body": body} }
	var raw m
	if err := json.Unmarshal([]byte(eventBridge(goodKey)), &raw); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		event any
		ids   []string
	}{
		"EventBridge in a pipe":                  {[]m{raw, raw}, []string{"", ""}},
		"bodies that a pipe took out":            {[]any{note, mustJSON(note), one}, []string{"", "", ""}},
		"a pipe's batch in a queue":              {m{"MessageId": "1", "Body": mustJSON([]m{message("2", mustJSON(note)), one})}, []string{"1", "1"}},
		"messages of a FIFO queue":               {[]m{{"messageId": "1", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:q.fifo", "attributes": m{"MessageGroupId": "g"}, "body": note}}, []string{"1"}},
		"a destination's SQS batch":              {payload(m{"Records": []m{message("1", mustJSON(note)), message("2", note)}}), []string{"1", "2"}},
		"a destination through a bus":            {bus(payload(note)), []string{""}},
		"a destination through a bus in a queue": {m{"Messages": []m{{"MessageId": "1", "Body": mustJSON(bus(payload(note)))}}}, []string{"1"}},
		"a notification through a bus":           {bus(note), []string{""}},
		"a record through a bus":                 {bus(one), []string{""}},
		"SNS, with raw delivery, received":       {m{"Messages": []m{{"MessageId": "1", "Body": mustJSON(note)}, {"MessageId": "2", "Body": mustJSON(m{"Type": "Notification", "Message": mustJSON(note)})}}}, []string{"1", "2"}},
		"a message in place of the messages":     {m{"Messages": m{"MessageId": "1", "Body": note}}, []string{"1"}},
		"an entry for a bus":                     {m{"Source": "example.store", "DetailType": "Object Created", "Detail": mustJSON(raw["detail"])}, []string{""}},
		"an SNS message that is parsed":          {m{"Type": "Notification", "Message": note}, []string{""}},
		"the queue of another store":             {m{"Records": []m{{"messageId": "1", "eventSource": "example:sqs", "body": note}}}, []string{"1"}},
		"a web hook's request":                   {m{"version": "2.0", "requestContext": m{"http": m{"method": "POST"}}, "body": mustJSON(note)}, []string{""}},
		"JSON in a string":                       {mustJSON(note), []string{""}},
		"a copy of an SNS message, by its body":  {m{"MessageId": "1", "TopicArn": "arn:aws:sns:us-east-1:111122223333:t", "Message": mustJSON(note)}, []string{""}},
		"a copy of an SNS message in Lambda":     {m{"Records": []m{{"EventSource": "aws:sns", "Sns": m{"Message": mustJSON(note)}}}}, []string{""}},
		"a dead letter of a pipe":                {m{"context": m{"condition": "RetryAttemptsExhausted"}, "payload": mustJSON([]m{message("1", mustJSON(note)), one})}, []string{"1", ""}},
		"a dead letter of a pipe, in a queue":    {m{"MessageId": "1", "Body": mustJSON(m{"context": m{}, "payload": []m{one}})}, []string{"1"}},
		"what Cloudflare answers":                {m{"success": true, "errors": []m{}, "messages": []m{}, "result": m{"message_backlog_count": 1, "messages": []m{{"id": "1", "body": mustJSON(one)}}}}, []string{""}},
		"a detail in two strings":                {m{"source": "aws.s3", "detail-type": "Object Created", "detail": mustJSON(mustJSON(raw["detail"]))}, []string{""}},
		"a detail behind a mark in two strings":  {m{"source": "aws.s3", "detail-type": "Object Created", "detail": " \ufeff" + mustJSON("\ufeff\n"+mustJSON(raw["detail"]))}, []string{""}},
		"a notification in a detail, in strings": {bus(" " + mustJSON(mustJSON(note))), []string{""}},
	} {
		data := mustJSON(c.event)
		e, err := event.Decode([]byte(data))
		var ids []string
		for _, o := range e.Objects {
			ids = append(ids, o.MessageID)
		}
		if err != nil || e.Ignored != 0 || !slices.Equal(ids, c.ids) {
			t.Errorf("%s: Decode(%s) is\n%swant messages %q", name, data, describe(e, err), c.ids)
		}
	}
}

// TestDepth: what lies too deep is an error, whatever it lies in.
func TestDepth(t *testing.T) {
	for name, step := range map[string][2]string{
		"arrays": {"[", "]"}, "Records": {`{"Records":[`, "]}"}, "a record": {`{"Records":`, "}"}, "Messages": {`{"Messages":[`, "]}"}, "payloads": {`{"requestPayload":`, "}"}, "bodies": {`{"Body":`, "}"},
		"SNS": {`{"Type":"Notification","Message":`, "}"}, "details": {`{"detail":{"requestContext":1,"requestPayload":`, "}}"},
	} {
		for _, n := range []int{1, 2, 3, 20, 3000} {
			data := strings.Repeat(step[0], n) + mustJSON(record("aws:s3", "ObjectCreated:Put", goodKey)) + strings.Repeat(step[1], n)
			e, err := event.Decode([]byte(data))
			if n <= 2 && (err != nil || len(e.Objects) != 1) || n >= 20 && (!errors.Is(err, event.ErrUnknown) || !strings.Contains(err.Error(), "levels deep") || len(e.Objects) != 0) {
				t.Errorf("%d %s are\n%s", n, name, describe(e, err))
			}
		}
	}
}
