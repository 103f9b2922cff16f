package keep

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
)

// A DeadLetter stands for an object, or a record, that could not be read. A program puts it
// aside, looks at it, and reads the object again with [qlogs.Client.Read] when the cause is
// gone. A letter holds ids, sizes and times, and nothing of what the object contains.
//
// Do not put aside an object whose [qlogs.ObjectError] is Retryable: the scan's cursor keeps it
// to be retried. With [qlogs.Options].MaxAttempts its last error is not Retryable. So the rule
// is
//
//	var object *qlogs.ObjectError
//	if errors.As(err, &object) && !object.Retryable {
//		err = letters.Put(ctx, keep.NewDeadLetter(object))
//	}
//
// If the Index of a letter is not -1, the letter is of one record. Reading its object yields
// all records of the object: look for the Index in [qlogs.Entry].Index or, if the record is
// still damaged, in [qlogs.ObjectError].Index. If the letter is of a whole object, the object
// may have yielded records before it failed, and these come again. A [Dedup] drops records
// that came before.
type DeadLetter struct {
	// Object is what to give to [qlogs.Client.Read]: the object as it was when it failed. It
	// is pinned by its ETag or version: if another object is in its place, the error is
	// [qlogs.ErrChanged]. If the class is "changed", "inconsistent" or "not_exist", only
	// the Key is set and Size is -1, so that Read reads what is there by then. To read what is
	// there in any case, for example after a repair, give Object{Key: key, Size: -1}.
	// Archived is never set, because a letter is read after the object was restored.
	Object qlogs.Object

	// Index is the position of the record in the object, from 0. It is -1 for the
	// object as a whole.
	Index int

	// Op is the step that failed; see [qlogs.ObjectError].
	Op string

	// Class is why it failed, as [qlogs.ClassOf] returns it.
	Class qlogs.Class

	// Attempts is how often the object was tried, by the scans that went on from
	// each other's cursors or by one [qlogs.Client.Read]. It is 0 for a record.
	Attempts int

	// Time is when the letter was made, in UTC.
	Time time.Time
}

// NewDeadLetter returns the letter of e. Its Time is now.
func NewDeadLetter(e *qlogs.ObjectError) DeadLetter {
	l := DeadLetter{
		Object:   e.Object,
		Index:    e.Index,
		Op:       e.Op,
		Class:    qlogs.ClassOf(e),
		Attempts: e.Attempt,
		Time:     time.Now().UTC(),
	}
	l.Object.Key, l.Object.Archived = e.Key, false
	switch l.Class {
	case qlogs.ClassChanged, qlogs.ClassInconsistent, qlogs.ClassNotExist:
		l.Object = qlogs.Object{Key: e.Key, Size: -1}
	}
	return l
}

// A letterPlace is what there is one letter of.
type letterPlace struct {
	key, etag, version string
	index              int
}

func (l DeadLetter) place() letterPlace {
	return letterPlace{l.Object.Key, l.Object.ETag, l.Object.VersionID, l.Index}
}

type letterJSON struct {
	Key          string      `json:"key"`
	Size         int64       `json:"size"`
	ETag         string      `json:"etag,omitempty"`
	VersionID    string      `json:"versionId,omitempty"`
	StorageClass string      `json:"storageClass,omitempty"`
	LastModified time.Time   `json:"lastModified,omitzero"`
	Index        int         `json:"index"`
	Op           string      `json:"op"`
	Class        qlogs.Class `json:"class"`
	Attempts     int         `json:"attempts"`
	Time         time.Time   `json:"time,omitzero"`
}

// MarshalJSON writes the letter as one flat object: key, size, etag, versionId,
// storageClass, lastModified, index, op, class, attempts and time.
func (l DeadLetter) MarshalJSON() ([]byte, error) {
	o := l.Object
	return json.Marshal(letterJSON{
		Key: o.Key, Size: o.Size, ETag: o.ETag, VersionID: o.VersionID, StorageClass: o.StorageClass, LastModified: o.LastModified,
		Index: l.Index, Op: l.Op, Class: l.Class, Attempts: l.Attempts, Time: l.Time,
	})
}

// UnmarshalJSON reads what MarshalJSON writes. If the index is absent or null, the letter is
// of the whole object. If the size is absent, it is unknown. JSON without a key is an error.
// The error shows nothing of what data contains.
func (l *DeadLetter) UnmarshalJSON(data []byte) error {
	j := letterJSON{Size: -1, Index: -1} // where it does not say
	if err := json.Unmarshal(data, &j); err != nil || j.Key == "" || j.Size < -1 || j.Index < -1 {
		return errors.New("keep: not a dead letter")
	}
	*l = DeadLetter{
		Object: qlogs.Object{
			Key: j.Key, Size: j.Size, ETag: j.ETag, VersionID: j.VersionID, StorageClass: j.StorageClass, LastModified: j.LastModified,
		},
		Index: j.Index, Op: j.Op, Class: j.Class, Attempts: j.Attempts, Time: j.Time,
	}
	return nil
}
