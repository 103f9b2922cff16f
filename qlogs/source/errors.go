package source

import (
	"errors"
	"fmt"
	"io/fs"
)

// Errors that the methods of a [Source] wrap, so that [errors.Is] finds them. Others are
// fs.ErrNotExist and fs.ErrPermission.
var (
	// ErrArchived means that an object is in an archive storage class and must be
	// restored before it can be read.
	ErrArchived = errors.New("object is archived: restore it, then read it")

	// ErrChanged means that an object was replaced after it had been listed.
	ErrChanged = errors.New("object changed while it was read")

	// ErrNoStore means that the store itself does not exist, such as a bucket that was
	// deleted. It says nothing about the object that was asked for. It wraps
	// fs.ErrNotExist.
	ErrNoStore error = noStoreError{}

	// ErrAnonymous means that something between the store and the reader, such as a proxy,
	// may have sent an answer: it has no ETag although the object is listed with one, or it
	// is an error with nothing of the store's. An error that wraps ErrAnonymous, and
	// [ErrChanged] or fs.ErrNotExist as well, is believed the third time.
	ErrAnonymous = errors.New("and no ETag")
)

type noStoreError struct{}

func (noStoreError) Error() string { return "no such bucket" }
func (noStoreError) Unwrap() error { return fs.ErrNotExist }

// A KeyError is what the List of a [Source] yields, with a zero Object, for one name
// that it cannot look at: a file that cannot be examined, or a folder that cannot be
// read. It comes in the place of that name, in key order. It is not the last pair:
// the listing continues behind it.
//
// A scan yields a qlogs.ObjectError for a file in an hour folder and a
// qlogs.PartitionError for all else. Its cursor makes later scans try the name again.
type KeyError struct {
	// Key is the name. That of a folder ends in "/".
	Key string

	// Err is the reason. It is never nil. If it wraps [ErrNoFile], no retry can
	// succeed.
	Err error
}

func (e *KeyError) Error() string { return fmt.Sprintf("source: list %q: %v", e.Key, e.Err) }

// Unwrap returns the reason.
func (e *KeyError) Unwrap() error { return e.Err }

// ErrNoFile is the reason of a [KeyError] for what can be examined and can never be read:
// a link to a directory, a pipe, a name that is no key.
var ErrNoFile = errors.New("neither a file nor a folder with a valid name")
