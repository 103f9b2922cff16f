package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"

	"github.com/promptlogs/qlogs/internal/gunzip"
)

// BenchmarkInflate decompresses many distinct files where they are small: the branch
// predictor would learn a single one.
func BenchmarkInflate(b *testing.B) {
	for _, set := range []struct{ files, size int }{{1000, 4_000}, {100, 100_000}, {1, 10_000_000}} {
		text := sample(set.files * set.size)
		var files [][]byte
		for i := range set.files {
			files = append(files, compress(b, text[i*set.size:(i+1)*set.size], gzip.DefaultCompression, nil))
		}
		run := func(by string, inflate func(data []byte) error) {
			b.Run(fmt.Sprintf("size=%d/by=%s", set.size, by), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					for _, data := range files {
						if err := inflate(data); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
		buf := make([]byte, set.size+512)
		run("gunzip", func(data []byte) (err error) {
			buf, err = gunzip.Inflate(buf, data, math.MaxInt, free)
			return err
		})
		var src bytes.Reader
		var zr kgzip.Reader
		run("klauspost", func(data []byte) error {
			src.Reset(data)
			if err := zr.Reset(&src); err != nil {
				return err
			}
			if n, err := io.ReadFull(&zr, buf[:cap(buf)]); n != set.size || err != io.ErrUnexpectedEOF {
				return fmt.Errorf("%d bytes, %w", n, err)
			}
			return nil
		})
	}
}

func BenchmarkReader(b *testing.B) {
	data := compress(b, sample(5_000_000), gzip.DefaultCompression, nil)
	members := bytes.Repeat(compress(b, sample(20_000), gzip.DefaultCompression, nil), 250)
	for _, f := range []file{{"one member", data}, {"members", members}} {
		b.Run("qlogs/"+f.name, func(b *testing.B) {
			benchStream(b, f.data, func(src io.Reader) (io.Reader, func(), error) {
				r, err := gunzip.NewReader(src)
				if err != nil {
					return nil, nil, err
				}
				return r, r.Close, nil
			})
		})
		b.Run("std/"+f.name, func(b *testing.B) {
			benchStream(b, f.data, func(src io.Reader) (io.Reader, func(), error) {
				r, err := gzip.NewReader(src)
				return r, func() {}, err
			})
		})
	}
}

func benchStream(b *testing.B, data []byte, open func(io.Reader) (io.Reader, func(), error)) {
	b.SetBytes(5_000_000)
	b.ReportAllocs()
	for b.Loop() {
		r, done, err := open(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		done()
	}
}
