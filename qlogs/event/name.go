package event

import "strings"

// A kind is what an event is about, by its name.
type kind int

const (
	other   kind = iota // something else than an object to read
	created             // an object that was created or restored
	unclear             // perhaps such an object
)

var (
	// A name that holds one of these is of a creation; # is the end of a name. Those with
	// # are names of requests, which EventBridge has as a reason and Cloudflare R2 as an
	// action, and Ceph's names for objects that it copied from another zone.
	creations = []string{
		"objectcreat", "objectrestorecomplete", "objectrestoredcomplete", "putobject#", "postobject#", "copyobject#",
		"completemultipartupload", "completedmultipartupload", "multipartuploadcomplete", "objectsyncedcreate#", "replicationcreate#",
	}

	// A name that holds one of these is not, although it may hold "creat", as
	// DeleteMarkerCreated does.
	removals = []string{"delet", "remov", "expir", "abort", "initiat", "createmultipartupload"}

	// A name that holds one of these may be.
	doubts = []string{"creat", "upload"}

	// An unknown name may be, even of AWS, if it holds one of these.
	verbs = []string{"put", "post", "copy", "copied", "writ", "stor", "stag", "sync", "replic", "renam", "add", "ingest", "arriv", "complet"}

	// A name that holds one of these is of a change that leaves the object as it is. A
	// replica and a restored copy are new objects. So only the names of the requests for
	// them, and of events about their source, are here.
	changes = []string{
		"tagging", "tags", "objecttag", "objectacl", "annotation", "transition", "tier", "storageclass", "lifecycle", "accessed", "accesscontrol", "retention", "legalhold",
		"lostobject", "scanner", "manyversions", "largeversions", "manyfolders", "objectrestorepost#", "replicationoperation", "testevent#",
	}
)

// kindOf returns what an event of that name is about. S3 has "ObjectCreated:Put" and
// EventBridge "Object Created". Other stores put "s3:" before it or spell it in other ways,
// so case, spaces and punctuation do not count. A name that is not known is unclear. If it
// seems to be AWS's, it is unclear only with a verb of creations: AWS has new events now
// and then, but stores copy AWS's sources, and rules of EventBridge write types of their
// own.
func kindOf(name string, aws bool) kind {
	if strings.HasPrefix(name, "ObjectCreated:") || name == "Object Created" {
		return created
	}
	name = strings.ReplaceAll(letters(name), "incomplete", "-") + "#"
	switch {
	case holds(name, creations):
		return created
	case strings.Contains(name, "undelet"): // it brings an object back
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

// isOfBucket reports whether an event of that name is about a bucket itself, and not about
// what was put into it. name has letters alone.
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

func isMultipart(name string) bool { return strings.Contains(letters(name), "multipart") }
