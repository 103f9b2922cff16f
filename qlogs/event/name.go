package event

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// What an event tells, by its name.
type kind int

const (
	other   kind = iota // of something other than an object to read
	created             // of an object that was created or restored
	unclear             // perhaps of one
)

var (
	// A name that holds one of these is of a creation; # is the end of a name. Those
	// that end so are names of requests, which EventBridge has as a reason and
	// Cloudflare R2 as an action, and Ceph's names of what it copied from another zone.
	creations = []string{
		"objectcreat", "objectrestorecomplete", "objectrestoredcomplete", "putobject#", "postobject#", "copyobject#",
		"completemultipartupload", "completedmultipartupload", "multipartuploadcomplete", "objectsyncedcreate#", "replicationcreate#",
	}

	// One that holds one of these is not, though it may hold a "creat" as in
	// DeleteMarkerCreated.
	removals = []string{"delet", "remov", "expir", "abort", "initiat", "createmultipartupload"}

	// One that holds one of these may be.
	doubts = []string{"creat", "upload"}

	// Even one of AWS may be, if it is not known and holds one of these.
	verbs = []string{"put", "post", "copy", "copied", "writ", "stor", "stag", "sync", "replic", "renam", "add", "ingest", "arriv", "complet"}

	// One that holds one of these is of a change that leaves the object as it is. A
	// replica and a restored copy are objects that were not there before, so that only
	// the names of the requests for them, and of what their source tells, are here.
	changes = []string{
		"tagging", "tags", "objecttag", "objectacl", "annotation", "transition", "tier", "storageclass", "lifecycle", "accessed", "accesscontrol", "retention", "legalhold",
		"lostobject", "scanner", "manyversions", "largeversions", "manyfolders", "objectrestorepost#", "replicationoperation", "testevent#",
	}
)

// kindOf returns what an event of that name tells. S3 has "ObjectCreated:Put" and
// EventBridge "Object Created"; other stores have "s3:" before it, or write it in other
// ways, so that upper case, spaces and signs do not count. A name that is not known is
// unclear. If it seems to be AWS's, which has new events now and then, that takes a verb of
// creations: stores copy the sources of AWS, and rules of EventBridge write types of their
// own.
func kindOf(name string, aws bool) kind {
	if strings.HasPrefix(name, "ObjectCreated:") || name == "Object Created" {
		return created
	}
	name = strings.ReplaceAll(letters(name), "incomplete", "-") + "#"
	switch {
	case holds(name, creations):
		return created
	case strings.Contains(name, "undelet"): // which brings an object back
		return unclear
	case holds(name, removals) || isOfBucket(name):
		return other
	case holds(name, doubts):
		return unclear
	case holds(name, changes) || aws && name != "#" && !holds(name, verbs):
		return other
	}
	return unclear
}

// isOfBucket reports whether the letters of a name are of a bucket itself, and not of
// what was put into it.
func isOfBucket(name string) bool {
	return strings.HasPrefix(strings.TrimPrefix(name, "s"), "bucket") && !holds(name, []string{"object", "file", "upload"})
}

func holds(name string, words []string) bool {
	for _, word := range words {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// letters returns the ASCII letters of s in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, s)
}

// isNotification reports whether e is a record of S3's own, or of a store that writes
// as S3 does. Those have sources such as "minio:s3", or none.
func (e *envelope) isNotification() bool {
	return e.isFrom(":s3") || isCeph(string(e.EventSource)) || e.EventSource == "" && e.EventName != "" || e.S3.Object.Key != "" || e.S3.Bucket.name() != ""
}

// isAWS reports whether a notification is of AWS. Other stores have other sources, or
// names that start with "s3:".
func (e *envelope) isAWS() bool {
	const prefix = "s3:"
	name := string(e.EventName)
	return strings.EqualFold(string(e.EventSource), "aws:s3") && !(len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix))
}

// key returns the key of a notification, and whether it is known. S3 encodes keys, so
// that one which cannot be decoded is damaged. Of the other stores some do, and what
// cannot be decoded was not encoded.
func (e *envelope) key() (string, bool) {
	raw, aws := e.S3.Object.Key, e.isAWS()
	if !aws && isPlain(raw, string(e.EventSource)) {
		return raw, true
	}
	// PathUnescape would leave the pluses that stand for spaces.
	key, err := url.QueryUnescape(raw)
	if err == nil && utf8.ValidString(key) {
		return key, true
	}
	return raw, !aws
}

// isPlain reports whether a key is not encoded: no encoded one has a space, a control or
// a byte beyond ASCII. Ceph encodes none, so that its keys of logs have their slashes.
func isPlain(key, source string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return true
		}
	}
	return isCeph(source) && strings.Contains(key, "/")
}

func isCeph(source string) bool { return strings.HasPrefix(strings.ToLower(source), "ceph:") }
