package event_test

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/event"
	"github.com/promptlogs/qlogs/qlogs/path"
)

func TestUnknown(t *testing.T) {
	for _, data := range []string{
		"", " ", "null", "true", "17", `"text"`, "[]", "{}", "{", "}", "\x00", "\xff\xfe", "disk is full",
		`{"Records":null}`, `{"Records":{}}`, `{"Records":"x"}`, `{"Records":[null]}`, `{"Records":[{}]}`, `{"Records":[[]]}`, `{"Records":["x"]}`, `{"Records":[1]}`,
		`{"Records":[{"eventSource":"aws:s3"}]}`, `{"Records":[{"eventSource":"aws:sqs"}]}`, `{"Records":[{"eventSource":"aws:sns"}]}`, `{"Records":[{"eventSource":"aws:kinesis","eventName":"ObjectCreated:Put"}]}`,
		`{"Records":[{"eventSource":"aws:sqs","body":[]}]}`, `{"Records":[{"eventSource":"aws:sns","Sns":{"Type":"Other"}}]}`, `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}`,
		`{"Type":"Notification"}`, `{"Type":"Notification","Message":"{}"}`, `{"Type":"Other","Message":"{}"}`, `{"Type":1}`,
		`{"source":"aws.s3"}`, `{"source":"aws.s3","detail-type":"Object Created"}`, `{"source":"aws.s3","detail-type":"Object Created","detail":[]}`, `{"source":"aws.s3","detail-type":"Object Created","detail":{}}`,
		`{"source":"aws.s3","detail-type":"Object Created","detail":{"event-version":"2.0","bucket":{"name":"b"},"object":{"key":"k"}}}`,
		`{"Body":""}`, `{"Body":null}`, `{"Body":"x"}`, `{"Body":1}`, `{"Event":"s3:OtherEvent"}`, `{"Records":[]}{}`, strings.Repeat(`{"a":`, 20_000),
	} {
		e, err := event.Decode([]byte(data))
		if bad := badParts(err); len(bad) != 1 || !errors.Is(bad[0], event.ErrUnknown) || !errors.Is(err, event.ErrUnknown) || errors.Is(err, event.ErrKey) {
			t.Errorf("Decode(%.60q) = %v, want one ErrUnknown", data, err)
		}
		if !reflect.DeepEqual(e, event.Event{}) {
			t.Errorf("Decode(%.60q) has an event:\n%s", data, describe(e, nil))
		}
	}
}

// TestNothing has events that tell of no object and are no error.
func TestNothing(t *testing.T) {
	for data, ignored := range map[string]int{
		`{"Records":[]}`: 0,
		`{"Event":"s3:TestEvent","Service":"Amazon S3"}`: 1,
		`{"Type":"SubscriptionConfirmation"}`:            1,
		`{"Type":"UnsubscribeConfirmation"}`:             1,
		`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete"},{"eventSource":"aws:s3","eventName":"SomethingNew"}]}`: 2,
		// A restore that was only asked for, and one that is over.
		`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectRestore:Post"},{"eventSource":"aws:s3","eventName":"ObjectRestore:Delete"}]}`: 2,
		`{"source":"aws.s3","detail-type":"Object Restore Initiated"}`:                                                                        1,
		`{"source":"aws.s3","detail-type":"Object Tags Added","detail":{}}`:                                                                   1,
	} {
		e, err := event.Decode([]byte(data))
		if want := (event.Event{Ignored: ignored}); err != nil || !reflect.DeepEqual(e, want) {
			t.Errorf("Decode(%s) is\n%swant ignored %d and nothing else", data, describe(e, err), ignored)
		}
	}
}

