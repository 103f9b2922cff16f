package qlogs

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// EndsScan reports whether err, which a scan yielded, is the scan's last pair. After an
// [*ObjectError] or a [*PartitionError] it returns false: the loop may continue, and everything
// else is still delivered. That holds for [ErrNoLogs] too, though nothing else is there then.
// For nil it returns false.
func EndsScan(err error) bool {
	var object *ObjectError
	var partition *PartitionError
	return err != nil && !errors.As(err, &object) && !errors.As(err, &partition)
}

// A Class says in one word why something could not be read, for counters, alarms and files.
// Later versions keep these words and may add others.
type Class string

// The classes, by the errors that [errors.Is] finds.
const (
	ClassNoStore      Class = "no_store"     // source.ErrNoStore, such as no such bucket
	ClassNotExist     Class = "not_exist"    // fs.ErrNotExist
	ClassArchived     Class = "archived"     // [ErrArchived]
	ClassPermission   Class = "permission"   // fs.ErrPermission
	ClassInconsistent Class = "inconsistent" // [ErrInconsistent]
	ClassChanged      Class = "changed"      // [ErrChanged]
	ClassStalled      Class = "stalled"      // [ErrStalled]
	ClassTooLarge     Class = "too_large"    // [ErrTooLarge], [record.ErrTooLarge]
	ClassTooMany      Class = "too_many"     // [record.ErrTooMany]
	ClassTooDeep      Class = "too_deep"     // [record.ErrTooDeep]
	ClassCorruptGzip  Class = "corrupt_gzip" // [ErrCorruptGzip]
	ClassCorruptJSON  Class = "corrupt_json" // [ErrCorruptJSON], a document that is cut off
	ClassBadType      Class = "bad_type"     // [record.ErrType]
	ClassBadTime      Class = "bad_time"     // [record.ErrTime]
	ClassNotLog       Class = "not_log"      // [ErrNotLog]
	ClassNoLogs       Class = "no_logs"      // [ErrNoLogs]
	ClassUnsupported  Class = "unsupported"  // errors.ErrUnsupported
	ClassCanceled     Class = "canceled"     // context.Canceled or context.DeadlineExceeded, as the last pair
	ClassOther        Class = "other"
)

// ClassOf returns the class of an error that a scan yielded. If the error belongs to several
// classes, ClassOf returns the most specific one. For nil it returns "".
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	var unkept *UnkeptError
	if errors.As(err, &unkept) {
		return unkept.Class
	}
	for _, class := range []struct {
		err  error
		name Class
	}{
		{source.ErrNoStore, ClassNoStore}, // which may be an fs.ErrNotExist
		{fs.ErrNotExist, ClassNotExist},
		{ErrArchived, ClassArchived}, // before what S3 says of it, which is a denial
		{fs.ErrPermission, ClassPermission},
		{ErrInconsistent, ClassInconsistent},
		{ErrChanged, ClassChanged},
		{ErrStalled, ClassStalled},
		{ErrTooLarge, ClassTooLarge},
		{record.ErrTooLarge, ClassTooLarge},
		{record.ErrTooMany, ClassTooMany},
		{record.ErrTooDeep, ClassTooDeep},
		{ErrCorruptGzip, ClassCorruptGzip},
		{record.ErrType, ClassBadType},
		{record.ErrTime, ClassBadTime},
		{ErrNotLog, ClassNotLog},
		{ErrCorruptJSON, ClassCorruptJSON},
		{ErrNoLogs, ClassNoLogs},
		{errors.ErrUnsupported, ClassUnsupported},
	} {
		if errors.Is(err, class.err) {
			return class.name
		}
	}
	var object *ObjectError
	isObject := errors.As(err, &object)
	switch {
	case isObject && object.Op == "decode" && errors.Is(object.Err, io.ErrUnexpectedEOF): // the document is cut, not the connection
		return ClassCorruptJSON
	case EndsScan(err) && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		return ClassCanceled
	}
	return ClassOther
}
