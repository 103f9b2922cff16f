package qlogs

import (
	"errors"
	"io"
	"io/fs"

	"github.com/promptlogs/qlogs/qlogs/record"
)

// errorClass names the first class that the error is of.
func errorClass(e *ObjectError) string {
	for _, class := range []struct {
		err  error
		name string
	}{
		{fs.ErrNotExist, "not_exist"},
		{ErrArchived, "archived"}, // before what S3 says of it, which is a denial
		{fs.ErrPermission, "permission"},
		{ErrInconsistent, "inconsistent"},
		{ErrChanged, "changed"},
		{ErrStalled, "stalled"},
		{ErrTooLarge, "too_large"},
		{record.ErrTooLarge, "too_large"},
		{record.ErrTooMany, "too_many"},
		{record.ErrTooDeep, "too_deep"},
		{ErrCorruptGzip, "corrupt_gzip"},
		{record.ErrType, "bad_type"},
		{record.ErrTime, "bad_time"},
		{ErrNotLog, "not_log"},
		{ErrCorruptJSON, "corrupt_json"},
	} {
		if errors.Is(e.Err, class.err) {
			return class.name
		}
	}
	if e.Op == "decode" && errors.Is(e.Err, io.ErrUnexpectedEOF) { // the document is cut, not the connection
		return "corrupt_json"
	}
	return "other"
}
