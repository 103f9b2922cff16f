package event_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/event"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// record is a record of S3 with a source and a name, each absent if it is nil.
func record(source, name any, key string) m {
	r := m{"eventVersion": "2.1", "eventSource": source, "eventName": name, "s3": m{"bucket": m{"name": "logs"}, "object": m{"key": key, "size": 7}}}
	for field, value := range r {
		if value == nil {
			delete(r, field)
		}
	}
	return r
}

func recordsOf(records ...any) string { return mustJSON(m{"Records": records}) }

// The sources of records of S3, of AWS and of others.
var sources = []any{"aws:s3", "AWS:S3", "minio:s3", "Minio:S3", "ceph:s3", "ceph:rgw", "ceph:rgw:zone", "sgws:s3", "ctyun:s3", "example:s3", "other-store", "", nil, 17}

// TestCreationsOfStores: a creation is read by whatever name of it, in a notification of
// whatever store and in an event of EventBridge.
func TestCreationsOfStores(t *testing.T) {
	key := logFolder + "x.json.gz"
	for _, name := range []string{
		"ObjectCreated:Put", "s3:ObjectCreated:Put", "S3:ObjectCreated:Put", "objectcreated:put", "OBJECTCREATED:PUT", "s3:objectCreated:put",
		"ObjectCreated:Post", "s3:ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload", "s3:ObjectCreated:CompleteMultipartUpload",
		"ObjectCreated", "s3:ObjectCreated", "ObjectCreated:*", "s3:ObjectCreated:*", "ObjectCreated:", "ObjectCreated:SomethingNew", " ObjectCreated:Put ", "s3.ObjectCreated.Put",
		"aws:s3:ObjectCreated:Put", "OBJECT_CREATED", "OBJECT_CREATE", "Object Created", "object created", "Object  Created", "ObjectCreation",
		"ObjectRestore:Completed", "s3:ObjectRestore:Completed", "S3:OBJECTRESTORE:COMPLETED", "Object Restore Completed", "objectrestore:complete",
		"s3:ObjectSynced:Create", "ObjectSynced:Create", "s3:Replication:Create",
	} {
		for _, source := range sources {
			o := only(t, recordsOf(record(source, name, key)))
			if o.Key != key || o.Bucket != "logs" || o.Size != 7 || o.Name != name {
				t.Errorf("%v %q is %+v", source, name, o)
			}
		}
		for _, source := range []string{"aws.s3", "AWS.S3", "example.store", "minio:s3"} {
			data := mustJSON(m{"source": source, "detail-type": name, "detail": m{"bucket": m{"name": "logs"}, "object": m{"key": key, "size": 7}}})
			if o := only(t, data); o.Key != key || o.Bucket != "logs" || o.Name != name {
				t.Errorf("EventBridge, %s %q is %+v", source, name, o)
			}
		}
	}
	for _, action := range []string{"PutObject", "CopyObject", "CompleteMultipartUpload", "POST Object"} {
		for _, field := range []string{"action", "reason"} {
			if o := only(t, mustJSON(m{field: action, "bucket": "logs", "object": m{"key": "a+%41/" + key, "size": 7}})); o.Key != "a+%41/"+key || o.Bucket != "logs" || o.Name != action {
				t.Errorf("%s %s is %+v", field, action, o)
			}
		}
	}
}

// TestOthersOfStores: what creates no object is ignored by whatever name, though some of
// them hold the word.
func TestOthersOfStores(t *testing.T) {
	for _, name := range []string{
		"ObjectRemoved:Delete", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:DeleteMarkerCreated", "S3:OBJECTREMOVED:DELETEMARKERCREATED",
		"s3:ObjectRemoved:NoOP", "s3:LifecycleExpiration:DeleteMarkerCreated", "LifecycleExpiration:Delete", "ObjectLifecycle:Expiration:Current", "s3:ObjectSynced:Delete", "s3:ObjectSynced:DeletionMarkerCreated",
		"s3:Replication:Delete", "s3:Replication:OperationCompletedReplication", "Replication:OperationFailedReplication", "s3:BucketCreated:*", "s3:ObjectAccessed:Get",
		"s3:ObjectRestore:Post", "ObjectRestore:Post", "s3:ObjectRestore:Delete", "ObjectRestore:Delete", "Object Restore Expired", "Object Restore Initiated", "s3:ObjectTagging:Put", "ObjectAcl:Put", "LifecycleTransition", "IntelligentTiering", "s3:ReducedRedundancyLostObject",
		"Object Deleted", "Object Tags Added", "Object ACL Updated", "Object Storage Class Changed", "Object Access Tier Changed", "CreateMultipartUpload",
	} {
		for _, source := range sources {
			// Nobody asks for the key of what is ignored.
			checkIgnored(t, recordsOf(record(source, name, "%")))
		}
		for _, source := range []string{"aws.s3", "example.store"} {
			checkIgnored(t, mustJSON(m{"source": source, "detail-type": name, "detail": m{"bucket": m{"name": "logs"}, "object": m{"key": "k"}}}))
		}
	}
	for _, action := range []string{"DeleteObject", "LifecycleDeletion", "AbortMultipartUpload"} {
		checkIgnored(t, mustJSON(m{"action": action, "bucket": "logs", "object": m{"key": "k"}}))
	}
}

