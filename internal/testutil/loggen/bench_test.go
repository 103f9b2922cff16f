package loggen_test

import (
	"io"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil/loggen"
)

func BenchmarkObjects(b *testing.B) {
	var objects, size int
	for b.Loop() {
		for o := range loggen.Objects(loggen.Config{Seed: 1, Objects: 5000, DamageEvery: 500}) {
			objects++
			size += len(o.Body)
		}
	}
	b.ReportMetric(float64(objects)/b.Elapsed().Seconds(), "objects/s")
	b.ReportMetric(float64(size)/float64(objects), "B/object")
}

func BenchmarkBig(b *testing.B) {
	const size = 64 << 20
	b.SetBytes(size)
	for b.Loop() {
		if _, err := loggen.Big(io.Discard, size, 1); err != nil {
			b.Fatal(err)
		}
	}
}
