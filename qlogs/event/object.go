package event

import (
	"encoding/json"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// notification decodes a record of S3's own.
func (d *decoder) notification(e *envelope, at place) {
	name := string(e.EventName)
	if !d.tells(name, "eventName", e.isAWS(), at) {
		return
	}
	// Other stores have versions of their own. Theirs are known by their shape.
	if e.isAWS() && !isMajor(e.EventVersion, "2") {
		d.fail(at, unknown("its eventVersion is not 2"))
		return
	}
	key, ok := e.key()
	if !ok {
		d.fail(at, ErrKey)
		return
	}
	d.object(Object{Bucket: e.S3.Bucket.name(), Region: string(e.AWSRegion), Name: name, Time: e.EventTime.time()}, key, &e.S3.Object, e.isAWS(), at)
}

// eventBridge decodes what EventBridge delivers: of S3, or of others. Those are another
// store, or a service that tells of an event of S3.
func (d *decoder) eventBridge(e *envelope, at place) {
	aws := strings.EqualFold(string(e.Source), "aws.s3")
	if e.DetailType == "" {
		e.DetailType = e.EntryType
	}
	t := d.envelope()
	defer d.release(t)
	detail := trimmed(e.Detail)
	for len(detail) > 0 && detail[0] == '"' && json.Valid(detail) { // encoded once more
		if !d.deeper(&at) {
			return
		}
		detail = trimmed([]byte(unquoted(detail)))
	}
	if len(detail) > 0 && detail[0] == '{' {
		_ = json.Unmarshal(detail, t) // what it is shows by the fields that can be read
	}
	switch {
	case aws && strings.HasSuffix(strings.ToLower(string(e.DetailType)), "via cloudtrail"):
		d.fail(at, unknown("CloudTrail's record of a request is not read: turn on the bucket's events to EventBridge"))
	case aws || t.Object.Key != "" || t.Bucket.name() != "":
		d.detail(e, t, aws, at)
	case t.Records.full || t.RequestPayload != nil || t.RequestContext != nil || t.isNotification():
		d.document(detail, at.in(".detail"))
	default:
		d.fail(at, unknown(noForm))
	}
}

// detail decodes an event of S3 with t as its detail. The key is taken as it is.
func (d *decoder) detail(e, t *envelope, aws bool, at place) {
	name, happened := string(e.DetailType), t.happened()
	// A rule may have given it a type of its own, or none, and kept the detail. S3's types
	// begin with the object; any other may hold a word that stands for something else.
	switch kindOf(name, aws) {
	case unclear:
		if kindOf(happened, false) != unclear {
			name = happened
		}
	case other:
		if kindOf(happened, false) == created && !strings.HasPrefix(letters(name), "object") {
			name = happened
		}
	}
	if !d.tells(name, "detail-type", aws, at) {
		return
	}
	if aws && !isMajor(t.Version, "1") {
		d.fail(at, unknown("its event-version is not 1"))
		return
	}
	bucket := t.Bucket.name()
	if bucket == "" && len(e.Resources) > 0 && e.Resources[0] == '[' {
		for first := range elements(e.Resources) {
			var arn text
			_ = arn.UnmarshalJSON(first) // never an error
			bucket = bucketOf(string(arn))
			break
		}
	}
	d.object(Object{Bucket: bucket, Region: string(e.Region), Name: name, Time: e.Time.time()}, t.Object.Key, &t.Object, aws && !isMultipart(string(t.Reason)), at)
}

// action decodes an event of Cloudflare R2, or what EventBridge delivers of S3 without
// what stands around it. The key is taken as it is.
func (d *decoder) action(e *envelope, at place) {
	name := e.happened()
	if d.tells(name, "action", false, at) {
		d.object(Object{Bucket: e.Bucket.name(), Name: name, Time: e.EventTime.time()}, e.Object.Key, &e.Object, false, at)
	}
}

// happened names what an event of R2, or a detail of EventBridge, tells. Details of
// creations and deletions have the request as their reason. Those of restores and of
// changes of the storage class have none, and are known by a field that no other has. It
// is empty for what cannot be told apart.
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

// tells reports whether an event of that name tells of an object to read. If it does
// not, that is counted or is an error.
func (d *decoder) tells(name, field string, aws bool, at place) bool {
	if name == "" {
		d.fail(at, unknown("it has no "+field))
		return false
	}
	switch kindOf(name, aws) {
	case created:
		return true
	case unclear:
		d.fail(at, unknown("its "+field+" is not known, and may be that of a creation"))
	default:
		d.event.Ignored++
	}
	return false
}

// object keeps o, with what t tells of it, if it is a log. Sizes are exact if they are
// AWS's own.
func (d *decoder) object(o Object, key string, t *object, exact bool, at place) {
	if o.Bucket == "" || key == "" {
		d.fail(at, unknown("it has no bucket name, or no key"))
		return
	}
	version := t.VersionID
	if version == "" {
		version = t.VersionDashID
	}
	o.Object = source.Object{Key: key, Size: t.Size.size(), ETag: t.ETag.etag(), VersionID: version.version()}
	if o.Size == 0 && !isEmpty(o.ETag, exact && !isMultipart(o.Name)) {
		o.Size = -1
	}
	if kind, _ := path.KindOf(o.Key, o.Size); kind != path.Log {
		d.event.Skipped.Add(kind)
		return
	}
	o.Sequencer = string(t.Sequencer)
	o.MessageID = at.message
	d.event.Objects = append(d.event.Objects, o)
}

// isEmpty reports whether an object is certainly empty whose size is given as 0. Stores
// other than AWS also write that for a size that they do not have, as in events of
// multipart uploads.
func isEmpty(etag string, exact bool) bool {
	const ofNothing = `"d41d8cd98f00b204e9800998ecf8427e"`
	return strings.EqualFold(etag, ofNothing) || exact && !strings.Contains(etag, "-")
}

func isMultipart(name string) bool { return strings.Contains(letters(name), "multipart") }

// isMajor reports whether a version is one of that major version, or absent.
func isMajor(version text, major string) bool {
	first, _, _ := strings.Cut(string(version), ".")
	return version == "" || first == major
}