func checkIgnored(t *testing.T, data string) {
	t.Helper()
	if e, err := event.Decode([]byte(data)); err != nil || !reflect.DeepEqual(e, event.Event{Ignored: 1}) {
		t.Errorf("Decode(%s) is\n%swant it ignored", data, describe(e, err))
	}
}

// TestCreationsThatLack: what is, or may be, a creation and cannot be read is an error.
func TestCreationsThatLack(t *testing.T) {
	key := logFolder + "x.json.gz"
	withS3 := func(s3 any) string {
		return recordsOf(m{"eventSource": "minio:s3", "eventName": "s3:ObjectCreated:Put", "s3": s3})
	}
	for data, want := range map[string]string{
		recordsOf(m{"eventName": "s3:ObjectCreated:Put"}):                            "no bucket name, or no key",
		recordsOf(m{"eventSource": "minio:s3", "eventName": "s3:ObjectCreated:Put"}): "no bucket name, or no key",
		withS3("x"):                            "no bucket name, or no key",
		withS3(m{"bucket": m{"name": "logs"}}): "no bucket name, or no key",
		withS3(m{"bucket": m{"name": "logs"}, "object": m{"key": ""}}):                                               "no bucket name, or no key",
		withS3(m{"bucket": m{"name": "logs"}, "object": m{"key": 17}}):                                               "no bucket name, or no key",
		withS3(m{"bucket": m{"name": []int{}}, "object": m{"key": key}}):                                             "no bucket name, or no key",
		withS3(m{"bucket": m{"arn": "arn:aws:s3:us-east-1:111122223333:accesspoint/logs"}, "object": m{"key": key}}): "no bucket name, or no key",
		withS3(m{"bucket": m{"arn": "arn:aws:sns:us-east-1:111122223333:logs"}, "object": m{"key": key}}):            "no bucket name, or no key",
		recordsOf(record("minio:s3", nil, key)):                                                                      "no eventName",
		recordsOf(record("minio:s3", []string{"s3:ObjectCreated:Put"}, key)):                                         "no eventName",
		recordsOf(record("minio:s3", "s3:ObjectStored", key)):                                                        "eventName is not known",
		recordsOf(record("minio:s3", "s3:Put", key)):                                                                 "eventName is not known",
		recordsOf(record(nil, "Object Uploaded", key)):                                                               "eventName is not known",
		recordsOf(record("aws:s3", "NewObjectIsCreated:Put", key)):                                                   "eventName is not known",
		recordsOf(record("aws:s3", 17, key)):                                                                         "eventName is not known",
		mustJSON(m{"source": "aws.s3", "detail-type": "Object Was Created", "detail": m{}}):                          "detail-type is not known",
		mustJSON(m{"source": "aws.s3", "detail-type": "Object Created", "detail": m{"object": m{"key": key}}}):       "no bucket name, or no key",
		mustJSON(m{"source": "example", "detail-type": "Object Created", "detail": m{"bucket": m{"name": "logs"}}}):  "no bucket name, or no key",
		mustJSON(m{"source": "example", "detail": m{"bucket": m{"name": "logs"}, "object": m{"key": key}}}):          "no detail-type",
		mustJSON(m{"action": "RenameObject", "bucket": "logs", "object": m{"key": key}}):                             "action is not known",
		mustJSON(m{"bucket": "logs", "object": m{"key": key}}):                                                       "no action",
	} {
		e, err := event.Decode([]byte(data))
		if !reflect.DeepEqual(e, event.Event{}) || !errors.Is(err, event.ErrUnknown) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("Decode(%s) is\n%swant an error with %q", data, describe(e, err), want)
		}
	}
}