func TestBadKeys(t *testing.T) {
	for _, prefix := range []string{"%", "%2", "%zz", "%ff", "%ed%a0%80", "a%c3", "100%25%"} {
		good := logFolder + "x.json.gz"
		e, err := event.Decode([]byte(notification(good, prefix+"/"+good, good)))
		if len(e.Objects) != 2 || e.Objects[0].Key != good || e.Objects[1].Key != good {
			t.Errorf("%q: objects are\n%swant the two with good keys", prefix, describe(e, err))
		}
		bad := badParts(err)
		if len(bad) != 1 || bad[0].Path != ".Records[1]" || !errors.Is(err, event.ErrKey) || errors.Is(err, event.ErrUnknown) {
			t.Errorf("%q: error is %v, want one ErrKey at .Records[1]", prefix, err)
		}
	}
	// Nobody asks for the key of what is ignored.
	gone := strings.Replace(notification("%"), "ObjectCreated:Put", "ObjectRemoved:Delete", 1)
	if e, err := event.Decode([]byte(gone)); err != nil || e.Ignored != 1 {
		t.Errorf("Decode(%s) is\n%s", gone, describe(e, err))
	}
}

func TestFields(t *testing.T) {
	key := logFolder + "x.json.gz"
	record := func(object string) string {
		return `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"` + key + `",` + object + `}}}]}`
	}
	for object, want := range map[string]qlogs.Object{
		`"size":1`:                         {Size: 1},
		`"size":9223372036854775807`:       {Size: 1<<63 - 1},
		`"size":-9`:                        {Size: -1},
		`"size":null`:                      {Size: -1},
		`"a":1`:                            {Size: -1},
		`"size":1,"eTag":"abc"`:            {Size: 1, ETag: `"abc"`},
		`"size":1,"eTag":"abc-2"`:          {Size: 1, ETag: `"abc-2"`},
		`"size":1,"eTag":"\"abc\""`:        {Size: 1, ETag: `"abc"`},
		`"size":1,"eTag":""`:               {Size: 1},
		`"size":1,"eTag":null`:             {Size: 1},
		`"size":1,"versionId":""`:          {Size: 1},
		`"size":1,"versionId":null`:        {Size: 1},
		`"size":1,"versionId":"null"`:      {Size: 1},
		`"size":1,"versionId":"null2"`:     {Size: 1, VersionID: "null2"},
		`"size":1,"versionId":"x.y_z"`:     {Size: 1, VersionID: "x.y_z"},
		`"size":1,"somethingNew":{"a":[]}`: {Size: 1},
	} {
		want.Key = key
		if got := only(t, record(object)).Object; got != want {
			t.Errorf("%s is %+v, want %+v", object, got, want)
		}
	}
	// An empty object is skipped, one of unknown size is not.
	if e, err := event.Decode([]byte(record(`"size":0`))); err != nil || len(e.Objects) != 0 || e.Skipped != (path.Skips{Empty: 1}) {
		t.Errorf("size 0 is\n%s", describe(e, err))
	}
}

// TestEnvelopes: an event in an envelope tells what it tells alone, but for the
// message that brought it.
func TestEnvelopes(t *testing.T) {
	events := map[string]string{"nothing": "", "a space": " ", "null": "null"}
	for _, name := range fixtures(t) {
		if !strings.HasPrefix(name, "deep") { // which would be too deep
			events[name] = string(fixture(t, name))
		}
	}
	for name, data := range events {
		direct, directErr := event.Decode([]byte(data))
		for _, e := range envelopes {
			if !wraps(e.raw, data) {
				continue
			}
			got, err := event.Decode([]byte(e.wrap(data)))
			checkNested(t, name+" in "+e.name, e.message, got, err, direct, directErr)
		}
	}
}

func checkNested(t *testing.T, what string, message bool, got event.Event, err error, direct event.Event, directErr error) {
	t.Helper()
	if got.Skipped != direct.Skipped || got.Ignored != direct.Ignored || len(got.Objects) != len(direct.Objects) {
		t.Fatalf("%s is\n%salone it is\n%s", what, describe(got, err), describe(direct, directErr))
	}
	for i, o := range got.Objects {
		want := direct.Objects[i]
		if message {
			want.MessageID = "outer"
		}
		if o != want {
			t.Errorf("%s: object %d is %+v, want %+v", what, i, o, want)
		}
	}
	bad, want := badParts(err), badParts(directErr)
	if len(bad) != len(want) {
		t.Fatalf("%s: error is %v, alone it is %v", what, err, directErr)
	}
	for i := range bad {
		if bad[i].Err.Error() != want[i].Err.Error() || !strings.HasSuffix(bad[i].Path, want[i].Path) {
			t.Errorf("%s: error %d is %v, alone it is %v", what, i, bad[i], want[i])
		}
	}
}

