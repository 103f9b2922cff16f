package main

import (
	"context"
	"fmt"
)

const (
	// flatBy is how much more memory the last quarter of a flat scan may take
	// than the second.
	flatBy = 1.1

	// bodies is how many different objects the made-up bucket has.
	bodies = 500
)

// madeUpBucket is setting 7.
func madeUpBucket(ctx context.Context, b *bench) (*setting, error) {
	s := &setting{
		number: 7, title: fmt.Sprintf("a scan of %d made-up objects", b.madeUp),
		what: fmt.Sprintf("A Source within the process makes up the keys and serves %d bodies in turn. One round. Memory is looked at after each %d objects.", bodies, seeEach),
	}
	d, err := b.data(ctx, mixed, bodies)
	if err != nil {
		return nil, err
	}
	s.contenders = []*contender{{name: nameScan, job: job{Do: "scan-made", Root: d.root(), Count: b.madeUp, InFlight: inFlight}, own: true, units: int64(b.madeUp)}}
	if err := b.race(ctx, s, 1); err != nil {
		return nil, err
	}
	s.peak("peak memory", nameScan)
	quarter := func(n int) func(round) float64 {
		return func(r round) float64 { return r[nameScan].Extra[fmt.Sprintf("quarter%d", n)] / (1 << 20) }
	}
	s.figure("most memory in the second quarter of the objects", bound{unit: " MiB"}, quarter(2), nameScan)
	s.figure("most memory in the last quarter", bound{unit: " MiB"}, quarter(4), nameScan)
	s.figure("last quarter ÷ second quarter", atMost(flatBy), func(r round) float64 { return quarter(4)(r) / quarter(2)(r) }, nameScan)
	return s, nil
}
