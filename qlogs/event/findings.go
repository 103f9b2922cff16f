package event

import (
	"strings"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// maxBad is how many errors are kept. As none is left out, a caller knows of every
// message that holds a bad part.
const maxBad = 1000

// findings are what has been decoded of an event so far.
type findings struct {
	event Event
	bad   Errors
}

func (f *findings) full() bool { return len(f.bad) > maxBad }

// fail notes that the part at a place is bad. No reason wraps an error of encoding/json,
// because that would show what the event holds.
func (f *findings) fail(at place, err error) {
	f.bad = append(f.bad, &Error{Path: at.path, MessageID: at.message, Err: err})
}

// A place is a place in an event.
type place struct {
	path    string
	message string
	level   int
	inArray bool // of the document at this level
}

func (p place) in(path string) place {
	p.path += path
	return p
}

// inMessage keeps the ID of the outermost message: the one that a program can delete.
func (p place) inMessage(id text) place {
	if p.message == "" {
		p.message = string(id)
	}
	return p
}

// notification decodes a record of a notification of S3.
func (f *findings) notification(e *envelope, at place) {
	name := string(e.EventName)
	if !f.tells(name, "eventName", e.isAWS(), at) {
		return
	}
	// Other stores have versions of their own, and records that are known by their fields.
	if e.isAWS() && !isMajor(e.EventVersion, "2") {
		f.fail(at, unknown("its eventVersion is not 2"))
		return
	}
	key, ok := e.key()
	if !ok {
		f.fail(at, ErrKey)
		return
	}
	f.object(Object{Bucket: e.S3.Bucket.name(), Region: string(e.AWSRegion), Name: name, Time: e.EventTime.time()}, key, &e.S3.Object, e.isAWS(), at)
}

// detail decodes an event of S3 with t as its detail. The key is taken as it is.
func (f *findings) detail(e, t *envelope, aws bool, at place) {
	name, happened := string(e.DetailType), t.happened()
	// A rule may have replaced or dropped the type and kept the detail. S3's types begin
	// with "Object"; in any other a word may mean something else.
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
	if !f.tells(name, "detail-type", aws, at) {
		return
	}
	if aws && !isMajor(t.Version, "1") {
		f.fail(at, unknown("its event-version is not 1"))
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
	f.object(Object{Bucket: bucket, Region: string(e.Region), Name: name, Time: e.Time.time()}, t.Object.Key, &t.Object, aws && !isMultipart(string(t.Reason)), at)
}

// action decodes an event of Cloudflare R2, or the mere detail of an event that EventBridge
// delivers. The key is taken as it is.
func (f *findings) action(e *envelope, at place) {
	name := e.happened()
	if f.tells(name, "action", false, at) {
		f.object(Object{Bucket: e.Bucket.name(), Name: name, Time: e.EventTime.time()}, e.Object.Key, &e.Object, false, at)
	}
}

// tells reports whether an event of that name is about an object to read. If not, tells
// counts it or notes an error.
func (f *findings) tells(name, field string, aws bool, at place) bool {
	if name == "" {
		f.fail(at, unknown("it has no "+field))
		return false
	}
	switch kindOf(name, aws) {
	case created:
		return true
	case unclear:
		f.fail(at, unknown("its "+field+" is not known, and may be that of a creation"))
	default:
		f.event.Ignored++
	}
	return false
}

// object keeps o, with what t says about it, if it is a log. exact says that the size is
// from AWS, which always knows it.
func (f *findings) object(o Object, key string, t *object, exact bool, at place) {
	if o.Bucket == "" || key == "" {
		f.fail(at, unknown("it has no bucket name, or no key"))
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
		f.event.Skipped.Add(kind)
		return
	}
	o.Sequencer = string(t.Sequencer)
	o.MessageID = at.message
	f.event.Objects = append(f.event.Objects, o)
}

// isEmpty reports whether an object of size 0 is certainly empty. Stores other than AWS also
// write 0 if they do not know the size, as in events of multipart uploads.
func isEmpty(etag string, exact bool) bool {
	const ofNothing = `"d41d8cd98f00b204e9800998ecf8427e"`
	return strings.EqualFold(etag, ofNothing) || exact && !strings.Contains(etag, "-")
}

// isMajor reports whether a version has that major version, or is absent.
func isMajor(version text, major string) bool {
	first, _, _ := strings.Cut(string(version), ".")
	return version == "" || first == major
}