func TestLevels(t *testing.T) {
	data := notification(logFolder + "x.json.gz")
	for level := 1; level <= 8; level++ {
		e, err := event.Decode([]byte(data))
		if level <= 5 && (err != nil || len(e.Objects) != 1) || level > 5 && (!errors.Is(err, event.ErrUnknown) || len(e.Objects) != 0) {
			t.Errorf("%d levels are\n%s", level, describe(e, err))
		}
		data = envelopes[level%len(envelopes)].wrap(data)
	}
}

// TestMessageIDs: each object and each error belongs to one message of a batch.
func TestMessageIDs(t *testing.T) {
	key := logFolder + "x.json.gz"
	batch := mustJSON(m{"Records": []m{
		{"messageId": "1", "eventSource": "aws:sqs", "body": notification(key, key)},
		{"messageId": "2", "eventSource": "aws:sqs", "body": "no JSON"},
		{"messageId": "3", "eventSource": "aws:sqs", "body": mustJSON(m{"MessageId": "inner", "Body": notification("%", key)})},
		{"eventSource": "aws:sqs", "body": eventBridge(key)},
		{"EventSource": "aws:sns", "Sns": m{"MessageId": "of SNS", "Type": "Notification", "Message": "no JSON"}},
	}})
	e, err := event.Decode([]byte(batch))
	var got []string
	for _, o := range e.Objects {
		got = append(got, o.MessageID)
	}
	for _, bad := range badParts(err) {
		got = append(got, fmt.Sprint(bad.MessageID, " ", bad.Path))
	}
	want := []string{"1", "1", "3", "", "2 .Records[1].body", "3 .Records[2].body.Body.Records[0]", " .Records[4].Sns.Message"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("message IDs are %q, want %q", got, want)
	}
}

// TestTooManyErrors: all errors are told, or nothing is told at all.
func TestTooManyErrors(t *testing.T) {
	good := logFolder + "x.json.gz"
	for _, n := range []int{1, 2, 1000, 1001, 1002, testutil.Pick(5_000, 20_000)} {
		keys := append([]string{good}, slices.Repeat([]string{"%"}, n)...)
		e, err := event.Decode([]byte(`{"Records":[{"messageId":"1","eventSource":"aws:sqs","body":` + mustJSON(notification(append(keys, good)...)) + `}]}`))
		bad := badParts(err)
		if n > 1000 {
			const want = "event: not an event of S3 in a known form: more than 1000 parts of it are bad"
			if len(bad) != 1 || err.Error() != want || bad[0].MessageID != "" || bad[0].Path != "" || !reflect.DeepEqual(e, event.Event{}) {
				t.Errorf("%d bad parts are\n%.300s", n, describe(e, err))
			}
			continue
		}
		if len(bad) != n || len(e.Objects) != 2 || bad[n-1].Path != fmt.Sprintf(".Records[0].body.Records[%d]", n) {
			t.Errorf("%d bad parts are\n%.300s", n, describe(e, err))
		}
		if text := fmt.Sprintf("(and %d more)", n-1); strings.Contains(err.Error(), text) != (n > 1) {
			t.Errorf("%d bad parts read %q", n, err)
		}
	}
}

func TestErrors(t *testing.T) {
	_, err := event.Decode([]byte(notification("%", "%zz")))
	const want = "event: .Records[0]: key is not URL encoded UTF-8: only a scan can find the object (and 1 more)"
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	var one *event.Error
	if !errors.As(err, &one) || one.Path != ".Records[0]" {
		t.Errorf("errors.As finds %v", one)
	}
	if got := (event.Errors{}).Error(); got != "event: no errors" {
		t.Errorf("no errors read %q", got)
	}
}

