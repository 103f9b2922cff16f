package event

import (
	"encoding/json"
	"strings"

	"github.com/promptlogs/qlogs/qlogs"
)

// notification decodes a record of S3's own.
func (d *decoder) notification(e *envelope, at place) {
	name := string(e.EventName)
	if !isMajor(e.EventVersion, "2") {
		d.fail(at, unknown("its eventVersion is not 2"))
		return
	}
	if !d.tells(name, "eventName", e.isAWS(), at) {
		return
	}
	key, ok := e.key()
	if !ok {
		d.fail(at, ErrKey)
		return
	}
	d.object(Object{Bucket: e.S3.Bucket.name(), Region: string(e.AWSRegion), Name: name, Time: e.EventTime.time()}, key, &e.S3.Object, at)
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
	if len(e.Detail) > 0 && e.Detail[0] == '{' {
		_ = json.Unmarshal(e.Detail, t) // what it is shows by the fields that can be read
	}
	switch {
	case aws && strings.HasSuffix(strings.ToLower(string(e.DetailType)), "via cloudtrail"):
		d.fail(at, unknown("CloudTrail's record of a request is not read: turn on the bucket's events to EventBridge"))
	case aws || t.Object.Key != "" || t.Bucket.name() != "":
		d.detail(e, t, aws, at)
	case isSet(t.Records) || t.RequestPayload != nil || t.RequestContext != nil || t.isNotification():
		d.document(e.Detail, at.in(".detail"))
	default:
		d.fail(at, unknown(noForm))
	}
}

// detail decodes an event of S3 with t as its detail. The key is taken as it is.
func (d *decoder) detail(e, t *envelope, aws bool, at place) {
	if !d.tells(string(e.DetailType), "detail-type", aws, at) {
		return
	}
	if !isMajor(t.Version, "1") {
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
	d.object(Object{Bucket: bucket, Region: string(e.Region), Name: string(e.DetailType), Time: e.Time.time()}, t.Object.Key, &t.Object, at)
}

// action decodes an event of Cloudflare R2, or what EventBridge delivers of S3 without
// what stands around it. The key is taken as it is.
func (d *decoder) action(e *envelope, at place) {
	name := string(e.Action)
	if name == "" {
		name = string(e.Reason)
	}
	if d.tells(name, "action", false, at) {
		d.object(Object{Bucket: e.Bucket.name(), Name: name, Time: e.EventTime.time()}, e.Object.Key, &e.Object, at)
	}
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

// object keeps o, with what t tells of it, if it is a log.
func (d *decoder) object(o Object, key string, t *object, at place) {
	if o.Bucket == "" || key == "" {
		d.fail(at, unknown("it has no bucket name, or no key"))
		return
	}
	version := t.VersionID
	if version == "" {
		version = t.VersionDashID
	}
	o.Object = qlogs.Object{Key: key, Size: t.Size.size(), ETag: t.ETag.etag(), VersionID: version.version()}
	if _, isLog := d.event.Skipped.Add(o.Object); !isLog {
		return
	}
	o.Sequencer = string(t.Sequencer)
	o.MessageID = at.message
	d.event.Objects = append(d.event.Objects, o)
}

// isMajor reports whether a version is one of that major version, or absent.
func isMajor(version text, major string) bool {
	first, _, _ := strings.Cut(string(version), ".")
	return version == "" || first == major
}
