package event

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/promptlogs/qlogs/qlogs"
)

// notification decodes a record of S3's own.
func (d *decoder) notification(r *record, at place) {
	switch {
	case r.EventVersion != "" && !strings.HasPrefix(r.EventVersion, "2."):
		d.fail(at, unknown("its eventVersion is not 2"))
		return
	case r.EventName == "":
		d.fail(at, unknown("it has no eventName"))
		return
	case !strings.HasPrefix(r.EventName, "ObjectCreated:") && r.EventName != "ObjectRestore:Completed":
		d.event.Ignored++
		return
	}
	// PathUnescape would leave the pluses that stand for spaces.
	key, err := url.QueryUnescape(r.S3.Object.Key)
	if err != nil || !utf8.ValidString(key) {
		d.fail(at, ErrKey)
		return
	}
	o := r.S3.Object
	d.object(Object{
		Object:    qlogs.Object{Key: key, Size: size(o.Size), ETag: quoted(o.ETag), VersionID: version(o.VersionID)},
		Bucket:    r.S3.Bucket.Name,
		Region:    r.AWSRegion,
		Name:      r.EventName,
		Sequencer: o.Sequencer,
		Time:      parseTime(r.EventTime),
	}, at)
}

// eventBridge decodes what EventBridge delivers of S3. The key is taken as it is.
func (d *decoder) eventBridge(e *envelope, at place) {
	switch {
	case e.DetailType == "":
		d.fail(at, unknown("it has no detail-type"))
		return
	case strings.HasSuffix(e.DetailType, "via CloudTrail"):
		d.fail(at, unknown("CloudTrail's record of a request is not read: turn on the bucket's events to EventBridge"))
		return
	case e.DetailType != "Object Created" && e.DetailType != "Object Restore Completed":
		d.event.Ignored++
		return
	}
	var t detail
	if json.Unmarshal(e.Detail, &t) != nil {
		d.fail(at, unknown("its detail is JSON of another form"))
		return
	}
	if t.EventVersion != "" && !strings.HasPrefix(t.EventVersion, "1.") {
		d.fail(at, unknown("its event-version is not 1"))
		return
	}
	o := t.Object
	d.object(Object{
		Object:    qlogs.Object{Key: o.Key, Size: size(o.Size), ETag: quoted(o.ETag), VersionID: version(o.VersionID)},
		Bucket:    t.Bucket.Name,
		Region:    e.Region,
		Name:      e.DetailType,
		Sequencer: o.Sequencer,
		Time:      parseTime(e.Time),
	}, at)
}

// object keeps o if it is a log.
func (d *decoder) object(o Object, at place) {
	if o.Bucket == "" || o.Key == "" {
		d.fail(at, unknown("it has no bucket name, or no key"))
		return
	}
	if _, isLog := d.event.Skipped.Add(o.Object); !isLog {
		return
	}
	o.MessageID = at.message
	d.event.Objects = append(d.event.Objects, o)
}

func size(n *int64) int64 {
	if n == nil {
		return -1
	}
	return max(*n, -1)
}

func quoted(etag string) string {
	if etag == "" || strings.HasPrefix(etag, `"`) {
		return etag
	}
	return `"` + etag + `"`
}

func version(id string) string {
	if id == "null" {
		return ""
	}
	return id
}

// parseTime returns the zero time for a text that is none: no object is lost for it.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
