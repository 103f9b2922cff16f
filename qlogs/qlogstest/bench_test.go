package qlogstest_test

import (
	"testing"

	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

func BenchmarkGenerate(b *testing.B) {
	var objects, size int
	for b.Loop() {
		for o := range qlogstest.Generate(qlogstest.Config{Seed: 1, Objects: 5000, DamageEvery: 500}) {
			objects++
			size += len(o.Body)
		}
	}
	b.ReportMetric(float64(objects)/b.Elapsed().Seconds(), "objects/s")
	b.ReportMetric(float64(size)/float64(objects), "B/object")
}
