package s3test_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// TestPutChunks sends bodies in the framing of streamed signatures, which the
// SDK uses over TLS alone.
func TestPutChunks(t *testing.T) {
	tests := []struct {
		name, body, want string
		status           int
	}{
		{"unsigned with a trailer", "4\r\nabcd\r\n2\r\nef\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "abcdef", 200},
		{"signed", "a;chunk-signature=00\r\n0123456789\r\n0;chunk-signature=00\r\n\r\n", "0123456789", 200},
		{"empty", "0\r\n\r\n", "", 200},
		{"short chunk", "9\r\nabcd", "", 400},
		{"no last chunk", "4\r\nabcd\r\n", "", 400},
		{"bad size", "x\r\nabcd\r\n0\r\n\r\n", "", 400},
		{"negative size", "-1\r\n\r\n", "", 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mem := s3test.New()
			mem.CreateBucket(bucket)
			r := httptest.NewRequest(http.MethodPut, "/logs/k", strings.NewReader(tt.body))
			r.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
			r.Header.Set("Content-Encoding", "aws-chunked, gzip")
			w := httptest.NewRecorder()
			mem.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Fatalf("put = %d, want %d", w.Code, tt.status)
			}
			if tt.status != http.StatusOK {
				return
			}
			w = httptest.NewRecorder()
			mem.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/logs/k", nil))
			if got := w.Body.String(); got != tt.want {
				t.Errorf("get = %q, want %q", got, tt.want)
			}
			if got := w.Header().Get("Content-Encoding"); got != "gzip" {
				t.Errorf("Content-Encoding = %q, want %q", got, "gzip")
			}
		})
	}
}

func BenchmarkList(b *testing.B) {
	mem := s3test.New()
	mem.CreateBucket(bucket)
	for i := range 100_000 {
		mem.Put(bucket, fmt.Sprintf("%02d/%05d", i%97, i), nil)
	}
	for _, query := range []string{"", "&delimiter=/"} {
		b.Run("query="+query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				mem.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/logs?list-type=2&start-after=00"+query, nil))
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
