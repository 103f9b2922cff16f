package main

import (
	"context"
	"fmt"
)

const (
	nameKept     = "qlogs, all records kept"
	nameHandKept = "hand loop, all records kept"
)

// largeRecords is setting 6.
func largeRecords(ctx context.Context, b *bench) (*setting, error) {
	s := &setting{
		number: 6, title: fmt.Sprintf("%d records of 100 KB", b.large),
		what: "A directory of objects with one chat each. Contenders that keep all records tell what is alive on the heap, by record.",
	}
	d, err := b.data(ctx, large, int64(b.large))
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		name, do string
		inFlight int
	}{
		{nameScan, "scan-dir", inFlight}, {nameHand, "hand-dir", 1}, {nameHand64, "hand-dir", inFlight}, {nameKept, "retain", inFlight}, {nameHandKept, "hand-keep", 1},
	} {
		s.contenders = append(s.contenders, &contender{
			name: c.name, job: job{Do: c.do, Root: d.root(), InFlight: c.inFlight}, own: true, units: d.Objects, expect: &d.Totals,
		})
	}
	if err := b.race(ctx, s, b.rounds); err != nil {
		return nil, err
	}
	s.figure("MB/s decompressed, qlogs", bound{unit: " MB/s"}, func(r round) float64 { return r[nameScan].megabytes() }, nameScan)
	s.faster("MB/s, qlogs ÷ hand loop", bound{}, nameScan, nameHand)
	s.faster("MB/s, qlogs ÷ hand loop with 64 goroutines", bound{}, nameScan, nameHand64)
	for _, name := range []string{nameKept, nameHandKept} {
		s.figure("heap per record, "+name, bound{unit: " KiB"}, func(r round) float64 { return r[name].Extra["retained"] / 1024 }, name)
	}
	return s, nil
}

// megabytes are the decompressed MB per second.
func (r result) megabytes() float64 { return float64(r.Decompressed) / 1e6 / r.wall.Seconds() }
