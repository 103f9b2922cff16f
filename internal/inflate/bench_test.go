package inflate_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/promptlogs/qlogs/internal/inflate"
)

// BenchmarkAppend reads many distinct files where they are small: the branch predictor
// would learn a single one.
func BenchmarkAppend(b *testing.B) {
	for _, set := range []struct{ files, size int }{{1000, 4_000}, {100, 100_000}, {1, 10_000_000}} {
		var files [][]byte
		total, most := 0, 0
		for _, f := range logs(b, set.files, set.size) {
			total += len(f)
			most = max(most, len(f))
			files = append(files, zip(b, f))
		}
		buf := make([]byte, 0, most+512)
		b.Run(fmt.Sprintf("size=%d/by=inflate", set.size), func(b *testing.B) {
			b.SetBytes(int64(total))
			b.ReportAllocs()
			var d inflate.Decoder
			for b.Loop() {
				for _, f := range files {
					d.Reset(f)
					if _, err := d.Append(buf); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
		b.Run(fmt.Sprintf("size=%d/by=klauspost", set.size), func(b *testing.B) {
			b.SetBytes(int64(total))
			b.ReportAllocs()
			var src bytes.Reader
			var zr gzip.Reader
			for b.Loop() {
				for _, f := range files {
					src.Reset(f)
					if err := zr.Reset(&src); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(&zr, buf[:cap(buf)]); err != io.ErrUnexpectedEOF {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