// TestKeysOfStores: S3 encodes keys, and a damaged one is an error. Of other stores some
// do not: what was not encoded is taken as it is.
func TestKeysOfStores(t *testing.T) {
	type row struct {
		source, name any
		key, want    string // without the folder of the log; "" for an error
	}
	const put, s3Put = "ObjectCreated:Put", "s3:ObjectCreated:Put"
	var rows []row
	for _, source := range []any{"minio:s3", "example:s3", "other-store", "", nil, 17} {
		for _, name := range []any{put, s3Put} {
			rows = append(rows,
				row{source, name, "a+b%2Bc%25%20/", "a b+c% /"}, row{source, name, "%E6%97%A5/", "日/"},
				row{source, name, "100%/", "100%/"}, row{source, name, "%zz/", "%zz/"}, row{source, name, "%FF/", "%FF/"}, row{source, name, "a b%41+/", "a b%41+/"}, row{source, name, "日+%41/", "日+%41/"})
		}
	}
	for _, source := range []any{"ceph:s3", "ceph:rgw", "Ceph:S3"} {
		rows = append(rows, row{source, put, "a+b%41/", "a+b%41/"}, row{source, s3Put, "100%/", "100%/"}, row{source, s3Put, "a b/", "a b/"})
	}
	rows = append(rows,
		row{"aws:s3", put, "a+b%2Bc%25%20/", "a b+c% /"}, row{"AWS:S3", "objectcreated:put", "a+b%2Bc%25%20/", "a b+c% /"},
		row{"aws:s3", put, "100%/", ""}, row{"aws:s3", put, "%FF/", ""}, row{"AWS:S3", "objectcreated:put", "%zz/", ""}, row{"aws:s3", "ObjectRestore:Completed", "%zz/", ""},
		row{"aws:s3", s3Put, "100%/", "100%/"}, row{"aws:s3", "S3:ObjectRestore:Completed", "%zz/", "%zz/"}, row{"aws:s3", s3Put, "a+%41/", "a A/"})
	log := logFolder + "x.json.gz"
	for _, r := range rows {
		data := recordsOf(record(r.source, r.name, r.key+log))
		e, err := event.Decode([]byte(data))
		if r.want == "" {
			if !errors.Is(err, event.ErrKey) || !reflect.DeepEqual(e, event.Event{}) {
				t.Errorf("Decode(%s) is\n%swant ErrKey", data, describe(e, err))
			}
		} else if o := only(t, data); o.Key != r.want+log {
			t.Errorf("Decode(%s) has key %q, want %q", data, o.Key, r.want+log)
		}
	}
	// MinIO encodes the slashes too.
	for _, source := range sources {
		if o := only(t, recordsOf(record(source, s3Put, "a%2Bb+c%2F"+strings.ReplaceAll(log, "/", "%2F")))); o.Key != "a+b c/"+log {
			t.Errorf("%v: key with encoded slashes is %q", source, o.Key)
		}
	}
}

// TestBucketsOfStores: an ARN names the bucket where the name is missing.
func TestBucketsOfStores(t *testing.T) {
	for arn, want := range map[any]string{
		"arn:aws:s3:::logs": "logs", "arn:aws-us-gov:s3:::logs": "logs", "arn:aws:s3:zone-group::logs": "logs", "arn:aws:s3:zone-group:tenant:logs": "logs",
		"urn:sgws:s3:::logs": "logs", "arn:aws:s3:::/logs/a/b": "logs", "arn:aws:s3:::logs/" + logFolder: "logs",
		"": "", "logs": "", "arn:aws:s3:::": "", "arn:aws:s3:::/": "", "arn:aws:sqs:us-east-1:111122223333:logs": "", "arn:aws:s3:us-east-1:111122223333:accesspoint/logs": "", "arn:aws:s3:us-east-1:111122223333:accesspoint:logs": "", 17: "", 7: "", nil: "",
	} {
		for _, name := range []any{"", nil, 17} {
			bucket := m{"name": name, "arn": arn}
			object := m{"key": logFolder + "x.json.gz"}
			for _, data := range []string{
				recordsOf(m{"eventSource": "example:s3", "eventName": "s3:ObjectCreated:Put", "s3": m{"bucket": bucket, "object": object}}),
				mustJSON(m{"source": "aws.s3", "detail-type": "Object Created", "detail": m{"bucket": bucket, "object": object}}),
				mustJSON(m{"source": "aws.s3", "detail-type": "Object Created", "resources": []any{arn, "x"}, "detail": m{"object": object}}),
			} {
				e, err := event.Decode([]byte(data))
				if want == "" && (len(e.Objects) != 0 || !errors.Is(err, event.ErrUnknown)) || want != "" && (len(e.Objects) != 1 || e.Objects[0].Bucket != want || err != nil) {
					t.Errorf("Decode(%s) is\n%swant bucket %q", data, describe(e, err), want)
				}
			}
		}
	}
}

// TestStoresInBatches: one store's damage costs nothing of the others.
func TestStoresInBatches(t *testing.T) {
	key := logFolder + "x.json.gz"
	data := recordsOf(record("minio:s3", "s3:ObjectCreated:Put", key), record("aws:s3", "ObjectCreated:Put", "%"+key), "x", record(nil, "s3:Unheard", key),
		record("ceph:s3", "s3:ObjectRemoved:Delete", key), record("example:s3", "s3:ObjectCreated:Copy", "other"), record("", "ObjectCreated:Put", key))
	e, err := event.Decode([]byte(data))
	if len(e.Objects) != 2 || e.Ignored != 1 || e.Skipped != (path.Skips{Foreign: 1}) || len(badParts(err)) != 3 || !errors.Is(err, event.ErrKey) {
		t.Errorf("Decode(%s) is\n%s", data, describe(e, err))
	}
}
