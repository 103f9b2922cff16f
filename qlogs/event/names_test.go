package event_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/event"
)

// names are names of events, as their stores document them and as others may write them,
// by what an event of that name is: read, ignored, or an error since it may be a creation.
var names = []struct {
	of                     string
	read, ignored, unclear []string
}{
	{
		of:   "AWS",
		read: []string{"ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload", "ObjectRestore:Completed", "Object Created", "Object Restore Completed"},
		ignored: []string{
			"ReducedRedundancyLostObject", "ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated", "ObjectRestore:Post", "ObjectRestore:Delete",
			"Replication:OperationFailedReplication", "Replication:OperationNotTracked", "Replication:OperationMissedThreshold", "Replication:OperationReplicatedAfterThreshold",
			"LifecycleTransition", "LifecycleExpiration:Delete", "LifecycleExpiration:DeleteMarkerCreated", "IntelligentTiering",
			"ObjectAcl:Put", "ObjectTagging:Put", "ObjectTagging:Delete", "ObjectAnnotation:Put", "ObjectAnnotation:Delete", "TestEvent",
			"Object Deleted", "Object Restore Initiated", "Object Restore Expired", "Object Storage Class Changed", "Object Access Tier Changed", "Object ACL Updated", "Object Tags Added", "Object Tags Deleted",
		},
		unclear: []string{"Put", "Object:Put", "PutObject:Success", "ObjectStored", "ObjectWritten", "PutFinished", "Upload Finished"},
	},
	{
		of:   "MinIO",
		read: []string{"s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectCreated:PutRetention", "s3:ObjectCreated:PutLegalHold", "s3:ObjectCreated:PutTagging", "s3:ObjectCreated:DeleteTagging", "s3:ObjectRestore:Completed"},
		ignored: []string{
			"s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectRemoved:DeleteAllVersions", "s3:ObjectRemoved:NoOP", "s3:LifecycleDelMarkerExpiration:Delete",
			"s3:ObjectAccessed:Get", "s3:ObjectAccessed:Head", "s3:ObjectAccessed:GetRetention", "s3:ObjectAccessed:GetLegalHold", "s3:ObjectAccessed:Attributes", "s3:BucketCreated:*", "s3:BucketRemoved:*",
			"s3:Replication:OperationCompletedReplication", "s3:Replication:OperationFailedReplication", "s3:Replication:OperationMissedThreshold", "s3:Replication:OperationNotTracked", "s3:Replication:OperationReplicatedAfterThreshold",
			"s3:ObjectRestore:Post", "s3:ObjectTransition:Failed", "s3:ObjectTransition:Complete", "s3:Scanner:ManyVersions", "s3:Scanner:LargeVersions", "s3:Scanner:BigPrefix", "s3:ObjectManyVersions", "s3:ObjectLargeVersions", "s3:PrefixManyFolders",
		},
	},
	{
		of:   "Ceph",
		read: []string{"s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload", "s3:ObjectSynced:Create", "s3:Replication:Create", "s3:ObjectRestore:Completed"},
		ignored: []string{
			"s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectSynced:Delete", "s3:ObjectSynced:DeletionMarkerCreated", "s3:Replication:Delete", "s3:Replication:DeletionMarkerCreated",
			"s3:ObjectLifecycle:Expiration:Current", "s3:ObjectLifecycle:Expiration:NonCurrent", "s3:ObjectLifecycle:Expiration:DeleteMarker", "s3:ObjectLifecycle:Expiration:AbortMultipartUpload", "s3:ObjectLifecycle:Transition:Current", "s3:ObjectLifecycle:Transition:NonCurrent",
			"s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated", "s3:LifecycleExpiration:AbortMultipartUpload", "s3:LifecycleTransition", "s3:ObjectRestore:Initiated", "s3:ObjectRestore:Expired",
		},
		unclear: []string{"s3:ObjectSynced:*", "s3:ObjectSynced:Put", "s3:ObjectSynced", "s3:Replication:*"},
	},
	{
		of:      "Cloudflare R2",
		read:    []string{"PutObject", "CopyObject", "CompleteMultipartUpload"},
		ignored: []string{"DeleteObject", "LifecycleDeletion", "AbortMultipartUpload"},
	},
	{
		of:      "requests",
		read:    []string{"PostObject", "s3:PutObject"},
		ignored: []string{"DeleteObjects", "PutObjectTagging", "PutObjectAcl", "PutObjectRetention", "PutObjectLegalHold", "CreateMultipartUpload", "InitiateMultipartUpload", "AbortIncompleteMultipartUpload", "RemoveIncompleteMultipartUpload"},
		unclear: []string{"UploadPart", "RestoreObject", "RenameObject", "CreateBucket"},
	},
	{
		of:      "parts that were put together",
		read:    []string{"s3:MultipartUpload:Complete", "s3:MultipartUpload:Completed", "CompletedMultipartUpload", "CompleteMultipartUpload:Success", "s3:ObjectRestored:Completed", "s3:ObjectRestored:Complete"},
		unclear: []string{"s3:MultipartUpload", "s3:MultipartUpload:Done", "IncompleteMultipartUpload"},
	},
	{
		of:      "others",
		ignored: []string{"BucketCreated", "s3:Bucket:Created", "s3:Buckets:MassOverwrite", "s3:BucketTagging:Put", "object_deleted", "FILE REMOVED"},
		unclear: []string{
			"s3:Bucket:ObjectUploaded", "s3:Bucket:FileCreated", "s3:BucketUpload", "FileCreatedInBucket", "s3:ObjectPutToBucket", "ObjectStaged", "s3:ObjectRestored", "s3:ObjectRestored:Copy", "s3:ObjectRestoration:Completed",
			"s3:ObjectReplicated", "s3:ObjectReplicated:Put", "s3:ObjectReplication:Completed", "s3:ObjectUndeleted", "UndeleteObject", "s3:OracleObject:Put", "s3:ObjectPut:AboveThreshold",
		},
	},
}

