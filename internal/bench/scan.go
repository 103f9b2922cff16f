package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// count adds the records of a sequence to a tally.
func (t tally) count(seq iter.Seq2[qlogs.Entry, error]) error {
	for e, err := range seq {
		if err != nil {
			return err
		}
		t.record(e.Record)
	}
	return nil
}

func (t tally) record(r record.Record) {
	prompt := 0
	switch r := r.(type) {
	case *record.GenerateAssistantResponse:
		prompt = len(r.Request.Prompt)
	case *record.StartTaskAssistCodeGeneration:
		prompt = len(r.Request.Prompt)
	}
	t.add(string(r.UserID()), prompt)
}

// scanAll is the job with qlogs, as its README has it.
func scanAll(ctx context.Context, src qlogs.Source, j job) (outcome, error) {
	c := startClock()
	t := tally{}
	scan := qlogs.New(src, options(j)).Scan(qlogs.Query{Prefix: j.Prefix})
	if err := t.count(scan.Records(ctx)); err != nil {
		return outcome{}, err
	}
	s := scan.Stats()
	out := outcome{Totals: t.totals(), Objects: s.Read, Stored: s.BytesStored, Decompressed: s.BytesDecompressed}
	c.stop(&out)
	return out, nil
}

func options(j job) *qlogs.Options { return &qlogs.Options{InFlight: j.InFlight, Lists: j.Lists} }

func scanDir(ctx context.Context, j job) (outcome, error) {
	return scanAll(ctx, source.Dir(j.Root), j)
}

func scanS3(ctx context.Context, j job) (outcome, error) {
	client, err := newClient(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	return scanAll(ctx, s3source.New(client, j.Bucket, nil), j)
}

// listObjects lists without reading. It writes what it found to j.List, if that is set.
func listObjects(ctx context.Context, j job) (outcome, error) {
	client, err := newClient(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	var encode func(any) error
	if j.List != "" {
		f, err := os.Create(j.List)
		if err != nil {
			return outcome{}, err
		}
		defer f.Close()
		w := bufio.NewWriter(f)
		defer w.Flush()
		encode = json.NewEncoder(w).Encode
	}
	before := listCalls(j.Endpoint)
	c := startClock()
	var out outcome
	for o, err := range qlogs.New(s3source.New(client, j.Bucket, nil), options(j)).Scan(qlogs.Query{Prefix: j.Prefix}).Objects(ctx) {
		if err != nil {
			return outcome{}, err
		}
		out.Objects++
		out.Stored += o.Size
		if encode != nil {
			if err := encode(o); err != nil {
				return outcome{}, err
			}
		}
	}
	c.stop(&out)
	out.Extra = map[string]float64{"calls": listCalls(j.Endpoint) - before}
	return out, nil
}

// loadObjects reads what listObjects wrote.
func loadObjects(name string) ([]qlogs.Object, error) {
	var all []qlogs.Object
	return all, eachLine(name, func(line string) error {
		var o qlogs.Object
		err := json.Unmarshal([]byte(line), &o)
		all = append(all, o)
		return err
	})
}

// readOrdered reads objects that are known, in their order.
func readOrdered(ctx context.Context, j job) (outcome, error) {
	client, err := newClient(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	objects, err := loadObjects(j.List)
	if err != nil {
		return outcome{}, err
	}
	c := startClock()
	t := tally{}
	if err := t.count(qlogs.New(s3source.New(client, j.Bucket, nil), options(j)).Read(ctx, objects...)); err != nil {
		return outcome{}, err
	}
	out := outcome{Totals: t.totals(), Objects: int64(len(objects))}
	c.stop(&out)
	return out, nil
}

// readUnordered reads them with goroutines that each read one at a time, by the
// same code, and so in no order.
func readUnordered(ctx context.Context, j job) (outcome, error) {
	client, err := newClient(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	objects, err := loadObjects(j.List)
	if err != nil {
		return outcome{}, err
	}
	c := startClock()
	one := qlogs.New(s3source.New(client, j.Bucket, nil), &qlogs.Options{InFlight: 1})
	all, err := spread(ctx, j.InFlight, func(found func(qlogs.Object) error) error {
		for _, o := range objects {
			if err := found(o); err != nil {
				return err
			}
		}
		return nil
	}, func() tally { return tally{} }, func(t tally, o qlogs.Object) error { return t.count(one.Read(ctx, o)) })
	if err != nil {
		return outcome{}, err
	}
	sum := tally{}
	for _, t := range all {
		sum.merge(t)
	}
	out := outcome{Totals: sum.totals(), Objects: int64(len(objects))}
	c.stop(&out)
	return out, nil
}

// scanHeld scans the files of a directory from memory: what decompressing,
// decoding and delivering cost.
func scanHeld(ctx context.Context, j job) (outcome, error) {
	src, err := hold(j.Root)
	if err != nil {
		return outcome{}, err
	}
	return scanAll(ctx, src, j)
}

// scanMadeUp scans a bucket that is made up as it is read, and looks at the
// memory all the while. List names the file of the bodies.
func scanMadeUp(ctx context.Context, j job) (outcome, error) {
	bodies, err := hold(j.Root)
	if err != nil {
		return outcome{}, err
	}
	var mu sync.Mutex
	var quarters [4]int64
	src := newMadeUp(newKeyspace(j.Count), bodies, func(opened int64) {
		resident := residentMemory()
		q := min(3, int(opened*4/int64(j.Count)))
		mu.Lock()
		defer mu.Unlock()
		quarters[q] = max(quarters[q], resident)
	})
	out, err := scanAll(ctx, src, j)
	out.Extra = map[string]float64{}
	for i := range quarters {
		out.Extra[fmt.Sprintf("quarter%d", i+1)] = float64(quarters[i])
	}
	return out, err
}

// poll follows accounts until all were listed a second time, by a poll, and takes the time of
// that alone.
func poll(ctx context.Context, j job) (outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	src := &polled{accounts: accounts(j.Count), latency: pollLatency, end: cancel}
	o := options(j)
	o.PollInterval = time.Millisecond
	c := startClock()
	for _, err := range qlogs.New(src, o).Scan(qlogs.Query{}).Follow(ctx) {
		if err != nil && !errors.Is(err, context.Canceled) {
			return outcome{}, err
		}
	}
	out := outcome{Objects: int64(j.Count)}
	c.stop(&out)
	out.Wall = src.took.Seconds()
	return out, nil
}
