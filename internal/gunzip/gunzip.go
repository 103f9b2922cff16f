// Package gunzip decompresses the gzip bodies of log objects: small ones whole,
// from bytes to bytes with pooled decoders, large ones as a stream.
//
// Both ways read files of several gzip members, as concatenating files gives. Zero bytes
// behind a member are padding. The file may end there, or another member may follow, as in
// files that were padded before they were concatenated. Anything else behind a member is
// surplus, up to the end of the file: an error, after all that the members hold.
//
// Small files go to package inflate. If it refuses a file or fails on it, the library's
// decoder reads the file again, from the start, and decides what becomes of it. So the
// errors are the library's, and so is what can be read of a file that is cut off. A build
// with the tag qlogs_noinflate has the library's decoder alone, at about half the speed
// (go test -bench Inflate ./internal/gunzip).
package gunzip

// Inflate decompresses src into dst[:0], which it grows as needed, and returns the output.
// Before the output buffer takes more memory it calls reserve with the buffer's new size;
// an error of reserve ends the work and is returned as it is. An output of more than limit
// bytes ends it with ErrLimit.
//
// The whole of src has to be gzip. If the error is nil, all checksums and lengths have been
// verified. If src is cut off, Inflate returns what it could read, not verified, with
// an error that wraps ErrCorrupt and io.ErrUnexpectedEOF. With any other error that wraps
// ErrCorrupt it returns the output of the members before the damage or the surplus, all
// of them verified. With other errors it returns no output.
// If the output fits into dst, the returned slice shares dst's memory, in the error case
// too.
func Inflate(dst, src []byte, limit int, reserve func(size int) error) ([]byte, error) {
	return InflateUntil(dst, src, limit, reserve, func() error { return nil })
}

// InflateUntil is Inflate, and calls stop whenever it has written 256 KiB, or has read
// 16 KiB whose output is no more than that. An error of stop ends the work and is returned
// as it is, without output.
func InflateUntil(dst, src []byte, limit int, reserve func(size int) error, stop func() error) ([]byte, error) {
	dst, done, err := own(dst[:0], src, limit, reserve, stop)
	if done {
		return dst, err
	}
	return library(dst, src, limit, reserve, stop)
}