// TestNames: an event is what its name tells, whoever sends it. Nothing that may end in a
// creation is ignored, and what is known to create nothing is no error.
func TestNames(t *testing.T) {
	for _, n := range names {
		each := func(list []string, check func(name, data string)) {
			for _, name := range list {
				for _, spelled := range []string{name, "s3:" + strings.TrimPrefix(name, "s3:"), strings.ToUpper(name), strings.ToLower(name)} {
					for _, source := range sources {
						check(spelled, recordsOf(record(source, spelled, goodKey)))
					}
					for _, source := range []string{"aws.s3", "example.store"} {
						check(spelled, mustJSON(m{"source": source, "detail-type": spelled, "detail": m{"bucket": m{"name": "logs"}, "object": m{"key": goodKey}}}))
					}
					check(spelled, mustJSON(m{"action": spelled, "bucket": "logs", "object": m{"key": goodKey}}))
				}
			}
		}
		each(n.read, func(name, data string) {
			if o := only(t, data); o.Key != goodKey || o.Name != name {
				t.Errorf("%s: %s is %+v", n.of, name, o)
			}
		})
		each(n.ignored, func(_, data string) { checkIgnored(t, data) })
		each(n.unclear, func(name, data string) {
			if e, err := event.Decode([]byte(data)); !errors.Is(err, event.ErrUnknown) || !strings.Contains(err.Error(), "may be that of a creation") || !reflect.DeepEqual(e, event.Event{}) {
				t.Errorf("%s: %s in %s is\n%swant an error", n.of, name, data, describe(e, err))
			}
		})
	}
}

// TestDetails: a detail tells what it is of where its type does not, or where it comes
// alone, and not against a type that is known.
func TestDetails(t *testing.T) {
	created, deleted, changed := []string{"Object Created", "s3:ObjectCreated:Put"}, []string{"Object Deleted", "ObjectRemoved:Delete"}, []string{"Object ACL Updated", "Object Tags Added", "Object Restore Initiated"}
	for field, c := range map[string]struct {
		value string
		name  string // of what it is of itself; "" if it is ignored
	}{
		"reason":                    {"PutObject", "PutObject"},
		"Reason":                    {"CompleteMultipartUpload", "CompleteMultipartUpload"},
		"action":                    {"CopyObject", "CopyObject"},
		"restore-expiry-time":       {"2026-03-04T00:00:00Z", "Object Restore Completed"},
		"deletion-type":             {"Permanently Deleted", ""},
		"source-storage-class":      {"GLACIER", ""},
		"destination-storage-class": {"GLACIER", ""},
		"destination-access-tier":   {"ARCHIVE_ACCESS", ""},
	} {
		detail := m{"version": "0", "bucket": m{"name": "logs"}, "object": m{"key": goodKey, "size": 7}, "request-id": "r", "requester": "111122223333", field: c.value}
		typed := func(name any) string {
			return mustJSON(m{"source": "aws.s3", "detail-type": name, "detail": detail})
		}
		for _, data := range []string{mustJSON(detail), typed("New log"), typed("Upload"), typed("A log that expires soon"), typed(nil), typed("")} {
			if c.name == "" {
				checkIgnored(t, data)
			} else if o := only(t, data); o.Name != c.name || o.Key != goodKey {
				t.Errorf("%s: Decode(%s) is %+v", field, data, o)
			}
		}
		for _, name := range created {
			if o := only(t, typed(name)); o.Name != name {
				t.Errorf("%s: type %s is %+v", field, name, o)
			}
		}
		for _, name := range append(deleted, changed...) {
			checkIgnored(t, typed(name))
		}
	}
	// A restore that is over names the class that it came from too.
	restored := mustJSON(m{"bucket": m{"name": "logs"}, "object": m{"key": goodKey}, "source-storage-class": "GLACIER", "restore-expiry-time": "2026-03-04T00:00:00Z"})
	if o := only(t, restored); o.Name != "Object Restore Completed" {
		t.Errorf("Decode(%s) is %+v", restored, o)
	}
	checkIgnored(t, mustJSON(m{"reason": "DeleteObject", "deletion-type": "Delete Marker Created", "bucket": m{"name": "logs"}, "object": m{"key": goodKey}}))
}
