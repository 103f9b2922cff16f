package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"testing"

	"github.com/promptlogs/qlogs/internal/gunzip"
)

var sizes = []int{2_000, 100_000, 5_000_000}

func BenchmarkInflate(b *testing.B) {
	for _, size := range sizes {
		data := compress(b, sample(size), gzip.DefaultCompression, nil)
		b.Run(fmt.Sprintf("qlogs/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				var err error
				if buf, err = gunzip.Inflate(buf, data, math.MaxInt, free); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("std/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := std(data); err != nil {
					b.Fatal(err)
				}
			}
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
