package source

import (
	"context"
	"io"
	"iter"
	"time"
)

// A Source is a store of objects: all that a scan needs of it.
//
// The methods are called from many goroutines at the same time. If one panics, the panic
// reaches the goroutine that ranges over the scan; see package qlogs.
type Source interface {
	// ID names the store, such as "s3://bucket". It is part of each cursor's
	// scope: the same store must always have the same ID, and two stores must
	// never have the same one.
	ID() string

	// List yields the objects whose keys start with in.Prefix and sort after
	// in.After, in bytewise order of their keys, which are valid UTF-8 as S3's
	// are. An error is the last pair, unless it is a [*KeyError], which concerns one
	// name. A scan passes over a key that comes twice in a row, and keys up to in.After;
	// other disorder ends the scan. If the loop is left early, List must leave nothing
	// behind.
	List(ctx context.Context, in ListInput) iter.Seq2[Object, error]

	// Open returns the body of o from byte offset on, as it is stored, without
	// undoing any compression. It fails with an error that wraps [ErrChanged]
	// if the store no longer holds the object that o describes (by its version
	// ID, its ETag or, without both, its size), fs.ErrNotExist if it holds
	// none, fs.ErrPermission if it refuses, and [ErrArchived] if the object
	// has to be restored first. Cancelling ctx ends the reads of the body too.
	//
	// A body that ends before o.Size bytes has broken off. If o has an ETag or a
	// VersionID, the scan calls Open again with the offset that was reached.
	Open(ctx context.Context, o Object, offset int64) (io.ReadCloser, error)
}

// ListInput says what a [Source] lists.
type ListInput struct {
	// Prefix is what each key starts with. Scans give whole path elements:
	// it is empty or ends in "/".
	Prefix string

	// After leaves out the keys up to and including it. Empty starts at the first.
	After string

	// Folders folds all keys that have a "/" after Prefix into one Object with
	// Folder set for each distinct part up to and including that slash. A folder
	// that After lies in is left out. Scans set Folders or After, never both.
	Folders bool
}

// Object describes one object of a store as a listing shows it.
type Object struct {
	// Key is the whole name of the object, or of a folder with its final "/".
	Key string

	// Size is the number of bytes that are stored.
	Size int64

	// ETag changes with the content. It is empty if the store keeps none.
	ETag string

	// VersionID pins a version of the object. Listings leave it empty.
	VersionID string

	// StorageClass is S3's, such as "STANDARD"; empty elsewhere.
	StorageClass string

	// LastModified is when the object was written; zero if unknown.
	LastModified time.Time

	// Archived means that the listing shows that the object must be restored before it
	// can be read. A scan does not open such an object.
	Archived bool

	// Folder marks a folder: Key is a common prefix and all else is zero.
	Folder bool
}
