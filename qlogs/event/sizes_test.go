package event_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/event"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// TestSizes: a size of another JSON type is the size if it is a number of bytes, else it
// is unknown, and does not cost the object.
func TestSizes(t *testing.T) {
	sizes := map[string]int64{
		"7": 7, "07": 7, "1024": 1024, "5.0": 5, "5.000": 5, "1e3": 1000, "1E3": 1000, "1e+3": 1000, "2.314e3": 2314, "1500e-2": 15, "0.5e1": 5, "12.50e1": 125, "9223372036854775807": 1<<63 - 1, "922337203685477580.7e1": 1<<63 - 1, "9007199254740993.0": 9007199254740993,
		"-1": -1, "-9": -1, "-5.0": -1, "1.5": -1, "1e-1": -1, "5.000000000000000000000001": -1, "9223372036854775808": -1, "1e19": -1, "1e99": -1, "1e999999999": -1, "1e-999999999": -1, "1e99999999999999999999": -1,
	}
	for size, want := range sizes {
		for _, written := range []string{size, `"` + size + `"`, `" ` + size + ` "`} {
			if written == size && !json.Valid([]byte(size)) {
				continue
			}
			checkField(t, `"size":`+written, qlogs.Object{Size: want})
			checkField(t, `"Size":`+written, qlogs.Object{Size: want})
		}
	}
	for _, none := range []string{"null", "true", "{}", "[]", "[7]", `""`, `" "`, `"x"`, `"1,024"`, `"1 024"`, `"1_024"`, `"0x10"`, `"7 bytes"`, `"NaN"`, `"Infinity"`, `"true"`, `"null"`, `"1e"`, `"e3"`, `"."`, `".5"`, `"1.2.3"`, `"--1"`, `"٧"`, `{"n":7}`} {
		checkField(t, `"size":`+none, qlogs.Object{Size: -1})
	}
}

// TestNoSize: an object is empty, and skipped, if that is certain: by its ETag, or since
// AWS says so of one that has no parts. Of others a size of 0, however it is written, is
// unknown.
func TestNoSize(t *testing.T) {
	for _, zero := range []string{"0", "0.0", "0e5", `"0"`, `"00"`} {
		for etag, empty := range map[string][]string{
			`"d41d8cd98f00b204e9800998ecf8427e"`:     {"S3", "EventBridge", "store", "R2"},
			`"D41D8CD98F00B204E9800998ECF8427E"`:     {"S3", "EventBridge", "store", "R2"},
			`"\"d41d8cd98f00b204e9800998ecf8427e\""`: {"S3", "EventBridge", "store", "R2"},
			`"abc"`:                                  {"S3", "EventBridge"}, `"abc-2"`: nil, `"d41d8cd98f00b204e9800998ecf8427e-1"`: nil, `""`: {"S3", "EventBridge"}, "null": {"S3", "EventBridge"}, "{}": {"S3", "EventBridge"},
		} {
			for kind, data := range withField(`"size":` + zero + `,"eTag":` + etag) {
				if !slices.Contains(empty, kind) {
					if o := only(t, data); o.Size != -1 || o.Key != goodKey {
						t.Errorf("%s: size %s with ETag %s is %+v, want an unknown size", kind, zero, etag, o)
					}
				} else if e, err := event.Decode([]byte(data)); err != nil || !reflect.DeepEqual(e, event.Event{Skipped: path.Skips{Empty: 1}}) {
					t.Errorf("%s: size %s with ETag %s is\n%s", kind, zero, etag, describe(e, err))
				}
			}
		}
		for kind, data := range withField(`"size":` + zero) {
			if kind == "S3" || kind == "EventBridge" {
				continue
			}
			if o := only(t, data); o.Size != -1 {
				t.Errorf("%s: size %s without an ETag is %+v", kind, zero, o)
			}
		}
	}
	object := m{"key": goodKey, "size": 0, "eTag": "abc"}
	for _, data := range []string{
		recordsOf(m{"eventSource": "aws:s3", "eventName": "ObjectCreated:CompleteMultipartUpload", "s3": m{"bucket": m{"name": "b"}, "object": object}}),
		mustJSON(m{"source": "aws.s3", "detail-type": "Object Created", "detail": m{"reason": "CompleteMultipartUpload", "bucket": m{"name": "b"}, "object": object}}),
		mustJSON(m{"reason": "CompleteMultipartUpload", "bucket": m{"name": "b"}, "object": object}),
	} {
		if o := only(t, data); o.Size != -1 {
			t.Errorf("Decode(%s) has size %d, want an unknown one", data, o.Size)
		}
	}
}
