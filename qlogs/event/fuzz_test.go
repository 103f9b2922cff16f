package event_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/promptlogs/qlogs/qlogs/event"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// What the text of an error may consist of.
var errorText = regexp.MustCompile(`^event: ((\.Records|\.Messages|\[\d+\]|\.body|\.Body|\.Message|\.Sns|\.requestPayload|\.detail|\.payload|\.result)+: )?` +
	`(not an event of S3 in a known form: [a-zA-Z0-9',: -]+|key is not URL encoded UTF-8: only a scan can find the object)$`)

// The letters of the names that tell of an object to read.
var creations = []string{"objectcreat", "objectrestorecomplete", "objectrestoredcomplete", "putobject", "postobject", "copyobject", "completemultipartupload", "completedmultipartupload", "multipartuploadcomplete", "objectsyncedcreate", "replicationcreate"}

func isCreation(name string) bool {
	name = strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, name)
	return slices.ContainsFunc(creations, func(s string) bool { return strings.Contains(name, s) })
}

// FuzzDecode checks what holds for the decoding of any bytes.
func FuzzDecode(f *testing.F) {
	for _, name := range fixtures(f) {
		f.Add(fixture(f, name))
	}
	f.Add([]byte(notification(logFolder+"a.json.gz", "%zz", "%ff", "", "+")))
	f.Add([]byte(`{"Records":[{"eventSource":"aws:sqs","messageId":"1","body":"{\"Records\":[]}"},{"eventSource":"aws:sqs","body":"{"}]}`))
	for _, value := range anyType {
		for _, data := range withField(`"size":` + value + `,"eTag":` + value + `,"versionId":` + value) {
			f.Add([]byte(data))
		}
		f.Add([]byte(`{"resources":[` + value + `],"detail-type":"object created","source":"aws.s3","detail":{"object":{"key":` + value + `}}}`))
		f.Add([]byte("\ufeff [" + value + `,{"Records":` + value + `},{"requestPayload":` + value + `},{"Messages":` + value + `},{"Body":` + value + `},{"detail":` + value + `},{"context":1,"payload":` + value + `},{"messages":[],"result":` + value + `}]`))
	}
	for _, source := range sources {
		for _, name := range creations {
			f.Add([]byte(recordsOf(record(source, "s3:"+name, "100%/a+%41/"+goodKey))))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := event.Decode(data)
		checkEvent(t, e)
		checkErrors(t, err)
		// Each object, each count and each error takes an element of the event.
		if n := int64(len(e.Objects)+e.Ignored+len(badParts(err))) + e.Skipped.Total(); n > int64(len(data))+1 {
			t.Errorf("%d bytes tell of %d things", len(data), n)
		}
		again, errAgain := event.Decode(data)
		if got, want := describe(again, errAgain), describe(e, err); got != want {
			t.Errorf("decoded again it is\n%swas\n%s", got, want)
		}
		if !utf8.Valid(data) { // which encoding/json does not write as it is
			return
		}
		for _, env := range envelopes {
			if !wraps(env.raw, string(data)) {
				continue
			}
			nested, nestedErr := event.Decode([]byte(env.wrap(string(data))))
			if tooDeep(nestedErr) {
				continue
			}
			checkNested(t, "in "+env.name, env.message, nested, nestedErr, e, err)
		}
	})
}

func tooDeep(err error) bool {
	for _, bad := range badParts(err) {
		if strings.Contains(bad.Error(), "levels deep") {
			return true
		}
	}
	return false
}

func checkEvent(t *testing.T, e event.Event) {
	t.Helper()
	found := 0
	for _, o := range e.Objects {
		if kind, _ := path.KindOf(o.Key, o.Size); kind != path.Log || !utf8.ValidString(o.Key) || o.Bucket == "" {
			t.Errorf("object is no log: %+v", o)
		}
		if o.Size == 0 || o.Size < -1 || o.VersionID == "null" || o.ETag != "" && !strings.HasPrefix(o.ETag, `"`) {
			t.Errorf("object is not as S3 lists it: %+v", o)
		}
		if !isCreation(o.Name) {
			t.Errorf("object is not to be read: %+v", o)
		}
		if !o.Time.IsZero() && o.Time.Location().String() != "UTC" {
			t.Errorf("time is not UTC: %+v", o)
		}
		if !o.LastModified.IsZero() || o.StorageClass != "" || o.Archived || o.Folder {
			t.Errorf("object has what no event tells: %+v", o)
		}
	}
	buckets := map[string]bool{}
	for _, o := range e.Objects {
		if !buckets[o.Bucket] {
			buckets[o.Bucket] = true
			found += len(e.In(o.Bucket))
		}
	}
	if found != len(e.Objects) {
		t.Errorf("%d objects, %d in their buckets", len(e.Objects), found)
	}
}

func checkErrors(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	bad := badParts(err)
	if len(bad) == 0 || len(bad) > 1000 {
		t.Errorf("%d errors", len(bad))
	}
	for _, b := range bad {
		if !errorText.MatchString(b.Error()) || len(b.Error()) > 300 || errors.Is(b, event.ErrKey) == errors.Is(b, event.ErrUnknown) {
			t.Errorf("error is %q", b)
		}
	}
}