func TestIn(t *testing.T) {
	e, err := event.Decode(fixture(t, "s3_buckets"))
	if err != nil {
		t.Fatal(err)
	}
	first, second := e.In("amzn-s3-demo-logs"), e.In("amzn-s3-demo-logs2")
	if want := []qlogs.Object{e.Objects[0].Object, e.Objects[2].Object}; !reflect.DeepEqual(first, want) || first[0] != first[1] {
		t.Errorf("In of the first bucket is %+v, want %+v", first, want)
	}
	if want := []qlogs.Object{e.Objects[1].Object}; !reflect.DeepEqual(second, want) || second[0].Key == first[0].Key {
		t.Errorf("In of the second bucket is %+v, want %+v", second, want)
	}
	for _, bucket := range []string{"", "amzn-s3-demo-log", "AMZN-S3-DEMO-LOGS"} {
		if got := e.In(bucket); got != nil {
			t.Errorf("In(%q) is %+v, want none", bucket, got)
		}
	}
}

// TestNothingIsShared: what Decode returned stays when its input is overwritten.
func TestNothingIsShared(t *testing.T) {
	for _, name := range fixtures(t) {
		data := fixture(t, name)
		e, err := event.Decode(data)
		before := describe(e, err)
		for i := range data {
			data[i] = '#'
		}
		if after := describe(e, err); after != before {
			t.Errorf("%s was\n%sand is\n%s", name, before, after)
		}
	}
}

// TestMemory: what Decode takes is bounded by the length of its input, whatever that is.
func TestMemory(t *testing.T) {
	size := testutil.Pick(1<<18, 1<<20)
	nested := strings.Repeat(`x`, size/16)
	for range 5 {
		nested = mustJSON(m{"MessageId": "1", "Body": nested})
	}
	for name, data := range map[string]string{
		"empty records":   `{"Records":[` + strings.Repeat("{},", size/3) + `{}]}`,
		"numbers":         `{"Records":[` + strings.Repeat("0,", size/2) + `0]}`,
		"ignored records": `{"Records":[` + strings.Repeat(`{"eventSource":"aws:s3","eventName":"ObjectAcl:Put"},`, size/53) + `{}]}`,
		"bad keys":        notification(slices.Repeat([]string{"%"}, size/130)...),
		"objects":         notification(slices.Repeat([]string{logFolder + "x.gz"}, size/230)...),
		"messages":        `{"Records":[` + strings.Repeat(`{"eventSource":"aws:sqs","body":""},`, size/36) + `{}]}`,
		"one string":      `{"Records":[{"eventSource":"aws:sqs","body":"` + strings.Repeat("x", size) + `"}]}`,
		"nested strings":  nested,
		"nested arrays":   strings.Repeat("[", size/2) + strings.Repeat("]", size/2),
		"nested bodies":   strings.Repeat(`{"Body":`, size/9) + "7" + strings.Repeat("}", size/9),
		"test events":     "[" + strings.Repeat(`{"Event":"s3:TestEvent"},`, size/25) + "7]",
		"empty receives":  "[" + strings.Repeat(`{"Messages":[]},`, size/16) + "7]",
		"ignored others":  "[" + strings.Repeat(`{"eventName":"ObjectRemoved"},`, size/30) + "7]",
		"other creations": "[" + strings.Repeat(`{"s3":{"object":{"key":"%2F"},"bucket":{"arn":"::s3:::b"}},"eventName":"PutObject"},`, size/84) + "7]",
		"actions":         "[" + strings.Repeat(`{"action":"PutObject","bucket":"b","object":{"key":"a"}},`, size/58) + "7]",
		"one raw record":  `{"detail":{"Records":[{"eventSource":"aws:sqs","body":{"requestPayload":{"Body":"` + strings.Repeat("x", size) + `"}}}]}}`,
		"brackets":        strings.Repeat("[", size),
		"objects nested":  strings.Repeat(`{"Records":[`, size/12),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := event.Decode([]byte(data))
		runtime.ReadMemStats(&after)
		const most = 32 // times its input
		if n := (after.TotalAlloc - before.TotalAlloc) / uint64(len(data)); n > most {
			t.Errorf("%s (%.100v): %d bytes for each byte, want at most %d", name, err, n, most)
		}
	}
}
