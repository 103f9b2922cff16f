package record

import (
	"errors"
	"fmt"
)

// These are the reasons of an [Error] or a [DocumentError], for [errors.Is].
var (
	// ErrSyntax means that the JSON is malformed, or that a file is no JSON at all.
	ErrSyntax = errors.New("malformed JSON")
	// ErrType means that a record is not a JSON object, or that a half of it is
	// neither an object nor null. With [DecoderOptions.StrictFields] it also means
	// that a known field has a JSON type that it cannot have.
	ErrType = errors.New("unexpected JSON type")
	// ErrTime means that a timeStamp is not a time as RFC 3339 writes it. Decoding
	// returns it only with [DecoderOptions.StrictFields]. Encoding returns it for a
	// time outside of the years 0 to 9999.
	ErrTime = errors.New("not an RFC 3339 time")
	// ErrNotLog means that a document is JSON but not a prompt log: it is not
	// an object, or its "records" are missing, null or not an array.
	ErrNotLog = errors.New("not a prompt log: no array of records")
	// ErrTooLarge means that a record is longer than
	// [DecoderOptions.MaxRecordBytes], or that its elements and keys count as more.
	ErrTooLarge = errors.New("too large")
	// ErrTooDeep means that arrays and objects are nested deeper than
	// [DecoderOptions.MaxDepth], or than 10,000 in [Unmarshal].
	ErrTooDeep = errors.New("nested too deep")
	// ErrTooMany means that a file has more records than
	// [DecoderOptions.MaxRecords].
	ErrTooMany = errors.New("too many records")
)

// Error says why one record could not be decoded or encoded. It concerns only that
// record. Its text never contains anything of the record.
type Error struct {
	// Index is the place of the record in its file, from 0. It is 0 in errors
	// of [Unmarshal] and of the MarshalJSON methods.
	Index int
	// Offset is the place of the record's first byte in its decompressed file,
	// or in the data given to [Unmarshal], from 0.
	Offset int64
	// Field is the path of the field at fault, in JSON names joined by dots,
	// or "" if the whole record is at fault. It consists of names that this
	// package knows, never of keys found in the input.
	Field string
	// Err is one of the Err variables of this package.
	Err error
}

// Error returns a text without anything of the record's content.
func (e *Error) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("record: record %d at byte %d: %v", e.Index, e.Offset, e.Err)
	}
	return fmt.Sprintf("record: record %d at byte %d: %s: %v", e.Index, e.Offset, e.Field, e.Err)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// DocumentError says why a file could not be read any further. The records
// before it are good. Its text never contains anything of the file.
type DocumentError struct {
	// Offset is the place in the decompressed file, from 0, at which the fault
	// was seen.
	Offset int64
	// Err is one of the Err variables of this package, or
	// [io.ErrUnexpectedEOF] for a file that is empty or stops too early. If the
	// file begins like another known form, such as gzip, HTML or UTF-16, Err wraps
	// [ErrSyntax] and names the form.
	Err error
}

// Error returns a text without anything of the file's content.
func (e *DocumentError) Error() string {
	return fmt.Sprintf("record: file unreadable from byte %d: %v", e.Offset, e.Err)
}

// Unwrap returns e.Err.
func (e *DocumentError) Unwrap() error { return e.Err }

// within puts the name of a field in front of the path of a fault in it. Malformed JSON, or
// JSON that is too deep, is a fault of the whole record.
func within(name string, err error) error {
	if err == ErrSyntax || err == ErrTooDeep || err == errStopped {
		return err
	}
	var e *Error
	if errors.As(err, &e) {
		e.Field = name + "." + e.Field
		return e
	}
	return &Error{Field: name, Err: err}
}

// asError returns an error of the scanner with its place.
func asError(err error, index int, offset int64) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Err: err}
	}
	e.Index, e.Offset = index, offset
	return e
}

// errStopped means that Stop or Grow has returned an error. It never leaves this package:
// the caller gets their error.
var errStopped = errors.New("stopped")
