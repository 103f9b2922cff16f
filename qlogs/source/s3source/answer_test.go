package s3source_test

import (
	"net/http"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// The SDK fails for some headers of an answer that are not of their form. Whatever it
// says of one, a request without the SDK comes to the same.
func TestHeadersOfAnswers(t *testing.T) {
	s := newServer(t, 1)
	src, plain := s.source(nil), s.source(&s3source.Options{PlainSDK: true})
	o := find(t, src, s.keys[0])
	for _, header := range []string{
		"Accept-Ranges", "Cache-Control", "Content-Type", "Expires", "Last-Modified",
		"X-Amz-Delete-Marker", "X-Amz-Expiration", "X-Amz-Missing-Meta", "X-Amz-Mp-Parts-Count",
		"X-Amz-Object-Lock-Event-Hold", "X-Amz-Object-Lock-Event-Hold-Duration-Days",
		"X-Amz-Object-Lock-Event-Hold-Duration-Years", "X-Amz-Object-Lock-Legal-Hold",
		"X-Amz-Object-Lock-Mode", "X-Amz-Object-Lock-Retain-Until-Date", "X-Amz-Replication-Status",
		"X-Amz-Restore", "X-Amz-Server-Side-Encryption",
		"X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "X-Amz-Storage-Class", "X-Amz-Tagging-Count",
	} {
		for _, value := range []string{"", "strange", "7", "true", "2030-01-02T03:04:05Z", "Wed, 02 Jan 2030 03:04:05 GMT"} {
			s.answer(nil)
			if _, err := read(t.Context(), src, o, 0); err != nil { // which is what later requests are made after
				t.Fatal(err)
			}
			s.fail("GetObject", s3mem.Fault{Header: http.Header{header: {value}}})
			_, got := read(t.Context(), src, o, 0)
			_, want := read(t.Context(), plain, o, 0)
			if (got != nil) != (want != nil) {
				t.Errorf("%s %q: Open error = %v, want the SDK's: %v", header, value, got, want)
			}
		}
	}
}
