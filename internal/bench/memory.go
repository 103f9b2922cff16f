package main

import (
	"context"
	"runtime"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// retain keeps each record of a directory and tells what one costs in memory.
func retain(ctx context.Context, j job) (outcome, error) {
	before := heap()
	c := startClock()
	t := tally{}
	var kept []record.Record
	scan := qlogs.New(source.Dir(j.Root), nil).Scan(qlogs.Query{})
	for e, err := range scan.Records(ctx) {
		if err != nil {
			return outcome{}, err
		}
		t.record(e.Record)
		kept = append(kept, e.Record)
	}
	s := scan.Stats()
	out := outcome{Objects: s.Read, Stored: s.BytesStored, Decompressed: s.BytesDecompressed, Totals: t.totals()}
	c.stop(&out)
	out.Extra = map[string]float64{"retained": float64(heap()-before) / float64(len(kept))}
	runtime.KeepAlive(kept)
	return out, nil
}

// handRetain does so with the hand-written loop.
func handRetain(ctx context.Context, j job) (outcome, error) {
	before := heap()
	c := startClock()
	w := handWork{tally: tally{}, keep: true}
	out, err := handFiles(ctx, j, func() *handWork { return &w }, (*handWork).file)
	if err != nil {
		return outcome{}, err
	}
	c.stop(&out)
	out.Extra = map[string]float64{"retained": float64(heap()-before) / float64(len(w.kept))}
	runtime.KeepAlive(w)
	return out, nil
}

// heap is what is alive on the heap, in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what pools held goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
